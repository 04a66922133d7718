from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    name = "gangway.credentials"
    label = "credentials"
