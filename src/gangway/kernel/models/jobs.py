from django.db import models

from gangway.kernel.tenancy.models import KernelModel


class Job(KernelModel):
    """A piece of long work: leased by a worker, kept alive by heartbeats, tried again when the lease runs out."""

    task = models.CharField(max_length=200)
    arguments = models.JSONField(default=dict)
    queue = models.CharField(max_length=40, default="default")
    priority = models.SmallIntegerField(default=0)
    partner_id = models.UUIDField(null=True)
    state = models.CharField(
        max_length=10, choices=[("ready", "ready"), ("running", "running"), ("done", "done"), ("failed", "failed")]
    )
    run_after = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=80, default="")
    attempts = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    words = models.CharField(max_length=200, default="")
    last_error = models.TextField(default="")
    result = models.JSONField(null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "run_after", "-priority"], name="job_due")]


class CronMark(KernelModel):
    """When a schedule is due next. Moving the mark is what lets only one worker start it."""

    key = models.CharField(max_length=80, unique=True)
    next_at = models.DateTimeField()
