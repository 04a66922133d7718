"""Mail domains of a partner, proven or on their way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from gangway.identity.models import DomainClaim
from gangway.identity.rules.domains import (
    CODE_LIFE,
    CODE_TRIES,
    LETTER_EVERY,
    DomainState,
    Looked,
    record_name,
    record_value,
)
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes

LOOKED_WORDS: dict[str, str] = {
    "": _("Nobody looked into its zone yet."),
    Looked.MISSING: _("The record is not there yet. A new one may take an hour to show."),
    Looked.OTHER: _("There is a record of that name, with another value. Copy the value once more."),
    Looked.SILENT: _("No name server of this domain answered. Is it spelled rightly?"),
    Looked.FOUND: _("The record was found."),
}


@dataclass(frozen=True, slots=True)
class DomainClaimRow:
    """A domain that a partner says is its own. `record` and `value`: what its zone must hold."""

    id: UUID
    name: str
    state: DomainState
    record: str
    value: str
    asked_at: datetime
    looked: str
    looked_at: datetime | None
    code_sent_at: datetime | None
    code_open: bool
    may_write: bool
    ended_at: datetime | None

    @property
    def looked_words(self) -> str:
        return gettext(LOOKED_WORDS[self.looked])


def domain_claims(now: datetime) -> Sequence[DomainClaimRow]:
    """Those of the scope's partner that are not given up, by name."""
    rows = DomainClaim.objects.exclude(state=DomainState.GIVEN_UP).order_by("name")
    return [_row(row, now) for row in rows]


def domain_claim(claim_id: UUID, now: datetime) -> DomainClaimRow:
    """One of them; NotFound outside the scope, and for what was given up."""
    row = DomainClaim.objects.filter(pk=claim_id).exclude(state=DomainState.GIVEN_UP).first()
    if row is None:
        raise NotFound
    return _row(row, now)


def _row(row: DomainClaim, now: datetime) -> DomainClaimRow:
    sent = row.code_sent_at
    return DomainClaimRow(
        id=row.id,
        name=row.name,
        state=DomainState(row.state),
        record=record_name(row.name),
        value=record_value(row.token),
        asked_at=row.asked_at,
        looked=row.looked,
        looked_at=row.looked_at,
        code_sent_at=sent,
        code_open=row.code is not None and sent is not None and now < sent + CODE_LIFE and row.code_tries < CODE_TRIES,
        may_write=sent is None or now - sent >= LETTER_EVERY,
        ended_at=row.ended_at,
    )


def domains_to_look_at(now: datetime, limit: int) -> list[tuple[UUID, UUID]]:
    """For the worker: (partner, claim) of those whose zone is to be looked at, the longest waiting first."""
    with scopes.unscoped(scopes.Reason.WORKER):
        rows = DomainClaim.objects.filter(next_look_at__lte=now).order_by("next_look_at", "id")
        return list(rows.values_list("partner_id", "pk")[:limit])
