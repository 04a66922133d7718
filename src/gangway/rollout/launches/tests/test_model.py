"""Waves under everything that may happen around them, in any order (Hypothesis), at two partners.

Whatever the order: nobody gets two launch letters, nobody of an undone wave got one, nobody counts who was not invited,
and figures made anew from what is stored say the same.
"""

import os
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from gangway.identity.actions.sessions import begin_session
from gangway.identity.models import Invitation
from gangway.identity.rules import Method
from gangway.insights.actions import rebuild_journeys
from gangway.insights.models import Journey
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import relay
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions as messaging
from gangway.messaging.jobs import send_due
from gangway.messaging.models import Message
from gangway.messaging.queries import due_messages
from gangway.messaging.rules import Fate, Outcome
from gangway.people.actions import admit_person, person_leaves
from gangway.people.models import Person
from gangway.rollout.launches import actions, jobs, queries
from gangway.rollout.launches.rules.states import WaveState
from gangway.rollout.launches.tests.house import OPERATOR, agree, name_team

EXAMPLES, STEPS = (int(os.environ.get("GANGWAY_MODEL_RUNS", "12")), 25)
BOUNCED = Outcome(Fate.BOUNCED, "550 5.1.1 unknown", 550, dead=True)


class Waves(RuleBasedStateMachine):
    """The partners of the small world; each run is rolled back."""

    world: Any
    start: datetime

    def __init__(self) -> None:
        super().__init__()
        self.run = transaction.atomic()
        self.run.__enter__()
        self.now, self.count, self.waves = self.start, 0, list[UUID]()
        self.partners = (self.world.nordwind, self.world.suedstern)
        for partner_id, admin in zip(self.partners, (self.world.ben, self.world.caz), strict=True):
            agree(partner_id, admin.id, self.now)
            name_team(partner_id, 2, self.now)
        self.follow()

    def teardown(self) -> None:
        try:
            self.end()
        finally:
            transaction.set_rollback(True)
            self.run.__exit__(None, None, None)

    def end(self) -> None:
        """Everything that was begun comes to its end, and the figures are those that what is stored gives."""
        self.wait(11)
        self.wait(24 * 60)
        for partner_id in self.partners:
            with scopes.one(partner_id):
                assert rebuild_journeys(actor=OPERATOR, now=self.now) == 0

    def follow(self) -> None:
        """What the worker does at this time."""
        for _ in range(200):
            if not relay.turn(self.now) + jobs.carry_on(self.now):
                return
        raise AssertionError("The worker did not come to rest.")

    def draft(self) -> UUID | None:
        open_waves = [wave.id for wave in queries.waves() if wave.is_draft]
        return open_waves[0] if open_waves else None

    # ---------------------------------------------------------------- what people do

    @rule(at=st.integers(0, 1), mailbox=st.booleans())
    def add_person(self, at: int, mailbox: bool) -> None:
        self.count += 1
        with scopes.one(self.partners[at]):
            admit_person(
                name=f"N{self.count}",
                email=f"n{self.count}@{at}.example" if mailbox else None,
                external_id=f"n{self.count}",
                letter=False,
                actor=OPERATOR,
                now=self.now,
            )

    @rule(at=st.integers(0, 1))
    def write_at_once(self, at: int) -> None:
        self.count += 1
        with scopes.one(self.partners[at]):
            admit_person(name=f"N{self.count}", email=f"n{self.count}@{at}.example", actor=OPERATOR, now=self.now)
        self.follow()

    @rule(which=st.integers(0, 30))
    def leave(self, which: int) -> None:
        person = self.somebody(which)
        if person is not None:
            self.now += timedelta(seconds=1)  # of one instant nobody could say which came last
            with scopes.one(person.partner_id):
                person_leaves(person_id=person.id, actor=OPERATOR, now=self.now)

    @rule(which=st.integers(0, 30))
    def come_in(self, which: int) -> None:
        person = self.somebody(which)
        if person is not None:
            with scopes.one(person.partner_id):
                begin_session(
                    person_id=person.id, method=Method.CODE, device="", actor=Actor.person(person.id), now=self.now
                )

    def somebody(self, which: int) -> Person | None:
        """One of those who are no admins and have not left."""
        admins = (self.world.ben.id, self.world.caz.id)
        with scopes.host():
            rows = list(
                Person.objects.filter(partner_id__in=self.partners, state__in=["invited", "active"])
                .exclude(pk__in=admins)
                .order_by("pk")
            )
        return rows[which % len(rows)] if rows else None

    # ---------------------------------------------------------------- what staff do

    @rule()
    def plan(self) -> None:
        if self.draft() is None:
            self.waves.append(actions.create_wave(name="Wave", actor=OPERATOR, now=self.now))

    @precondition(lambda self: self.draft() is not None)
    @rule(at=st.integers(0, 1), verb=st.sampled_from(["add", "remove", "hold", "let_go"]))
    def change(self, at: int, verb: str) -> None:
        told: dict[str, Any] = {"wave_id": self.draft(), "actor": OPERATOR, "now": self.now}
        # Refused where the partner stands in another wave, or not in this one: asking for it must change nothing.
        with suppress(Refusal), scopes.one(self.partners[at]):
            match verb:
                case "add":
                    actions.add_partner(**told)
                case "remove":
                    actions.remove_partner(**told)
                case "hold":
                    actions.hold(**told, reason="Not now.")
                case "let_go":
                    actions.let_go(**told, reason="Now.")

    @precondition(lambda self: self.draft() is not None)
    @rule(works=st.booleans())
    def send(self, works: bool) -> None:
        wave_id = self.draft()
        assert wave_id is not None
        try:
            actions.send_wave(wave_id=wave_id, actor=OPERATOR, now=self.now)
        except actions.NobodyReady:
            return
        if works:
            self.follow()

    @precondition(lambda self: bool(self.waves))
    @rule(which=st.integers(0, 5))
    def undo(self, which: int) -> None:
        with suppress(actions.TooLate, actions.NotSent):
            actions.undo_wave(wave_id=self.waves[which % len(self.waves)], actor=OPERATOR, now=self.now)

    # ---------------------------------------------------------------- what time and mail servers do

    @rule(minutes=st.sampled_from([1, 5, 9, 10, 11, 60]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.follow()
        while send_due(self.now):
            pass
        self.follow()

    @rule(minutes=st.sampled_from([9, 10, 11]))
    def letters_are_faster_than_confirmation(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        while send_due(self.now):
            pass

    @rule()
    def bounce(self) -> None:
        for due in due_messages(self.now, 1):
            with scopes.one(due.partner_id):
                for taken in messaging.claim(message_ids=[due.id], actor=OPERATOR, now=self.now):
                    messaging.record_delivery(
                        message_id=due.id, lease=taken.lease, outcome=BOUNCED, actor=OPERATOR, now=self.now
                    )

    # ---------------------------------------------------------------- what must never be

    @invariant()
    def nobody_is_written_to_twice(self) -> None:
        with scopes.host():
            written = Message.objects.filter(letter_key="identity.launch").exclude(state="cancelled")
            twice = [who for who, n in Counter(written.values_list("person_id", flat=True)).items() if n > 1]
        assert twice == []

    @invariant()
    def nobody_of_an_undone_wave_was_written_to(self) -> None:
        undone = [wave.id for wave in queries.waves() if wave.state is WaveState.UNDONE]
        with scopes.host():
            assert not Message.objects.filter(cause__in=undone).exclude(state="cancelled").exists()
        assert not Invitation.objects.filter(cause__in=undone).exists()

    @invariant()
    def nobody_counts_who_was_not_invited(self) -> None:
        invited = dict(Invitation.objects.values_list("person_id", "invited_at"))
        with scopes.host():
            counted = dict(Journey.objects.filter(invited_at__isnull=False).values_list("person_id", "invited_at"))
        assert set(counted) <= set(invited)
        assert all(at <= self.now for at in counted.values())

    @invariant()
    def no_letter_goes_before_the_window_ends(self) -> None:
        starts = {wave.id: wave.letters_from for wave in queries.waves() if wave.letters_from}
        with scopes.host():
            gone = Message.objects.filter(cause__in=starts).exclude(state__in=["queued", "cancelled"])
            assert all(starts[row.cause] <= (row.ended_at or self.now) for row in gone)


class Forgetful(Waves):
    """The control: at some time somebody gets a second launch letter."""

    @rule()
    def write_again(self) -> None:
        with scopes.host():
            letter = Message.objects.filter(letter_key="identity.launch").exclude(state="cancelled").first()
        if letter is not None:
            with scopes.one(letter.partner_id):
                messaging.queue_message(
                    person_id=letter.person_id,
                    letter_key="identity.launch",
                    dedupe_key="planted",
                    actor=OPERATOR,
                    now=self.now,
                )

    def end(self) -> None:
        """Nothing more is asked of it."""


@pytest.mark.django_db
def test_waves_under_everything_that_may_happen(world: Any, now: datetime) -> None:
    Waves.world, Waves.start = world, now
    run_state_machine_as_test(
        Waves,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_a_second_letter_is_found(world: Any, now: datetime) -> None:
    Forgetful.world, Forgetful.start = world, now
    with pytest.raises(AssertionError) as found:
        run_state_machine_as_test(
            Forgetful,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    assert found.traceback[-1].name == "nobody_is_written_to_twice"
