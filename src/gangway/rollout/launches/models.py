"""Tables of launches. Words and allowed values: rules/."""

from django.db import models
from django.db.models import Q

from gangway.kernel.tenancy.models import PartnerModel, PlainForeignKey, SharedModel
from gangway.rollout.launches.rules.states import LaunchState, Quiet, WaveState


class Wave(SharedModel):
    """Partners launched together. `key` never changes. Owned by the host.

    `letters_from`: the end of the undo window; no letter goes before it, and nobody counts as invited before it.
    """

    key = models.CharField(max_length=63)
    name = models.CharField(max_length=200)
    planned_on = models.DateField(null=True)
    state = models.CharField(max_length=16, default=WaveState.DRAFT.value)
    nudges = models.BooleanField(default=True)
    quiet = models.CharField(max_length=8, default=Quiet.WAIT.value)
    letters_from = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)
    sent_at = models.DateTimeField(null=True)
    sent_by = models.CharField(max_length=80, blank=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="launches_wave_key"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in WaveState]), name="launches_wave_state"
            ),
        ]
        indexes = [
            models.Index(fields=["letters_from"], condition=Q(state=WaveState.GOING.value), name="launches_going")
        ]


class Launch(PartnerModel):
    """A partner in a wave. `open` while the wave can still launch it: a partner is in at most one open wave.

    A hold by hand is `hold_reason`; `let_go_reason` lets a partner go in spite of what holds it by itself. What a
    partner was held for when its wave was sent stays in `held_for`. `people`, `without_mailbox` and `locales`
    (language → people) are as they were at sending. `queued_*` and `told_*` say how far the worker came: behind which
    person, and when it was through.
    """

    wave = PlainForeignKey(Wave)
    state = models.CharField(max_length=16, default=LaunchState.PLANNED.value)
    open = models.BooleanField(default=True)
    hold_reason = models.CharField(max_length=300, blank=True)
    held_by = models.CharField(max_length=80, blank=True)
    held_at = models.DateTimeField(null=True)
    let_go_reason = models.CharField(max_length=300, blank=True)
    let_go_by = models.CharField(max_length=80, blank=True)
    let_go_at = models.DateTimeField(null=True)
    held_for = models.JSONField(default=list)
    people = models.PositiveIntegerField(default=0)
    without_mailbox = models.PositiveIntegerField(default=0)
    locales = models.JSONField(default=dict)
    queued_after = models.UUIDField(null=True)
    queued_at = models.DateTimeField(null=True)
    told_after = models.UUIDField(null=True)
    told_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField()
    launched_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "wave"], name="launches_once_in_a_wave"),
            models.UniqueConstraint(fields=["partner"], condition=Q(open=True), name="launches_one_open_wave"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in LaunchState]), name="launches_launch_state"
            ),
        ]
        indexes = [models.Index(fields=["wave", "partner"], name="launches_of_wave")]
