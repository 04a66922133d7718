"""Reminders of a due date: to whom, when, once each, and no more when it is done; who sees it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from gangway.catalog.tests.samples import RIGHT
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes
from gangway.learning import actions, jobs
from gangway.learning.models import Enrolment
from gangway.learning.tests.conftest import START, Learner
from gangway.learning.tests.test_actions import JOB, take
from gangway.learning.tests.test_enrolment_pages import words
from gangway.messaging import queries as messaging
from gangway.messaging.actions import decline
from gangway.messaging.jobs import send_due
from gangway.messaging.models import Message
from gangway.messaging.rules import Category
from gangway.partners.actions import set_state
from gangway.people.actions import activate_person, grant_role, person_leaves, suspend_person

Admit = Callable[[str, str], Learner]
DAY = timedelta(days=1)
DUE_ON = (START + 30 * DAY).date()


@pytest.fixture
def late(admit: Admit, course: UUID) -> Learner:
    """Ana came in, and has thirty days for a course."""
    ana = admit("ana", "nordwind")
    with scopes.one(ana.partner_id):
        activate_person(person_id=ana.id, actor=JOB, now=START)
        actions.enrol_by_hand(person_id=ana.id, course_id=course, due_on=DUE_ON, actor=JOB, now=START)
    return ana


def of(person: Learner) -> Enrolment:
    found: Enrolment = Enrolment.objects.get(person=person.id)
    return found


def reminders(person: Learner) -> list[tuple[str, str]]:
    with scopes.one(person.partner_id):
        rows = Message.objects.filter(letter_key="learning.due", person_id=person.id).order_by("queued_at", "id")
        return [(row.payload["notice"], row.state) for row in rows]


def days(first: int, last: int) -> None:
    """The worker's days, seen from the due date."""
    for day in range(first, last + 1):
        now = START + (30 + day) * DAY
        for _ in range(2):
            jobs.remind_due_at(now)
            send_due(now)


def test_once_before_and_once_after(late: Learner) -> None:
    days(-9, -8)
    assert reminders(late) == []
    days(-7, 0)
    assert reminders(late) == [("before", "kept")]
    days(1, 20)
    assert reminders(late) == [("before", "kept"), ("after", "kept")]


def test_another_due_date_is_another_reminder(late: Learner) -> None:
    days(-7, -7)
    with scopes.one(late.partner_id):
        moved = DUE_ON + 10 * DAY
        actions.set_due(enrolment_id=of(late).pk, due_on=moved, actor=JOB, now=START + 24 * DAY)
    days(-6, 2)
    assert reminders(late) == [("before", "kept")]
    days(3, 4)
    assert reminders(late) == [("before", "kept"), ("before", "kept")]


def finishes(ana: Learner, now: datetime) -> None:
    take(ana, of(ana).pk, RIGHT)


def is_marked_complete(ana: Learner, now: datetime) -> None:
    actions.mark_complete(enrolment_id=of(ana).pk, reason="Was in the room.", actor=JOB, now=now)


def is_taken_out(ana: Learner, now: datetime) -> None:
    actions.withdraw(enrolment_id=of(ana).pk, actor=JOB, now=now)


def leaves(ana: Learner, now: datetime) -> None:
    person_leaves(person_id=ana.id, actor=JOB, now=now)


def is_shut_out(ana: Learner, now: datetime) -> None:
    suspend_person(person_id=ana.id, actor=JOB, now=now)


def partner_pauses(ana: Learner, now: datetime) -> None:
    set_state(state="suspended", actor=JOB, now=now)


WAYS = (finishes, is_marked_complete, is_taken_out, leaves, is_shut_out, partner_pauses)


@pytest.mark.parametrize("act", WAYS)
def test_nobody_is_reminded_whom_it_does_not_concern(late: Learner, act: Any) -> None:
    with scopes.one(late.partner_id):
        act(late, START + DAY)
    days(-7, 1)
    assert reminders(late) == []


@pytest.mark.parametrize("act", WAYS)
def test_a_reminder_that_waits_goes_no_more_then(late: Learner, act: Any) -> None:
    now = START + 25 * DAY
    jobs.remind_due_at(now)
    with scopes.one(late.partner_id):
        act(late, now)
    send_due(now)
    assert reminders(late) == [("before", "cancelled")]


def test_who_declined_reminders_gets_none(late: Learner) -> None:
    with scopes.one(late.partner_id):
        decline(person_id=late.id, category=Category.NUDGE, actor=JOB, now=START)
    days(-7, 1)
    assert {state for _, state in reminders(late)} == {"cancelled"}


def test_who_was_not_let_in_yet_is_not_written_to(admit: Admit, course: UUID) -> None:
    ben = admit("ben", "nordwind")
    with scopes.one(ben.partner_id):
        actions.enrol_by_hand(person_id=ben.id, course_id=course, due_on=DUE_ON, actor=JOB, now=START)
    days(-7, 1)
    assert reminders(ben) == []


def test_it_says_what_is_due_when_and_leads_there(late: Learner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BATCH", 1)
    jobs.remind_due_at(START + 25 * DAY)
    jobs.remind_due_at(START + 32 * DAY)
    with scopes.host():
        rows = Message.objects.filter(letter_key="learning.due").order_by("queued_at", "id")
        early, after = (messaging.message(row.pk, secrets_shown=False) for row in rows)
    assert early.subject == "“First steps” is due on 1 Apr 2026"
    assert "/courses/first-steps" in early.text
    assert after.subject == "“First steps” was due on 1 Apr 2026"


# ---------------------------------------------------------------- who sees it


def admin(person: Learner, role: str, sign_in: Callable[[Learner], Client]) -> Client:
    with scopes.one(person.partner_id):
        grant_role(person_id=person.id, role=role, actor=JOB, now=clock.now())
    return sign_in(person)


def test_the_desk_and_the_console_show_who_is_overdue(
    late: Learner, admit: Admit, course: UUID, sign_in: Callable[[Learner], Client]
) -> None:
    ben, caz, dee = admit("ben", "nordwind"), admit("caz", "suedstern"), admit("dee", "host")
    for one in (ben, caz):
        with scopes.one(one.partner_id):
            actions.enrol_by_hand(person_id=one.id, course_id=course, actor=JOB, now=START)
    with scopes.one(late.partner_id):
        Enrolment.objects.filter(person=late.id).update(due_on=date(2026, 3, 3))
    desk = admin(ben, "partner_admin", sign_in)
    said = words(desk.get("/desk/enrolments"))
    assert "1 enrolment is overdue." in said
    assert "caz" not in said
    late_only = words(desk.get("/desk/enrolments?standing=overdue&course=first-steps"))
    assert "1 enrolment" in late_only
    assert words(desk.get("/desk/enrolments?standing=not_begun")).count("ben") >= 1
    for standing in ("begun", "attested", "completed"):
        assert "ana" not in words(desk.get(f"/desk/enrolments?standing={standing}"))
    assert desk.get("/console/enrolments").status_code == 403
    console = admin(dee, "programme_lead", sign_in)
    assert "Südstern" in words(console.get("/console/enrolments"))


def test_chosen_enrolments_are_changed_in_their_course(
    late: Learner, admit: Admit, course: UUID, sign_in: Callable[[Learner], Client]
) -> None:
    ben, caz = admit("ben", "nordwind"), admit("caz", "suedstern")
    for one in (ben, caz):
        with scopes.one(one.partner_id):
            actions.enrol_by_hand(person_id=one.id, course_id=course, actor=JOB, now=START)
    with scopes.host():
        rows = {row.person_id: str(row.pk) for row in Enrolment.objects.all()}
    desk = admin(ben, "partner_admin", sign_in)
    assert "/desk/enrolments/change" in desk.get("/desk/enrolments").content.decode()
    both = desk.post("/desk/enrolments/change", {"ids": [rows[late.id], rows[ben.id]]}).content.decode()
    assert f'value="{course}" selected' in both
    assert 'action="/desk/team/courses"' in both
    assert str(late.id) in both
    for stranger in (rows[caz.id], str(uuid4())):
        assert desk.post("/desk/enrolments/change", {"ids": [rows[ben.id], stranger]}).status_code == 404
    assert desk.post("/desk/enrolments/change", {}).status_code == 400
    assert desk.post("/console/enrolments/change", {"ids": [rows[caz.id]]}).status_code == 403


def test_enrolments_of_several_courses_or_partners_are_refused(
    late: Learner, admit: Admit, course: UUID, publish: Any, draft: Any, sign_in: Callable[[Learner], Client]
) -> None:
    caz, dee = admit("caz", "suedstern"), admit("dee", "host")
    other = publish(replace(draft, key="other"))
    with scopes.one(late.partner_id):
        actions.enrol_by_hand(person_id=late.id, course_id=other, actor=JOB, now=START)
        two = [str(row.pk) for row in Enrolment.objects.filter(person=late.id)]
    with scopes.one(caz.partner_id):
        theirs = actions.enrol_by_hand(person_id=caz.id, course_id=course, actor=JOB, now=START).enrolment_id
    with scopes.one(late.partner_id):
        mine = Enrolment.objects.get(person=late.id, course=course).pk
    console = admin(dee, "programme_lead", sign_in)
    assert "several courses" in words(console.post("/console/enrolments/change", {"ids": two}), 400)
    assert "belong to several" in words(console.post("/console/enrolments/change", {"ids": [mine, theirs]}), 400)
    assert "/console/people/courses" in console.get("/console/people").content.decode()


def test_a_learner_does_not_see_the_list(late: Learner, sign_in: Callable[[Learner], Client]) -> None:
    assert sign_in(late).get("/desk/enrolments").status_code == 403
