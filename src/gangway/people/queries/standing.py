"""What somebody may do now, asked without a session: for work that waited."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from gangway.kernel.access import Grant as HeldGrant
from gangway.kernel.access import Principal, Reach
from gangway.partners.queries import partner_by_id
from gangway.people.models import Grant, Person
from gangway.people.rules import COMES_IN


def as_principal(person_id: UUID, now: datetime) -> Principal | None:
    """Somebody of the scope's partner with what they hold now, without a session; None: they may not come in."""
    found = Person.objects.filter(pk=person_id).first()
    if found is None or found.state not in COMES_IN:
        return None
    live = Grant.objects.filter(Q(until__isnull=True) | Q(until__gt=now), person=person_id)
    grants = tuple(HeldGrant(row.role, Reach(row.reach), row.reach_id, row.until) for row in live)
    return Principal(
        person_id=found.id,
        partner_id=found.partner_id,
        partner_kind=partner_by_id(found.partner_id).kind,
        name=found.name,
        email=found.email or "",
        locale=found.locale,
        zone=found.zone,
        access_epoch=found.access_epoch,
        grants=grants,
    )
