"""A person's row of dates, and what it adds to the counts. Counts change by the difference of two such additions."""

from collections import Counter
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from gangway.insights.rules.definitions import Measure


class Exit(StrEnum):
    """How a person stops being open for a measure."""

    EVENT = "event"
    LEFT = "left"


class Stage(StrEnum):
    """Where people of a launch stand. After INVITED, the first five are apart: each person is in exactly one."""

    INVITED = "invited"
    CAME_IN = "came_in"
    BOUNCED = "bounced"
    UNKNOWN = "unknown"  # the mail was sent; whether it was seen nobody can know
    UNSENT = "unsent"
    LEFT = "left"
    SENT = "sent"
    STARTED = "started"
    COMPLETED = "completed"
    CERTIFIED = "certified"


@dataclass(frozen=True, slots=True)
class Funnel:
    """People by stage. invited = came_in + bounced + unknown + unsent + left."""

    invited: int = 0
    came_in: int = 0
    bounced: int = 0
    unknown: int = 0
    unsent: int = 0
    left: int = 0
    sent: int = 0
    started: int = 0
    completed: int = 0
    certified: int = 0

    def counts(self) -> dict[str, int]:
        return {item.name: getattr(self, item.name) for item in fields(self)}


@dataclass(frozen=True, slots=True)
class Dates:
    """What is known of one person's way. All instants are UTC.

    clock_at: max(the partner's launch, invited_at); None before the first letter. sent_at: the last letter that a mail
    server took. bounced_at: the last letter that came back.
    """

    invited_at: datetime | None = None
    clock_at: datetime | None = None
    sent_at: datetime | None = None
    bounced_at: datetime | None = None
    came_in_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    certified_at: datetime | None = None
    left_at: datetime | None = None

    @property
    def bounced(self) -> bool:
        """The last letter came back, and none was taken since."""
        return self.bounced_at is not None and (self.sent_at is None or self.bounced_at > self.sent_at)


def clock_of(launched_at: datetime | None, invited_at: datetime | None) -> datetime | None:
    """A person's clock: the later of their partner's launch and their own invitation."""
    return None if launched_at is None or invited_at is None else max(launched_at, invited_at)


def counts_for_kpis(dates: Dates) -> bool:
    """Invited in a launch, still there, and not bounced; who came in was reached, whatever a mail server said."""
    if dates.clock_at is None or (dates.left_at is not None and dates.left_at < dates.clock_at):
        return False
    return not dates.bounced or dates.came_in_at is not None


def day_of(at: datetime) -> date:
    """Cohorts and ages are counted in days of UTC."""
    return at.date()


def age(clock_at: datetime, at: datetime) -> int:
    """Days from the clock; what happened before the clock started happened on day 0."""
    return max(0, (day_of(at) - day_of(clock_at)).days)


_DONE_AT = {
    Measure.ACTIVATION: "came_in_at",
    Measure.COMPLETION: "completed_at",
    Measure.CERTIFICATION: "certified_at",
}

EVER = date(1, 1, 1)  # the "day of entry" of bins that hold all days together
SizeKey = tuple[Measure, date]
BinKey = tuple[Measure, date, int, Exit]
StageKey = tuple[Stage, date]


def sizes(dates: Dates) -> Counter[SizeKey]:
    """What this row adds to the sizes of the cohorts."""
    if not counts_for_kpis(dates) or dates.clock_at is None:
        return Counter()
    return Counter({(measure, day_of(dates.clock_at)): 1 for measure in Measure})


def bins(dates: Dates) -> Counter[BinKey]:
    """What this row adds to the bins: for each measure it is done at an age, left at an age, or open and nowhere."""
    found: Counter[BinKey] = Counter()
    if not counts_for_kpis(dates) or dates.clock_at is None:
        return found
    entry = day_of(dates.clock_at)
    for measure in Measure:
        done_at: datetime | None = getattr(dates, _DONE_AT[measure])
        if done_at is not None:
            found[measure, entry, age(dates.clock_at, done_at), Exit.EVENT] += 1
        elif dates.left_at is not None:
            found[measure, entry, age(dates.clock_at, dates.left_at), Exit.LEFT] += 1
    return found


def stages(dates: Dates) -> Counter[StageKey]:
    """What this row adds to the funnel of the day it was invited or its clock began."""
    if dates.invited_at is None:
        return Counter()
    entry = day_of(dates.clock_at or dates.invited_at)
    reached = [Stage.INVITED, _standing(dates)]
    later = (
        (Stage.SENT, dates.sent_at),
        (Stage.STARTED, dates.started_at),
        (Stage.COMPLETED, dates.completed_at),
        (Stage.CERTIFIED, dates.certified_at),
    )
    reached += [stage for stage, at in later if at is not None]
    return Counter({(stage, entry): 1 for stage in reached})


def _standing(dates: Dates) -> Stage:
    if dates.came_in_at is not None:
        return Stage.CAME_IN
    if dates.bounced:
        return Stage.BOUNCED
    if dates.left_at is not None:
        return Stage.LEFT
    return Stage.UNSENT if dates.sent_at is None else Stage.UNKNOWN


K = TypeVar("K")


def difference(before: Counter[K], after: Counter[K]) -> dict[K, int]:
    """What must be added to counts that hold `before` so that they hold `after`."""
    return {key: change for key in before | after if (change := after[key] - before[key])}


class ItemKind(StrEnum):
    COURSE = "course"
    CREDENTIAL = "credential"


def segments(partner_id: UUID, type_key: str, tier_key: str) -> list[str]:
    """The scopes a person's row is counted in: everybody, their partner, its type and tier as they were at entry."""
    named = [f"partner:{partner_id}"]
    if type_key:
        named.append(f"type:{type_key}")
    if tier_key:
        named.append(f"tier:{tier_key}")
    return [EVERYBODY, *named]


EVERYBODY = "host"


def of_partner(partner_id: UUID) -> str:
    return f"partner:{partner_id}"


VOUCHED = frozenset({"operator", "setup"})


def is_human(method: str, synthetic: bool) -> bool:
    """Whether a sign-in shows that the person came in: not a robot, and not on the operator's word."""
    return not synthetic and method not in VOUCHED
