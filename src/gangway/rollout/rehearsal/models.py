"""What the robot saw, and what rehearsals came to."""

from django.db import models
from django.db.models import Q

from gangway.kernel.tenancy.models import PartnerModel, TenantForeignKey
from gangway.rollout.rehearsal.rules import Cause


class Run(PartnerModel):
    """One rehearsal, of the rehearsal partner. `steps`: as rules.read_step gives them, in their order.

    `problem`: why it broke off before its end, in English; "" where it did not. `passed` None: it is under way.
    """

    cause = models.CharField(max_length=16)
    type_key = models.CharField(max_length=63, blank=True)
    steps = models.JSONField(default=list)
    problem = models.CharField(max_length=300, blank=True)
    passed = models.BooleanField(null=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [models.CheckConstraint(condition=Q(cause__in=list(Cause)), name="rehearsal_run_cause")]
        indexes = [models.Index(fields=["partner", "started_at"], name="rehearsal_runs")]


class Canary(PartnerModel):
    """Whether the vendor has its rehearsal run every night. Without a row the setting REHEARSE_NIGHTLY says it."""

    on = models.BooleanField()
    set_at = models.DateTimeField()

    class Meta(PartnerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["partner"], name="rehearsal_one_canary")]


class AwardPageCheck(PartnerModel):
    """The public page of one of the robot's awards, fetched without a session. Rows of the shell partner."""

    append_only = True

    award = TenantForeignKey("credentials.Award")
    address = models.CharField(max_length=500)
    status = models.PositiveSmallIntegerField()
    passed = models.BooleanField()
    words = models.CharField(max_length=400)
    said = models.JSONField(null=True)
    checked_at = models.DateTimeField()

    class Meta(PartnerModel.Meta):
        indexes = [models.Index(fields=["partner", "checked_at"], name="rehearsal_checks")]
