"""Tables of credentials. Words and allowed values: rules.py."""

from django.db import models
from django.db.models import Q

from gangway.credentials.rules import Happening, RevokeReason
from gangway.kernel.tenancy.models import DirectoryModel, PartnerModel, PlainForeignKey, SharedModel, TenantForeignKey


class Credential(SharedModel):
    """What completing a course earns. `key` never changes; a changed title or term holds for awards issued later."""

    key = models.CharField(max_length=63)
    course = PlainForeignKey("catalog.Course")
    title = models.CharField(max_length=200)
    valid_months = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="credentials_key"),
            models.CheckConstraint(
                condition=Q(valid_months__isnull=True) | Q(valid_months__gte=1), name="credentials_months"
            ),
        ]
        indexes = [models.Index(fields=["course"], name="credentials_by_course")]


class Award(PartnerModel):
    """What a person holds. Its facts are frozen as they were when it was issued, under the seal of rules.Facts; the
    name is not among them. `revoked_at` and `revoke_reason` repeat the last AwardEvent, for lists."""

    person = TenantForeignKey("people.Person")
    credential = PlainForeignKey(Credential)
    cycle = models.PositiveSmallIntegerField(default=1)
    completion = TenantForeignKey("learning.Completion")
    number = models.CharField(max_length=22)
    title = models.CharField(max_length=200)
    course_key = models.CharField(max_length=63)
    credential_key = models.CharField(max_length=63)
    issuer = models.CharField(max_length=200)
    points = models.PositiveSmallIntegerField(null=True)
    points_max = models.PositiveSmallIntegerField(null=True)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    seal = models.CharField(max_length=64)
    revoked_at = models.DateTimeField(null=True)
    revoke_reason = models.CharField(max_length=32, blank=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "person", "credential", "cycle"], name="credentials_award_once"),
            models.UniqueConstraint(fields=["partner", "number"], name="credentials_award_number"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoke_reason="")
                | Q(revoked_at__isnull=False, revoke_reason__in=list(RevokeReason)),
                name="credentials_award_revoked",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "person", "issued_at"], name="credentials_by_person"),
            models.Index(fields=["partner", "expires_at"], name="credentials_by_expiry"),
        ]


class AwardEvent(PartnerModel):
    """What happened to an award, in order; the database keeps every line."""

    append_only = True

    award = TenantForeignKey(Award)
    n = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16)
    reason = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField()

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "award", "n"], name="credentials_event_n"),
            models.CheckConstraint(condition=Q(kind__in=list(Happening)), name="credentials_event_kind"),
        ]


class AwardNumber(DirectoryModel):
    """Where the award of a number is. Holds the number's digest; read only by queries.verify."""

    digest = models.CharField(max_length=64, unique=True)
    partner = PlainForeignKey("partners.Partner")
    award = PlainForeignKey(Award)


class NameConsent(PartnerModel):
    """A person agreed that strangers who hold a number see their name, or took it back; the last line counts."""

    append_only = True

    person = TenantForeignKey("people.Person")
    n = models.PositiveIntegerField()
    agreed = models.BooleanField()
    version = models.CharField(max_length=16)
    locale = models.CharField(max_length=16)
    at = models.DateTimeField()

    class Meta(PartnerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["partner", "person", "n"], name="credentials_consent_n")]


class PrivateMailbox(PartnerModel):
    """A mailbox of their own that a person proved, as a digest: their awards stay reachable by it when they have left.

    Erasing, or the person's own wish, blanks it and says when.
    """

    person = TenantForeignKey("people.Person")
    mailbox = models.BinaryField(max_length=32, null=True)
    proven_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "person"], name="credentials_one_mailbox"),
            models.CheckConstraint(
                condition=Q(mailbox__isnull=True, ended_at__isnull=False)
                | Q(mailbox__isnull=False, ended_at__isnull=True),
                name="credentials_mailbox_ended",
            ),
        ]


class MailboxTry(PartnerModel):
    """One try to prove a private mailbox: a code went there."""

    person = TenantForeignKey("people.Person")
    mailbox = models.BinaryField(max_length=32)
    code = models.BinaryField(max_length=32)
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        indexes = [models.Index(fields=["partner", "person", "asked_at"], name="credentials_tries")]


class AwardClaim(DirectoryModel):
    """By which private mailbox an award is reached. Read only by queries.kept_by."""

    mailbox = models.BinaryField(max_length=32)
    partner = PlainForeignKey("partners.Partner")
    award = PlainForeignKey(Award)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["award"], name="credentials_claim_once")]
        indexes = [models.Index(fields=["mailbox"], name="credentials_by_mailbox")]


class KeptAsk(DirectoryModel):
    """Somebody asked for a link to the awards kept under a mailbox; whether there are any, nobody is told but the
    mailbox. `address` is sealed, and blank once the worker has looked. `link`: the digest of what the letter holds."""

    mailbox = models.BinaryField(max_length=32)
    address = models.TextField(blank=True)
    link = models.BinaryField(max_length=32, null=True, unique=True)
    asked_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["mailbox", "asked_at"], name="credentials_asks"),
            models.Index(fields=["asked_at"], condition=~Q(address=""), name="credentials_unwritten"),
        ]
