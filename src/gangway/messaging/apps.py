from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "gangway.messaging"
    label = "messaging"
