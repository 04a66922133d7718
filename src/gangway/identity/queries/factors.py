"""What people hold beside their mailbox, and who is being asked for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext_noop as _

from gangway.identity.models import AuthenticatorApp, Challenge, FactorPolicy, Passkey, RecoveryCode, Session
from gangway.identity.queries.doors import asked_by, youngest_of
from gangway.identity.rules import shown_number
from gangway.identity.rules.factors import (
    FACTOR_TRIES,
    FRESH,
    Asking,
    Factor,
    Party,
    Policy,
    Standing,
    app_address,
    in_groups,
    party_of,
    standing_of,
)
from gangway.identity.rules.passkeys import Known
from gangway.kernel import secrets
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.people import queries as people

FACTOR_WORDS: dict[str, str] = {
    Factor.PASSKEY: _("a passkey"),
    Factor.APP: _("the code app"),
    Factor.RECOVERY: _("a recovery code"),
}


@dataclass(frozen=True, slots=True)
class PasskeyRow:
    """A passkey as its owner sees it."""

    id: UUID
    name: str
    added_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class AppRow:
    """A confirmed authenticator app as its owner sees it."""

    added_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class FactorsRow:
    """All that a person holds. `codes_left` of `codes_made` recovery codes are unused."""

    passkeys: tuple[PasskeyRow, ...]
    app: AppRow | None
    codes_left: int
    codes_made: int
    codes_made_at: datetime | None

    @property
    def held(self) -> int:
        return len(self.passkeys) + (self.app is not None)


def factors_of(person_id: UUID) -> FactorsRow:
    """What a person of the open scope's partner holds. Three statements."""
    keys = Passkey.objects.filter(person_id=person_id).order_by("added_at", "id")
    app = AuthenticatorApp.objects.filter(person_id=person_id, confirmed_at__isnull=False).first()
    codes = list(RecoveryCode.objects.filter(person_id=person_id).values_list("made_at", "used_at"))
    return FactorsRow(
        passkeys=tuple(PasskeyRow(row.id, row.name, row.added_at, row.last_used_at) for row in keys),
        app=AppRow(app.confirmed_at, app.last_used_at) if app else None,
        codes_left=sum(used_at is None for _, used_at in codes),
        codes_made=len(codes),
        codes_made_at=codes[0][0] if codes else None,
    )


def holders_of_factors(person_ids: Iterable[UUID]) -> frozenset[UUID]:
    """Which of these people of the open scope hold a factor. Two statements."""
    wanted = list(person_ids)
    keys = Passkey.objects.filter(person_id__in=wanted).values_list("person_id", flat=True)
    apps = AuthenticatorApp.objects.filter(person_id__in=wanted, confirmed_at__isnull=False)
    return frozenset(keys) | frozenset(apps.values_list("person_id", flat=True))


def passkeys_known(person_id: UUID) -> tuple[Known, ...]:
    """The passkeys of a person as an authenticator is asked for them."""
    rows = Passkey.objects.filter(person_id=person_id).order_by("added_at", "id")
    return tuple(Known(bytes(row.credential_id), tuple(row.transports)) for row in rows)


@dataclass(frozen=True, slots=True)
class AppToConfirm:
    """The key of an app that still has to show its first code: as an address for the QR code, and in groups."""

    address: str
    key: str


def app_to_confirm(person_id: UUID) -> AppToConfirm | None:
    """What the page shows while an app is being set up; None once it is confirmed."""
    row = AuthenticatorApp.objects.filter(person_id=person_id, confirmed_at__isnull=True).first()
    if row is None:
        return None
    secret = secrets.unseal(row.secret)
    person = people.person(person_id)
    return AppToConfirm(app_address(secret, person=person.email or person.name, vendor=vendor()), in_groups(secret))


def vendor() -> str:
    host = partners.host_partner()
    return host.name if host else "Gangway"


def party() -> Party | None:
    """Whom passkeys are made for here; None where browsers would refuse. From BASE_URL, never from a request."""
    return party_of(settings.BASE_URL, vendor())


def policy_for_admins() -> Policy:
    """What the open scope's partner asks of its admins."""
    row = FactorPolicy.objects.filter(partner_id=scopes.writer()).first()
    return Policy(row.admins) if row else Policy.OFFERED


def is_fresh(session_id: UUID, person_id: UUID, now: datetime) -> bool:
    """Whether a person's session is so young that they may change how they sign in."""
    return Session.objects.filter(
        pk=session_id, person_id=person_id, ended_at__isnull=True, started_at__gt=now - FRESH
    ).exists()


# ---------------------------------------------------------------- asked for it


@dataclass(frozen=True, slots=True)
class FactorAsked:
    """The person whose mailbox this browser proved, as the page that asks for a factor sees them.

    number: what they name to those who help.
    """

    standing: Standing
    tries_left: int
    partner_name: str
    staff: bool
    factors: FactorsRow
    number: str


def factor_asked(browser: str, now: datetime) -> FactorAsked | None:
    """Who is asked for a factor in this browser; None where nobody is."""
    row = youngest_of(browser)
    if row is None or not asked_here(row, browser):
        return None
    entry = row.people[0]
    with scopes.one(UUID(entry["partner"])):
        partner = partners.partner_by_id(UUID(entry["partner"]))
        held = factors_of(UUID(entry["person"]))
    standing = standing_of(asking(row, now), now)
    left = max(0, FACTOR_TRIES - row.factor_tries)
    return FactorAsked(standing, left, partner.name, partner.kind == "host", held, shown_number(row.number))


def asked_here(row: Challenge, browser: str) -> bool:
    """Whether this challenge asks for a factor, of its one person, in the browser that proved the mailbox."""
    return row.factor_asked_at is not None and len(row.people) == 1 and asked_by(row, browser)


def asking(row: Challenge, now: datetime) -> Asking:
    """What is stored about an asking, with the person's tries of the last day."""
    lately = Challenge.objects.filter(
        factor_person=row.factor_person, factor_asked_at__gt=now - timedelta(days=1)
    ).aggregate(tries=Sum("factor_tries"))
    return Asking(row.factor_asked_at, row.factor_tries, lately["tries"] or 0, row.used_at)
