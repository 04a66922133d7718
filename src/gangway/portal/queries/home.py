"""P4: the one next thing, and what is already there."""

from dataclasses import dataclass
from datetime import datetime

from gangway.credentials import queries as credentials
from gangway.credentials.queries import AwardRow
from gangway.kernel.access import Principal
from gangway.learning import queries as learning
from gangway.learning.queries import CourseCard, NextAction


@dataclass(frozen=True, slots=True)
class HomeRow:
    """`next` is None when nothing is left to do; `courses` holds the others, `awards` what the person holds."""

    greeting: str
    next: NextAction | None
    courses: tuple[CourseCard, ...]
    awards: tuple[AwardRow, ...]

    @property
    def is_empty(self) -> bool:
        """Nothing to learn, nothing learnt."""
        return self.next is None and not self.courses and not self.awards


def home(visitor: Principal, now: datetime) -> HomeRow:
    """What a person's start page shows, in a number of statements that does not grow with courses or awards."""
    following = learning.next_action(visitor.person_id, now, visitor.locale)
    others = tuple(
        card.in_language(visitor.locale)
        for card in learning.my_courses(visitor.person_id, now)
        if following is None or card.enrolment_id != following.card.enrolment_id
    )
    return HomeRow(
        greeting=visitor.name.split(" ")[0],
        next=following,
        courses=others,
        awards=credentials.awards_of(visitor.person_id, now),
    )
