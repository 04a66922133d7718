"""Whom a launch would write to: people who may come in and hold no invitation yet."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from gangway.identity.models import Invitation
from gangway.people import queries as people


@dataclass(frozen=True, slots=True)
class Uninvited:
    """People of one partner, language and zone without an invitation; `people` have a mailbox."""

    partner_id: UUID
    locale: str
    zone: str
    people: int
    without_mailbox: int


def uninvited_counts(partner_ids: list[UUID] | None = None) -> list[Uninvited]:
    """By partner, language and zone, for these partners or all of the open scope. One statement."""
    rows = _uninvited()
    if partner_ids is not None:
        rows = rows.filter(partner_id__in=partner_ids)
    counted = rows.values("partner_id", "locale", "zone").annotate(
        people=Count("id", filter=Q(email__isnull=False)), without_mailbox=Count("id", filter=Q(email__isnull=True))
    )
    return [Uninvited(**row) for row in counted.order_by("partner_id", "locale", "zone")]


def uninvited_ids(*, after: UUID | None = None, limit: int = 500) -> list[UUID]:
    """People of the open scope with a mailbox and without an invitation, in id order, from behind `after`."""
    rows = _uninvited().filter(email__isnull=False)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def _uninvited() -> QuerySet[Any]:
    mine = Invitation.objects.filter(partner_id=OuterRef("partner_id"), person_id=OuterRef("pk"))
    return people.addressees().filter(~Exists(mine))


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody a launch invited. `stands`: they may still come in by the invitation as it was made."""

    person_id: UUID
    stands: bool


def invited_by(cause: UUID, partner_id: UUID, *, after: UUID | None = None, limit: int = 500) -> list[Invited]:
    """Whom a launch invited at a partner, in the order of their ids, from behind `after`. Two statements."""
    rows = Invitation.objects.filter(cause=cause, partner_id=partner_id)
    if after is not None:
        rows = rows.filter(person_id__gt=after)
    page = list(rows.order_by("person_id").values_list("person_id", "access_epoch")[:limit])
    found = people.persons(person_id for person_id, _ in page)
    return [
        Invited(
            person_id, person_id in found and found[person_id].may_come_in and found[person_id].access_epoch == epoch
        )
        for person_id, epoch in page
    ]


def invited_counts(cause: UUID) -> dict[UUID, int]:
    """Partner → how many people a launch invited there; over all partners, numbers only. One statement."""
    rows = Invitation.objects.filter(cause=cause).values("partner_id").annotate(n=Count("id")).order_by()
    return {row["partner_id"]: row["n"] for row in rows}
