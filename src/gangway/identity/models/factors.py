"""What a person holds beside their mailbox."""

from django.db import models
from django.db.models import Q

from gangway.identity.rules.factors import Policy, Purpose
from gangway.kernel.tenancy.models import DirectoryModel, PartnerModel, TenantForeignKey


class Ceremony(DirectoryModel):
    """One question to an authenticator: the random bytes it must sign, for what, once, and for `holder` alone.

    `holder` is the digest of the session (to add a passkey) or of the asking browser (to come in).
    """

    purpose = models.CharField(max_length=16)
    holder = models.BinaryField(max_length=32)
    nonce = models.BinaryField(max_length=64)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(purpose__in=list(Purpose)), name="identity_ceremony_purpose")]
        indexes = [
            models.Index(fields=["holder", "asked_at"], name="identity_ceremony_holder"),
            models.Index(fields=["expires_at"], name="identity_ceremony_expiry"),
        ]


class Passkey(PartnerModel):
    """A key of a person that lives in their device. Removing deletes it; the audit log tells that there was one."""

    person = TenantForeignKey("people.Person")
    credential_id = models.BinaryField(max_length=1023)
    public_key = models.BinaryField(max_length=2048)
    sign_count = models.BigIntegerField()
    transports = models.JSONField(default=list)
    verified = models.BooleanField()
    name = models.CharField(max_length=60)
    added_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "credential_id"], name="identity_one_passkey"),
        ]
        indexes = [models.Index(fields=["partner", "person"], name="identity_passkey_person")]


class AuthenticatorApp(PartnerModel):
    """A person's app that shows codes (TOTP): its sealed key, and the last time step whose code was accepted."""

    person = TenantForeignKey("people.Person")
    secret = models.TextField()
    added_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["partner", "person"], name="identity_one_app")]


class RecoveryCode(PartnerModel):
    """One of ten codes on paper, as a digest; it opens once."""

    person = TenantForeignKey("people.Person")
    digest = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "person", "digest"], name="identity_one_recovery_code")
        ]


class FactorPolicy(PartnerModel):
    """Whether a partner's admins may hold a factor, or must. Without a row they may."""

    admins = models.CharField(max_length=16)
    set_at = models.DateTimeField()

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner"], name="identity_one_factor_policy"),
            models.CheckConstraint(condition=Q(admins__in=list(Policy)), name="identity_factor_policy_admins"),
        ]
