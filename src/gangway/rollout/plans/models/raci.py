"""Who does, answers, is asked and is told."""

from django.db import models
from django.db.models import Q

from gangway.kernel.tenancy.models import PartnerModel, PlainForeignKey, TenantForeignKey
from gangway.rollout.plans.rules.raci import Holder, Letter


class RaciRow(PartnerModel):
    """A field of work; milestones name it as their owner by its key."""

    plan = TenantForeignKey("plans.Plan")
    key = models.CharField(max_length=63)
    title = models.CharField(max_length=200)
    words = models.CharField(max_length=400, blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta(PartnerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["partner", "plan", "key"], name="plans_raci_row_key")]


class RaciCell(PartnerModel):
    """One holder of one letter in a row.

    staff: `person` (at the host). contact: `contact_id`, a person at `contact_partner`; no key crosses partners, the
    name is read through people. job and group: only `label` says who is meant.
    """

    row = TenantForeignKey(RaciRow)
    letter = models.CharField(max_length=1)
    holder = models.CharField(max_length=16)
    label = models.CharField(max_length=200, blank=True)
    person = TenantForeignKey("people.Person", null=True)
    contact_partner = PlainForeignKey("partners.Partner", null=True)
    contact_id = models.UUIDField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(letter__in=list(Letter)), name="plans_raci_letter"),
            models.CheckConstraint(
                condition=Q(holder=Holder.STAFF, person__isnull=False, contact_id=None)
                | Q(holder=Holder.CONTACT, person=None, contact_id__isnull=False, contact_partner__isnull=False)
                | Q(holder__in=[Holder.JOB, Holder.GROUP], person=None, contact_id=None),
                name="plans_raci_holder",
            ),
        ]
        indexes = [models.Index(fields=["partner", "row"], name="plans_raci_cells")]


class RaciContest(PartnerModel):
    """Somebody says a line is wrong; somebody decides, and both are kept."""

    row = TenantForeignKey(RaciRow)
    person = TenantForeignKey("people.Person")
    reason = models.CharField(max_length=1000)
    raised_at = models.DateTimeField()
    decided_by = TenantForeignKey("people.Person", null=True)
    decision = models.CharField(max_length=1000, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        indexes = [models.Index(fields=["partner", "row", "raised_at"], name="plans_contests")]
