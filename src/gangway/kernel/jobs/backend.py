"""The django-tasks backend that stores jobs in our table, in the transaction that asks for them."""

from datetime import datetime
from typing import Any

from django.utils.module_loading import import_string
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskResult, TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist

from gangway.kernel import clock
from gangway.kernel.models import Job
from gangway.kernel.tenancy import scopes

_STATUS = {
    "ready": TaskResultStatus.READY,
    "running": TaskResultStatus.RUNNING,
    "done": TaskResultStatus.SUCCESSFUL,
    "failed": TaskResultStatus.FAILED,
}


class StoredBackend(BaseTaskBackend):
    """Jobs survive a restart, are leased, retried and followed by a progress counter."""

    supports_defer = True
    supports_get_result = True
    supports_priority = True

    def enqueue(self, task: Task[..., Any], args: Any, kwargs: Any) -> TaskResult[Any]:
        self.validate_task(task)
        if args:
            raise TypeError(f"{task.module_path}: give a job its arguments by name.")
        now = clock.now()
        scope = scopes.current()
        job = Job.objects.create(
            task=task.module_path,
            arguments=kwargs,
            queue=task.queue_name,
            priority=task.priority,
            partner_id=scope.partner_id if scope and scope.mode is scopes.Mode.ONE else None,
            state="ready",
            run_after=task.run_after or now,
            created_at=now,
        )
        return self._result(job, task, now)

    def get_result(self, result_id: str) -> TaskResult[Any]:
        job = Job.objects.filter(pk=result_id).first()
        if job is None:
            raise TaskResultDoesNotExist(result_id)
        return self._result(job, import_string(job.task), job.created_at)

    def _result(self, job: Job, task: Task[..., Any], enqueued_at: datetime) -> TaskResult[Any]:
        result: TaskResult[Any] = TaskResult(
            task=task,
            id=str(job.pk),
            status=_STATUS[job.state],
            enqueued_at=enqueued_at,
            started_at=job.started_at,
            last_attempted_at=job.started_at,
            finished_at=job.finished_at,
            args=[],
            kwargs=job.arguments,
            backend=self.alias,
            errors=[],
            worker_ids=[job.worker] if job.worker else [],
        )
        object.__setattr__(result, "_return_value", job.result)
        return result
