from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "gangway.insights"
    label = "insights"
