"""The doors: challenges and invitations, found by their secrets. A row says what a page may show, never a secret."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.identity.models import Challenge, Invitation
from gangway.identity.queries.ways import comes_by_mail, providers_of
from gangway.identity.rules import (
    CHOICE_LIFE,
    ChallengeFacts,
    Kind,
    Proof,
    State,
    link_needs,
    masked,
    shown_number,
    state_of,
)
from gangway.kernel import secrets
from gangway.kernel.access import PLATFORM_ADMIN
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.people import queries as people


def link_digest(token: str) -> bytes:
    return secrets.digest(f"link:{token}")


def browser_digest(token: str) -> bytes:
    return secrets.digest(f"browser:{token}")


def invitation_digest(token: str) -> bytes:
    return secrets.digest(f"invitation:{token}")


@dataclass(frozen=True, slots=True)
class ChallengeRow:
    """A challenge as its page sees it. `needs`: what a press of the button must bring in this browser."""

    id: UUID
    number: str
    kind: Kind
    asked_at: datetime
    state: State
    needs: Proof
    used_at: datetime | None
    expires_at: datetime
    wrong_tries: int
    choosing: bool
    asks_factor: bool
    joins: bool


def challenge_of_link(token: str, browser: str, now: datetime) -> ChallengeRow | None:
    """The challenge a link belongs to. Reading it changes nothing."""
    row = Challenge.objects.filter(link=link_digest(token)).exclude(kind=Kind.SETUP).first()
    return _challenge(row, browser, now) if row else None


def challenge_of_browser(browser: str, now: datetime) -> ChallengeRow | None:
    """The youngest challenge that this browser asked for or proved."""
    row = youngest_of(browser)
    return _challenge(row, browser, now) if row else None


def youngest_of(browser: str) -> Challenge | None:
    if not browser:
        return None
    return Challenge.objects.filter(browser=browser_digest(browser)).order_by("-asked_at", "-id").first()


def _challenge(row: Challenge, browser: str, now: datetime) -> ChallengeRow:
    kind = Kind(row.kind)
    return ChallengeRow(
        id=row.id,
        number=shown_number(row.number),
        kind=kind,
        asked_at=row.asked_at,
        state=state_of(facts(row), now),
        needs=link_needs(kind, same_browser=asked_by(row, browser)),
        used_at=row.used_at or row.proven_at,
        expires_at=row.expires_at,
        wrong_tries=row.wrong_tries,
        choosing=may_choose(row, browser, now),
        asks_factor=row.factor_asked_at is not None and row.used_at is None and asked_by(row, browser),
        joins=bool(row.joining),
    )


def facts(row: Challenge) -> ChallengeFacts:
    """A proven challenge is spent, though the choice between partners may still be open."""
    return ChallengeFacts(Kind(row.kind), row.expires_at, row.wrong_tries, row.used_at or row.proven_at)


def asked_by(row: Challenge, browser: str) -> bool:
    return bool(browser) and row.browser is not None and secrets.same(bytes(row.browser), browser_digest(browser))


def may_choose(row: Challenge, browser: str, now: datetime) -> bool:
    """The mailbox was proven in this browser a moment ago, and nobody was chosen yet."""
    return (
        row.proven_at is not None
        and row.used_at is None
        and row.factor_asked_at is None
        and now < row.proven_at + CHOICE_LIFE
        and asked_by(row, browser)
    )


def letters_asked_for(limit: int) -> list[UUID]:
    """Challenges whose letter the worker has still to write, oldest first."""
    rows = Challenge.objects.exclude(address="").order_by("asked_at", "id")
    return list(rows.values_list("pk", flat=True)[:limit])


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several partners at which a proven mailbox has a person."""

    person_id: UUID
    partner_name: str
    name: str


def choices(browser: str, now: datetime) -> list[Choice]:
    """Whom this browser may choose to be, by partner name; empty where nothing is to be chosen."""
    row = youngest_of(browser)
    if row is None or not may_choose(row, browser, now):
        return []
    found = [choice for entry in row.people if (choice := _choice(entry))]
    return sorted(found, key=lambda choice: choice.partner_name)


def _choice(entry: dict[str, Any]) -> Choice | None:
    person_id, partner_id = UUID(entry["person"]), UUID(entry["partner"])
    with scopes.one(partner_id):
        person = people.person(person_id)
        if person.access_epoch != entry["epoch"] or not person.may_come_in:
            return None
        return Choice(person_id, partners.partner_by_id(partner_id).name, person.name)


# ---------------------------------------------------------------- the first person of staff


def staff_exist(now: datetime) -> bool:
    """Whether somebody administers this installation."""
    host = partners.host_partner()
    if host is None:
        return False
    with scopes.one(host.id):
        return bool(people.holders(PLATFORM_ADMIN, now))


def setup_is_open(token: str, now: datetime) -> bool:
    """Whether a set-up address would still work."""
    row = Challenge.objects.filter(link=link_digest(token), kind=Kind.SETUP).first()
    return row is not None and state_of(facts(row), now) is State.OPEN and not staff_exist(now)


# ---------------------------------------------------------------- invitations


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """What an invitation's page shows. `valid` is False where the person's access changed since. `companys`: the routes
    of their company's own sign-in, where that is their way in and no code by mail opens."""

    id: UUID
    partner_id: UUID
    person_id: UUID
    partner_name: str
    mailbox_masked: str
    expires_at: datetime
    valid: bool
    companys: tuple[str, ...]


def invitation(token: str, now: datetime, browser: str = "") -> InvitationRow | None:
    """The invitation of a token, as `browser` may use it. Reading it changes nothing, and does not show the address to
    a stranger."""
    row = Invitation.objects.filter(digest=invitation_digest(token)).first()
    if row is None:
        return None
    with scopes.one(row.partner_id):
        person = people.person(row.person_id)
        partner = partners.partner_by_id(row.partner_id)
        by_mail = comes_by_mail(row.person_id, person.email, now, browser_digest(browser) if browser else None)
        companys = () if by_mail else tuple(one.route for one in providers_of(row.person_id, person.email))
    return InvitationRow(
        id=row.id,
        partner_id=row.partner_id,
        person_id=row.person_id,
        partner_name=partner.name,
        mailbox_masked=masked(person.email or ""),
        expires_at=row.expires_at,
        valid=person.may_come_in and person.access_epoch == row.access_epoch and bool(person.email),
        companys=companys,
    )


def invited(person_id: UUID) -> bool:
    """Whether a person has an invitation already."""
    return Invitation.objects.filter(person_id=person_id).exists()
