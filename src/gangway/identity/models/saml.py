"""SAML: what a connection's provider said of itself, and its assertions that were taken."""

from django.db import models

from gangway.identity.models.connections import Connection
from gangway.identity.rules.saml import SAML_NAME_LENGTH
from gangway.kernel.tenancy.models import PartnerModel, TenantForeignKey


class SamlSettings(PartnerModel):
    """One per SAML connection. `entity_id` is pinned: newer metadata must name the same one.

    certificates: [{"pem", "fingerprint", "not_after"}], all of which may sign; with "until" up to then, since a newer
    one was given; with "given" it was given by a link, and no metadata have named it yet. `subject_attribute`: where a
    person's subject is read; empty: a persistent NameID. `problem`: why the last refresh from `metadata_url` brought
    nothing.
    """

    connection = TenantForeignKey(Connection)
    entity_id = models.CharField(max_length=SAML_NAME_LENGTH)
    sso_url = models.CharField(max_length=SAML_NAME_LENGTH)
    certificates = models.JSONField(default=list)
    subject_attribute = models.CharField(max_length=255, blank=True)
    metadata_url = models.CharField(max_length=SAML_NAME_LENGTH, blank=True)
    fetched_at = models.DateTimeField()
    problem = models.CharField(max_length=300, blank=True)
    problem_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["partner", "connection"], name="identity_saml_settings")]


class SamlAnswer(PartnerModel):
    """An answer that was taken: an assertion never a second time, by whatever worker, while it is valid (`keep_until`).

    `assertion`: the digest of its id, or of nothing where it was refused; `handle`: of the secret by which the browser
    fetches what it says, once; `brought`: that, sealed, and gone when it was fetched.
    """

    connection = TenantForeignKey(Connection)
    assertion = models.BinaryField(max_length=32)
    handle = models.BinaryField(max_length=32)
    brought = models.TextField(blank=True)
    taken_at = models.DateTimeField()
    keep_until = models.DateTimeField()

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "connection", "assertion"], name="identity_saml_once"),
            models.UniqueConstraint(fields=["partner", "handle"], name="identity_saml_handle"),
        ]
        indexes = [models.Index(fields=["keep_until"], name="identity_saml_until")]
