"""The pages of those who look after enrolments: in the console and on the desk; strangers, refusals, what they say."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from gangway.catalog.tests.samples import RIGHT
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes
from gangway.learning import actions
from gangway.learning.models import Enrolment
from gangway.learning.rules import EnrolmentState
from gangway.learning.tests.conftest import Learner
from gangway.learning.tests.test_actions import JOB, take
from gangway.people.actions import grant_role

SignIn = Callable[[Learner], Client]
Admit = Callable[[str, str], Learner]


def words(page: Any, status: int = 200) -> str:
    assert page.status_code == status, page
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


@pytest.fixture
def ana(admit: Admit) -> Learner:
    """Ana learns at Nordwind; no scope is open: every page opens its own."""
    return admit("ana", "nordwind")


@pytest.fixture
def ben(admit: Admit, sign_in: SignIn) -> tuple[Learner, Client]:
    """The partner admin of Nordwind, at the desk."""
    ben = admit("ben", "nordwind")
    with scopes.one(ben.partner_id):
        grant_role(person_id=ben.id, role="partner_admin", actor=JOB, now=clock.now())
    return ben, sign_in(ben)


def enrolment_of(ana: Learner) -> Enrolment:
    with scopes.one(ana.partner_id):
        found: Enrolment = Enrolment.objects.order_by("-cycle").get(person=ana.id)
        return found


def enrolled(ana: Learner, course: UUID) -> str:
    with scopes.one(ana.partner_id):
        made = actions.enrol_by_hand(person_id=ana.id, course_id=course, actor=JOB, now=clock.now())
    return f"/desk/enrolments/{made.enrolment_id}"


def test_from_the_list_of_courses_to_taken_out(ana: Learner, course: UUID, ben: tuple[Learner, Client]) -> None:
    _, desk = ben
    page = f"/desk/team/{ana.id}/courses"
    said = words(desk.get(page))
    assert "No course is meant for them yet." in said
    assert "Enrol ana in the first one below" in said

    due = timezone.localdate() + timedelta(days=30)
    answer = desk.post(page, {"course": str(course), "due_on": due.isoformat()})
    assert answer.url == f"{page}?done=enrol"
    said = words(desk.get(answer.url))
    assert "They are enrolled now." in said
    assert "1 course is to do." in said
    assert "There is no other course" in said

    one = f"/desk/enrolments/{enrolment_of(ana).pk}"
    assert "Not begun yet. Due by" in words(desk.get(one))
    assert "Let ana begin again" not in words(desk.get(one))
    later = due + timedelta(days=7)
    assert desk.post(one, {"do": "due", "due_on": later.isoformat()}).url == f"{one}?done=due"
    assert enrolment_of(ana).due_on == later
    assert desk.post(one, {"do": "withdraw"}).url == f"{page}?done=withdraw"
    assert enrolment_of(ana).state == EnrolmentState.WITHDRAWN
    assert desk.get(one).status_code == 404


def test_begun_again_and_marked_complete(
    ana: Learner, course: UUID, ben: tuple[Learner, Client], sign_in: SignIn
) -> None:
    _, desk = ben
    one = enrolled(ana, course)
    with scopes.one(ana.partner_id):
        take(ana, enrolment_of(ana).pk, RIGHT, clock.now())
    assert "Completed on" in words(desk.get(one))
    again = desk.post(one, {"do": "again", "due_on": ""}).url
    assert "Cycle 1, from" in words(desk.get(again))
    present = again.partition("?")[0]
    assert desk.post(present, {"do": "complete", "reason": "She taught it."}).url == f"{present}?done=complete"
    said = words(desk.get(present))
    assert "somebody's word, not seen by the system" in said.replace("&#39;", "'")
    assert "She taught it." in said
    assert "marked complete" in words(desk.get(f"/desk/team/{ana.id}"))

    learner = sign_in(ana)
    said = words(learner.get("/courses/first-steps"))
    assert "This was marked complete for you" in said
    assert "You earn the certificate by passing the check." in said
    assert "Start the check" in words(learner.get("/courses/first-steps/check"))
    assert "Marked complete for you" in words(learner.get("/courses"))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"do": "due", "due_on": "2020-01-01"}, "This day is over already."),
        ({"do": "due", "due_on": "soon"}, "That is no day."),
        ({"do": "again"}, "They have not begun this course"),
        ({"do": "complete", "reason": ""}, "Fill it in."),
    ],
)
def test_a_refusal_stands_beside_its_field(
    ana: Learner, course: UUID, ben: tuple[Learner, Client], form: dict[str, str], said: str
) -> None:
    _, desk = ben
    assert said in words(desk.post(enrolled(ana, course), form), 422)


@pytest.mark.parametrize(
    ("form", "said"),
    [({"course": ""}, "No course was chosen."), ({"course": "", "due_on": "2020-01-01"}, "No course was chosen.")],
)
def test_enrolling_says_what_is_missing(
    ana: Learner, course: UUID, ben: tuple[Learner, Client], form: dict[str, str], said: str
) -> None:
    _, desk = ben
    assert said in words(desk.post(f"/desk/team/{ana.id}/courses", form), 422)
    unknown = desk.post(f"/desk/team/{ana.id}/courses", {"course": str(uuid4())})
    assert "There is nothing here" in words(unknown, 422)


def test_nobody_marks_their_own_course(course: UUID, ben: tuple[Learner, Client]) -> None:
    me, desk = ben
    one = enrolled(me, course)
    assert "Nobody marks their own course complete." in words(desk.get(one))
    answer = desk.post(one, {"do": "complete", "reason": "I know it."})
    assert "Nobody marks their own course complete." in words(answer, 422)
    assert enrolment_of(me).state == EnrolmentState.ACTIVE


def test_strangers_learners_and_unknown_verbs_find_nothing(
    ana: Learner, course: UUID, ben: tuple[Learner, Client], admit: Admit, sign_in: SignIn
) -> None:
    _, desk = ben
    mine = enrolled(ana, course)
    assert desk.post(mine, {"do": "explode"}).status_code == 404
    caz = admit("caz", "suedstern")
    theirs = enrolled(caz, course)
    unknown = desk.get(f"/desk/enrolments/{uuid4()}").content
    for path in (theirs, f"/desk/team/{caz.id}/courses"):
        assert desk.get(path).status_code == desk.post(path, {"do": "withdraw"}).status_code == 404
    assert len(desk.get(theirs).content) == len(unknown)
    assert desk.get(mine.replace("/desk/", "/console/")).status_code == 403
    learner = sign_in(ana)
    assert learner.get(mine).status_code == learner.post(mine, {"do": "withdraw"}).status_code == 403
    assert enrolment_of(caz).state == EnrolmentState.ACTIVE


def test_the_console_reaches_every_partner(ana: Learner, course: UUID, admit: Admit, sign_in: SignIn) -> None:
    dee = admit("dee", "host")
    with scopes.one(dee.partner_id):
        grant_role(person_id=dee.id, role="programme_lead", actor=JOB, now=clock.now())
    console = sign_in(dee)
    page = f"/console/people/{ana.id}/courses"
    assert "Enrol, or change an enrolment" in words(console.get(f"/console/people/{ana.id}"))
    assert console.post(page, {"course": str(course)}).url == f"{page}?done=enrol"
    one = f"/console/enrolments/{enrolment_of(ana).pk}"
    assert console.post(one, {"do": "withdraw"}).url == f"{page}?done=withdraw"
    assert enrolment_of(ana).exempt
