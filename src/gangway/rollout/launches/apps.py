from django.apps import AppConfig


class LaunchesConfig(AppConfig):
    name = "gangway.rollout.launches"
    label = "launches"
