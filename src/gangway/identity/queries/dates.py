"""When people were invited and first came in, for projections that rebuild themselves from what is stored."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Min

from gangway.identity.models import Invitation, Session
from gangway.identity.rules import Method
from gangway.kernel.tenancy import scopes


def invited_at(person_ids: Iterable[UUID], now: datetime) -> Mapping[UUID, datetime]:
    """When each of these people of the open scope's partner got their invitation, if by now. One statement."""
    rows = Invitation.objects.filter(partner_id=scopes.writer(), person_id__in=list(person_ids), invited_at__lte=now)
    return dict(rows.values_list("person_id", "invited_at"))


def last_sign_in(partner_id: UUID) -> datetime | None:
    """When a human of the open scope's partner last came in by a proof of their own."""
    proven = [method for method in Method if method.proves_mailbox]
    rows = Session.objects.filter(partner_id=partner_id, synthetic=False, method__in=proven)
    at: datetime | None = rows.aggregate(at=Max("started_at"))["at"]
    return at


def first_human_sign_in(person_ids: Iterable[UUID]) -> Mapping[UUID, datetime]:
    """When each of these people of the open scope's partner first came in by a proof of their own. One statement."""
    proven = [method for method in Method if method.proves_mailbox]
    rows = Session.objects.filter(
        partner_id=scopes.writer(), person_id__in=list(person_ids), synthetic=False, method__in=proven
    )
    return dict(rows.values_list("person_id").annotate(at=Min("started_at")).order_by())
