"""What was seen, and the light that follows from it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes
from gangway.rollout.plans import actions, queries
from gangway.rollout.plans.models import DueCheck, Evaluation
from gangway.rollout.plans.rules.state import Result, State
from gangway.rollout.plans.tests.conftest import K, Rollout

JOB = Actor.job("plans")
KEY = "catalog.courses_published"  # in the milestone `essentials` with minimum 1, in `final-catalogue` with 3


def look(at: datetime = K, keys: frozenset[str] | None = None) -> actions.Looked:
    return actions.evaluate_plan(keys=keys, actor=JOB, now=at)


def stored(rollout: Rollout) -> list[Evaluation]:
    with scopes.one(rollout.host_id):
        return list(Evaluation.objects.filter(key=KEY).order_by("as_of", "id"))


def test_a_fact_turns_the_light_green_and_its_end_turns_it_off(rollout: Rollout, facts: dict[str, Any]) -> None:
    facts["value"] = 2
    assert look().changed == {"essentials": State.PROVEN}
    facts["value"] = 0
    assert look(K + timedelta(minutes=5)).changed == {"essentials": State.DECAYED}
    row = rollout.milestone("essentials")
    assert row.why == "No longer proven: 0 seen. That is 0; fewer than 2 prove nothing."
    facts["value"] = 2
    assert look(K + timedelta(minutes=9)).changed == {"essentials": State.PROVEN}


def test_too_few_are_no_proof_though_the_predicate_holds(rollout: Rollout, facts: dict[str, Any]) -> None:
    facts.update(value=5, n=1)
    assert look().changed == {}
    assert rollout.milestone("essentials").criteria[0].result is Result.THIN


def test_a_query_that_fails_proves_nothing_and_says_so(rollout: Rollout, facts: dict[str, Any]) -> None:
    facts["raises"] = ZeroDivisionError()
    look()
    criterion = rollout.milestone("essentials").criteria[0]
    assert criterion.result is Result.UNSEEN
    assert criterion.latest is not None
    assert "ZeroDivisionError" in criterion.latest.words


def test_what_nobody_registered_stays_unproven_in_the_templates_words(rollout: Rollout) -> None:
    look()
    row = rollout.milestone("canary")
    assert row.state is State.UNPROVEN
    assert row.criteria[0].latest is None
    assert row.why == "Waits for: The shell partner's nightly run was green 3 days running."


def test_an_evaluation_is_stored_when_something_changed_and_once_a_day(rollout: Rollout, facts: dict[str, Any]) -> None:
    facts["value"] = 2
    for minutes in range(5):
        look(K + timedelta(minutes=minutes))
    assert len(stored(rollout)) == 2, "one for each of the two milestones that ask"
    facts["value"] = 3
    look(K + timedelta(minutes=9))
    assert len(stored(rollout)) == 4
    look(K + timedelta(days=1))
    assert len(stored(rollout)) == 6
    row = stored(rollout)[-1]
    assert (row.value, row.n, row.query) == (3, 3, "gangway.rollout.plans.tests.wiring.fact")
    assert row.definition == "essential/1 catalog.courses_published/1"


def test_the_database_keeps_every_evaluation_as_it_was(rollout: Rollout, facts: dict[str, Any]) -> None:
    facts["value"] = 2
    look()
    with scopes.one(rollout.host_id):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            Evaluation.objects.update(result=Result.UNMET)
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            Evaluation.objects.all().delete()


def test_an_older_answer_does_not_overwrite_a_younger_one(rollout: Rollout, facts: dict[str, Any]) -> None:
    facts["value"] = 2
    look(K + timedelta(hours=1))
    facts["value"] = 0
    look(K)
    assert rollout.milestone("essentials").state is State.PROVEN


def test_only_what_is_due_is_asked(rollout: Rollout, facts: dict[str, Any]) -> None:
    facts["value"] = 2
    assert actions.evaluate_due(actor=JOB, now=K) == 0
    assert rollout.milestone("essentials").state is State.UNPROVEN
    for _ in range(3):
        actions.ask_again(keys=[KEY], actor=JOB, now=K)
    assert DueCheck.objects.count() == 1, "marking thrice is marking once"
    assert actions.evaluate_due(actor=JOB, now=K) == 1
    assert rollout.milestone("essentials").state is State.PROVEN
    assert not DueCheck.objects.exists()


def test_marks_of_a_killed_worker_are_asked_by_the_next(rollout: Rollout, facts: dict[str, Any]) -> None:
    facts["value"] = 2
    DueCheck.objects.create(criterion=KEY, taken=True)
    assert actions.evaluate_due(actor=JOB, now=K) == 1
    assert rollout.milestone("essentials").state is State.PROVEN


def test_events_name_the_criteria_that_depend_on_them(facts: dict[str, Any]) -> None:
    assert queries.criteria_after("a.b.c.v1") == {"portal.fresh"}
    assert queries.criteria_after("nobody.listens.v1") == frozenset()


def test_without_a_plan_nothing_is_asked(db: None) -> None:
    assert look() == actions.Looked(0, 0, {})
