"""Whose eyes may be borrowed."""

from datetime import datetime
from uuid import UUID

from gangway.kernel.access import Reach
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.people import queries as people


def sees_beyond(person_id: UUID, now: datetime) -> bool:
    """Whether somebody of the open scope sees partners that this scope does not: a distributor's admin, say."""
    scope = scopes.required()
    if scope.mode is scopes.Mode.HOST:
        return False
    person = people.person(person_id)
    wide = any(grant.reach != Reach.ONE for grant in people.roles_of(person_id, now))
    if not wide:
        return False
    ours = {row.id for row in partners.list_partners()}
    with scopes.tree(person.partner_id):
        theirs = {row.id for row in partners.list_partners()}
    return not theirs <= ours
