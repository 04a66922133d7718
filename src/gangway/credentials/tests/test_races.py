"""Fifty presses that hand in at once, relays that work at once: one award, one number."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.db import IntegrityError, connections

from gangway.catalog.actions import import_course
from gangway.catalog.tests.samples import RIGHT, small_course
from gangway.credentials import actions
from gangway.credentials.actions import awards
from gangway.credentials.models import Award, AwardEvent, AwardNumber
from gangway.credentials.tests.house import ME, NOW, House, Someone, admit, build, complete
from gangway.credentials.tests.signed_in import client_of
from gangway.kernel import clock
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.models import Failure, OutboxEvent
from gangway.kernel.outbox.relay import drain
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.kernel.tenancy.walls import raise_walls
from gangway.learning import actions as learning
from gangway.learning.rules import ReasonKind
from gangway.learning.tests.conftest import Learner
from gangway.learning.tests.test_actions import answer_all
from gangway.partners.actions import apply_partners
from gangway.partners.queries import find_partner, host_partner

pytestmark = pytest.mark.django_db(transaction=True, databases=list(settings.DATABASES))
PRESSES = 50
RELAYS = 4


def at_once(presses: list[Callable[[], Any]]) -> list[Any]:
    """What each press got, on a connection of its own; an error fails the test."""
    barrier = Barrier(len(presses))

    def one(press: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return press()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(presses)) as threads:
        return list(threads.map(one, presses))


def about_to_pass(folder: Path) -> tuple[Someone, UUID]:
    """A learner whose answers are all right and not handed in yet; and the attempt."""
    now = clock.now()
    apply_partners(rows=[Line(2, {"slug": "nordwind", "name": "Nordwind"})], actor=ME, now=now)
    host = host_partner()
    assert host is not None
    with scopes.one(host.id):
        course_id = import_course(draft=small_course(folder / "course"), actor=ME, now=now).course_id
    ana = admit(find_partner("nordwind").id, "Ana López", now)
    drain(now)
    with scopes.one(ana.partner_id):
        enrolment_id = learning.enrol(
            person_id=ana.id, course_id=course_id, reason=ReasonKind.SELF, actor=ME, now=now
        ).enrolment_id
        actor = Actor(ActorKind.PERSON, str(ana.id), "web")
        attempt_id = learning.start_attempt(enrolment_id=enrolment_id, actor=actor, now=now).attempt_id
        answer_all(Learner(ana.id, ana.partner_id), attempt_id, RIGHT)
    return ana, attempt_id


def test_fifty_presses_on_the_page_and_several_relays_issue_one_award(tmp_path: Path) -> None:
    ana, attempt_id = about_to_pass(tmp_path)
    browsers = [client_of(ana) for _ in range(PRESSES)]
    path = f"/checks/{attempt_id}/hand-in"
    answers = at_once([partial(browser.post, path) for browser in browsers])
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {(302, f"/checks/{attempt_id}/result")}
    assert OutboxEvent.objects.filter(name="learning.course.completed.v1").count() == 1
    at_once([lambda: drain(clock.now())] * RELAYS)
    drain(clock.now())
    with scopes.one(ana.partner_id):
        (award,) = Award.objects.all()
        assert AwardEvent.objects.count() == 1
    assert AwardNumber.objects.get().award_id == award.pk
    assert OutboxEvent.objects.filter(name="credentials.award.issued.v1").count() == 1
    assert not Failure.objects.filter(group="credentials").exists()


def told_twice(house: House) -> int:
    """How many awards there are after one completion was told by two threads at once, and then once more."""
    with scopes.one(house.host_id):
        actions.define_credential(
            key="partner-essentials", course_id=house.course_id, title="T", valid_months=24, actor=ME, now=NOW
        )
    completed = actions.Completed(
        completion_id=complete(house, house.ana),
        person_id=house.ana.id,
        course_id=house.course_id,
        course_key="partner-essentials",
        cycle=1,
    )

    def tell() -> None:
        try:
            with scopes.one(house.nordwind_id):
                actions.issue_award(completed=completed, actor=ME, now=NOW)
        except IntegrityError as refused:
            if "credentials_award" not in str(refused):  # else the log would ask again, and find the award
                raise

    at_once([tell, tell])
    tell()
    with scopes.one(house.nordwind_id):
        assert AwardNumber.objects.count() == Award.objects.count() == AwardEvent.objects.count()
        return Award.objects.count()


def drop_the_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(awards, "_held", lambda completed: frozenset())


def drop_the_constraint(monkeypatch: pytest.MonkeyPatch) -> None:
    using = "owner" if "owner" in connections.settings else "default"
    (once,) = [constraint for constraint in Award._meta.constraints if constraint.name == "credentials_award_once"]
    monkeypatch.setattr(Award._meta, "constraints", [other for other in Award._meta.constraints if other != once])
    if connections[using].vendor == "sqlite":  # it makes the table anew, which the walls around it would refuse
        with connections[using].cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (wall,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{wall}"')
    with connections[using].schema_editor() as editor:
        editor.remove_constraint(Award, once)
    raise_walls(using)


def test_a_completion_told_by_two_at_once_issues_one_award() -> None:
    assert told_twice(build()) == 1


def test_the_database_alone_holds_it_to_one_award(monkeypatch: pytest.MonkeyPatch) -> None:
    drop_the_look(monkeypatch)
    assert told_twice(build()) == 1


def test_with_both_guards_dropped_every_telling_issues_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: what the counts above would say without the guards."""
    drop_the_look(monkeypatch)
    drop_the_constraint(monkeypatch)
    assert told_twice(build()) == 3
