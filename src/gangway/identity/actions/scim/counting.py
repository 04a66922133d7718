"""How many users and groups a connection holds: a list says so with every page, and counting them reads them all."""

from uuid import UUID

from django.db.models import F

from gangway.identity.models import Connection


def count_users(connection_id: UUID, by: int) -> None:
    """Within the transaction that writes or deletes so many rows of ScimUser."""
    Connection.objects.filter(pk=connection_id).update(users=F("users") + by)


def count_groups(connection_id: UUID, by: int) -> None:
    """The same for ScimGroup."""
    Connection.objects.filter(pk=connection_id).update(groups=F("groups") + by)
