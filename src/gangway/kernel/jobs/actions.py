"""What staff do with jobs that gave up."""

from datetime import datetime
from uuid import UUID

from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.models import Job
from gangway.kernel.refusal import Refusal


class NotFailed(Refusal):
    code = "kernel.job_not_failed"
    message = "This job has not failed."
    next_step = "Look at the list again: it was started once more or is done."


@action("kernel.job.retry", scoped=False)
def retry(*, job_id: UUID, actor: Actor, now: datetime) -> None:
    """Make a failed job ready again. Refuses with NotFailed."""
    failed = Job.objects.filter(pk=job_id, state="failed")
    if not failed.update(state="ready", run_after=now, attempts=0, finished_at=None):
        raise NotFailed()
    audit.record(actor=actor, verb="kernel.job.retry", object_type="job", object_id=job_id, now=now)
