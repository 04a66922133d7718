"""Lines of the final checklist that the robots close: the reminder that came, and how fast a leaver was out."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine

from gangway.catalog import actions as catalog
from gangway.catalog.markdown.read import read_course
from gangway.credentials import actions as credentials
from gangway.credentials import queries as awards
from gangway.credentials.jobs import remind_due
from gangway.identity.actions import scim
from gangway.identity.queries import scim as scim_rows
from gangway.identity.rules.scim import HoldState
from gangway.identity.tests.directory import connect
from gangway.identity.tests.test_scim_holds import OUT
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.evidence import Asking, Finding
from gangway.kernel.ids import new_id
from gangway.kernel.outbox import relay
from gangway.kernel.tenancy import scopes
from gangway.messaging.models import Message
from gangway.partners import queries as partners
from gangway.people import queries as people
from gangway.rollout.rehearsal import actions, evidence, rules
from gangway.rollout.rehearsal.rules import Cause, out_after
from gangway.rollout.rehearsal.shell.brief import Brief
from gangway.rollout.rehearsal.shell.mailbox import Letter, Mailbox
from gangway.rollout.rehearsal.shell.provider import Provider
from gangway.rollout.rehearsal.shell.steps import Unexpected
from gangway.rollout.rehearsal.shell.walk import Walk
from gangway.rollout.rehearsal.tests.test_shell_steps import BRIEF

OPERATOR = Actor.operator()
COURSE = Path(str(files("gangway.config"))) / "demo" / "partner-essentials"
NIGHT = datetime.fromisoformat("2026-03-02T02:00:00+00:00")


@pytest.fixture
def shell(world: Any, now: datetime) -> UUID:
    return actions.lay_ground(type_key="", actor=OPERATOR, now=now)


def step(name: str, passed: bool = True, ms: int = 100) -> dict[str, Any]:
    return {"name": name, "passed": passed, "ms": ms}


def walked(shell: UUID, now: datetime, *steps: Mapping[str, Any]) -> None:
    with scopes.one(shell):
        run = actions.begin_run(cause=Cause.COMMAND, type_key="", actor=OPERATOR, now=now)
        for one in steps:
            actions.note_step(run_id=run, step=one, actor=OPERATOR, now=now)
        actions.end_run(run_id=run, actor=OPERATOR, now=now)


def asked(query: Any, world: Any, now: datetime, **parameters: int) -> Finding:
    with scopes.host():
        found: Finding = query(Asking(host_id=world.host, plan_id=new_id(), now=now, parameters=parameters))
    return found


# ── the reminder ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def robots(world: Any, now: datetime) -> UUID:
    """The shell partner, whose robot holds an award that ends in two years."""
    with scopes.one(world.host):
        catalog.import_course(draft=read_course(COURSE), actor=OPERATOR, now=now)
    relay.drain(now)
    actions.walk_courses(actor=OPERATOR, now=now)
    relay.drain(now)
    return partners.find_partner(rules.SHELL_SLUG).id


def reminders(partner_id: UUID) -> list[datetime]:
    """From when on each may go."""
    with scopes.one(partner_id):
        return list(Message.objects.filter(letter_key="credentials.ending").values_list("not_before", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_robots_reminder_goes_now_by_night_and_by_no_daily_look(robots: UUID, now: datetime) -> None:
    with scopes.one(robots):
        (robot,) = people.everybody()
        (award,) = awards.awards_of(robot.id, now)
    assert award.expires_at is not None
    remind_due(award.expires_at - timedelta(days=60))
    assert reminders(robots) == [], "no robot is reminded by the daily look"
    with scopes.one(robots):
        assert actions.remind_robots(actor=OPERATOR, now=NIGHT) == 1
        assert actions.remind_robots(actor=OPERATOR, now=NIGHT) == 1
    assert reminders(robots) == [NIGHT], "a robot does not sleep"
    with scopes.one(robots):
        for one in awards.awards_of(robot.id, now):
            revoke(one.id, now)
        assert actions.remind_robots(actor=OPERATOR, now=NIGHT) == 0


def revoke(award_id: UUID, now: datetime) -> None:
    reason = credentials.RevokeReason.ISSUED_IN_ERROR
    credentials.revoke_award(award_id=award_id, reason=reason, actor=OPERATOR, now=now)


@pytest.mark.parametrize(
    ("subject", "text", "found"),
    [
        ("Your certificate “Rehearsal” ends on 1 March", "… /certificates#award-GW-1 …", True),
        ("Your certificate “Rehearsal” ends on 1 March", "… /certificates#award-GW-2 …", False),
        ("000000 is your code", "GW-1", False),
    ],
)
def test_the_walk_waits_for_the_letter_about_its_own_certificate(subject: str, text: str, found: bool) -> None:
    robot = Walk(Brief.read({**BRIEF, "patience": 0.1}), Mailbox(), Provider())
    robot.number = "GW-1"
    robot.mailbox._letters = [Letter("one@x.invalid", subject, text)]
    if found:
        robot.reminder()
        return
    with pytest.raises(Unexpected, match="certificate"):
        robot.reminder()


def test_the_letter_is_evidence_until_a_rehearsal_without_it(shell: UUID, world: Any, now: datetime) -> None:
    def found(at: datetime) -> Finding:
        return asked(evidence.expiry_reminded, world, at)

    assert (found(now).holds, found(now).n, found(now).words) == (False, 0, "There was no rehearsal yet.")
    walked(shell, now, step("reach"))
    assert (found(now).holds, found(now).n) == (False, 1), "a rehearsal of before there was such a step"
    walked(shell, now + timedelta(minutes=1), step("reminder"), step("door_sso", passed=False))
    assert found(now).holds, "another step's failing is another line's"
    assert found(now).newest_at == now + timedelta(minutes=1)
    walked(shell, now + timedelta(minutes=2), step("reminder", passed=False))
    assert not found(now).holds


# ── leavers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

LEFT = tuple(step(name) for name in rules.LEAVER)


def test_the_time_counts_until_the_last_door_was_tried() -> None:
    assert out_after([step("award", ms=9_000), *LEFT]) == timedelta(milliseconds=600)
    for name in rules.LEAVER:
        assert out_after([{**one, "passed": one["name"] != name} for one in LEFT]) is None
        assert out_after([one for one in LEFT if one["name"] != name]) is None
    assert out_after([]) is None


def timed(world: Any, now: datetime, minutes: int = 15) -> Finding:
    return asked(evidence.deprovision_timed, world, now, minutes=minutes)


def test_a_leaver_is_out_by_every_door_in_time(shell: UUID, world: Any, now: datetime) -> None:
    assert (timed(world, now).holds, timed(world, now).n) == (False, 0)
    walked(shell, now, *LEFT[:-1], {**LEFT[-1], "passed": False})
    found = timed(world, now)
    assert (found.holds, found.n) == (False, 1)
    assert "not every door" in found.words
    walked(shell, now + timedelta(minutes=1), *LEFT)
    found = timed(world, now)
    assert (found.holds, found.value) == (True, 0.01)
    assert "after 0.6 s" in found.words
    walked(shell, now + timedelta(minutes=2), *LEFT[:-1], step("door_course", ms=120_000))
    assert not timed(world, now, minutes=2).holds
    assert timed(world, now, minutes=3).holds


def test_a_real_leaver_who_had_to_wait_is_told(shell: UUID, world: Any) -> None:
    """Six leave at once, so a human decides about the sixth: an hour later."""
    began = clock.now()
    walked(shell, began, *LEFT)
    directory = connect(world.nordwind)
    with time_machine.travel(began - timedelta(hours=2)):
        ids = [directory.bring(f"person{one}")["id"] for one in range(8)]
    out = [directory.patch(f"/Users/{one}", OUT).status_code for one in ids[:6]]
    assert out == [200] * 5 + [429]
    found = timed(world, clock.now())
    assert (found.holds, found.n) == (True, 6), "who waits for a minute is still in time"
    assert "Waited for a human" in found.words
    with time_machine.travel(began + timedelta(minutes=61)):
        assert not timed(world, clock.now()).holds, "who still comes in is late"
        with scopes.one(world.nordwind):
            (hold,) = scim_rows.holds(directory.connection.id)
            scim.decide_hold(hold_id=hold.id, state=HoldState.PASSED, actor=OPERATOR, now=clock.now())
        assert directory.patch(f"/Users/{ids[5]}", OUT).status_code == 200
        found = timed(world, clock.now())
        assert (found.holds, found.n) == (False, 7)
        assert 60 < found.value < 63
        assert timed(world, clock.now(), minutes=70).holds
