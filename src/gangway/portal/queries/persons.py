"""The page of one person: what each storey knows of them, as far as the reader may see it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from gangway.credentials import queries as credentials
from gangway.credentials.queries import AwardRow
from gangway.identity import queries as identity
from gangway.identity.queries import ArrivalRow, SignIns
from gangway.kernel.access import Principal
from gangway.kernel.tenancy import scopes
from gangway.learning import queries as learning
from gangway.people import queries as people
from gangway.people.queries import Profile


@dataclass(frozen=True, slots=True)
class CourseLine:
    """One course as an employer may see it: passed (or completed) on a day, or not yet; no tries, no answers.

    `attested`: complete by somebody's word only."""

    title: str
    completed_at: datetime | None
    attested: bool


@dataclass(frozen=True, slots=True)
class PersonPage:
    """`courses` and `awards` are None where the reader may not see results."""

    profile: Profile
    sign_ins: SignIns
    arrival: ArrivalRow
    courses: tuple[CourseLine, ...] | None = None
    awards: tuple[AwardRow, ...] | None = None
    groups: tuple[tuple[UUID, str], ...] = ()
    gives: frozenset[str] = field(default_factory=frozenset)


def person_page(reader: Principal, person_id: UUID, now: datetime, *, results: bool) -> PersonPage:
    """A person the scope reaches; NotFound otherwise. `results`: whether the reader may see what they passed.

    `gives`: the roles that the reader may give and take here.
    """
    profile = people.profile(person_id, now)
    with scopes.one(profile.partner.id):
        return PersonPage(
            profile=profile,
            sign_ins=identity.sign_ins(person_id, now),
            arrival=identity.arrival_of(person_id),
            courses=_courses(person_id, now) if results else None,
            awards=credentials.awards_of(person_id, now) if results else None,
            groups=people.groups_of_person(person_id),
            gives=frozenset(people.roles_to_give(reader.person_id, profile.partner, now)),
        )


def _courses(person_id: UUID, now: datetime) -> tuple[CourseLine, ...]:
    cards = learning.my_courses(person_id, now)
    return tuple(CourseLine(card.course.title, card.completed_at, card.attested) for card in cards)
