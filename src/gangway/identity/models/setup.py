"""How a connection is set up: by a link without an account, tried before it is opened, and what was signed of it."""

from django.db import models

from gangway.kernel.tenancy.models import DirectoryModel, PartnerModel, PlainForeignKey, TenantForeignKey


class SetUpLink(DirectoryModel):
    """A link by which a partner's IT connects the partner's directory and sign-in. It opens nothing else, and acts on
    nothing by being opened. Read only by queries.set_up_link.

    `asked_by`: the person of the partner, or of the vendor, who asked for it.
    """

    digest = models.BinaryField(max_length=32, unique=True)
    partner = PlainForeignKey("partners.Partner")
    asked_by = models.UUIDField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["partner", "made_at"], name="identity_set_up_links")]


class Trial(PartnerModel):
    """A sign-in at a connection that is not open yet: what was received and which rules it met. Kept as evidence.

    `rules`: [[rule, passed, detail]], as rules.trial judged them; `claims`: the names of what was sent, no values.
    """

    append_only = True

    connection = TenantForeignKey("identity.Connection")
    at = models.DateTimeField()
    passed = models.BooleanField()
    rules = models.JSONField(default=list)
    claims = models.JSONField(default=list)

    class Meta(PartnerModel.Meta):
        indexes = [models.Index(fields=["partner", "connection", "at"], name="identity_trials")]


class SignedSheet(PartnerModel):
    """A version of the connection sheet that the partner's IT confirmed. Kept as evidence, byte for byte.

    `text`: what was signed; `digest`: its SHA-256; `locale`: the language in which they read it, "" in rows from before
    it was kept; `signer`: the name they gave; `link_id`: the set-up link by which they came.
    """

    append_only = True

    text = models.TextField()
    digest = models.CharField(max_length=64)
    locale = models.CharField(max_length=16, blank=True)
    signer = models.CharField(max_length=200)
    link_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta(PartnerModel.Meta):
        indexes = [models.Index(fields=["partner", "at"], name="identity_signed_sheets")]


class SignedSpec(PartnerModel):
    """A version of a partner type's tech spec that the vendor confirmed; a row of the vendor's. Kept as evidence, byte
    for byte.

    `type_key`: of the type, which may be gone by now; `text`: what was signed; `digest`: its SHA-256; `locale`: as in
    SignedSheet; `signed_by`: who of the staff.
    """

    append_only = True

    type_key = models.CharField(max_length=63)
    text = models.TextField()
    digest = models.CharField(max_length=64)
    locale = models.CharField(max_length=16, blank=True)
    signed_by = models.UUIDField()
    at = models.DateTimeField()

    class Meta(PartnerModel.Meta):
        indexes = [models.Index(fields=["partner", "type_key", "at"], name="identity_signed_specs")]
