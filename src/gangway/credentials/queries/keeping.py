"""Awards kept by a private mailbox: whether somebody keeps theirs, and what a link from that mailbox opens.

Routing reads (they open the scope of what they find): kept_by, kept_by_link.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.credentials.models import Award, AwardClaim, KeptAsk, MailboxTry, PrivateMailbox
from gangway.credentials.queries.awards import AwardRow, award
from gangway.credentials.rules import may_be_typed
from gangway.kernel import secrets
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.people import queries as people
from gangway.people.queries import PersonRow


@dataclass(frozen=True, slots=True)
class KeptAward:
    """An award that is reached by its holder's mailbox, with the holder as their partner knew them."""

    award: AwardRow
    holder: PersonRow


@dataclass(frozen=True, slots=True)
class Keeping:
    """Whether a person keeps their awards by a private mailbox, and since when; `code_sent`: a code waits for them."""

    since: datetime | None
    code_sent: bool


@dataclass(frozen=True, slots=True)
class FirstKept:
    """Through whom a letter to a private mailbox goes."""

    partner_id: UUID
    person_id: UUID


def keeping(person_id: UUID, now: datetime) -> Keeping:
    """How a person of the open scope stands. Two statements."""
    kept = PrivateMailbox.objects.filter(person_id=person_id, mailbox__isnull=False).first()
    last = MailboxTry.objects.filter(person_id=person_id).order_by("-asked_at", "-id").first()
    waits = last is not None and may_be_typed(
        asked_at=last.asked_at, wrong_tries=last.wrong_tries, used_at=last.used_at, now=now
    )
    return Keeping(kept.proven_at if kept else None, waits)


def kept_elsewhere(person_id: UUID, now: datetime) -> tuple[KeptAward, ...]:
    """What a person of the open scope earned as somebody else: other awards kept by the same mailbox."""
    mine = PrivateMailbox.objects.filter(person_id=person_id, mailbox__isnull=False).first()
    found = kept_by(bytes(mine.mailbox), now) if mine else ()
    return tuple(kept for kept in found if kept.award.person_id != person_id)


def kept_by(mailbox: bytes, now: datetime) -> tuple[KeptAward, ...]:
    """Routing: every award kept by a mailbox, from everywhere, youngest first. One statement, and two per award."""
    places = AwardClaim.objects.filter(mailbox=mailbox).order_by("-award_id").values_list("partner_id", "award_id")
    return tuple(_kept(partner_id, award_id, now) for partner_id, award_id in places)


def kept_by_link(token: str, now: datetime) -> tuple[KeptAward, ...]:
    """Routing: what a link from a letter opens while it lives; NotFound for any other text. The mailbox itself is asked
    again, so that what was let go or erased since is not there."""
    asked = KeptAsk.objects.filter(link=link_digest(token), ends_at__gt=now).first()
    if asked is None:
        raise NotFound
    return kept_by(bytes(asked.mailbox), now)


def asks_to_write(limit: int) -> list[UUID]:
    """What was asked for and not yet looked up, oldest first."""
    waiting = KeptAsk.objects.exclude(address="").order_by("asked_at", "id")
    return list(waiting.values_list("pk", flat=True)[:limit])


def first_kept(mailbox: bytes) -> FirstKept | None:
    """The holder of one award kept by a mailbox; None where there is none."""
    place = (
        AwardClaim.objects.filter(mailbox=mailbox).order_by("-award_id").values_list("partner_id", "award_id").first()
    )
    if place is None:
        return None
    with scopes.one(place[0]):
        return FirstKept(place[0], Award.objects.get(pk=place[1]).person_id)


def link_digest(token: str) -> bytes:
    return secrets.digest(f"kept:{token}")


def _kept(partner_id: UUID, award_id: UUID, now: datetime) -> KeptAward:
    with scopes.one(partner_id):
        found = award(award_id, now)
        return KeptAward(found, people.person(found.person_id))
