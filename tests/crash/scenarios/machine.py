"""Scenarios of the worker, and of staff who mend what it gave up."""

from gangway.kernel import worker
from gangway.kernel.jobs import actions as job_actions
from gangway.kernel.models import Failure, Job, OutboxEvent
from gangway.kernel.outbox import actions as outbox_actions
from tests.crash.scenario import NOW, Stage, scenario
from tests.crash.scenarios.ground import as_dee
from tests.crash.scenarios.learning import answered, submit


@scenario("relay and jobs", kind="steps", prepare=answered)
def everything(stage: Stage) -> None:
    """From handing in to rest: sequencer, relay, handlers, rounds and jobs, each turn of the worker."""
    submit(stage)
    while worker.turn("doomed", NOW):
        pass


def _failed_job(stage: Stage) -> None:
    stage["job"] = Job.objects.create(
        task="gangway.rollout.plans.jobs.evaluate_nightly", state="failed", run_after=NOW, created_at=NOW, attempts=5
    ).pk


@scenario("retry job", prepare=_failed_job)
def retry_job(stage: Stage) -> None:
    job_actions.retry(job_id=stage["job"], actor=as_dee(stage), now=NOW)


def _parked(stage: Stage) -> None:
    event = OutboxEvent.objects.filter(name="people.person.admitted.v1").first()
    assert event is not None
    stage["failure"] = Failure.objects.create(
        group="identity", event=event, subject_id=event.subject_id, state="parked", attempts=12
    ).pk


@scenario("replay parked", prepare=_parked)
def replay_parked(stage: Stage) -> None:
    outbox_actions.replay(failure_id=stage["failure"], actor=as_dee(stage), now=NOW)
