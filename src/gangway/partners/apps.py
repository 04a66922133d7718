from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "gangway.partners"
    label = "partners"
