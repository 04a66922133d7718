from datetime import timedelta

import pytest
import time_machine
from django_tasks import task_backends
from django_tasks.base import TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist

from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.jobs import progress, queries, runner
from gangway.kernel.jobs.actions import NotFailed, retry
from gangway.kernel.models import CronMark, Job
from gangway.kernel.tenancy import scopes
from gangway.kernel.tests import sample_wiring as sample
from gangway.kernel.tests.conftest import MONDAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sample_wiring")]


@pytest.fixture(autouse=True)
def no_cron_is_due() -> None:
    sample.ran.clear()
    CronMark.objects.create(key="kernel.sweep", next_at=clock.now() + timedelta(days=1))


def soon():
    return clock.now() + timedelta(seconds=1)


def test_a_job_runs_in_the_scope_it_was_asked_for_in(nordwind):
    with scopes.one(nordwind):
        result = sample.sweep.enqueue()
    sample.sweep.enqueue()
    assert runner.turn("w", soon()) == 1
    assert runner.turn("w", soon()) == 1
    assert runner.turn("w", soon()) == 0
    assert sample.ran == [str(nordwind), "no scope"]
    result.refresh()
    assert (result.status, result.return_value) == (TaskResultStatus.SUCCESSFUL, "clean")
    job = Job.objects.get(pk=result.id)
    assert (job.done, job.total, job.words, job.attempts) == (1, 2, "half of the floor", 1)


def test_a_failing_job_comes_back_later_and_then_gives_up():
    result = sample.sweep.enqueue(fail=True)
    now = soon()
    for attempt in range(1, runner.MAX_ATTEMPTS + 1):
        with time_machine.travel(now, tick=False):
            assert runner.turn("w", now) == 1
            job = Job.objects.get(pk=result.id)
            assert job.attempts == attempt
            assert runner.turn("w", now) == 0, "not before its pause is over"
        now += timedelta(minutes=2)
    assert (job.state, job.last_error) == ("failed", "OSError: the broom broke")
    assert queries.counts() == {"failed": 1}
    (row,) = queries.newest("failed")
    assert (row.name, row.share, row.last_error) == ("sweep", 0.5, "OSError: the broom broke")
    retry(job_id=job.pk, actor=Actor.operator(), now=now)
    with pytest.raises(NotFailed):
        retry(job_id=job.pk, actor=Actor.operator(), now=now)
    assert queries.counts() == {"ready": 1}


def test_the_job_of_a_killed_worker_is_taken_up_when_its_lease_ends():
    result = sample.sweep.enqueue()
    now = soon()
    assert runner._claim("killed", now) is not None
    assert runner.turn("other", now) == 0
    assert runner.turn("other", now + runner.LEASE + timedelta(seconds=1)) == 1
    job = Job.objects.get(pk=result.id)
    assert (job.state, job.worker, job.attempts) == ("done", "other", 2)


def test_the_higher_priority_first_and_none_before_its_time():
    sample.sweep.using(run_after=MONDAY + timedelta(days=4000)).enqueue()
    low, high = sample.sweep.enqueue(), sample.sweep.using(priority=10).enqueue()
    runner.turn("w", soon())
    assert Job.objects.get(pk=high.id).state == "done"
    assert Job.objects.get(pk=low.id).state == "ready"
    runner.turn("w", soon())
    assert runner.turn("w", soon()) == 0


def test_a_schedule_is_enqueued_once_per_period():
    CronMark.objects.all().delete()
    now = soon()
    runner.turn("w", now)
    assert Job.objects.count() == 1
    runner.turn("w", now)
    assert Job.objects.count() == 1
    runner.turn("w", now + timedelta(hours=1, seconds=1))
    assert Job.objects.count() == 2


def test_arguments_are_named_and_results_are_looked_up():
    with pytest.raises(TypeError, match="by name"):
        sample.sweep.enqueue(True)
    with pytest.raises(TaskResultDoesNotExist):
        task_backends["default"].get_result(str(new_id()))


def test_progress_outside_a_job_is_nothing():
    progress(1, 2)
    assert not Job.objects.exists()
