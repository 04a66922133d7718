"""What connections live on and when it runs out; who was told; the link by which the new one is given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.identity.models import ApiToken, Connection, ExpiryNotice, OidcSettings, RenewalLink, SamlSettings
from gangway.identity.queries.connections import ConnectionRow, connection
from gangway.identity.rules.connections import ConnectionState
from gangway.identity.rules.expiry import Credential, Ending, Holding, end_of, token_that_counts, token_that_waits
from gangway.kernel import secrets
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners

LETTERS_SHOWN = 10


def endings(connection_ids: Sequence[UUID], now: datetime) -> dict[UUID, Ending]:
    """What each of these connections of the open scope lives on, where it runs out at all. Three statements."""
    found = _certificates(connection_ids) | _secrets(connection_ids)
    held: dict[UUID, list[Holding]] = {}
    for row in ApiToken.objects.filter(connection__in=connection_ids, revoked_at=None, expires_at__gt=now):
        held.setdefault(row.connection_id, []).append(Holding(str(row.id), row.expires_at, row.tail, row.last_used_at))
    for connection_id, holding in held.items():
        if (one := token_that_counts(holding)) is not None:
            new = token_that_waits(holding, one)
            waiting = new.tail if new is not None else ""
            found[connection_id] = Ending(Credential.TOKEN, one.name, one.ends_at, one.tail, waiting)
    return found


def _certificates(connection_ids: Sequence[UUID]) -> dict[UUID, Ending]:
    """The one that runs out last: the provider signs with it once the others are gone."""
    found = {}
    for row in SamlSettings.objects.filter(connection__in=connection_ids):
        last = max(row.certificates, key=lambda one: datetime.fromisoformat(one["not_after"]), default=None)
        if last is not None:
            ends_at, name = datetime.fromisoformat(last["not_after"]), last["fingerprint"]
            found[row.connection_id] = Ending(Credential.CERTIFICATE, name, ends_at, name[-4:])
    return found


def _secrets(connection_ids: Sequence[UUID]) -> dict[UUID, Ending]:
    rows = OidcSettings.objects.filter(connection__in=connection_ids, secret_expires_on__isnull=False)
    return {
        row.connection_id: Ending(Credential.SECRET, row.secret_expires_on.isoformat(), end_of(row.secret_expires_on))
        for row in rows
    }


def connections_to_watch() -> list[tuple[UUID, UUID]]:
    """(partner, connection) of all that are open, for the daily look."""
    with scopes.unscoped(scopes.Reason.WORKER):
        rows = Connection.objects.filter(state=ConnectionState.ACTIVE, partner__state="active")
        return list(rows.order_by("partner", "id").values_list("partner", "id"))


def steps_told(connection_id: UUID, ending: Ending) -> frozenset[int]:
    """The steps at which both sides were told of this."""
    rows = ExpiryNotice.objects.filter(connection=connection_id, what=ending.what.value, name=ending.name)
    return frozenset(rows.values_list("step", flat=True))


@dataclass(frozen=True, slots=True)
class ToldRow:
    """That something runs out was told: when, how many days before, to how many people of the partner."""

    what: Credential
    step: int
    told_at: datetime
    people: int


@dataclass(frozen=True, slots=True)
class RenewedRow:
    """The new one was given by a link: when, and to whom that was written."""

    what: Credential
    used_at: datetime
    sent_to: UUID


def told_of(connection_id: UUID) -> tuple[ToldRow, ...]:
    """When both sides were told about a connection of the open scope, youngest first."""
    rows = ExpiryNotice.objects.filter(connection=connection_id).order_by("-told_at", "-id")[:LETTERS_SHOWN]
    return tuple(ToldRow(Credential(row.what), row.step, row.told_at, row.people) for row in rows)


def renewed_by_link(connection_id: UUID) -> tuple[RenewedRow, ...]:
    """What was given by links for a connection of the open scope; NotFound beyond it."""
    connection(connection_id)
    rows = RenewalLink.objects.filter(connection=connection_id, used_at__isnull=False).order_by("-used_at", "-id")
    return tuple(
        RenewedRow(Credential(row.what), row.used_at, row.sent_to) for row in rows[:LETTERS_SHOWN] if row.used_at
    )


# ---------------------------------------------------------------- the link


@dataclass(frozen=True, slots=True)
class RenewalRow:
    """For which connection the new one is asked, and what stands in its place now. `followed`: something else than
    what the letter was about, because the new one was given already; `at_host`: a sign-in of the vendor's own."""

    id: UUID
    partner_id: UUID
    partner_name: str
    vendor_name: str
    connection: ConnectionRow
    what: Credential
    ending: Ending | None
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    followed: bool
    at_host: bool

    def holds(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at


def renewal_digest(token: str) -> bytes:
    return secrets.digest(f"renewal:{token}")


def renewal_link(token: str, now: datetime) -> RenewalRow:
    """Routing: the link of a token, also once it was used or ran out; whoever holds it may know that. NotFound: it is
    unknown, or its partner or connection is closed. Reading it changes nothing."""
    row = RenewalLink.objects.filter(digest=renewal_digest(token)).first()
    if row is None:
        raise NotFound
    host = partners.host_partner()
    with scopes.one(row.partner_id):
        partner, shown = partners.partner_by_id(row.partner_id), connection(row.connection_id)
        ending = endings([row.connection_id], now).get(row.connection_id)
    if partner.state != "active" or shown.state is not ConnectionState.ACTIVE:
        raise NotFound
    return RenewalRow(
        id=row.id,
        partner_id=row.partner_id,
        partner_name=partner.name,
        vendor_name=host.name if host else "",
        connection=shown,
        what=Credential(row.what),
        ending=ending,
        made_at=row.made_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        followed=ending.name != row.name if ending is not None else row.what != Credential.TOKEN,
        at_host=host is not None and host.id == row.partner_id,
    )
