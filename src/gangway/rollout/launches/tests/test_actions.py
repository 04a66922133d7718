"""A wave from its plan to its end: holds, sending, the ten minutes, what figures are told; what must never happen."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gangway.identity.models import Invitation
from gangway.insights import queries as insights
from gangway.insights.models import Journey
from gangway.kernel.outbox import relay
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.messaging.models import Message
from gangway.partners.actions import set_state
from gangway.partners.queries import find_partner
from gangway.people.actions import admit_person, person_leaves, suspend_person
from gangway.rollout.launches import actions, jobs, queries
from gangway.rollout.launches.models import Launch
from gangway.rollout.launches.rules.holds import Hold
from gangway.rollout.launches.rules.states import LaunchState, Quiet, WaveState
from gangway.rollout.launches.tests.house import (
    MINUTE,
    OPERATOR,
    after_window,
    agree,
    invited,
    letters_to,
    name_team,
    page,
    rest,
    wave_of,
)


@pytest.fixture
def team(world: Any, now: datetime) -> list[UUID]:
    """Five people of Nordwind who wait; its admin has come in by mail."""
    agree(world.nordwind, world.ben.id, now)
    return name_team(world.nordwind, 5, now)


@pytest.fixture
def wave(world: Any, team: list[UUID], now: datetime) -> UUID:
    return wave_of([world.nordwind, world.suedstern], now)


def send(wave_id: UUID, now: datetime) -> actions.Sent:
    return actions.send_wave(wave_id=wave_id, actor=OPERATOR, now=now)


def launch_at(partner_id: UUID) -> Launch:
    with scopes.one(partner_id):
        launch: Launch = Launch.objects.get()
        return launch


# ---------------------------------------------------------------- planning


def test_a_partner_waits_in_one_wave_only(world: Any, wave: UUID, now: datetime) -> None:
    other = actions.create_wave(name="Wave 2", actor=OPERATOR, now=now)
    with scopes.one(world.nordwind):
        with pytest.raises(actions.InAnotherWave, match="Nordwind waits in “Wave 1”"):
            actions.add_partner(wave_id=other, actor=OPERATOR, now=now)
        actions.remove_partner(wave_id=wave, actor=OPERATOR, now=now)
        actions.add_partner(wave_id=other, actor=OPERATOR, now=now)
        actions.remove_partner(wave_id=other, actor=OPERATOR, now=now)
        again = actions.add_partner(wave_id=wave, actor=OPERATOR, now=now)
        assert actions.add_partner(wave_id=wave, actor=OPERATOR, now=now) == again


def test_the_host_is_never_launched(world: Any, now: datetime) -> None:
    wave_id = actions.create_wave(name="W", actor=OPERATOR, now=now)
    with scopes.one(world.host), pytest.raises(Invalid):
        actions.add_partner(wave_id=wave_id, actor=OPERATOR, now=now)


def test_two_waves_of_one_name_have_two_keys(world: Any, now: datetime) -> None:
    for _ in range(3):
        actions.create_wave(name="Welle Süd", actor=OPERATOR, now=now)
    with scopes.host():
        assert sorted(wave.key for wave in queries.waves()) == ["welle-s-d", "welle-s-d-2", "welle-s-d-3"]


def test_what_holds_a_partner_and_what_frees_it(world: Any, wave: UUID, now: datetime) -> None:
    shown = {row.partner.slug: row for row in page(wave, now).launches}
    assert (shown["nordwind"].automatic, shown["nordwind"].held, shown["nordwind"].people) == ((), False, 7)
    assert shown["suedstern"].automatic == (Hold.NO_DOOR, Hold.NO_TEAM)
    with scopes.one(world.suedstern):
        actions.let_go(wave_id=wave, reason="They come by phone first.", actor=OPERATOR, now=now)
    with scopes.one(world.nordwind):
        actions.hold(wave_id=wave, reason="Their fair is on.", actor=OPERATOR, now=now)
    shown = {row.partner.slug: row for row in page(wave, now).launches}
    assert (shown["nordwind"].held, shown["suedstern"].held) == (True, False)
    with scopes.one(world.nordwind), pytest.raises(Invalid):
        actions.hold(wave_id=wave, reason=" ", actor=OPERATOR, now=now)


def test_a_suspended_partner_is_held(world: Any, wave: UUID, now: datetime) -> None:
    with scopes.one(world.nordwind):
        set_state(state="suspended", actor=OPERATOR, now=now)
    assert page(wave, now).launches[0].automatic == (Hold.CLOSED,)


def test_a_wave_nobody_of_which_is_ready_is_not_sent(world: Any, now: datetime) -> None:
    wave_id = wave_of([world.suedstern], now)
    with pytest.raises(actions.NobodyReady):
        send(wave_id, now)


def test_who_saw_another_number_looks_again(wave: UUID, now: datetime) -> None:
    with pytest.raises(actions.Changed, match="7 instead of 6"):
        actions.send_wave(wave_id=wave, expected=6, actor=OPERATOR, now=now)


# ---------------------------------------------------------------- sending


def test_nothing_goes_and_nobody_counts_before_the_window_ends(world: Any, wave: UUID, now: datetime) -> None:
    sent = send(wave, now)
    assert (sent.letters, sent.partners, sent.held) == (7, 1, 1)
    rest(after_window(now) - timedelta(seconds=1))
    assert [row.state for row in letters_to(world.nordwind)] == ["queued"] * 7
    assert find_partner("nordwind").launched_at is None
    with scopes.one(world.nordwind):
        assert not Journey.objects.filter(invited_at__isnull=False).exists()
        assert insights.funnel().invited == 0


def test_after_the_window_the_partner_is_launched_and_its_people_count(
    world: Any, wave: UUID, team: list[UUID], now: datetime
) -> None:
    send(wave, now)
    rest(now)
    begins = after_window(now)
    rest(begins)
    assert [row.state for row in letters_to(world.nordwind)] == ["kept"] * 7
    assert find_partner("nordwind").launched_at == begins
    with scopes.one(world.nordwind):
        assert set(Journey.objects.filter(person_id__in=team).values_list("invited_at", "clock_at")) == {
            (begins, begins)
        }
    shown = page(wave, begins)
    assert (shown.wave.state, shown.people, shown.letters("kept")) == (WaveState.SENT, 7, 7)
    assert launch_at(world.nordwind).state == LaunchState.LAUNCHED


def test_who_is_held_stays_behind_and_may_join_another_wave(world: Any, wave: UUID, now: datetime) -> None:
    send(wave, now)
    rest(after_window(now))
    assert not letters_to(world.suedstern)
    other = wave_of([world.suedstern], now, "Wave 2")
    assert [row.partner.slug for row in page(other, now).launches] == ["suedstern"]
    shown = {row.partner.slug: row for row in page(wave, now).launches}
    assert (shown["suedstern"].held, shown["suedstern"].automatic) == (True, (Hold.NO_DOOR, Hold.NO_TEAM))


def test_a_second_wave_writes_to_newcomers_only(world: Any, wave: UUID, now: datetime) -> None:
    send(wave, now)
    rest(now)
    rest(after_window(now))
    later = now + timedelta(days=3)
    late = name_team(world.nordwind, 2, later, tag="late")
    again = wave_of([world.nordwind], later, "Wave 2")
    assert send(again, later).letters == 2
    rest(later)
    rest(after_window(later))
    assert len(letters_to(world.nordwind)) == 9
    with scopes.one(world.nordwind):
        clocks = set(Journey.objects.filter(person_id__in=late).values_list("clock_at", flat=True))
    assert clocks == {after_window(later)}
    assert find_partner("nordwind").launched_at == after_window(now)


def test_quiet_hours_hold_letters_until_morning(world: Any, now: datetime) -> None:
    agree(world.nordwind, world.ben.id, now)
    evening = now.replace(hour=21)
    name_team(world.nordwind, 2, now, zone="Europe/Berlin")
    name_team(world.nordwind, 3, now, tag="us", zone="America/Chicago")
    wave_id = wave_of([world.nordwind], now)
    found = queries.departure(page(wave_id, evening), after_window(evening))
    assert (found.at_once, found.in_the_morning) == (3, 4)
    send(wave_id, evening)
    rest(evening)
    with scopes.one(world.nordwind):
        begins = sorted(Message.objects.filter(cause=wave_id).values_list("not_before", flat=True))
    assert begins[:3] == [after_window(evening)] * 3
    assert begins[3:] == [evening.replace(day=3, hour=7)] * 4


def test_a_wave_that_ignores_the_night_writes_at_night(world: Any, wave: UUID, now: datetime) -> None:
    evening = now.replace(hour=22)
    actions.change_wave(wave_id=wave, quiet=Quiet.IGNORE, actor=OPERATOR, now=evening)
    send(wave, evening)
    rest(evening)
    with scopes.one(world.nordwind):
        begins = set(Message.objects.filter(cause=wave).values_list("not_before", flat=True))
    assert begins == {after_window(evening)}


def test_who_leaves_in_the_window_gets_nothing_and_never_counts(
    world: Any, wave: UUID, team: list[UUID], now: datetime
) -> None:
    send(wave, now)
    rest(now)
    with scopes.one(world.nordwind):
        person_leaves(person_id=team[0], actor=OPERATOR, now=now + MINUTE)
        suspend_person(person_id=team[1], actor=OPERATOR, now=now + MINUTE)
    rest(after_window(now))
    assert {row.person_id for row in letters_to(world.nordwind, "cancelled")} == set(team[:2])
    assert invited(world.nordwind) & set(team[:2]) == set()
    with scopes.one(world.nordwind):
        assert not Journey.objects.filter(person_id__in=team[:2], invited_at__isnull=False).exists()


# ---------------------------------------------------------------- undoing


def test_undone_is_as_if_it_had_never_been_sent(world: Any, wave: UUID, team: list[UUID], now: datetime) -> None:
    before = invited(world.nordwind)
    send(wave, now)
    rest(now)
    assert invited(world.nordwind) >= set(team)
    assert actions.undo_wave(wave_id=wave, actor=OPERATOR, now=after_window(now) - timedelta(microseconds=1)) == 7
    rest(after_window(now) + MINUTE)
    assert invited(world.nordwind) == before
    assert {row.state for row in letters_to(world.nordwind)} == {"cancelled"}
    assert find_partner("nordwind").launched_at is None
    with scopes.one(world.nordwind):
        assert insights.funnel().invited == 0
    again = wave_of([world.nordwind], now, "Once more")
    assert send(again, now + timedelta(hours=1)).letters == 7
    rest(now + timedelta(hours=1))
    rest(after_window(now) + timedelta(hours=1))
    assert len(letters_to(world.nordwind, "kept")) == 7


def test_at_the_end_of_the_window_it_is_too_late(wave: UUID, now: datetime) -> None:
    send(wave, now)
    with pytest.raises(actions.TooLate):
        actions.undo_wave(wave_id=wave, actor=OPERATOR, now=after_window(now))


def test_one_letter_on_its_way_and_nothing_is_undone(world: Any, wave: UUID, team: list[UUID], now: datetime) -> None:
    """A worker whose clock is ahead has taken one: undoing the rest would leave a half-told partner."""
    send(wave, now)
    rest(now)
    with scopes.one(world.nordwind):
        Message.objects.filter(person_id=team[0]).update(state="sending")
    with pytest.raises(actions.TooLate):
        actions.undo_wave(wave_id=wave, actor=OPERATOR, now=now + MINUTE)
    assert len(letters_to(world.nordwind, "queued")) == 6
    assert page(wave, now).wave.state is WaveState.GOING


def test_a_wave_that_was_not_sent_has_nothing_to_undo(wave: UUID, now: datetime) -> None:
    with pytest.raises(actions.NotSent):
        actions.undo_wave(wave_id=wave, actor=OPERATOR, now=now)


def test_undone_before_the_worker_began_nothing_is_queued(world: Any, wave: UUID, now: datetime) -> None:
    send(wave, now)
    actions.undo_wave(wave_id=wave, actor=OPERATOR, now=now)
    rest(after_window(now))
    assert not letters_to(world.nordwind)


def test_a_wave_is_sent_once(wave: UUID, now: datetime) -> None:
    send(wave, now)
    with pytest.raises(actions.WaveNotDraft):
        send(wave, now)


def test_a_worker_that_died_in_the_middle_is_followed_by_another(
    world: Any, team: list[UUID], wave: UUID, now: datetime
) -> None:
    """Letters are queued before the cursor says so, or not at all: a piece that is done again writes nobody twice."""
    send(wave, now)
    rest(now)
    with scopes.one(world.nordwind):
        Launch.objects.update(queued_after=None, queued_at=None)
    rest(now + MINUTE)
    assert len(letters_to(world.nordwind)) == 7


def test_letters_by_hand_and_letters_of_a_launch(world: Any, wave: UUID, now: datetime) -> None:
    """An immediate letter to a partner admin launches nobody; to anybody else it launches the partner."""
    with scopes.one(world.nordwind):
        admit_person(name="Deputy", email="d@n.example", roles=["partner_admin"], actor=OPERATOR, now=now)
    rest(now)
    assert find_partner("nordwind").launched_at is None
    with scopes.one(world.nordwind):
        admit_person(name="Nia", email="nia@n.example", actor=OPERATOR, now=now + MINUTE)
    rest(now + MINUTE)
    assert find_partner("nordwind").launched_at == now + MINUTE
    assert page(wave, now).launches[0].people == 7, "both were written to already"


def test_another_partners_launch_is_not_found(world: Any, now: datetime) -> None:
    wave_id = wave_of([world.nordwind], now)
    with scopes.one(world.suedstern), pytest.raises(NotFound):
        actions.hold(wave_id=wave_id, reason="Not theirs", actor=OPERATOR, now=now)


def test_a_piece_costs_the_same_for_twenty_people_as_for_two(world: Any, now: datetime) -> None:
    agree(world.nordwind, world.ben.id, now)

    def cost(people: int, name: str) -> int:
        name_team(world.nordwind, people, now, tag=name)
        relay.drain(now)
        wave_id = wave_of([world.nordwind], now, name)
        send(wave_id, now)
        with CaptureQueriesContext(connection) as seen:
            for one in queries.work_of(wave_id):
                jobs._step(one, now)
            for one in queries.work_of(wave_id):
                jobs._step(one, after_window(now))
            for one in queries.work_of(wave_id):
                jobs._step(one, after_window(now))
        actions.finish_wave(wave_id=wave_id, actor=OPERATOR, now=after_window(now))
        return len(seen)

    cost(1, "warm")
    assert cost(20, "many") == cost(2, "few")
    assert Invitation.objects.count() == 25
