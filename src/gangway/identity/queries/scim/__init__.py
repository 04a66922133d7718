"""What a directory may read by SCIM: what its own connection brought."""

from gangway.identity.queries.scim.everything import resources
from gangway.identity.queries.scim.filters import short
from gangway.identity.queries.scim.groups import GroupRow, LedGroup, led_groups, scim_group, scim_groups
from gangway.identity.queries.scim.log import (
    ExchangeRow,
    HoldRow,
    LeaverRow,
    connections_heard,
    exchanges,
    holds,
    leavers,
)
from gangway.identity.queries.scim.members import chosen
from gangway.identity.queries.scim.users import (
    Found,
    Order,
    UserRow,
    joined_person,
    known_users,
    sent_users,
    sole_user,
    user,
    users,
)

__all__ = [
    "ExchangeRow",
    "Found",
    "GroupRow",
    "HoldRow",
    "LeaverRow",
    "LedGroup",
    "Order",
    "UserRow",
    "chosen",
    "connections_heard",
    "exchanges",
    "holds",
    "joined_person",
    "known_users",
    "leavers",
    "led_groups",
    "resources",
    "scim_group",
    "scim_groups",
    "sent_users",
    "short",
    "sole_user",
    "user",
    "users",
]
