"""Self-registration: who lets whom in, by which codes, and who waits to be let in."""

from django.db import models
from django.db.models import Q

from gangway.identity.rules.joining import JoinState
from gangway.kernel.tenancy.models import DirectoryModel, PartnerModel, PlainForeignKey, TenantForeignKey


class JoinPolicy(PartnerModel):
    """Whether a partner lets strangers in by the mail domains it has proven. No row: it does not."""

    by_domain = models.BooleanField(default=False)

    class Meta(PartnerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["partner"], name="identity_one_join_policy")]


class AccessCode(DirectoryModel):
    """A code that lets strangers into a partner, as a digest. `tail`: its last four signs, by which an admin knows it.

    Found by its digest before any scope exists: queries.joining only.
    """

    digest = models.BinaryField(max_length=32, unique=True)
    partner = PlainForeignKey("partners.Partner")
    label = models.CharField(max_length=80)
    tail = models.CharField(max_length=4)
    seats = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(seats__gt=0), name="identity_code_seats")]
        indexes = [models.Index(fields=["partner", "made_at"], name="identity_code_partner")]


class CodeUse(PartnerModel):
    """A seat of an access code, taken by a person: the ledger of its seats. Never given back."""

    append_only = True

    code = PlainForeignKey(AccessCode)
    seat = models.PositiveIntegerField()
    person = TenantForeignKey("people.Person")
    at = models.DateTimeField()

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "code", "seat"], name="identity_one_seat"),
            models.UniqueConstraint(fields=["partner", "code", "person"], name="identity_one_use"),
        ]


class JoinRequest(DirectoryModel):
    """A stranger with a proven mailbox who waits to be let in. `who`: name and address, sealed, blanked once answered.

    `partner` None: nobody knows whose they are; the channel team answers. `place`: the digest of mailbox and partner.
    """

    place = models.BinaryField(max_length=32)
    partner = PlainForeignKey("partners.Partner", null=True)
    who = models.TextField(blank=True)
    state = models.CharField(max_length=16, default=JoinState.WAITING.value)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place"], condition=Q(state="waiting"), name="identity_one_waiting"),
            models.CheckConstraint(condition=Q(state__in=list(JoinState)), name="identity_join_state"),
        ]
        indexes = [
            models.Index(fields=["partner", "state", "at"], name="identity_join_partner"),
            models.Index(fields=["place", "at"], name="identity_join_place"),
            models.Index(fields=["at"], name="identity_join_age"),
        ]
