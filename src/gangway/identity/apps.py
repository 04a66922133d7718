from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "gangway.identity"
    label = "identity"
