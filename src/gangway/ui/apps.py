from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "gangway.ui"
    label = "ui"

    def ready(self) -> None:
        from gangway.ui import catalogues

        catalogues.ensure()
