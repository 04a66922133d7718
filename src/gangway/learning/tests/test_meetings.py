"""Two transactions that meet on PostgreSQL, each on a connection of its own: one has written and not yet committed when
the other comes. Nothing fails, nobody is enrolled or told twice, and no reason is lost.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from gangway.kernel.models import OutboxEvent
from gangway.kernel.tenancy import scopes
from gangway.learning import actions, jobs
from gangway.learning.models import Enrolment, EnrolmentReason
from gangway.learning.rules import ReasonKind
from gangway.learning.tests.conftest import START, Learner
from gangway.learning.tests.test_actions import JOB, enrol

pytestmark = [pytest.mark.postgres_only, pytest.mark.django_db(transaction=True)]
PATIENCE = 20.0  # seconds

Admit = Callable[[str, str], Learner]


@contextmanager
def meeting() -> Iterator[Callable[[Callable[[], Any]], None]]:
    """A transaction, and how another one comes while it is under way: it runs until it waits or is done."""
    others: list[Future[Any]] = []
    with ThreadPoolExecutor(1) as thread:

        def comes(act: Callable[[], Any]) -> None:
            others.append(thread.submit(_on_its_own, act))
            _until_it_waits(others[0])

        with transaction.atomic():
            yield comes
        others[0].result(PATIENCE)


def _on_its_own(act: Callable[[], Any]) -> None:
    try:
        act()
    finally:
        connections.close_all()


def _until_it_waits(other: "Future[Any]") -> None:
    deadline = time.monotonic() + PATIENCE
    while not other.done():
        assert time.monotonic() < deadline, "it neither waits nor ends"
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return


def at(partner_id: UUID, act: Callable[..., Any], **said: Any) -> Callable[[], Any]:
    """An action in the scope of a partner."""

    def run() -> Any:
        with scopes.one(partner_id):
            return act(**said, actor=JOB, now=START)

    return run


def everyone(course: UUID) -> Callable[[], Any]:
    return lambda: jobs.enrol_everyone.func(course_id=str(course))


def assign(*learners: Learner) -> None:
    for one in learners:
        actions.enrol_in_assigned(person_id=one.id, actor=JOB, now=START)


def standing() -> dict[UUID, set[str]]:
    """Who is enrolled, and why."""
    rows = EnrolmentReason.objects.filter(withdrawn_at=None, enrolment__state="active")
    found: dict[UUID, set[str]] = {}
    for person_id, kind in rows.values_list("enrolment__person_id", "kind"):
        found.setdefault(person_id, set()).add(kind)
    return found


def told() -> int:
    return OutboxEvent.objects.filter(name="learning.enrolment.created.v1").count()


def test_the_job_meets_the_relay_that_enrols_who_was_admitted(ana: Learner, course: UUID) -> None:
    with meeting() as comes:
        assign(ana)
        comes(everyone(course))
    assert standing() == {ana.id: {"rule"}}
    assert Enrolment.objects.count() == told() == 1


def test_the_relay_meets_the_job(ana: Learner, course: UUID) -> None:
    with meeting() as comes:
        actions.enrol_people(course_id=course, person_ids=[ana.id], actor=JOB, now=START)
        comes(at(ana.partner_id, actions.enrol_in_assigned, person_id=ana.id))
    assert standing() == {ana.id: {"rule"}}
    assert Enrolment.objects.count() == told() == 1


def test_the_job_meets_somebody_who_enrols_themselves(ana: Learner, course: UUID) -> None:
    with meeting() as comes:
        enrol(ana, course, ReasonKind.SELF)
        comes(everyone(course))
    assert standing() == {ana.id: {"self", "rule"}}
    assert Enrolment.objects.get().required
    assert told() == 1


def test_the_job_and_the_relay_go_through_the_same_people_in_another_order(
    ana: Learner, admit: Admit, course: UUID
) -> None:
    """Whoever was brought back is older than those who came in before them."""
    ben = admit("ben", "nordwind")
    with meeting() as comes:
        assign(ben)
        comes(everyone(course))
        assign(ana)
    assert standing() == {ana.id: {"rule"}, ben.id: {"rule"}}
    assert told() == 2


def test_who_is_enrolled_by_somebody_while_the_rule_is_withdrawn_stays(ana: Learner, course: UUID) -> None:
    enrol(ana, course, ReasonKind.RULE)
    EnrolmentReason.objects.update(ref="assign:everyone")
    with meeting() as comes:
        enrol(ana, course, ReasonKind.MANUAL)
        comes(at(ana.partner_id, actions.withdraw_rule, course_id=course))
    assert standing() == {ana.id: {"manual"}}


def test_who_is_enrolled_by_somebody_right_behind_that_stays_too(ana: Learner, course: UUID) -> None:
    enrol(ana, course, ReasonKind.RULE)
    EnrolmentReason.objects.update(ref="assign:everyone")
    with meeting() as comes:
        actions.withdraw_rule(course_id=course, actor=JOB, now=START)
        comes(at(ana.partner_id, actions.enrol, person_id=ana.id, course_id=course, reason=ReasonKind.MANUAL))
    assert standing() == {ana.id: {"manual"}}
