"""A partner's admin confirms, once a quarter, who has rights over the partner's data."""

from django.db import models

from gangway.kernel.tenancy.models import PartnerModel


class AccessReview(PartnerModel):
    """One asking. `quarter`: its first day, or the day on which staff asked. `text`: what was confirmed, by ids and
    codes; `digest`: its SHA-256. Kept as evidence."""

    quarter = models.DateField()
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.UUIDField(null=True)
    text = models.TextField(blank=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta(PartnerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["partner", "quarter"], name="identity_one_access_review")]
