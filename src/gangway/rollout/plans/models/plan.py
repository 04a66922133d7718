"""The plan and its milestones."""

from django.db import models
from django.db.models import Q

from gangway.kernel.tenancy.models import PartnerModel, TenantForeignKey
from gangway.rollout.plans.rules.state import Result, State
from gangway.rollout.plans.rules.template import Track


class Plan(PartnerModel):
    """A rollout of twelve weeks. `definition` is the template as it was copied; later edits of the file change nothing.

    One plan runs at a time; an archived one keeps everything it knew.
    """

    template_key = models.CharField(max_length=63)
    template_version = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    definition = models.JSONField()
    kickoff_on = models.DateField()
    zone = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True)
    evaluated_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner"], condition=Q(archived_at=None), name="plans_one_running")
        ]


class Milestone(PartnerModel):
    """A line of the plan, or of its final checklist. `state` is the last computed one, kept for pages.

    `proven_at`: when it was last seen proven; what was proven once and no longer is has decayed.
    """

    plan = TenantForeignKey(Plan)
    key = models.CharField(max_length=63)
    week = models.PositiveSmallIntegerField()
    track = models.CharField(max_length=16)
    title = models.CharField(max_length=200)
    owner = models.CharField(max_length=63)
    deliverable = models.CharField(max_length=400, blank=True)
    may_attest = models.BooleanField()
    is_check = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=16, default=State.UNPROVEN)
    state_since = models.DateTimeField()
    proven_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "plan", "key"], name="plans_milestone_key"),
            models.CheckConstraint(condition=Q(state__in=list(State)), name="plans_milestone_state"),
            models.CheckConstraint(condition=Q(track__in=list(Track)), name="plans_milestone_track"),
        ]


class MilestoneCriterion(PartnerModel):
    """A criterion as a milestone uses it, with the last judgement over it. `words`: the template's own."""

    milestone = TenantForeignKey(Milestone)
    key = models.CharField(max_length=63)
    position = models.PositiveSmallIntegerField()
    parameters = models.JSONField(default=dict)
    words = models.CharField(max_length=400, blank=True)
    result = models.CharField(max_length=16, default=Result.UNSEEN)
    asked_at = models.DateTimeField(null=True)
    evaluation = TenantForeignKey("plans.Evaluation", null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "milestone", "position"], name="plans_criterion_position"),
            models.CheckConstraint(condition=Q(result__in=list(Result)), name="plans_criterion_result"),
        ]
        indexes = [models.Index(fields=["partner", "key"], name="plans_criterion_key")]


class KickoffAttendance(PartnerModel):
    """A person confirmed, signed in, that they attended the kickoff."""

    plan = TenantForeignKey(Plan)
    person = TenantForeignKey("people.Person")
    confirmed_at = models.DateTimeField()

    class Meta(PartnerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["partner", "plan", "person"], name="plans_one_attendance")]
