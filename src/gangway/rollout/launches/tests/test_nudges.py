"""Reminders: to whom, when, once, and no more when the person acted meanwhile."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from gangway.catalog.actions import import_course
from gangway.catalog.tests.samples import small_course
from gangway.identity.actions.sessions import begin_session
from gangway.identity.rules import Method
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes
from gangway.learning import actions as learning
from gangway.learning.actions import ReasonKind
from gangway.messaging.models import Message
from gangway.messaging.queries.messages import message
from gangway.people.actions import person_leaves
from gangway.rollout.launches import actions, jobs
from gangway.rollout.launches.rules.nudges import Nudge, letter_key
from gangway.rollout.launches.tests.house import OPERATOR, after_window, agree, name_team, page, rest, wave_of

DAY = timedelta(days=1)


@pytest.fixture
def team(world: Any, now: datetime) -> list[UUID]:
    agree(world.nordwind, world.ben.id, now)
    return name_team(world.nordwind, 3, now)


@pytest.fixture
def wave(world: Any, team: list[UUID], now: datetime) -> UUID:
    """A wave of Nordwind that was sent on Monday."""
    wave_id = wave_of([world.nordwind], now)
    actions.send_wave(wave_id=wave_id, actor=OPERATOR, now=now)
    rest(now)
    rest(after_window(now))
    return wave_id


def come_in(world: Any, person_id: UUID, at: datetime) -> None:
    with scopes.one(world.nordwind):
        begin_session(person_id=person_id, method=Method.CODE, device="", actor=Actor.person(person_id), now=at)
    rest(at)


def nudged(world: Any, nudge: Nudge, team: list[UUID]) -> dict[UUID, str]:
    """Who of the team has this reminder, and where it stands."""
    with scopes.one(world.nordwind):
        rows = Message.objects.filter(letter_key=letter_key(nudge), person_id__in=team)
        return dict(rows.values_list("person_id", "state"))


def test_after_three_days_who_has_not_come_in_is_reminded_once(
    world: Any, wave: UUID, team: list[UUID], now: datetime
) -> None:
    come_in(world, team[0], now + DAY)
    jobs.nudge_due(now + 3 * DAY)
    assert nudged(world, Nudge.COME_IN, team) == {}, "three days begin when the letters went"
    for hours in (1, 2, 3):
        jobs.nudge_due(now + 3 * DAY + timedelta(hours=hours))
    assert nudged(world, Nudge.COME_IN, team) == {team[1]: "queued", team[2]: "queued"}


def test_staff_read_a_reminder_from_a_wider_scope(world: Any, wave: UUID, team: list[UUID], now: datetime) -> None:
    jobs.nudge_due(now + 3 * DAY + timedelta(hours=1))
    with scopes.host():
        sent = Message.objects.filter(letter_key=letter_key(Nudge.COME_IN), person_id=team[1]).get()
        assert "http" in message(sent.id, secrets_shown=False).text


def test_who_acts_before_it_goes_gets_none(world: Any, wave: UUID, team: list[UUID], now: datetime) -> None:
    then = now + 3 * DAY + timedelta(hours=1)
    jobs.nudge_due(then)
    with scopes.one(world.nordwind):
        person_leaves(person_id=team[1], actor=OPERATOR, now=then)
    come_in(world, team[0], then)
    rest(then + timedelta(hours=1))
    states = nudged(world, Nudge.COME_IN, team)
    assert states[team[2]] == "kept"
    assert (states[team[0]], states[team[1]]) == ("cancelled", "cancelled")


def test_who_was_marked_complete_by_hand_is_not_told_to_begin(
    world: Any, wave: UUID, team: list[UUID], now: datetime, tmp_path: Path
) -> None:
    with scopes.one(world.host):
        course_id = import_course(draft=small_course(tmp_path / "course"), actor=OPERATOR, now=now).course_id
    then = now + 7 * DAY + timedelta(hours=2)
    for person_id in team[:2]:
        come_in(world, person_id, now + DAY)
        with scopes.one(world.nordwind):
            found = learning.enrol(
                person_id=person_id, course_id=course_id, reason=ReasonKind.MANUAL, actor=OPERATOR, now=now
            )
            if person_id == team[0]:
                learning.mark_complete(
                    enrolment_id=found.enrolment_id, reason="Was in the room.", actor=OPERATOR, now=then
                )
    jobs.nudge_due(then)
    rest(then)
    assert nudged(world, Nudge.START, team[:2]) == {team[0]: "cancelled", team[1]: "kept"}


def test_each_reminder_finds_its_people_and_the_wave_counts_them(
    world: Any, wave: UUID, team: list[UUID], now: datetime
) -> None:
    come_in(world, team[0], now + DAY)
    for day in (4, 8, 15):
        then = now + day * DAY + timedelta(hours=1)
        jobs.nudge_due(then)
        rest(then)
    assert set(nudged(world, Nudge.COME_IN, team)) == set(team[1:])
    assert set(nudged(world, Nudge.START, team)) == {team[0]}
    assert set(nudged(world, Nudge.LAST, team)) == set(team)
    counted = page(wave, now).nudges
    assert counted[Nudge.START] >= 1
    assert counted[Nudge.LAST] == len(team) + 2, "Ana and Ben were invited too"


def test_a_wave_without_reminders_sends_none(world: Any, team: list[UUID], now: datetime) -> None:
    wave_id = wave_of([world.nordwind], now)
    actions.change_wave(wave_id=wave_id, nudges=False, actor=OPERATOR, now=now)
    actions.send_wave(wave_id=wave_id, actor=OPERATOR, now=now)
    rest(now)
    rest(after_window(now))
    assert jobs.nudge_due(now + 4 * DAY) == 0
