"""Who may come in now, and by which door."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.identity.queries.ways import comes_by_mail
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.people import queries as people


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody a challenge may let in, with the access they had when it was made."""

    partner_id: UUID
    person_id: UUID
    epoch: int

    def as_json(self) -> dict[str, str | int]:
        return {"partner": str(self.partner_id), "person": str(self.person_id), "epoch": self.epoch}


def candidate_of(partner_id: UUID, person_id: UUID) -> Candidate | None:
    """Somebody who may come in now; None for those who left or are suspended, or whose partner is."""
    with scopes.one(partner_id):
        person = people.person(person_id)
        if not person.may_come_in or partners.partner_by_id(partner_id).state != "active":
            return None
        return Candidate(partner_id, person_id, person.access_epoch)


def direct_candidate(
    partner_id: UUID, person_id: UUID, now: datetime, browser: bytes | None = None
) -> Candidate | None:
    """The same, but for those whose way in is their company's sign-in, unless its fallback is open. `browser`: the
    digest of the one that asks, in which the company may have said no."""
    candidate = candidate_of(partner_id, person_id)
    if candidate is None:
        return None
    with scopes.one(partner_id):
        return candidate if comes_by_mail(person_id, people.person(person_id).email, now, browser) else None
