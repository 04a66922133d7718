"""A rehearsal from the side of the house: its ground, its runs, and that it counts nowhere."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from gangway.catalog import queries as catalog
from gangway.credentials import queries as credentials
from gangway.identity import actions as identity_actions
from gangway.identity import queries as identity
from gangway.identity.oidc.discovery import ask
from gangway.identity.rules.connections import ConnectionKind
from gangway.identity.rules.oidc import Fault, Reason
from gangway.insights import queries as insights
from gangway.kernel.actor import Actor
from gangway.kernel.evidence import Asking
from gangway.kernel.ids import new_id
from gangway.kernel.outbox import relay
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions as messaging
from gangway.messaging import queries as letters
from gangway.messaging.jobs import send_due
from gangway.partners import actions as partner_actions
from gangway.partners import queries as partners
from gangway.people import actions as people_actions
from gangway.people import queries as people
from gangway.rollout.rehearsal import actions, evidence, jobs, queries, rules
from gangway.rollout.rehearsal.rules import Cause
from gangway.rollout.rehearsal.shell.mailbox import Mailbox
from gangway.rollout.rehearsal.shell.provider import Provider
from gangway.rollout.rehearsal.tests.opened import OPENED, keys, opened, provider

OPERATOR = Actor.operator()
STEP = {"name": "reach", "passed": True, "ms": 3}
FAILED = {"name": "leave", "passed": False, "ms": 3, "reached": True, "failed": {"expected": "status 200"}}


@pytest.fixture
def shell(world: Any, now: datetime) -> UUID:
    return actions.lay_ground(type_key="reseller", actor=OPERATOR, now=now)


def begin(now: datetime) -> UUID:
    return actions.begin_run(cause=Cause.COMMAND, type_key="", actor=OPERATOR, now=now)


def robot(now: datetime) -> UUID:
    return people_actions.admit_person(
        name="Robot Learner 1", email="robot-1@rehearsal.invalid", letter=True, actor=OPERATOR, now=now
    )


def test_the_ground_is_laid_once_and_of_the_type_asked_for(shell: UUID, now: datetime) -> None:
    found = partners.find_partner("rehearsal")
    assert (found.id, found.kind, found.type) == (shell, "shell", "reseller")
    assert actions.lay_ground(type_key="", actor=OPERATOR, now=now) == shell
    assert partners.find_partner("rehearsal").type is None
    with pytest.raises(actions.UnknownType, match="no-such-type"):
        actions.lay_ground(type_key="no-such-type", actor=OPERATOR, now=now)


def test_without_a_vendor_there_is_nothing_to_rehearse(db: None, now: datetime) -> None:
    with pytest.raises(actions.NothingToRehearse):
        actions.lay_ground(type_key="", actor=OPERATOR, now=now)
    assert jobs.rehearse.func() is False


def test_its_course_is_its_own_and_counts_nowhere(world: Any, now: datetime) -> None:
    with scopes.host():
        before = (catalog.course_counts(), catalog.all_courses())
    shell = actions.lay_ground(type_key="", actor=OPERATOR, now=now)
    with scopes.host():
        assert (catalog.course_counts(), catalog.all_courses()) == before
    with scopes.one(world.nordwind):
        assert "rehearsal" not in [
            row.key for row in catalog.visible_courses(partner_id=world.nordwind, partner_type=None)
        ]
    with scopes.one(shell):
        assert [row.key for row in catalog.visible_courses(partner_id=shell, partner_type=None)] == ["rehearsal"]


def test_a_run_passes_when_it_ended_and_each_step_passed(shell: UUID, now: datetime) -> None:
    with scopes.one(shell):
        good = begin(now)
        assert actions.note_step(run_id=good, step=STEP, actor=OPERATOR, now=now) == 1
        assert actions.end_run(run_id=good, actor=OPERATOR, now=now)
        bad = begin(now)
        actions.note_step(run_id=bad, step=STEP, actor=OPERATOR, now=now)
        actions.note_step(run_id=bad, step=FAILED, actor=OPERATOR, now=now)
        assert not actions.end_run(run_id=bad, actor=OPERATOR, now=now)
        broken = begin(now)
        actions.note_step(run_id=broken, step=STEP, actor=OPERATOR, now=now)
        assert not actions.end_run(run_id=broken, problem="It was broken off.", actor=OPERATOR, now=now)
        said = [queries.run(one).as_dict() for one in (good, bad, broken)]
        with pytest.raises(NotFound):
            actions.note_step(run_id=good, step=STEP, actor=OPERATOR, now=now)
    assert [(row["passed"], row["failed"], row["problem"]) for row in said] == [
        (True, None, None),
        (False, "leave", None),
        (False, None, "It was broken off."),
    ]


def test_the_next_run_sweeps_up_what_a_killed_one_left(shell: UUID, now: datetime) -> None:
    with scopes.one(shell):
        killed = begin(now)
        actions.connect(run_id=killed, opened=OPENED, actor=OPERATOR, now=now)
        person = robot(now)
        later = now + timedelta(minutes=1)
        begin(later)
        assert queries.run(killed).passed is False
        assert "stopped" in queries.run(killed).problem
        assert {row.state.value for row in identity.connections()} == {"off"}
        assert people.person(person).state == "left"
        assert [queries.run(killed).passed, queries.runs()[0].passed] == [False, None]
    assert partners.shells(later)[shell] is None


def test_the_latest_run_is_evidence(shell: UUID, world: Any, now: datetime) -> None:
    asking = Asking(host_id=world.host, plan_id=new_id(), now=now, parameters={})

    def found() -> bool:
        with scopes.host():
            return evidence.rehearsal_passed(asking).holds

    assert not found()
    with scopes.one(shell):
        run = begin(now)
        actions.note_step(run_id=run, step=STEP, actor=OPERATOR, now=now)
        assert not found()
        actions.end_run(run_id=run, actor=OPERATOR, now=now)
        assert found()
        actions.end_run(run_id=begin(now + timedelta(minutes=1)), actor=OPERATOR, now=now + timedelta(minutes=1))
    assert not found()


def test_the_ways_in_are_evidence_of_their_own(shell: UUID, world: Any, now: datetime) -> None:
    """A certificate that does not come holds up the rehearsal, and not that the ways in are locked."""
    asking = Asking(host_id=world.host, plan_id=new_id(), now=now, parameters={})

    def walked(failing: str) -> bool:
        with scopes.one(shell):
            run = begin(now)
            for name in (*rules.DOORS, "award"):
                step = {**STEP, "name": name, "passed": name != failing}
                actions.note_step(run_id=run, step=step, actor=OPERATOR, now=now)
            actions.end_run(run_id=run, actor=OPERATOR, now=now)
        with scopes.host():
            return evidence.doors_passed(asking).holds

    with scopes.host():
        assert not evidence.doors_passed(asking).holds
    assert walked("award")
    assert not walked("fallback_opens")
    assert walked("")


class TestNights:
    """The canary: once a day, and whoever runs the platform hears of a night that failed."""

    def fails(self, shell: UUID, cause: Cause, now: datetime) -> UUID:
        with scopes.one(shell):
            run = actions.begin_run(cause=cause, type_key="", actor=OPERATOR, now=now)
            actions.note_step(run_id=run, step=FAILED, actor=OPERATOR, now=now)
            actions.end_run(run_id=run, actor=OPERATOR, now=now)
        return run

    def told(self, world: Any, now: datetime) -> list[Any]:
        relay.drain(now)
        with scopes.one(world.host):
            return [row for row in letters.messages(limit=50, words=True) if row.letter == rules.CANARY_FAILED]

    def test_a_night_that_failed_is_told_once_with_its_step(self, shell: UUID, world: Any, now: datetime) -> None:
        run = self.fails(shell, Cause.NIGHT, now)
        (letter,) = self.told(world, now)
        assert (letter.to, letter.subject) == ("dee@acme.example", "The nightly rehearsal failed")
        with scopes.one(shell):
            assert actions.tell_of_night(run_id=run, actor=OPERATOR, now=now) == 1
        assert len(self.told(world, now)) == 1
        send_due(now + timedelta(days=1))
        with scopes.host():
            text = letters.message(letter.id, secrets_shown=True).text
        assert "It failed at: The directory takes both away." in text
        assert f"/console/rehearsal?run={run}" in text

    @pytest.mark.parametrize("cause", [Cause.PAGE, Cause.COMMAND])
    def test_who_asked_for_one_sees_it(self, shell: UUID, world: Any, now: datetime, cause: Cause) -> None:
        self.fails(shell, cause, now)
        assert self.told(world, now) == []

    def test_a_night_that_passed_is_not_told(self, shell: UUID, world: Any, now: datetime) -> None:
        with scopes.one(shell):
            run = actions.begin_run(cause=Cause.NIGHT, type_key="", actor=OPERATOR, now=now)
            actions.note_step(run_id=run, step=STEP, actor=OPERATOR, now=now)
            actions.end_run(run_id=run, actor=OPERATOR, now=now)
        assert self.told(world, now) == []

    def test_one_a_day(self, shell: UUID, now: datetime) -> None:
        morning = now.replace(hour=9)
        assert queries.night_due(morning)
        self.fails(shell, Cause.PAGE, morning)
        assert queries.night_due(morning)
        self.fails(shell, Cause.NIGHT, morning)
        assert not queries.night_due(morning + timedelta(hours=3))
        assert queries.night_due(morning + timedelta(days=1))

    def test_none_before_there_is_a_vendor(self, db: None, now: datetime) -> None:
        assert not queries.night_due(now)


class TestDoors:
    """The one way to a port of our own loopback: for a shell's own connection, that port, while it walks."""

    def test_a_real_partner_never_gets_one(self, world: Any, now: datetime) -> None:
        with scopes.one(world.nordwind):
            with pytest.raises(partner_actions.NotAShell):
                partner_actions.open_shell(provider_port=40_001, mail_port=40_002, actor=OPERATOR, now=now)
            with pytest.raises(partner_actions.NotAShell):
                identity_actions.disconnect_shell(actor=OPERATOR, now=now)
            with pytest.raises(partner_actions.NotAShell):
                identity_actions.connect_shell(
                    run="x", domain="x.invalid", provider=provider(OPENED), actor=OPERATOR, now=now
                )
            assert identity.connections() == ()

    def test_it_is_one_port_for_one_partner_for_some_minutes(
        self, shell: UUID, world: Any, now: datetime, settings: Any
    ) -> None:
        settings.PROVIDERS_INSIDE = frozenset()
        with Provider(keys()) as theirs, Provider(keys()) as another:
            with scopes.one(shell):
                actions.connect(run_id=begin(now), opened=opened(theirs.port), actor=OPERATOR, now=now)
                (row,) = [one for one in identity.connections() if one.kind is ConnectionKind.OIDC]
                settings_row = identity.oidc_settings(row.id, now)
                assert settings_row is not None
                unasked = identity.oidc_settings(row.id)
                assert unasked is not None
            inside = settings_row.inside(now)
            assert inside == {("127.0.0.1", theirs.port)}
            assert ask(f"{theirs.openid.base}/keys", "It", inside=inside).status == 200
            for where, allowed in (
                (another.openid.base, inside),
                (theirs.openid.base, settings_row.inside(now + timedelta(minutes=15))),
                (theirs.openid.base, unasked.inside(now)),
                (theirs.openid.base, None),
            ):
                with pytest.raises(Fault) as refused:
                    ask(f"{where}/keys", "It", inside=allowed)
                assert refused.value.reason is Reason.ADDRESS
            assert partners.shells(now) == {shell: partners.shells(now)[shell]}
            assert world.nordwind not in partners.shells(now)

    def test_it_is_closed_with_the_run(self, shell: UUID, now: datetime) -> None:
        with scopes.one(shell):
            run = begin(now)
            actions.connect(run_id=run, opened=OPENED, actor=OPERATOR, now=now)
            actions.end_run(run_id=run, actor=OPERATOR, now=now)
        assert partners.shells(now) == {shell: None}


@pytest.mark.django_db(transaction=True)
def test_letters_to_robots_go_to_their_mailbox_or_nowhere(
    shell: UUID, world: Any, now: datetime, settings: Any
) -> None:
    settings.EMAIL_URL = ""
    with scopes.one(shell), Mailbox() as mailbox:
        run = begin(now)
        actions.connect(run_id=run, opened=opened(mail_port=mailbox.port), actor=OPERATOR, now=now)
        robot(now)
        relay.drain(now)
        send_due(now)
        (letter,) = mailbox.wait("robot-1@rehearsal.invalid", 1, 5)
        assert "/invitation/" in letter.text
        partner_actions.close_shell(actor=OPERATOR, now=now)
        person = next(iter(people.everybody())).id
        message = messaging.queue_message(
            person_id=person, letter_key="identity.launch", dedupe_key="again", actor=OPERATOR, now=now
        )
        settings.EMAIL_URL = f"smtp://127.0.0.1:{mailbox.port}"
        send_due(now)
        assert letters.message(message, secrets_shown=False).state.value == "kept"
        assert len(mailbox.letters("robot-1@rehearsal.invalid")) == 1


@pytest.mark.django_db(transaction=True)
def test_figures_are_the_same_with_and_without_a_rehearsal(world: Any, now: datetime) -> None:
    def figures() -> list[Any]:
        relay.drain(now)
        with scopes.host():
            return [
                insights.figures(now),
                people.people_counts(),
                people.partners_alive(),
                credentials.awards_of_partners(now),
                letters.state_counts(),
                catalog.course_counts(),
                [row.id for row in people.addressees()],
            ]

    before = figures()
    shell = actions.lay_ground(type_key="", actor=OPERATOR, now=now)
    with scopes.one(shell):
        actions.connect(run_id=begin(now), opened=OPENED, actor=OPERATOR, now=now)
        person = robot(now)
        people_actions.activate_person(person_id=person, actor=OPERATOR, now=now)
        assert people.person(person).synthetic
    assert figures() == before
    with scopes.one(world.nordwind):
        people_actions.admit_person(name="Somebody", email="somebody@nordwind.example", actor=OPERATOR, now=now)
    assert figures() != before, "the control: a real person does count"
