"""What the robot saw."""

from django.db import models

from gangway.kernel.tenancy.models import PartnerModel, TenantForeignKey


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
