"""Mail domains on their way to being proven; proven ones stand in partners.VerifiedDomain."""

from django.db import models
from django.db.models import Q

from gangway.identity.rules.domains import DomainState, Looked
from gangway.kernel.tenancy.models import PartnerModel


class DomainClaim(PartnerModel):
    """A partner says that a mail domain is its own. `token`: what its zone must hold. `code`: the digest of what the
    last letter to one of its masters held. Asked once more after it was given up, it has another token."""

    name = models.CharField(max_length=253)
    state = models.CharField(max_length=16, default=DomainState.WAITING.value)
    token = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    looked = models.CharField(max_length=16, blank=True)
    next_look_at = models.DateTimeField(null=True)
    code = models.BinaryField(max_length=32, null=True)
    code_sent_at = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "name"], name="identity_one_claim"),
            models.CheckConstraint(condition=Q(state__in=list(DomainState)), name="identity_claim_state"),
            models.CheckConstraint(condition=Q(looked__in=["", *Looked]), name="identity_claim_looked"),
        ]
        indexes = [
            models.Index(fields=["next_look_at"], condition=Q(next_look_at__isnull=False), name="identity_claim_due")
        ]
