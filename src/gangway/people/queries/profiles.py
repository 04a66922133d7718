"""One person with everything people know of them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.kernel import audit
from gangway.kernel.personal import Subject
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import PartnerRow, partner_by_id
from gangway.people.models import ExternalId, Person
from gangway.people.queries.roles import RoleRow, roles_held
from gangway.people.queries.rows import PersonRow, person, person_row, shown_to_parent

# What moves a person from one state to another.
STATE_VERBS = tuple(
    f"people.person.{verb}" for verb in ("admit", "activate", "suspend", "resume", "leave", "erase", "merge", "unmerge")
)


@dataclass(frozen=True, slots=True)
class Profile:
    """A person at their partner. `since`: when their state was last changed; `external_ids`: (source, id)."""

    person: PersonRow
    partner: PartnerRow
    since: datetime
    left_at: datetime | None
    external_ids: tuple[tuple[str, str], ...]
    roles: tuple[RoleRow, ...]


def profile(person_id: UUID, now: datetime) -> Profile:
    """A person the scope reaches; NotFound otherwise. Seven statements."""
    found = person(person_id)
    with scopes.one(found.partner_id):
        row = Person.objects.get(pk=person_id)
        ids = ExternalId.objects.filter(person=person_id).order_by("source").values_list("source", "value")
        return Profile(
            person=found,
            partner=partner_by_id(found.partner_id),
            since=audit.last_at("person", person_id, STATE_VERBS) or found.invited_at,
            left_at=row.left_at,
            external_ids=tuple(ids),
            roles=roles_held(person_id, now),
        )


def teammate(person_id: UUID) -> PersonRow:
    """A person as the desk may see them: an own one, or one of a partner below that lets its parent see people."""
    found = Person.objects.filter(shown_to_parent(), pk=person_id).first()
    if found is None:
        raise NotFound
    return person_row(found)


def subject(person_id: UUID) -> Subject:
    """Whose personal data is meant, with every address they ever had; NotFound outside the scope."""
    found = person(person_id)
    known = [found.email, *audit.once_said("person", person_id, "email")]
    return Subject(found.id, found.partner_id, tuple(dict.fromkeys(address for address in known if address)))
