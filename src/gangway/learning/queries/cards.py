"""Where a person stands in each of their courses, and the one next thing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from gangway.catalog import queries as catalog
from gangway.catalog.queries import CourseRow, LessonRow
from gangway.kernel.refusal import NotFound
from gangway.learning.models import Attempt, Enrolment, EnrolmentReason, LessonProgress
from gangway.learning.queries.ways import Way, ways_of
from gangway.learning.rules import (
    EnrolmentState,
    Progress,
    ReasonKind,
    Standing,
    Step,
    Urgency,
    may_test_out,
    most_urgent,
    next_lesson,
    next_step,
    progress,
    retake_at,
    tries_left,
)

COURSE, LESSON, CHECK = "learning:course", "learning:lesson", "learning:check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """What is known of an enrolment's attempts. `retake` is None where one may start at once.

    `untaught`: for each that was handed in, whether it was begun before the lessons were finished.
    """

    open_id: UUID | None = None
    last_id: UUID | None = None
    handed_in: int = 0
    untaught: tuple[bool, ...] = ()
    passed: bool = False
    retake: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseCard:
    """One course of one person, and where they stand in it. `lesson_key`: the lesson to go on with, if any.

    `tries_left` at its check, None: any number. `may_check`: it may be taken before the lessons, or they are finished.
    `way`: where a path asks for it.
    """

    enrolment_id: UUID
    course: CourseRow
    state: str
    step: Step
    progress: Progress
    lesson_key: str | None
    tries: Tries
    tries_left: int | None
    may_check: bool
    required: bool
    due_on: date | None
    enrolled_at: datetime
    completed_at: datetime | None
    attested: bool
    pinned: bool
    finished_keys: frozenset[str]
    opened_keys: frozenset[str]
    way: Way | None = None

    def in_language(self, wanted: str) -> "CourseCard":
        """The same with what the course says of itself, and what it waits for, in the nearest language."""
        way = self.way and self.way.in_language(wanted)
        return replace(self, course=self.course.in_language(wanted), way=way)


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAction:
    """The one next thing of a person: `title` of the lesson or check, and its minutes.

    `url_name` and `url_args` lead there.
    """

    card: CourseCard
    title: str
    minutes: int
    url_name: str
    url_args: Mapping[str, str]

    @property
    def step(self) -> Step:
        return self.card.step

    @property
    def course(self) -> CourseRow:
        return self.card.course

    @property
    def progress(self) -> float:
        """Lessons finished, from 0 to 1."""
        return self.card.progress.percent / 100

    @property
    def minutes_left(self) -> int:
        """What is left of the course by its lessons that are not finished, in whole minutes."""
        reached = self.card.progress
        left = reached.lessons - reached.finished
        return -(-self.course.minutes * left // reached.lessons) if left else self.minutes


def my_courses(person_id: UUID, now: datetime) -> tuple[CourseCard, ...]:
    """A person's courses, each in its latest cycle, in the order of urgency; completed ones last. Three
    statements, two at the first look at what versions say, and at most five where a path asks for one.
    """
    enrolments = Enrolment.objects.filter(person_id=person_id).exclude(state=EnrolmentState.WITHDRAWN)
    latest = {row.course_id: row for row in _with_current(enrolments).order_by("cycle")}
    cards = cards_of(list(latest.values()), now)
    order = _by_urgency(cards)
    return tuple(sorted(cards, key=lambda card: (order[card.enrolment_id], card.course.title)))


def next_action(person_id: UUID, now: datetime, locale: str = "en") -> NextAction | None:
    """The one next thing; None when nothing is left to do. Six statements at most, three at the second look."""
    cards = {str(card.enrolment_id): card for card in my_courses(person_id, now)}
    chosen = most_urgent({key: _urgency(card) for key, card in cards.items()})
    if chosen is None:
        return None
    return _to_do(cards[chosen].in_language(locale), locale)


def _to_do(card: CourseCard, locale: str) -> NextAction:
    """Where the card's step leads: to the check, to the lesson that comes next, or to the course itself."""
    course = {"course": card.course.key}
    check = card.course.check
    if check and card.step in {Step.CHECK, Step.RESUME_CHECK, Step.WAIT, Step.ASK}:
        return NextAction(card=card, title=check.title, minutes=check.minutes, url_name=CHECK, url_args=course)
    lessons = catalog.lessons([card.course.version_id], locale).get(card.course.version_id, ())
    blocked = card.step is Step.BLOCKED
    lesson = next((row for row in lessons if row.key == card.lesson_key and not blocked), None)
    if lesson is None:
        return NextAction(card=card, title=card.course.title, minutes=0, url_name=COURSE, url_args=course)
    there = course | {"lesson": lesson.key}
    return NextAction(card=card, title=lesson.title, minutes=lesson.minutes, url_name=LESSON, url_args=there)


def card_of(person_id: UUID, course_key: str, now: datetime) -> CourseCard | None:
    """Where a person stands in a course, in their latest cycle; None where they are not enrolled. Three
    statements, and two at the first look at the version.
    """
    found = _latest(person_id, course_key)
    return cards_of([found], now)[0] if found else None


def version_learned(person_id: UUID, course_key: str) -> UUID:
    """The version of a course that a person learns, in their latest cycle; NotFound where they are not enrolled."""
    found = _latest(person_id, course_key)
    version_id: UUID | None = (found.version_id or found.course.current_id) if found else None
    if version_id is None:
        raise NotFound
    return version_id


def card_with_lessons(
    person_id: UUID, course_key: str, locale: str, now: datetime
) -> tuple[CourseCard, tuple[LessonRow, ...]] | None:
    """The same with the lessons of the person's version, titled in `locale`. As many statements."""
    found = _latest(person_id, course_key)
    if found is None:
        return None
    version_id: UUID = found.version_id or found.course.current_id
    lessons = catalog.lessons([version_id], locale).get(version_id, ())
    (card,) = cards_of([found], now, {version_id: tuple(lesson.key for lesson in lessons)})
    return card.in_language(locale), lessons


def _latest(person_id: UUID, course_key: str) -> Enrolment | None:
    mine = Enrolment.objects.filter(person_id=person_id, course__key=course_key)
    latest: Enrolment | None = _with_current(mine).exclude(state=EnrolmentState.WITHDRAWN).order_by("-cycle").first()
    return latest


def _with_current(enrolments: Any) -> Any:
    asked = EnrolmentReason.objects.filter(enrolment=OuterRef("pk"), kind=ReasonKind.PATH, withdrawn_at=None)
    return enrolments.select_related("course").annotate(on_path=Exists(asked))


def cards_of(
    enrolments: Sequence[Enrolment], now: datetime, keys: Mapping[UUID, tuple[str, ...]] | None = None
) -> list[CourseCard]:
    """Cards for any number of enrolments of one person in two statements, and two at the first look at what their
    versions say; one where the lessons' keys are known already. Rows that say `on_path` get their way, in at most five
    more.
    """
    if not enrolments:
        return []
    on_path = [row for row in enrolments if getattr(row, "on_path", False)]
    ways = ways_of(on_path) if on_path else {}
    version_of = {row.pk: row.version_id or row.course.current_id for row in enrolments}
    courses = catalog.versions_by_id(version for version in version_of.values() if version)
    keys = catalog.lesson_keys(courses) if keys is None else keys
    seen, tries = _seen(version_of), _tries(version_of)
    return [
        replace(
            _card(
                row,
                course,
                keys.get(course.version_id, ()),
                seen.get(row.pk, {}),
                tries.get(row.pk, Tries()),
                now,
                waits=row.pk in ways and bool(ways[row.pk].waits_for),
            ),
            way=ways.get(row.pk),
        )
        for row in enrolments
        if (course := courses.get(version_of[row.pk])) is not None
    ]


def _card(
    row: Enrolment,
    course: CourseRow,
    keys: Sequence[str],
    seen: Mapping[str, bool],
    tried: Tries,
    now: datetime,
    *,
    waits: bool,
) -> CourseCard:
    done = frozenset(key for key, finished in seen.items() if finished)
    check, reached = course.check, progress(keys, done)
    left = tries_left(tried.untaught, check.max_tries, row.extra_tries) if check else None
    standing = Standing(
        state=EnrolmentState(row.state),
        opened=row.opened_at is not None,
        progress=reached,
        has_check=check is not None,
        waits=waits,
        open_attempt=tried.open_id is not None,
        retake=tried.retake,
        tries_left=left,
    )
    return CourseCard(
        enrolment_id=row.pk,
        course=course,
        state=row.state,
        step=next_step(standing, now),
        progress=standing.progress,
        lesson_key=next_lesson(keys, done),
        tries=tried,
        tries_left=left,
        may_check=check is not None
        and may_test_out(test_out=check.test_out, progress=reached, handed_in=tried.handed_in),
        required=row.required,
        due_on=row.due_on,
        enrolled_at=row.enrolled_at,
        completed_at=row.completed_at,
        attested=row.attested,
        pinned=row.opened_at is not None,
        finished_keys=done,
        opened_keys=frozenset(seen),
    )


def _seen(enrolment_ids: Iterable[UUID]) -> Mapping[UUID, Mapping[str, bool]]:
    """Per enrolment, the keys of the lessons that were opened, and whether they are finished."""
    rows = LessonProgress.objects.filter(enrolment_id__in=list(enrolment_ids))
    found: dict[UUID, dict[str, bool]] = {}
    for enrolment_id, key, finished_at in rows.values_list("enrolment_id", "lesson__key", "finished_at"):
        found.setdefault(enrolment_id, {})[key] = finished_at is not None
    return found


@dataclass
class _Tried:
    rows: list[dict[str, Any]] = field(default_factory=list)

    def sum_up(self) -> Tries:
        handed_in = [row for row in self.rows if row["submitted_at"]]
        passed = any(row["passed"] for row in handed_in)
        last = max(handed_in, key=lambda row: row["submitted_at"], default=None)
        minutes = last["assessment_version__retake_minutes"] if last else 0
        return Tries(
            open_id=next((row["id"] for row in self.rows if not row["submitted_at"]), None),
            last_id=last["id"] if last else None,
            handed_in=len(handed_in),
            untaught=tuple(row["untaught"] for row in handed_in),
            passed=passed,
            retake=retake_at([row["submitted_at"] for row in handed_in], passed, minutes),
        )


def _tries(enrolment_ids: Iterable[UUID]) -> Mapping[UUID, Tries]:
    rows = Attempt.objects.filter(enrolment_id__in=list(enrolment_ids)).values(
        "id", "enrolment_id", "submitted_at", "passed", "untaught", "assessment_version__retake_minutes"
    )
    found: dict[UUID, _Tried] = {}
    for row in rows:
        found.setdefault(row["enrolment_id"], _Tried()).rows.append(row)
    return {enrolment_id: tried.sum_up() for enrolment_id, tried in found.items()}


def _urgency(card: CourseCard) -> Urgency:
    return Urgency(
        step=card.step,
        required=card.required,
        due_on=card.due_on,
        enrolled_at=card.way.since if card.way else card.enrolled_at,
        position=card.way.position if card.way else 0,
    )


def _by_urgency(cards: Sequence[CourseCard]) -> Mapping[UUID, int]:
    left = {str(card.enrolment_id): _urgency(card) for card in cards}
    order: dict[UUID, int] = {card.enrolment_id: len(cards) for card in cards}
    while (chosen := most_urgent(left)) is not None:
        order[UUID(chosen)] = len(cards) - len(left)
        del left[chosen]
    return order
