from django.apps import AppConfig


class LearningConfig(AppConfig):
    name = "gangway.learning"
    label = "learning"
