"""An import undone after every context has heard of it: what only came with the people goes, what has begun stays."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from tests.crash.scenario import NOW
from tests.crash.scenarios.ground import OPERATOR, base

from gangway.identity.models import Invitation
from gangway.insights.models import CohortSize, FunnelCount, Journey
from gangway.kernel import worker
from gangway.kernel.models import Failure
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.learning import actions as learning
from gangway.learning.models import Enrolment
from gangway.learning.rules import ReasonKind
from gangway.messaging.models import Message
from gangway.people import actions as people
from gangway.people.models import Person

pytestmark = pytest.mark.django_db
TEAM = [Line(n, {"name": f"P{n}", "email": f"p{n}@nordwind.example", "groups": "north"}) for n in range(2, 6)]
LIVING = ("people.Person", "people.Mailbox", "people.Group", "people.GroupMember", "learning.Enrolment",
          "learning.EnrolmentReason", "insights.Journey", "insights.JourneyItem", "identity.Invitation",
          "messaging.Message")  # fmt: skip


@pytest.fixture
def stage() -> dict[str, Any]:
    return base()


def rest() -> None:
    while worker.turn("test", NOW):
        pass


def bring(stage: dict[str, Any], letters: bool) -> UUID:
    report = people.import_people(lines=TEAM, partner_id=stage["nordwind"], letters=letters, actor=OPERATOR, now=NOW)
    return report.runs["nordwind"]


def undo(stage: dict[str, Any], run: UUID) -> people.UndoReport:
    with scopes.one(stage["nordwind"]):
        return people.undo_import(run_id=run, actor=OPERATOR, now=NOW + timedelta(hours=1))


def living(stage: dict[str, Any]) -> dict[str, list[Any]]:
    with scopes.one(stage["nordwind"]):
        rows = {name: list(apps.get_model(name).objects.order_by("pk").values()) for name in LIVING}
    counts = [
        sorted(table.objects.exclude(n=0).values_list("scope", "entry_on", "n")) for table in (CohortSize, FunnelCount)
    ]
    return {**rows, "counts": counts}


@pytest.mark.parametrize("letters", [True, False])
def test_what_only_came_with_the_people_goes_with_them(stage: dict[str, Any], letters: bool) -> None:
    before = living(stage)
    run = bring(stage, letters)
    rest()
    with scopes.one(stage["nordwind"]):
        assert Journey.objects.count() > 4, "void: nobody heard of them"
        assert Enrolment.objects.filter(person__name__startswith="P").exists(), "void: nobody enrolled them"
    if letters:
        assert Invitation.objects.filter(partner=stage["nordwind"]).exists(), "void: nobody invited them"

    report = undo(stage, run)
    rest()

    assert (report.removed, report.left, report.kept) == (4, 0, [])
    assert living(stage) == before
    assert not Failure.objects.exists()


def test_what_is_undone_before_anybody_heard_of_it_troubles_nobody(stage: dict[str, Any]) -> None:
    before = living(stage)
    undo(stage, bring(stage, letters=True))
    rest()
    assert living(stage) == before
    assert not Failure.objects.exists()


def test_whom_a_letter_reached_or_who_learns_leaves_and_nothing_of_them_is_lost(stage: dict[str, Any]) -> None:
    run = bring(stage, letters=True)
    rest()
    with scopes.one(stage["nordwind"]):
        ids = {person.name: person.id for person in Person.objects.filter(name__in=["P2", "P3"])}
        Message.objects.filter(person_id=ids["P2"]).update(state="sent")
        learning.enrol(
            person_id=ids["P3"], course_id=stage["course"], reason=ReasonKind.MANUAL, actor=OPERATOR, now=NOW
        )
    report = undo(stage, run)
    rest()
    assert (report.removed, report.left) == (2, 2)
    with scopes.one(stage["nordwind"]):
        assert set(Person.objects.filter(state="left").values_list("name", flat=True)) == {"P2", "P3"}
        assert Journey.objects.filter(person_id__in=ids.values(), left_at__isnull=False).count() == 2
        assert Message.objects.filter(person_id=ids["P2"], state="sent").exists()
        assert Enrolment.objects.filter(person_id=ids["P3"]).exists()
    assert not Failure.objects.exists()
