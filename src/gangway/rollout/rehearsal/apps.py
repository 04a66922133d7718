from django.apps import AppConfig


class RehearsalConfig(AppConfig):
    name = "gangway.rollout.rehearsal"
    label = "rehearsal"
