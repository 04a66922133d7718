"""What only OpenID Connect needs of a connection."""

from django.db import models

from gangway.identity.models.connections import Connection
from gangway.identity.rules.oidc import SCOPES
from gangway.kernel.tenancy.models import PartnerModel, TenantForeignKey


class OidcSettings(PartnerModel):
    """The provider of one connection: its issuer, pinned, and what it was found to say of itself.

    `secret`: the client secret, sealed; `old_secret`: the one before it, which stands in for it until its day, where it
    was renewed by a link; `must_say`: claim → what an ID token must say there; `document`: the discovery
    document as it was fetched; `keys`: its JWKS, those that can sign; `keys_asked_at`: when their keys were last asked
    for, whatever came of it.
    """

    connection = TenantForeignKey(Connection)
    issuer = models.CharField(max_length=1000)
    client_id = models.CharField(max_length=255)
    secret = models.TextField()
    secret_expires_on = models.DateField(null=True)
    old_secret = models.TextField(blank=True)
    old_secret_until = models.DateField(null=True)
    scopes = models.CharField(max_length=500, default=SCOPES)
    asks_userinfo = models.BooleanField(default=False)
    must_say = models.JSONField(default=dict)
    document = models.JSONField(default=dict)
    fetched_at = models.DateTimeField(null=True)
    keys = models.JSONField(default=dict)
    keys_fetched_at = models.DateTimeField(null=True)
    keys_asked_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["partner", "connection"], name="identity_one_oidc")]
        indexes = [models.Index(fields=["secret_expires_on"], name="identity_oidc_secret_expiry")]
