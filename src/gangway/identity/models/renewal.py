"""What a connection lives on runs out: who was told when, and the links by which the new one is given."""

from django.db import models
from django.db.models import Q

from gangway.identity.models.connections import Connection
from gangway.identity.rules.expiry import Credential
from gangway.kernel.tenancy.models import DirectoryModel, PartnerModel, PlainForeignKey, TenantForeignKey


class ExpiryNotice(PartnerModel):
    """Both sides were told that something runs out, at one step (rules.expiry.STEPS). Kept as evidence.

    `name`: which certificate, secret or token (rules.expiry.Ending); `people`: how many at the partner were written to.
    """

    append_only = True

    connection = TenantForeignKey(Connection)
    what = models.CharField(max_length=16)
    name = models.CharField(max_length=64)
    step = models.PositiveSmallIntegerField()
    ends_at = models.DateTimeField()
    told_at = models.DateTimeField()
    people = models.PositiveSmallIntegerField()

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "connection", "what", "name", "step"], name="identity_one_notice_per_step"
            ),
            models.CheckConstraint(condition=Q(what__in=list(Credential)), name="identity_notice_what"),
        ]


class RenewalLink(DirectoryModel):
    """M5: by this link the new certificate, secret or token of one connection is given, once, without an account.

    Opening it acts on nothing. Read only by queries.renewal_link. `sent_to`: the person it was written to, who may
    have forwarded it. Rows stay as evidence.
    """

    digest = models.BinaryField(max_length=32, unique=True)
    partner = PlainForeignKey("partners.Partner")
    connection = PlainForeignKey(Connection)
    what = models.CharField(max_length=16)
    name = models.CharField(max_length=64)
    sent_to = models.UUIDField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(what__in=list(Credential)), name="identity_renewal_what")]
        indexes = [models.Index(fields=["partner", "connection", "made_at"], name="identity_renewals")]
