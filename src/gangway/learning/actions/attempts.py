"""Taking a knowledge check: start, answer, hand in. Graded against what the attempt showed, whatever came after."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.catalog import queries as catalog
from gangway.catalog.queries import CheckRow
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import NotFound, Refusal
from gangway.learning.actions.completions import complete, is_open
from gangway.learning.actions.subject import finished_keys, locked, pinned
from gangway.learning.events import AttemptSubmitted
from gangway.learning.models import Attempt, AttemptItem, Enrolment
from gangway.learning.rules import (
    EnrolmentState,
    Grade,
    clean_answer,
    deadline,
    drawn,
    grade,
    may_start,
    may_test_out,
    progress,
    retake_at,
    shown_orders,
    takes_answers,
    tries_left,
)


class NoCheck(Refusal):
    code = "learning.no_check"
    status = 404
    message = "This course has no knowledge check."
    next_step = "Go on with its lessons; the last one completes it."


class AlreadyPassed(Refusal):
    code = "learning.already_passed"
    status = 409
    message = "You have passed this knowledge check."
    next_step = "Go back to the course, where your certificate is."


class TooSoon(Refusal):
    """`at`: when a new attempt may start, an instant."""

    code = "learning.too_soon"
    status = 409
    message = "You can take this knowledge check again a little later."
    next_step = "Reread the lessons named with your result until then."

    def __init__(self, *, at: datetime) -> None:
        super().__init__(at=at)
        self.at = at


class NoTriesLeft(Refusal):
    code = "learning.no_tries_left"
    status = 409
    message = "You have used every try of this knowledge check."
    next_step = "Ask whoever looks after your training to allow another one."


class LessonsFirst(Refusal):
    code = "learning.lessons_first"
    status = 409
    message = "This knowledge check comes after the lessons."
    next_step = "Finish the lessons; the check opens with the last one."


class AttemptClosed(Refusal):
    code = "learning.attempt_closed"
    status = 409
    message = "This knowledge check was handed in already, so its answers stay as they are."
    next_step = "Open its result."


class TimeOver(Refusal):
    code = "learning.time_over"
    status = 409
    message = "The time for this knowledge check is over; what you answered until then is saved."
    next_step = "Hand it in to see the result."


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """`resumed`: the attempt was open already. `position`: the first question without an answer."""

    attempt_id: UUID
    resumed: bool
    position: int
    questions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    position: int
    answered: int
    questions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """`completed`: the course is, by this attempt or before."""

    attempt_id: UUID
    grade: Grade
    completed: bool


@action("learning.attempt.start")
def start_attempt(*, enrolment_id: UUID, locale: str = "", actor: Actor, now: datetime) -> Started:
    """Start a try at the check of the version this person learns, or go on with the one that is open.

    `locale`: the language wanted, "": as the check was written. Each question is shown in it where it is translated,
    and the try stays as it was begun.

    Refuses with NotFound, WaitsForOthers, NoCheck, AlreadyPassed, LessonsFirst, NoTriesLeft or TooSoon.
    """
    enrolment = locked(enrolment_id, actor)
    course = pinned(enrolment, now)
    check = course.check
    if check is None:
        raise NoCheck
    if not is_open(enrolment):
        raise AlreadyPassed
    attempts = list(Attempt.objects.filter(enrolment=enrolment))
    if unfinished := next((attempt for attempt in attempts if attempt.submitted_at is None), None):
        return _resume(unfinished)
    reached = progress(catalog.lesson_keys([course.version_id])[course.version_id], finished_keys(enrolment))
    if not may_test_out(test_out=check.test_out, progress=reached, handed_in=len(attempts)):
        raise LessonsFirst
    if tries_left([attempt.untaught for attempt in attempts], check.max_tries, enrolment.extra_tries) == 0:
        raise NoTriesLeft
    _refuse_too_soon([attempt.submitted_at for attempt in attempts if attempt.submitted_at], check, now)
    n = 1 + sum(attempt.assessment_version_id == check.assessment_version_id for attempt in attempts)
    wanted = Wanted(locale=locale, own=course.locale)
    attempt = _create(enrolment, check, n, not reached.is_whole, wanted, now)
    return Started(attempt_id=attempt.pk, resumed=False, position=1, questions=attempt.points_max)


def _refuse_too_soon(submitted: Sequence[datetime], check: CheckRow, now: datetime) -> None:
    retake = retake_at(submitted, passed=False, retake_minutes=check.retake_minutes)
    if retake is not None and not may_start(retake, now):
        raise TooSoon(at=retake)


def _resume(attempt: Attempt) -> Started:
    answers = list(AttemptItem.objects.filter(attempt=attempt).order_by("position").values_list("position", "answer"))
    first = next((position for position, answer in answers if not answer), 1)
    return Started(attempt_id=attempt.pk, resumed=True, position=first, questions=len(answers))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The language that somebody reads, and the course's `own`."""

    locale: str
    own: str


def _create(enrolment: Enrolment, check: CheckRow, n: int, untaught: bool, wanted: Wanted, now: datetime) -> Attempt:
    bank, seed = catalog.assessment_for_attempt(check.assessment_version_id), secrets.randbits(62)
    asked = [bank[index] for index in drawn(seed, [question.topic for question in bank], check.questions)]
    attempt: Attempt = Attempt.objects.create(
        enrolment=enrolment,
        assessment_version_id=check.assessment_version_id,
        n=n,
        seed=seed,
        started_at=now,
        deadline_at=deadline(now, check.time_limit_minutes),
        points_max=len(asked),
        untaught=untaught,
        locale=wanted.locale,
    )
    shown_in = catalog.languages((question.question_version_id for question in asked), wanted.locale, wanted.own)
    orders = shown_orders(attempt.seed, [list(question.choices) for question in asked])
    AttemptItem.objects.bulk_create(
        AttemptItem(
            attempt=attempt,
            question_version_id=question.question_version_id,
            position=position,
            shown="".join(order),
            locale=shown_in[question.question_version_id],
        )
        for position, (question, order) in enumerate(zip(asked, orders, strict=True), start=1)
    )
    return attempt


@action("learning.attempt.answer")
def save_answer(*, attempt_id: UUID, position: int, answer: Sequence[str], actor: Actor, now: datetime) -> Saved:
    """Keep what a person answers to one question; choices that were not shown are dropped, the last save counts.

    Refuses with NotFound, AttemptClosed, or TimeOver after the deadline and its grace.
    """
    attempt = _locked_attempt(attempt_id, actor)
    if attempt.submitted_at is not None:
        raise AttemptClosed
    if not takes_answers(attempt.deadline_at, now):
        raise TimeOver
    item = AttemptItem.objects.filter(attempt=attempt, position=position).first()
    if item is None:
        raise NotFound
    item.answer = list(clean_answer(answer, item.shown)) or None
    item.saved_at = now
    item.save(update_fields=["answer", "saved_at"])
    answers = list(AttemptItem.objects.filter(attempt=attempt).values_list("answer", flat=True))
    return Saved(position=position, answered=sum(map(bool, answers)), questions=len(answers))


@action("learning.attempt.submit")
def submit_attempt(*, attempt_id: UUID, actor: Actor, now: datetime) -> Submitted:
    """Hand in and grade; passing completes the course. Handing in again gives the same grade and does nothing more.

    Refuses with NotFound.
    """
    attempt = _locked_attempt(attempt_id, actor)
    enrolment = attempt.enrolment
    if attempt.submitted_at is None:
        _grade(attempt, now)
        _tell(attempt, enrolment, actor, now)
    reached = Grade(points=attempt.points or 0, points_max=attempt.points_max, passed=bool(attempt.passed))
    if reached.passed and is_open(enrolment):
        complete(enrolment, pinned(enrolment, now), attempt, actor, now)
    completed = enrolment.state == EnrolmentState.COMPLETED
    return Submitted(attempt_id=attempt.pk, grade=reached, completed=completed)


def _locked_attempt(attempt_id: UUID, actor: Actor) -> Attempt:
    """The attempt, after its enrolment was locked, so that two presses come one after the other."""
    enrolment_id = Attempt.objects.filter(pk=attempt_id).values_list("enrolment_id", flat=True).first()
    if enrolment_id is None:
        raise NotFound
    enrolment = locked(enrolment_id, actor)
    attempt: Attempt = Attempt.objects.get(pk=attempt_id)
    attempt.enrolment = enrolment
    return attempt


def _grade(attempt: Attempt, now: datetime) -> None:
    """Judge each answer by the wording that was shown, and the whole by the pass mark it was started under."""
    items = list(AttemptItem.objects.filter(attempt=attempt).order_by("position"))
    solutions = catalog.solutions({item.question_version_id: item.locale for item in items})
    for item in items:
        item.right = solutions[item.question_version_id].is_right(item.answer or ())
    AttemptItem.objects.bulk_update(items, ["right"])
    reached = grade([bool(item.right) for item in items], catalog.pass_percent(attempt.assessment_version_id))
    attempt.points, attempt.passed, attempt.submitted_at = reached.points, reached.passed, now
    attempt.save(update_fields=["points", "passed", "submitted_at"])


def _tell(attempt: Attempt, enrolment: Enrolment, actor: Actor, now: datetime) -> None:
    audit.record(
        actor=actor,
        verb="learning.attempt.submit",
        object_type="attempt",
        object_id=attempt.pk,
        changes={"n": attempt.n},
        now=now,
    )
    event = AttemptSubmitted(
        attempt_id=attempt.pk,
        enrolment_id=enrolment.pk,
        person_id=enrolment.person_id,
        course_id=enrolment.course_id,
        assessment_version_id=attempt.assessment_version_id,
        attempt_n=attempt.n,
        points=attempt.points or 0,
        points_max=attempt.points_max,
        passed=bool(attempt.passed),
    )
    publish(event, subject_id=enrolment.pk, actor=actor, now=now)
