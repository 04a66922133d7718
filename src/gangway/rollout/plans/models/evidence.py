"""What was seen, and what somebody vouched for."""

from django.db import models
from django.db.models import Q

from gangway.kernel.tenancy.models import KernelModel, PartnerModel, TenantForeignKey
from gangway.rollout.plans.rules.state import Result


class Evaluation(PartnerModel):
    """One criterion, asked once: stored unchanged when result, value, n or definition changed, and once a day.

    `definition` names the template's version and the criterion's; `query` the function that answered; `day` is the
    calendar day in the plan's zone. `said`: words and breaks with their values apart, to be said in any language.
    """

    append_only = True

    criterion = TenantForeignKey("plans.MilestoneCriterion")
    key = models.CharField(max_length=63)
    parameters = models.JSONField(default=dict)
    query = models.CharField(max_length=200, blank=True)
    definition = models.CharField(max_length=200)
    result = models.CharField(max_length=16)
    value = models.FloatField(null=True)
    n = models.PositiveIntegerField(null=True)
    words = models.CharField(max_length=400)
    breaks = models.CharField(max_length=400, blank=True)
    said = models.JSONField(null=True)
    link = models.CharField(max_length=400, blank=True)
    newest_at = models.DateTimeField(null=True)
    fades_at = models.DateTimeField(null=True)
    as_of = models.DateTimeField()
    day = models.DateField()

    class Meta(PartnerModel.Meta):
        constraints = [models.CheckConstraint(condition=Q(result__in=list(Result)), name="plans_evaluation_result")]
        indexes = [models.Index(fields=["partner", "criterion", "as_of"], name="plans_evaluation_history")]


class Attestation(PartnerModel):
    """A named person vouches for a milestone, with a reason. At most one stands per milestone."""

    milestone = TenantForeignKey("plans.Milestone")
    person = TenantForeignKey("people.Person")
    reason = models.CharField(max_length=1000)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = TenantForeignKey("people.Person", null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "milestone"], condition=Q(withdrawn_at=None), name="plans_one_attestation"
            )
        ]


class DueCheck(KernelModel):
    """A criterion is to be asked again, because something happened that it depends on.

    A mark, not a queue: a thousand sign-ins in a minute leave one. `taken` marks are being asked right now; they go
    when the answer is stored, so a killed worker loses none.
    """

    criterion = models.CharField(max_length=63)
    taken = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["criterion", "taken"], name="plans_due_once")]
