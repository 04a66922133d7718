"""Human decisions at gates."""

from django.db import models
from django.db.models import Q

from gangway.kernel.tenancy.models import PartnerModel, TenantForeignKey
from gangway.rollout.plans.rules.gates import Choice, Verdict


class Decision(PartnerModel):
    """What the accountable person decided at a gate, beside what the evidence said at that moment."""

    append_only = True
    erasable_columns = ("reason",)

    plan = TenantForeignKey("plans.Plan")
    gate = models.CharField(max_length=63)
    choice = models.CharField(max_length=16)
    verdict = models.CharField(max_length=16)
    verdict_words = models.CharField(max_length=400)
    verdict_said = models.JSONField(null=True)
    missing = models.JSONField(default=list)
    reason = models.CharField(max_length=1000, blank=True)
    person = TenantForeignKey("people.Person")
    decided_at = models.DateTimeField()

    class Meta(PartnerModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(choice__in=list(Choice)), name="plans_decision_choice"),
            models.CheckConstraint(condition=Q(verdict__in=list(Verdict)), name="plans_decision_verdict"),
        ]
        indexes = [models.Index(fields=["partner", "plan", "gate", "decided_at"], name="plans_decisions")]
