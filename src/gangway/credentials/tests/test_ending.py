"""Reminders before an award ends: to whom, when, once, and no more when the person acted; who sees them coming."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps

from gangway.credentials import actions, jobs, queries
from gangway.credentials.models import Award
from gangway.credentials.rules import ENDING, NOTICES, RevokeReason
from gangway.credentials.tests.house import ME, NOW, House, Someone
from gangway.credentials.tests.signed_in import client_of
from gangway.credentials.tests.test_views import issue, text_of
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes
from gangway.messaging import queries as messaging
from gangway.messaging.actions import decline
from gangway.messaging.jobs import send_due
from gangway.messaging.models import Message
from gangway.messaging.rules import Category
from gangway.partners.actions import set_state
from gangway.people.actions import person_leaves, suspend_person

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def offered(house: House) -> Any:
    """Every partner sees the course."""
    audience = apps.get_model("catalog", "CourseAudience").objects
    return audience.create(owner_id=house.host_id, course_id=house.course_id, kind="all")


@pytest.fixture
def award(house: House) -> Award:
    """Ana's, of twelve months."""
    return issue(house, house.ana, now=NOW, months=12)


def before(award: Award, days: float) -> datetime:
    """At noon, so many days before it ends."""
    assert award.expires_at is not None
    return award.expires_at - days * DAY


def reminders(person: Someone) -> list[tuple[int, str]]:
    with scopes.one(person.partner_id):
        rows = Message.objects.filter(letter_key=ENDING, person_id=person.id).order_by("queued_at", "id")
        return [(row.payload["days"], row.state) for row in rows]


def test_sixty_thirty_and_seven_days_before_once_each(house: House, award: Award) -> None:
    for days in range(70, -3, -1):
        for hours in (0, 1):
            now = before(award, days) + timedelta(hours=hours)
            jobs.remind_due(now)
            send_due(now)
    assert reminders(house.ana) == [(60, "kept"), (30, "kept"), (7, "kept")]
    assert reminders(house.ben) == reminders(house.caz) == []


def test_what_was_missed_is_left_out_and_not_made_up_for(house: House, award: Award) -> None:
    jobs.remind_due(before(award, 20))
    assert reminders(house.ana) == [(30, "queued")]
    send_due(before(award, 6))
    assert reminders(house.ana) == [(30, "cancelled")], "the one of seven days says it better"


def test_who_has_held_it_for_less_time_than_that_is_not_reminded_of_it(house: House) -> None:
    month = issue(house, house.ana, now=NOW - 28 * DAY, months=1)
    jobs.remind_due(NOW - 27 * DAY)
    assert reminders(house.ana) == []
    jobs.remind_due(before(month, 5))
    assert reminders(house.ana) == [(7, "queued")]


def leaves(house: House, award: Award, now: datetime) -> None:
    person_leaves(person_id=house.ana.id, actor=ME, now=now)


def is_shut_out(house: House, award: Award, now: datetime) -> None:
    suspend_person(person_id=house.ana.id, actor=ME, now=now)


def loses_it(house: House, award: Award, now: datetime) -> None:
    actions.revoke_award(award_id=award.pk, reason=RevokeReason.MISCONDUCT, actor=ME, now=now)


def renews(house: House, award: Award, now: datetime) -> None:
    issue(house, house.ana, now=now, months=12, cycle=2)


def partner_pauses(house: House, award: Award, now: datetime) -> None:
    set_state(state="suspended", actor=ME, now=now)


WAYS = (leaves, is_shut_out, loses_it, renews, partner_pauses)


@pytest.mark.parametrize("act", WAYS)
def test_nobody_is_reminded_whom_it_does_not_concern(house: House, award: Award, act: Any) -> None:
    now = before(award, 61)
    with scopes.one(house.nordwind_id):
        act(house, award, now)
    assert jobs.remind_due(before(award, 60)) == 0
    assert reminders(house.ana) == []


@pytest.mark.parametrize("act", WAYS)
def test_a_reminder_that_waits_goes_no_more_then(house: House, award: Award, act: Any) -> None:
    now = before(award, 60)
    jobs.remind_due(now)
    with scopes.one(house.nordwind_id):
        act(house, award, now)
    send_due(now)
    assert reminders(house.ana) == [(60, "cancelled")]


def test_who_declined_reminders_gets_none(house: House, award: Award) -> None:
    with scopes.one(house.nordwind_id):
        decline(person_id=house.ana.id, category=Category.NUDGE, actor=ME, now=NOW)
    now = before(award, 60)
    jobs.remind_due(now)
    send_due(now)
    assert reminders(house.ana) == [(60, "cancelled")]


def words_to(person: Someone) -> str:
    with scopes.host():
        row = Message.objects.filter(letter_key=ENDING, person_id=person.id).get()
        found = messaging.message(row.pk, secrets_shown=False)
    return f"{found.subject}\n{found.text}"


def test_it_says_what_ends_when_and_leads_to_the_renewal(house: House, award: Award, offered: Any) -> None:
    now = before(award, 60)
    jobs.remind_due(now)
    words = words_to(house.ana)
    assert "“Partner Essentials” ends on 2 Mar 2027" in words
    assert f"/certificates#award-{award.number}" in words
    assert "renewing early loses nothing" in words
    offered.delete()
    assert "is not offered to your company any more" in words_to(house.ana)


def test_the_pages_of_a_day_are_walked_to_the_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    held = [issue(house, person, now=NOW, months=12) for person in (house.ana, house.ben)]
    monkeypatch.setattr(jobs, "PIECE", 1)
    assert jobs.remind_due(before(held[0], 60)) == 2
    assert reminders(house.ben) == [(60, "queued")]


def test_the_task_looks_at_its_own_clock(house: House) -> None:
    issue(house, house.ana, now=clock.now() - 335 * DAY, months=12)
    assert jobs.remind_ending.call() == 1
    assert reminders(house.ana)[0][1] == "queued"


# ---------------------------------------------------------------- who sees it coming


def test_a_partner_sees_whose_certificates_end_soon_and_no_others(house: House) -> None:
    now = clock.now()
    issue(house, house.ana, now=now - 335 * DAY, months=12)
    issue(house, house.caz, now=now - 335 * DAY, months=12)
    page = text_of(client_of(house.ben).get("/desk"))
    assert "1 certificate of your people ends within sixty days." in page
    assert "Ana López" in page
    assert "Caz" not in page
    with scopes.one(house.nordwind_id):
        assert queries.ending_next(house.nordwind_id, now, timedelta(days=10)).count == 0


def test_a_desk_without_such_says_nothing_of_them(house: House) -> None:
    issue(house, house.ana)
    assert "Certificates that end soon" not in text_of(client_of(house.ben).get("/desk"))


@pytest.mark.parametrize(("days", "shown"), [(250, set()), (320, {"60"}), (350, {"30", "60"}), (400, {"over"})])
def test_staff_find_what_ends_soon(house: House, days: int, shown: set[str]) -> None:
    issue(house, house.ana, now=clock.now() - days * DAY, months=12)
    dee = client_of(house.dee)
    found = {key for key in ("30", "60", "over") if "Ana López" in text_of(dee.get(f"/console/awards?ends={key}"))}
    assert found == shown


def test_the_reminders_follow_each_other_without_gaps() -> None:
    assert [(notice.days, notice.until) for notice in NOTICES] == [(60, 30), (30, 7), (7, 0)]
