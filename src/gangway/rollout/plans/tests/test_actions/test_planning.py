"""Making a plan."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid
from gangway.rollout.plans import actions, queries
from gangway.rollout.plans.actions.planning import PlanRuns
from gangway.rollout.plans.rules.state import State
from gangway.rollout.plans.tests.conftest import K, Rollout


def again(**changed: Any) -> Any:
    told = {"definition": queries.shipped_template("essential"), "kickoff_on": date(2026, 9, 7), "zone": "UTC"}
    return actions.new_plan(**{**told, **changed}, actor=Actor.operator(), now=K)


@pytest.mark.usefixtures("at_host")
def test_a_plan_copies_its_template(rollout: Rollout) -> None:
    rows = queries.milestones(rollout.plan_id)
    assert len([row for row in rows if not row.is_check]) == 48
    assert {row.state for row in rows} == {State.UNPROVEN}
    kickoff = queries.milestone(rollout.plan_id, "kickoff")
    assert kickoff.due_at == datetime(2026, 3, 6, 16, tzinfo=UTC)
    assert [criterion.key for criterion in kickoff.criteria] == ["plans.kickoff_held"]
    assert [row.key for row in queries.raci(rollout.plan_id)] == ["sponsor", "content", "platform"]


@pytest.mark.usefixtures("at_host")
def test_one_plan_runs_at_a_time(rollout: Rollout) -> None:
    with pytest.raises(PlanRuns):
        again()
    plan_id = again(replace=True)
    plan = queries.current_plan()
    assert plan is not None
    assert plan.id == plan_id != rollout.plan_id
    assert queries.milestones(rollout.plan_id), "the archived plan keeps what it knew"


@pytest.mark.usefixtures("at_host")
@pytest.mark.parametrize("wrong", [{"zone": "Europe/Atlantis"}, {"definition": {"key": "half"}}])
def test_what_does_not_fit_is_refused(rollout: Rollout, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        again(replace=True, **wrong)
    plan = queries.current_plan()
    assert plan is not None
    assert plan.id == rollout.plan_id, "the running plan was not touched"
