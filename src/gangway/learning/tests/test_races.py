"""Presses that come at once, on connections of their own: one completion, one enrolment, one open attempt."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from django.db import connections

from gangway.catalog.tests.samples import RIGHT
from gangway.kernel.models import OutboxEvent
from gangway.kernel.tenancy import scopes
from gangway.learning import actions
from gangway.learning.models import Attempt, Completion, Enrolment
from gangway.learning.rules import ReasonKind
from gangway.learning.tests.conftest import START, Learner
from gangway.learning.tests.test_actions import JOB, answer_all, enrol

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 8


def pressed_at_once(ana: Learner, press: Callable[[], object]) -> list[object]:
    """What each of AT_ONCE presses got; a refusal or an error fails the test."""
    barrier = Barrier(AT_ONCE)

    def one(_: int) -> object:
        barrier.wait()
        try:
            with scopes.one(ana.partner_id):
                return press()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(one, range(AT_ONCE)))


def told(name: str) -> int:
    return OutboxEvent.objects.filter(name=name).count()


def test_handing_in_at_once_completes_once(ana: Learner, course: UUID) -> None:
    attempt = actions.start_attempt(enrolment_id=enrol(ana, course), actor=ana.actor, now=START).attempt_id
    answer_all(ana, attempt, RIGHT)
    done = pressed_at_once(ana, lambda: actions.submit_attempt(attempt_id=attempt, actor=ana.actor, now=START))
    assert len(set(map(repr, done))) == 1
    assert Completion.objects.count() == 1
    assert told("learning.attempt.submitted.v1") == told("learning.course.completed.v1") == 1


def test_starting_at_once_opens_one_attempt(ana: Learner, course: UUID) -> None:
    enrolment = enrol(ana, course)
    started = pressed_at_once(
        ana, lambda: actions.start_attempt(enrolment_id=enrolment, actor=ana.actor, now=START).attempt_id
    )
    assert len(set(started)) == 1
    assert Attempt.objects.count() == 1


def test_enrolling_at_once_enrols_once(ana: Learner, course: UUID) -> None:
    enrolled = pressed_at_once(
        ana,
        lambda: (
            actions.enrol(person_id=ana.id, course_id=course, reason=ReasonKind.SELF, actor=JOB, now=START).enrolment_id
        ),
    )
    assert len(set(enrolled)) == 1
    assert Enrolment.objects.count() == told("learning.enrolment.created.v1") == 1
