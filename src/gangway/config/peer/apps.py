"""The peer's one app."""

from django.apps import AppConfig


class PeerConfig(AppConfig):
    name = "gangway.config.peer"
    label = "peer"
