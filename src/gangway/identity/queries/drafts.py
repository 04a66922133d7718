"""For what connections of a partner wait that are not open yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_noop as _

from gangway.identity.models import OidcSettings, SamlSettings, Trial
from gangway.identity.queries.connections import ConnectionRow, connections
from gangway.identity.queries.domains import domain_claims
from gangway.identity.rules.connections import ConnectionState
from gangway.identity.rules.domains import DomainState
from gangway.identity.rules.waiting import Tried, WaitsFor, waits_for
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners

WAITING_WORDS: dict[WaitsFor, str] = {
    WaitsFor.VALUES: _("Waiting for what the provider gives, since %(moment)s."),
    WaitsFor.TRY: _("Waiting for a first try, since %(moment)s."),
    WaitsFor.MENDING: _("The last try failed. Waiting for one that passes, since %(moment)s."),
    WaitsFor.DNS: _("Waiting for DNS since %(moment)s: the record that proves the mail domain is not there yet."),
    WaitsFor.ADMIN: _("Waiting for the yes of the company's admin since %(moment)s."),
    WaitsFor.OPENING: _("Tried, and waiting to be opened since %(moment)s."),
}


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A connection that is not open yet. `words`: for what it waits, with a place for `since` (moment)."""

    id: UUID
    name: str
    what: WaitsFor
    since: datetime

    @property
    def words(self) -> str:
        return WAITING_WORDS[self.what]


def drafts_waiting(rows: Sequence[ConnectionRow], now: datetime) -> dict[UUID, WaitingRow]:
    """Those of these connections of the scope's partner that are drafts, and for what each waits. Five statements, or
    none where no draft is among them."""
    drafts = [row for row in rows if row.state is ConnectionState.DRAFT]
    if not drafts:
        return {}
    ids = [row.id for row in drafts]
    told = dict(OidcSettings.objects.filter(connection__in=ids).values_list("connection_id", "fetched_at"))
    told |= dict(SamlSettings.objects.filter(connection__in=ids).values_list("connection_id", "fetched_at"))
    tried = {
        row.connection_id: Tried(row.at, row.passed)
        for row in Trial.objects.filter(connection__in=ids).order_by("at", "id")
    }
    zones = [one.asked_at for one in domain_claims(now) if one.state is DomainState.WAITING]
    proven = bool(partners.domains(scopes.writer()))
    found = {}
    for row in drafts:
        told_at = (told[row.id] or row.made_at) if row.id in told else None
        waits = waits_for(
            made_at=row.made_at,
            signs_in=row.kind.signs_in,
            told_at=told_at,
            tried=tried.get(row.id),
            proven=proven,
            asked_zones=zones,
        )
        found[row.id] = WaitingRow(row.id, row.name, waits.what, waits.since)
    return found


def waiting_connections(now: datetime) -> tuple[WaitingRow, ...]:
    """The drafts of the scope's partner, the longest waiting first."""
    return tuple(sorted(drafts_waiting(connections(), now).values(), key=lambda row: (row.since, row.id)))
