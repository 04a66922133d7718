"""The root: users and groups found by one question (RFC 7644, 3.4.2.1 and 3.4.3)."""

from scim2_models import Group, ScimFilter

from gangway.identity.queries import scim as rows
from gangway.identity.queries.scim import UserRow
from gangway.identity.rules.scim import Did
from gangway.identity.scim.answers import Answer, group_resource, user_resource
from gangway.identity.scim.asking import Ask, wanted
from gangway.identity.scim.words import POLICY, Person


def find(ask: Ask) -> Answer:
    """A page of both. An attribute that one type lacks has no value there; one that neither has is a 400."""
    want = wanted(ask, Person, Group)
    want.check(ask.now)
    with POLICY:
        of_users = ScimFilter[Person](want.bound) if want.bound else None
        of_groups = ScimFilter[Group](want.bound) if want.bound else None
    found = rows.resources(
        ask.connection.id,
        of_users,
        of_groups,
        want.order,
        members=want.shown.members,
        offset=want.offset,
        limit=want.limit,
    )
    resources = [
        user_resource(row, ask.base) if isinstance(row, UserRow) else group_resource(row, ask.base)
        for row in found.rows
    ]
    return Answer(200, want.listed(found, resources, ask.now), did=Did.READ)
