"""The vendor's own portal, which hands people over: what it signs with, and the hand-overs that are under way."""

from django.db import models
from django.db.models import Q

from gangway.identity.rules.connections import ConnectionState
from gangway.kernel.tenancy.models import DirectoryModel, PlainForeignKey


class VendorPortal(DirectoryModel):
    """The portal of the vendor; there is one at most, of the host (`partner`).

    `issuer`: what its tokens say they are of; `start_url`: where a browser is sent, to come back with one.
    """

    partner = PlainForeignKey("partners.Partner")
    name = models.CharField(max_length=200)
    issuer = models.CharField(max_length=1000)
    start_url = models.CharField(max_length=1000)
    state = models.CharField(max_length=16, default=ConnectionState.DRAFT.value)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partner"], name="identity_one_portal"),
            models.CheckConstraint(condition=Q(state__in=list(ConnectionState)), name="identity_portal_state"),
        ]


class PortalKey(DirectoryModel):
    """A public key that the portal signs with, by one algorithm. Two are open at most, so that one takes the other's
    place. `not_after`: of the certificate it was read from; null where it was none."""

    portal = PlainForeignKey(VendorPortal)
    kid = models.CharField(max_length=200)
    algorithm = models.CharField(max_length=16)
    jwk = models.JSONField()
    not_after = models.DateTimeField(null=True)
    added_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["portal", "kid"], condition=Q(closed_at__isnull=True), name="identity_portal_key"
            )
        ]


class HandOver(DirectoryModel):
    """A browser sent to the portal, and the token it came back with: each of both counts once, at whatever worker.

    `nonce`: the digest of what the token must say; `browser`: of the cookie it was sent with; `token`: of the id of the
    token that was taken; `handle`: of the secret by which the browser fetches what came, once; `brought`: that, sealed,
    and gone when it was fetched.
    """

    nonce = models.BinaryField(max_length=32, unique=True)
    browser = models.BinaryField(max_length=32)
    token = models.BinaryField(max_length=32, unique=True, null=True)
    handle = models.BinaryField(max_length=32, unique=True, null=True)
    brought = models.TextField(blank=True)
    next_path = models.CharField(max_length=2000, default="/")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["expires_at"], name="identity_handover_expiry"),
            models.Index(fields=["browser", "asked_at"], name="identity_handover_browser"),
        ]
