from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "gangway.rollout.plans"
    label = "plans"
