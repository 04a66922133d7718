from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class KernelConfig(AppConfig):
    name = "gangway.kernel"
    label = "kernel"

    def ready(self) -> None:
        from gangway.kernel import checks  # noqa: F401  registers the system checks
        from gangway.kernel.tenancy.walls import lower_walls, raise_walls

        pre_migrate.connect(lower_walls, sender=self, dispatch_uid="gangway.walls")
        post_migrate.connect(raise_walls, sender=self, dispatch_uid="gangway.walls")
