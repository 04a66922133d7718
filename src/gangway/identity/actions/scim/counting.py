"""How many users and groups a connection holds: a list says so with every page, and counting them reads them all."""

from uuid import UUID

from django.db.models import F

from gangway.identity.models import Connection
from gangway.kernel.prepared import update


def count_users(connection: Connection, by: int) -> None:
    """Within the transaction that locked the connection, and writes or deletes so many rows of ScimUser."""
    connection.users += by
    update(connection, "users")


def count_groups(connection_id: UUID, by: int) -> None:
    """The same for ScimGroup."""
    Connection.objects.filter(pk=connection_id).update(groups=F("groups") + by)
