"""The robot learns through the learner's own actions, and looks at its award as a stranger would."""

from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from gangway.catalog import actions as catalog
from gangway.catalog.markdown.read import read_course
from gangway.credentials import actions as credentials
from gangway.credentials import queries as awards
from gangway.kernel.actor import Actor
from gangway.kernel.evidence import Asking
from gangway.kernel.ids import new_id
from gangway.kernel.outbox import relay
from gangway.kernel.tenancy import scopes
from gangway.learning.evidence import robot_completed
from gangway.partners import queries as partners
from gangway.people import queries as people
from gangway.rollout.plans import actions as plans
from gangway.rollout.plans import queries as plan_queries
from gangway.rollout.plans.rules.state import State
from gangway.rollout.rehearsal import actions, evidence, jobs, queries, rules
from gangway.rollout.rehearsal.models import AwardPageCheck

OPERATOR = Actor.operator()
COURSE = Path(str(files("gangway.config"))) / "demo" / "partner-essentials"


def ask(world: Any, now: datetime) -> Asking:
    return Asking(host_id=world.host, plan_id=new_id(), now=now, parameters={"minimum": 1})


@pytest.fixture
def course(world: Any, now: datetime) -> str:
    with scopes.one(world.host):
        catalog.import_course(draft=read_course(COURSE), actor=OPERATOR, now=now)
    return "partner-essentials"


def test_it_walks_a_course_to_its_end_once(course: str, world: Any, now: datetime) -> None:
    (walked,) = actions.walk_courses(actor=OPERATOR, now=now)
    assert (walked.course_key, walked.version, walked.completed) == (course, 1, True)
    assert actions.walk_courses(actor=OPERATOR, now=now + timedelta(days=1)) == [walked]
    with scopes.one(partners.find_partner(rules.SHELL_SLUG).id):
        robots = list(people.everybody())
    assert [(robot.synthetic, robot.name) for robot in robots] == [(True, rules.ROBOT_NAME)]


def test_its_completion_is_evidence_and_a_persons_is_not(course: str, world: Any, now: datetime) -> None:
    with scopes.host():
        assert not robot_completed(ask(world, now)).holds
    actions.walk_courses(actor=OPERATOR, now=now)
    with scopes.host():
        found = robot_completed(ask(world, now))
    assert (found.holds, found.value, found.n) == (True, 1, 1)


def test_nothing_is_walked_before_there_is_a_vendor(db: None, now: datetime) -> None:
    assert actions.walk_courses(actor=OPERATOR, now=now) == []
    assert partners.host_partner() is None, "the robot must not make one"


def test_the_daily_round_needs_a_plan(course: str, world: Any) -> None:
    assert jobs.send_robot.func() == 0
    assert partners.partner_ids(("shell",)) == ()


@pytest.mark.django_db(transaction=True)
class TestAward:
    """With a server that answers on loopback."""

    @pytest.fixture
    def site(self, course: str, world: Any, now: datetime, live_server: Any, settings: Any) -> str:
        settings.BASE_URL = live_server.url
        with scopes.one(world.host):
            definition = plan_queries.shipped_template("essential")
            plans.new_plan(definition=definition, kickoff_on=date(2026, 3, 2), zone="UTC", actor=OPERATOR, now=now)
        relay.drain(now)  # what completing the course earns is defined when it is published
        actions.walk_courses(actor=OPERATOR, now=now)
        relay.drain(now)
        return str(live_server.url)

    def state(self, world: Any, key: str) -> State:
        with scopes.one(world.host):
            plan = plan_queries.current_plan()
            assert plan is not None
            return plan_queries.milestone(plan.id, key).state

    def settle(self, now: datetime) -> None:
        relay.drain(now)
        plans.evaluate_due(actor=OPERATOR, now=now)

    def test_the_award_page_closes_its_milestone_and_its_end_reopens_it(
        self, site: str, world: Any, now: datetime, settings: Any
    ) -> None:
        self.settle(now)
        assert self.state(world, "certificate") is State.UNPROVEN
        assert actions.look_at_awards(actor=OPERATOR, now=now) == (1, 1)
        self.settle(now)
        assert self.state(world, "certificate") is State.PROVEN
        settings.BASE_URL = f"http://127.0.0.1:{_closed_port()}"
        later = now + timedelta(hours=1)
        assert actions.look_at_awards(actor=OPERATOR, now=later) == (1, 0)
        self.settle(later)
        assert self.state(world, "certificate") is State.DECAYED
        assert queries_in_host(0) == "The page did not answer."

    def test_the_daily_round_leaves_fresh_looks_alone(self, site: str, now: datetime) -> None:
        told = {"actor": OPERATOR, "now": now + timedelta(hours=13)}
        assert actions.look_at_awards(actor=OPERATOR, now=now) == (1, 1)
        assert actions.look_at_awards(unseen_since=now - timedelta(hours=1), **told) == (0, 0)
        assert actions.look_at_awards(unseen_since=now + timedelta(hours=1), **told) == (1, 1)

    def test_a_look_fades_after_three_days(self, site: str, world: Any, now: datetime) -> None:
        actions.look_at_awards(actor=OPERATOR, now=now)
        self.settle(now)
        plans.evaluate_plan(actor=OPERATOR, now=now + timedelta(days=3, seconds=1))
        assert self.state(world, "certificate") is State.DECAYED

    def test_a_revoked_award_is_no_proof(self, site: str, world: Any, now: datetime) -> None:
        actions.look_at_awards(actor=OPERATOR, now=now)
        shell = partners.find_partner(rules.SHELL_SLUG).id
        with scopes.one(shell):
            (robot,) = people.everybody()
            (award,) = awards.awards_of(robot.id, now)
            credentials.revoke_award(award_id=award.id, reason="issued_in_error", actor=OPERATOR, now=now)
        assert actions.look_at_awards(actor=OPERATOR, now=now) == (0, 0)
        with scopes.host():
            assert evidence.award_page_checked(ask(world, now)).n == 0

    def test_what_was_seen_is_never_edited(self, site: str, now: datetime) -> None:
        actions.look_at_awards(actor=OPERATOR, now=now)
        with (
            scopes.one(partners.find_partner(rules.SHELL_SLUG).id),
            pytest.raises((DatabaseError, IntegrityError)),
            transaction.atomic(),
        ):
            AwardPageCheck.objects.update(passed=False)


def queries_in_host(index: int) -> str:
    with scopes.host():
        return queries.checks()[index].words


def _closed_port() -> int:
    """A port of loopback where nobody listens."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
