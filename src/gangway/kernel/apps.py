from django.apps import AppConfig
from django.db.models.signals import post_migrate


class KernelConfig(AppConfig):
    name = "gangway.kernel"
    label = "kernel"

    def ready(self) -> None:
        from gangway.kernel import checks  # noqa: F401  registers the system checks
        from gangway.kernel.tenancy.walls import raise_walls

        post_migrate.connect(raise_walls, sender=self, dispatch_uid="gangway.walls")
