from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "gangway.rollout.operations"
    label = "operations"
