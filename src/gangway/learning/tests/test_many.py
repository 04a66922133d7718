"""Many people's enrolments at once: who was changed, who was not and why, and nobody else's."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gangway.catalog.tests.samples import RIGHT
from gangway.kernel import clock
from gangway.kernel.models import AuditEntry, OutboxEvent
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.learning import actions
from gangway.learning.actions.attesting import OwnCourse
from gangway.learning.actions.by_hand import CompletedAlready, DueInThePast, EnrolledAlready
from gangway.learning.actions.many import DueAlready, NotEnrolled, TooManyPeople
from gangway.learning.models import Enrolment
from gangway.learning.rules import Change, EnrolmentState
from gangway.learning.tests.conftest import START, Learner
from gangway.learning.tests.test_actions import JOB, take
from gangway.learning.tests.test_enrolment_pages import words
from gangway.people.actions import grant_role, join_group, make_group

Admit = Callable[[str, str], Learner]
DUE = date(2026, 4, 1)


@pytest.fixture
def team(admit: Admit) -> list[Learner]:
    return [admit(name, "nordwind") for name in ("ana", "ben", "cleo")]


def change(what: Change, people: list[Learner], course: UUID, by: Learner | None = None, **more: Any) -> Any:
    with scopes.one(people[0].partner_id):
        return actions.change_many(
            change=what,
            person_ids=[one.id for one in people],
            course_id=course,
            actor=by.actor if by else JOB,
            now=START,
            **more,
        )


def why(receipt: Any) -> dict[UUID, type]:
    return {person: type(refusal) for person, refusal in receipt.refused}


def states(people: list[Learner]) -> list[str]:
    with scopes.one(people[0].partner_id):
        rows = {row.person_id: row.state for row in Enrolment.objects.order_by("cycle")}
        return [rows.get(one.id, "") for one in people]


def test_each_is_changed_or_said_why_not(team: list[Learner], course: UUID) -> None:
    ana, ben, cleo = team
    assert set(change(Change.ENROL, [ana, ben], course, due_on=DUE).done) == {ana.id, ben.id}
    with scopes.one(ana.partner_id):
        take(ana, Enrolment.objects.get(person=ana.id).pk, RIGHT)

    receipt = change(Change.ENROL, team, course)
    assert (receipt.done, why(receipt)) == ((cleo.id,), {ana.id: CompletedAlready, ben.id: EnrolledAlready})
    receipt = change(Change.DUE, team, course, due_on=DUE)
    assert (receipt.done, why(receipt)) == ((cleo.id,), {ana.id: CompletedAlready, ben.id: DueAlready})
    receipt = change(Change.COMPLETE, [ben, cleo], course, by=ben, reason="Was in the room.")
    assert (receipt.done, why(receipt)) == ((cleo.id,), {ben.id: OwnCourse})
    assert change(Change.WITHDRAW, [ben], course).done == (ben.id,)
    assert why(change(Change.AGAIN, [ben], course)) == {ben.id: NotEnrolled}
    assert set(change(Change.AGAIN, [ana, cleo], course).done) == {ana.id, cleo.id}
    assert states(team) == [EnrolmentState.ACTIVE, EnrolmentState.WITHDRAWN, EnrolmentState.ACTIVE]
    noted = AuditEntry.objects.filter(verb="learning.enrolment.change_many").order_by("id")
    assert [entry.changes["people"] for entry in noted] == [2, 1, 1, 1, 1, 2]


def test_the_statements_of_enrolling_do_not_grow_with_people(admit: Admit, course: UUID) -> None:
    def cost(people: list[Learner]) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert len(change(Change.ENROL, people, course, due_on=DUE).done) == len(people)
        return len(seen)

    few = cost([admit("one", "nordwind")])
    many = cost([admit(f"p{n}", "nordwind") for n in range(30)])
    assert many == few
    assert OutboxEvent.objects.filter(name="learning.enrolment.created.v1").count() == 31
    assert AuditEntry.objects.filter(verb="learning.enrolment.create").count() == 31


def test_what_is_wrong_for_all_changes_nobody(team: list[Learner], course: UUID, admit: Admit) -> None:
    caz = admit("caz", "suedstern")
    with pytest.raises(NotFound):
        change(Change.ENROL, [*team, caz], course)
    with pytest.raises(NotFound):
        change(Change.ENROL, team, uuid4())
    with pytest.raises(DueInThePast):
        change(Change.ENROL, team, course, due_on=date(2026, 1, 1))
    with pytest.raises(Invalid):
        change(Change.COMPLETE, team, course)
    crowd = [Learner(uuid4(), team[0].partner_id) for _ in range(501)]
    with pytest.raises(TooManyPeople):
        change(Change.ENROL, crowd, course)
    assert states(team) == ["", "", ""]


@pytest.fixture
def desk(team: list[Learner], sign_in: Callable[[Learner], Client]) -> Client:
    """Ben, the partner admin."""
    ben = team[1]
    with scopes.one(ben.partner_id):
        grant_role(person_id=ben.id, role="partner_admin", actor=JOB, now=clock.now())
    return sign_in(ben)


def test_a_selection_from_the_list_of_the_team(team: list[Learner], course: UUID, desk: Client) -> None:
    assert "/desk/team/courses" in desk.get("/desk/team").content.decode()
    ids = [str(one.id) for one in team]
    said = words(desk.post("/desk/team/courses", {"ids": ids}))
    assert "The courses of 3 people" in said
    assert "Do it for 3 people" in said
    assert "No course was chosen." in words(desk.post("/desk/team/courses", {"ids": ids, "do": "enrol"}), 422)
    form = {"ids": ids[:2], "do": "enrol", "course": str(course), "due_on": ""}
    assert "2 people: done." in words(desk.post("/desk/team/courses", form))
    said = words(desk.post("/desk/team/courses", form | {"ids": ids}))
    assert "1 person: done; 2 are left as they were." in said
    assert "They are enrolled in this course already." in said
    odd = desk.post("/desk/team/courses", form | {"do": "explode"})
    assert "That is not one of the choices." in words(odd, 422)


def test_a_whole_group(team: list[Learner], course: UUID, desk: Client) -> None:
    ana, ben, _ = team
    with scopes.one(ana.partner_id):
        group = make_group(key="sales", name="Sales", actor=JOB, now=START)
        page = f"/desk/groups/{group}/courses"
        assert "Nobody is in this group" in words(desk.get(page))
        join_group(group_id=group, person_ids=[ana.id, ben.id], actor=JOB, now=START)
    assert "Give this group a course" in words(desk.get(f"/desk/groups/{group}"))
    assert "The courses of 2 people" in words(desk.get(page))
    assert "2 people: done." in words(desk.post(page, {"do": "enrol", "course": str(course)}))
    assert states(team) == [EnrolmentState.ACTIVE, EnrolmentState.ACTIVE, ""]


def test_strangers_are_as_unknown_as_nobody(
    team: list[Learner], course: UUID, desk: Client, admit: Admit, sign_in: Callable[[Learner], Client]
) -> None:
    caz = admit("caz", "suedstern")
    with scopes.one(caz.partner_id):
        group = make_group(key="theirs", name="Theirs", actor=JOB, now=START)
        join_group(group_id=group, person_ids=[caz.id], actor=JOB, now=START)
    form = {"do": "enrol", "course": str(course)}
    for stranger in (str(caz.id), str(uuid4())):
        answer = desk.post("/desk/team/courses", form | {"ids": [str(team[0].id), stranger]})
        assert answer.status_code == 404
    for there in (group, uuid4()):
        assert desk.get(f"/desk/groups/{there}/courses").status_code == 404
        assert desk.post(f"/desk/groups/{there}/courses", form).status_code == 404
    assert desk.post("/console/people/courses", form | {"ids": [str(caz.id)]}).status_code == 403
    learner = sign_in(team[0])
    assert learner.post("/desk/team/courses", form | {"ids": [str(team[0].id)]}).status_code == 403
    assert (states(team), states([caz])) == (["", "", ""], [""])


def test_staff_choose_people_of_one_partner_at_a_time(
    team: list[Learner], course: UUID, admit: Admit, sign_in: Callable[[Learner], Client]
) -> None:
    dee, caz = admit("dee", "host"), admit("caz", "suedstern")
    with scopes.one(dee.partner_id):
        grant_role(person_id=dee.id, role="programme_lead", actor=JOB, now=clock.now())
    console = sign_in(dee)
    form = {"do": "enrol", "course": str(course)}
    both = console.post("/console/people/courses", form | {"ids": [str(team[0].id), str(caz.id)]})
    assert both.status_code == 400
    assert "1 person: done." in words(console.post("/console/people/courses", form | {"ids": [str(caz.id)]}))
    assert states([caz]) == [EnrolmentState.ACTIVE]
