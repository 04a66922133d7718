"""Experiment 3: processes die at every database step, and nothing is half done or done twice."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from gangway.kernel import audit
from gangway.kernel.actions import ACTIONS
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes
from gangway.partners.models import Brand
from tests import proof
from tests.crash import scenarios, state
from tests.crash.killing import COPY, Ground, forget_connections, in_child
from tests.crash.scenario import NOW, SCENARIOS, Scenario, Stage, settle
from tests.crash.scenarios.ground import base
from tests.crash.trial import Trial, Verdict, never_hit, played

assert scenarios  # they are on the list by being read

SEED = int(os.environ.get("GANGWAY_SEED", "20260302"))
# What dies here, and how often; `make prove` tries every point of every scenario on both databases. PostgreSQL takes a
# second to copy a database, and what is asked is mostly where a transaction begins and ends, which is the same on both.
SAMPLE, EVERY = (1, 4) if os.environ.get("GANGWAY_TEST_DB") == "postgres" else (2, 1)


@pytest.fixture(scope="module")
def ground(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Ground, Stage]]:
    """A world in a database of its own, kept as `base`; the tests around it get theirs back untouched."""
    ground = Ground()
    with django_db_blocker.unblock():
        stage = in_child(base, NOW)
        ground.keep("base")
        settle()  # what this process has seen once, its children need not learn
        state.read()
        yield ground, stage
        forget_connections()
        ground.database.clone(COPY)


@pytest.mark.parametrize("key", sorted(SCENARIOS)[::EVERY])
def test_a_sample_of_kills_leaves_nothing_half_done(ground: tuple[Ground, Stage], key: str) -> None:
    verdict = Trial(*ground, SCENARIOS[key]).run(sample=SAMPLE, seed=SEED)
    assert verdict.kills == SAMPLE
    assert verdict.faults == []


# Actions that no scenario carries out yet, and why; a new one must be given a scenario instead.
NOT_KILLED = {
    "identity.challenge.ask_again": "like identity.challenge.start, of an older letter",
    "identity.challenge.choose": "needs a mailbox at two partners",
    "identity.ceremony.forget": "deletes old rows in one statement",
    "identity.challenge.forget": "deletes old rows in one statement",
    "identity.failed_sign_in.bounce": "needs a mail server that refuses",
    "identity.failed_sign_in.forget": "deletes old rows in one statement",
    "identity.invitation.follow": "needs the secret of a letter",
    "identity.setup.complete": "only while nobody is on the staff",
    "identity.setup.open": "only while nobody is on the staff",
    "insights.counts.recount": "makes figures anew from what is stored",
    "insights.journey.rebuild": "makes figures anew from what is stored",
    "messaging.mailbox.allow": "one row",
    "partners.host.create": "once, in an empty house",
    "people.sheet.check": "one job",
    "people.sheet.refuse": "one row",
    "rehearsal.award_page.record": "needs a server to look at",
}


@pytest.mark.prove
def test_every_point_of_every_scenario(ground: tuple[Ground, Stage]) -> None:
    verdicts = [_said(Trial(*ground, one).run()) for one in SCENARIOS.values()]
    missed = never_hit(verdicts) - set(NOT_KILLED)
    proof.write(
        "3 crash harness",
        scenarios=len(verdicts),
        kills=sum(verdict.kills for verdict in verdicts),
        steps=sum(verdict.steps for verdict in verdicts),
        actions_hit=len(set().union(*(verdict.hit for verdict in verdicts))),
        actions=len(ACTIONS),
        faults=[fault for verdict in verdicts for fault in verdict.faults],
        never_hit=sorted(never_hit(verdicts)),
    )
    assert missed == set(), "void: these actions were never hit"
    assert [fault for verdict in verdicts for fault in verdict.faults] == []


def _said(verdict: Verdict) -> Verdict:
    words = f"{verdict.steps} statements, {verdict.kills} kills, {len(verdict.faults)} faults"
    print(f"{verdict.key}: {words}", flush=True)
    return verdict


@pytest.mark.sqlite_only
def test_every_action_has_a_scenario(ground: tuple[Ground, Stage]) -> None:
    """Which actions run is seen, not declared: each scenario is played once, unharmed."""
    hit: set[str] = set()
    for one in SCENARIOS.values():
        ground[0].back("base")
        hit |= in_child(lambda: played(one, ground[1]), NOW)  # noqa: B023
    assert set(ACTIONS) - hit - set(NOT_KILLED) == set()
    assert set(NOT_KILLED) & hit == set(), "these are killed by now: take them off the list"


def naive(stage: Stage) -> None:
    """Two transactions where there should be one: the change, and later what is said about it."""
    with scopes.one(stage["nordwind"]):
        with transaction.atomic():
            Brand.objects.update(display_name="Half")
        with transaction.atomic():
            audit.record(actor=Actor.operator(), verb="naive", object_type="x", object_id="x", now=NOW)


def test_a_naive_job_is_caught(ground: tuple[Ground, Stage]) -> None:
    """The control: work in two transactions is half done at some points, and doubled by doing it again."""
    verdict: Verdict = Trial(*ground, Scenario("naive", naive)).run()
    halves = [fault for fault in verdict.faults if "after a restart" in fault]
    doubles = [fault for fault in verdict.faults if "doing it again" in fault]
    assert halves
    assert doubles
