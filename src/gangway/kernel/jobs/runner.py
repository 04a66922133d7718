"""Takes due jobs under a lease and runs them. A killed worker's job is taken up by another when the lease ends."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.module_loading import import_string

from gangway.kernel import clock
from gangway.kernel.models import CronMark, Job
from gangway.kernel.tenancy import scopes
from gangway.kernel.wiring import part

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 5
log = structlog.get_logger(__name__)
_job: ContextVar[UUID | None] = ContextVar("gangway_job", default=None)


def progress(done: int, total: int | None = None, words: str = "") -> None:
    """Say how far the running job is, and keep its lease. Outside a job it does nothing."""
    job_id = _job.get()
    if job_id is not None:
        now = clock.now()
        Job.objects.filter(pk=job_id).update(done=done, total=total, words=words, lease_until=now + LEASE)


def turn(worker: str, now: datetime) -> int:
    """Enqueue what the schedules ask for, run one due job. 0 is idle."""
    return _enqueue_due_crons(now) + _run_one(worker, now)


def _run_one(worker: str, now: datetime) -> int:
    job = _claim(worker, now)
    if job is None:
        return 0
    scope = scopes.one(job.partner_id) if job.partner_id else nullcontext()
    token = _job.set(job.pk)
    try:
        with scope, _heartbeat(job.pk):
            result = import_string(job.task).func(**job.arguments)
    except Exception as error:
        log.exception("job.failed", task=job.task, job_id=str(job.pk))
        _put_back(job, clock.now(), f"{type(error).__name__}: {error}"[:2000])
    else:
        Job.objects.filter(pk=job.pk).update(state="done", finished_at=clock.now(), result=result, lease_until=None)
    finally:
        _job.reset(token)
    return 1


def _claim(worker: str, now: datetime) -> Job | None:
    due = Q(state="ready", run_after__lte=now) | Q(state="running", lease_until__lt=now)
    if not Job.objects.filter(due).exists():
        return None  # an idle worker takes no write lock
    with transaction.atomic():
        locked = Job.objects.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
        job = locked.filter(due).order_by("-priority", "run_after").first()
        if job is None:
            return None
        Job.objects.filter(pk=job.pk).update(
            state="running",
            worker=worker,
            lease_until=now + LEASE,
            attempts=F("attempts") + 1,
            started_at=now,
        )
        job.refresh_from_db()
        return job


def _put_back(job: Job, now: datetime, error: str) -> None:
    last = job.attempts >= MAX_ATTEMPTS
    Job.objects.filter(pk=job.pk).update(
        state="failed" if last else "ready",
        run_after=now + timedelta(seconds=2**job.attempts),
        lease_until=None,
        finished_at=now if last else None,
        last_error=error,
    )


@contextmanager
def _heartbeat(job_id: UUID) -> Iterator[None]:
    """Keep the lease while a job computes without saying anything."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(LEASE.total_seconds() / 3):
            Job.objects.filter(pk=job_id, state="running").update(lease_until=clock.now() + LEASE)
        connection.close()

    thread = threading.Thread(target=beat, daemon=True, name="job-heartbeat")
    thread.start()
    try:
        yield
    finally:
        stop.set()


def _enqueue_due_crons(now: datetime) -> int:
    started = 0
    marks = dict(CronMark.objects.values_list("key", "next_at"))
    for cron in part("CRON"):
        if cron.key not in marks:
            CronMark.objects.get_or_create(key=cron.key, defaults={"next_at": now})
        elif marks[cron.key] > now:
            continue
        with transaction.atomic():
            if CronMark.objects.filter(key=cron.key, next_at__lte=now).update(next_at=now + cron.every):
                cron.task.enqueue()
                started += 1
    return started
