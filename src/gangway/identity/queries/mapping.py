"""Groups of a partner that a sign-in may fill."""

from uuid import UUID

from gangway.identity.models import ScimGroup
from gangway.kernel.tenancy import scopes
from gangway.people import queries as people


def groups_of_directories() -> frozenset[UUID]:
    """The groups of the open scope that directories fill."""
    return frozenset(ScimGroup.objects.values_list("group_id", flat=True))


def groups_to_fill() -> tuple[tuple[str, str], ...]:
    """(key, name) of the groups of the scope's partner that a sign-in may fill, by name."""
    filled = groups_of_directories()
    return tuple(
        (key, name) for group_id, key, name in people.groups_of_partner(scopes.writer()) if group_id not in filled
    )
