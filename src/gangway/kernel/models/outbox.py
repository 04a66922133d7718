from django.db import models
from django.db.models import Q

from gangway.kernel.tenancy.models import KernelModel


class OutboxEvent(KernelModel):
    """A fact, written in the transaction of the change. `number` is the order of insertion, `position` the order of
    reading inside its lane, given by the sequencer once the row is committed."""

    id = models.UUIDField(unique=True, editable=False)
    number = models.BigAutoField(primary_key=True)
    lane = models.PositiveSmallIntegerField()
    position = models.BigIntegerField(null=True)
    name = models.CharField(max_length=100)
    partner_id = models.UUIDField()
    subject_id = models.UUIDField()
    payload = models.JSONField()
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=80)
    occurred_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lane", "position"], name="outbox_position")]
        indexes = [
            models.Index(fields=["lane", "number"], condition=Q(position__isnull=True), name="outbox_unplaced"),
            models.Index(fields=["subject_id", "number"], name="outbox_subject"),
        ]


class Lane(KernelModel):
    """The last position given in one of the lanes. Locking this row is the sequencer's lease."""

    number = models.PositiveSmallIntegerField(unique=True)
    last_position = models.BigIntegerField(default=0)


class Cursor(KernelModel):
    """How far a group of handlers has read a lane."""

    group = models.CharField(max_length=40)
    lane = models.PositiveSmallIntegerField()
    position = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "lane"], name="cursor_group_lane")]


class Failure(KernelModel):
    """An event that a group could not handle yet, or that waits behind one of the same subject."""

    group = models.CharField(max_length=40)
    event = models.ForeignKey(OutboxEvent, models.PROTECT, related_name="+")
    subject_id = models.UUIDField()
    state = models.CharField(
        max_length=10, choices=[("retry", "will be tried again"), ("held", "waits"), ("parked", "waits for staff")]
    )
    attempts = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "event"], name="failure_group_event")]
        indexes = [
            models.Index(fields=["state", "next_try_at"], name="failure_due"),
            models.Index(fields=["group", "subject_id"], name="failure_subject"),
        ]
