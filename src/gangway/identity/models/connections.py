"""Connections: how a partner's directory sends people (SCIM), and its identity provider signs them in (SAML, OIDC)."""

from django.db import models
from django.db.models import Q

from gangway.identity.rules.connections import (
    CONNECTION_KEY_LENGTH,
    ConnectionKind,
    ConnectionState,
    Fallback,
    TokenRight,
)
from gangway.kernel.tenancy.models import DirectoryModel, PartnerModel, PlainForeignKey, TenantForeignKey


class Connection(PartnerModel):
    """One connection of a partner; `key` names it in files and commands and never changes.

    What only one protocol needs stands in a table of that protocol. A sign-in connection may be joined to the SCIM
    connection that brings its people (`joined`): then the claim `join_claim` equals the people's `join_attribute` there
    (rules.connections.JoinAttribute). `claims`: our field → name of the claim. `group_rules`: what a group of theirs
    means here, [{"group": …, "into": key of a group, "role": …}]. `head_count`: how many people its admin named.
    `domains`: mail domains whose people come in by it; each counts while the partner has it proven. `fallback`: when a
    code by mail opens for them all the same (rules.connections.Fallback). `users`, `groups`: how many a directory
    brought and has not taken away, moved in the transaction that brings or takes (actions.scim.counting).
    `account_claim`: where the provider says whose people they are, if it serves other partners too (models.reach).
    `owner`: the partner whose provider speaks here, if it is another one's; then there are no settings of a protocol.
    """

    key = models.CharField(max_length=CONNECTION_KEY_LENGTH)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16)
    state = models.CharField(max_length=16, default=ConnectionState.DRAFT.value)
    joined = TenantForeignKey("identity.Connection", null=True)
    join_claim = models.CharField(max_length=255, blank=True)
    join_attribute = models.CharField(max_length=16, blank=True)
    admits = models.BooleanField(default=False)  # whom the provider names and nobody knows yet (just in time)
    domains = models.JSONField(default=list)
    fallback = models.CharField(max_length=16, default=Fallback.ON_FAILURE.value)
    claims = models.JSONField(default=dict)
    group_rules = models.JSONField(default=list)
    head_count = models.PositiveIntegerField(null=True)
    account_claim = models.CharField(max_length=255, blank=True, db_default="")
    owner = models.UUIDField(null=True)
    users = models.PositiveIntegerField(default=0)
    groups = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)
    off_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "key"], name="identity_connection_key"),
            models.CheckConstraint(condition=Q(kind__in=list(ConnectionKind)), name="identity_connection_kind"),
            models.CheckConstraint(condition=Q(state__in=list(ConnectionState)), name="identity_connection_state"),
            models.CheckConstraint(condition=Q(fallback__in=list(Fallback)), name="identity_connection_fallback"),
        ]


class ConnectionRoute(DirectoryModel):
    """The name by which a connection stands in addresses, before anybody knows whose it is. Never changes.

    Read only by queries.connection_of_route.
    """

    name = models.CharField(max_length=32, unique=True)
    partner = PlainForeignKey("partners.Partner")
    connection = PlainForeignKey(Connection)


class ApiToken(DirectoryModel):
    """A bearer token of a connection, as a digest. Two may hold at once, so that one takes the other's place.

    Read only by queries.read_token. `tail`: its last four signs, by which an admin tells it from the other.
    """

    digest = models.BinaryField(max_length=32, unique=True)
    partner = PlainForeignKey("partners.Partner")
    connection = PlainForeignKey(Connection)
    right = models.CharField(max_length=16)
    tail = models.CharField(max_length=4)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(right__in=list(TokenRight)), name="identity_token_right")]
        indexes = [
            models.Index(fields=["partner", "connection", "issued_at"], name="identity_token_connection"),
            models.Index(fields=["expires_at"], name="identity_token_expiry"),
        ]


class Identity(PartnerModel):
    """Who a person is to one connection: the subject never changes there, whatever becomes of names and addresses.

    The only way from a sign-in at a provider, or from a directory, to a person: (partner, connection, subject).
    A person is one subject of a connection, unless two accounts were merged that each were one.
    """

    connection = TenantForeignKey(Connection)
    subject = models.CharField(max_length=255)
    person = TenantForeignKey("people.Person")
    since = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "connection", "subject"], name="identity_one_subject"),
        ]
        indexes = [models.Index(fields=["partner", "person"], name="identity_of_person")]


class Departure(DirectoryModel):
    """A browser sent to a provider and expected back once: found by its state (OIDC) or RelayState (SAML).

    `browser`: the digest of the cookie it was sent with; `told`: what the provider must give back or sign, sealed
    (nonce and PKCE verifier; the id of the request). `mailbox`: the digest of the address typed at our door, if any.
    """

    digest = models.BinaryField(max_length=32, unique=True)
    browser = models.BinaryField(max_length=32)
    partner = PlainForeignKey("partners.Partner")
    connection = PlainForeignKey(Connection)
    told = models.TextField()
    mailbox = models.BinaryField(max_length=32, null=True)
    next_path = models.CharField(max_length=2000, default="/")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="identity_departure_expiry")]
