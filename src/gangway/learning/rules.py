"""Vocabulary and pure decisions of learning: grading, passing, retaking, progress, and the one next thing."""

import random
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import count, islice
from uuid import UUID

GRACE = timedelta(minutes=5)
"""Answers that were given in time may arrive this late, over a bad line (screens.md, P7)."""

MAX_ANSWER_CHARACTERS = 500


class EnrolmentState(StrEnum):
    ACTIVE = "active"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


class ReasonKind(StrEnum):
    """Why somebody is enrolled. An enrolment may have several; it lives while one does, or once it was started."""

    RULE = "rule"
    MANUAL = "manual"
    SELF = "self"
    CODE = "code"
    PATH = "path"
    IMPORT = "import"


def joined_ref(code_id: UUID | None) -> str:
    """What a reason of kind `code` names: an access code, or the mail domains of the partner."""
    return f"code:{code_id}" if code_id else "domain"


def path_ref(key: str) -> str:
    """What the reasons of a path's courses refer to it by."""
    return f"path:{key}"


DUE = "learning.due"  # the letter about a due date, and what its dedupe keys begin with


class DueNotice(StrEnum):
    """The reminders of a due date: one from a week before it on, one from the day after it on."""

    BEFORE = "before"
    AFTER = "after"

    def due(self, today: date) -> tuple[date, date]:
        """The due dates it is sent for on a day: (first, last)."""
        if self is DueNotice.BEFORE:
            return today, today + timedelta(days=7)
        return today - timedelta(days=14), today - timedelta(days=1)

    def last_day(self, due_on: date) -> date:
        """The last day on which it still says something."""
        return due_on if self is DueNotice.BEFORE else due_on + timedelta(days=14)


class RuleState(StrEnum):
    """Whether an enrolment rule is followed. It may be switched on and withdrawn again and again."""

    OFF = "off"
    ON = "on"


@dataclass(frozen=True, kw_only=True)
class Whom:
    """Whom a rule names, by keys of partner types, tiers and groups, and by languages: one of each kind that is not
    empty. Where all are empty, it names everybody. A language names who speaks it anywhere: `pt` also pt-BR."""

    types: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Traits:
    """What rules look at: of a person's partner (`type`, `tier`) and of the person."""

    type: str | None
    tier: str | None
    language: str
    groups: frozenset[str]


def key_of(name: str, taken: Collection[str]) -> str:
    """A key for what somebody calls something: its letters a–z and digits, with a number where it is taken."""
    base = re.sub(r"[^a-z0-9]+", "-", unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower())
    base = base[:50].strip("-") or "rule"
    numbered = (f"{base}-{n}" for n in count(2))
    return base if base not in taken else next(key for key in numbered if key not in taken)


def names(whom: Whom, traits: Traits) -> bool:
    """Whether somebody of these traits is among them."""
    return (
        (not whom.types or traits.type in whom.types)
        and (not whom.tiers or traits.tier in whom.tiers)
        and (not whom.languages or not whom.languages.isdisjoint((traits.language, traits.language.partition("-")[0])))
        and (not whom.groups or not whom.groups.isdisjoint(traits.groups))
    )


class Change(StrEnum):
    """What somebody who looks after people does with their enrolments."""

    ENROL = "enrol"
    DUE = "due"
    AGAIN = "again"
    COMPLETE = "complete"
    WITHDRAW = "withdraw"


class Step(StrEnum):
    """The one next thing of an enrolment. BLOCKED: a path lets it begin after other courses only."""

    START = "start"
    CONTINUE = "continue"
    CHECK = "check"
    RESUME_CHECK = "resume_check"
    WAIT = "wait"
    ASK = "ask"
    BLOCKED = "blocked"
    DONE = "done"


def is_past(due_on: date, now: datetime) -> bool:
    """Whether a day is over everywhere on Earth: the last zone is twelve hours behind UTC."""
    return due_on < (now - timedelta(hours=12)).date()


def is_overdue(state: str, due_on: date | None, today: date) -> bool:
    """Whether something was to be done by a day before this one; `today` is the reader's."""
    return state == EnrolmentState.ACTIVE and due_on is not None and due_on < today


@dataclass(frozen=True, kw_only=True)
class Grade:
    """Points reached of points possible; one per question, all or nothing."""

    points: int
    points_max: int
    passed: bool


def needed(pass_percent: int, points_max: int) -> int:
    """The fewest points that pass: the percentage of the points, rounded up."""
    return -(-pass_percent * points_max // 100)


def grade(right: Sequence[bool], pass_percent: int) -> Grade:
    points = sum(right)
    return Grade(
        points=points, points_max=len(right), passed=bool(right) and points >= needed(pass_percent, len(right))
    )


def clean_answer(answer: Iterable[str], shown: Sequence[str]) -> tuple[str, ...]:
    """The answer as kept: only choices that were shown, each once, in their shown order; or one trimmed text."""
    given = list(answer)
    if shown:
        return tuple(key for key in shown if key in given)
    text = given[0].replace("\x00", "").strip()[:MAX_ANSWER_CHARACTERS] if given else ""
    return (text,) if text else ()


def shown_orders(seed: int, questions: Sequence[Sequence[str]]) -> list[list[str]]:
    """The order in which each question's choices are shown, the same for the same seed. True stays before false."""
    dice = random.Random(seed)  # noqa: S311 - a shuffle, no secret
    orders = []
    for keys in questions:
        order = list(keys)
        if set(order) != {"t", "f"}:
            dice.shuffle(order)
        orders.append(order)
    return orders


def drawn(seed: int, topics: Sequence[str], draw: int | None) -> list[int]:
    """Which questions of a bank a try asks, as indices in the bank's order; `topics` has one for each question.

    Each topic gives one in turn until there are `draw` of them, so that no try leaves a topic out that it has room for.
    The same seed draws the same.
    """
    if draw is None or draw >= len(topics):
        return list(range(len(topics)))
    dice = random.Random(f"draw {seed}")  # noqa: S311 - a lot, no secret
    piles: dict[str, list[int]] = {}
    for index, topic in enumerate(topics):
        piles.setdefault(topic, []).append(index)
    for pile in piles.values():
        dice.shuffle(pile)
    turn = list(piles.values())
    dice.shuffle(turn)
    rounds = (pile[n] for n in range(len(topics)) for pile in turn if n < len(pile))
    return sorted(islice(rounds, draw))


def tries_left(untaught: Sequence[bool], max_tries: int | None, extra: int) -> int | None:
    """How many tries are left of those a check allows and those allowed beyond; None: any number.

    `untaught`: for each try that was handed in and did not pass, whether it was begun before the lessons were finished.
    One such try, to test out, is not counted.
    """
    if max_tries is None:
        return None
    counted = len(untaught) - any(untaught)
    return max(0, max_tries + extra - counted)


def may_test_out(*, test_out: bool, progress: "Progress", handed_in: int) -> bool:
    """Whether the check may be taken now: after the lessons, before them where it says so, and again in any case."""
    return test_out or progress.is_whole or handed_in > 0


def retake_at(submitted: Sequence[datetime], passed: bool, retake_minutes: int) -> datetime | None:
    """When a new attempt may start: None when the course is passed or nothing was handed in yet."""
    if passed or not submitted:
        return None
    return max(submitted) + timedelta(minutes=retake_minutes)


def may_start(retake: datetime | None, now: datetime) -> bool:
    return retake is None or now >= retake


def deadline(started_at: datetime, minutes: int | None) -> datetime | None:
    return started_at + timedelta(minutes=minutes) if minutes else None


def takes_answers(deadline_at: datetime | None, now: datetime) -> bool:
    """Whether an answer is still kept: until the deadline and the grace after it."""
    return deadline_at is None or now <= deadline_at + GRACE


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Lessons finished of lessons there are, of the version this person learns."""

    finished: int
    lessons: int

    @property
    def percent(self) -> int:
        """Whole percent, rounded down, so that 100 means all; a course without lessons is at 0."""
        return self.finished * 100 // self.lessons if self.lessons else 0

    @property
    def is_whole(self) -> bool:
        return self.lessons > 0 and self.finished >= self.lessons


def progress(lesson_keys: Sequence[str], finished: Iterable[str]) -> Progress:
    """Only lessons of this version count; one finished in an older version counts when it is still there."""
    return Progress(finished=len(set(lesson_keys) & set(finished)), lessons=len(lesson_keys))


def next_lesson(lesson_keys: Sequence[str], finished: Iterable[str], after: str | None = None) -> str | None:
    """The first unfinished lesson, looking from `after` on first; None when all are finished."""
    done = set(finished)
    start = lesson_keys.index(after) + 1 if after in lesson_keys else 0
    return next((key for key in [*lesson_keys[start:], *lesson_keys[:start]] if key not in done), None)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where one enrolment stands; all that `next_step` looks at. `waits`: for other courses of a path."""

    state: EnrolmentState
    opened: bool
    progress: Progress
    has_check: bool
    waits: bool = False
    open_attempt: bool = False
    retake: datetime | None = None
    tries_left: int | None = None


def next_step(standing: Standing, now: datetime) -> Step:
    if standing.state is not EnrolmentState.ACTIVE:
        return Step.DONE
    if standing.waits and not standing.opened:  # what was begun goes on
        return Step.BLOCKED
    if standing.open_attempt:
        return Step.RESUME_CHECK
    if standing.has_check and standing.tries_left == 0:
        return Step.ASK
    if standing.has_check and standing.retake is not None and not may_start(standing.retake, now):
        return Step.WAIT
    if standing.has_check and (standing.progress.is_whole or standing.retake is not None):
        return Step.CHECK
    if standing.progress.is_whole:
        return Step.DONE
    return Step.CONTINUE if standing.opened else Step.START


def completes(progress: Progress, has_check: bool, passed: bool) -> bool:
    """A course with a check is completed by passing it, untaught too (one may test out); another by its lessons."""
    return passed if has_check else progress.is_whole


def stands(n: int) -> bool:
    """Whether the n-th row of an enrolment's completions stands: odd rows do, each even one reverses the one before."""
    return n % 2 == 1


@dataclass(frozen=True, kw_only=True)
class Urgency:
    """How one enrolment competes to be the one next action. Of a course of a path, `enrolled_at` is when the person
    came onto that, and `position` its place in it."""

    step: Step
    required: bool
    due_on: date | None
    enrolled_at: datetime
    position: int = 0


def most_urgent(candidates: Mapping[str, Urgency]) -> str | None:
    """The key of the one thing to do next: what was begun before what was not, required before chosen, due before
    undated, then the longest enrolled, then the order of a path. Nothing that is done; what must wait comes last."""
    alive = {key: urgency for key, urgency in candidates.items() if urgency.step is not Step.DONE}
    return min(alive, key=lambda key: (_rank(alive[key]), key)) if alive else None


_BEGUN = {
    Step.RESUME_CHECK: 0,
    Step.CHECK: 1,
    Step.CONTINUE: 2,
    Step.START: 3,
    Step.WAIT: 4,
    Step.ASK: 5,
    Step.BLOCKED: 6,
}


def _rank(urgency: Urgency) -> tuple[int, bool, date, datetime, int]:
    due_on = urgency.due_on or date.max
    return _BEGUN[urgency.step], not urgency.required, due_on, urgency.enrolled_at, urgency.position
