"""What directories bring by SCIM 2.0 (RFC 7643): people and groups as they sent them, removals, breakers, the log."""

from django.db import models
from django.db.models import Q

from gangway.identity.models.connections import Connection, Identity
from gangway.identity.rules.scim import START_LENGTH, HoldKind, HoldState
from gangway.kernel.tenancy.models import PartnerModel, TenantForeignKey


class ScimUser(PartnerModel):
    """A person as a connection brought them. The SCIM id is the person's id, which is the subject of the identity.

    `attributes` is what was sent, sign by sign, but for what stands in columns of its own; `version` is the ETag.
    `active_said`: false once the directory took its word back, which lets nobody in and shuts nobody out.
    `made`: nobody was here before, so taking them away again within the hour is no loss (rules.scim.room_to_remove).
    """

    connection = TenantForeignKey(Connection)
    identity = TenantForeignKey(Identity)
    person = TenantForeignKey("people.Person")
    user_name = models.CharField(max_length=255)
    user_name_key = models.CharField(max_length=800)
    external_id = models.CharField(max_length=255, blank=True)
    active = models.BooleanField(default=True)
    active_said = models.BooleanField(default=True)
    attributes = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    made = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "connection", "user_name_key"], name="identity_scim_one_name"),
            models.UniqueConstraint(fields=["partner", "connection", "person"], name="identity_scim_one_person"),
            models.UniqueConstraint(
                fields=["partner", "connection", "external_id"],
                condition=~Q(external_id=""),
                name="identity_scim_one_external",
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "connection", "id"], name="identity_scim_by_page"),
            # SQLite finds nobody by the conditional index above
            models.Index(fields=["partner", "connection", "external_id"], name="identity_scim_by_external"),
        ]


class ScimValue(PartnerModel):
    """A value of a user's that is searched: `emails`, `name.familyname`, `enterprise.department` … in lower case.

    A row is one element of a multi-valued attribute, or a single value. Columns that end with `key` are folded
    (rules.scim.folded); `start` begins `value_key` and is what the index finds; `parts`: further parts of an element
    that has them, such as the town of an address, folded.
    """

    user = TenantForeignKey(ScimUser)
    attribute = models.CharField(max_length=64)
    value = models.TextField(blank=True)
    value_key = models.TextField(blank=True)
    start = models.CharField(max_length=START_LENGTH, blank=True)
    type_key = models.TextField(blank=True)
    display_key = models.TextField(blank=True)
    primary = models.BooleanField(null=True)
    parts = models.JSONField(default=dict)

    class Meta(PartnerModel.Meta):
        indexes = [
            models.Index(fields=["partner", "attribute", "start"], name="identity_scim_by_value"),
            models.Index(fields=["partner", "user", "attribute"], name="identity_scim_values_of"),
        ]


class ScimGroup(PartnerModel):
    """A group that a connection brought, over the group of people it became here. The SCIM id is that group's id."""

    connection = TenantForeignKey(Connection)
    group = TenantForeignKey("people.Group")
    display_name = models.CharField(max_length=200)
    display_key = models.CharField(max_length=600)
    external_id = models.CharField(max_length=255, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "connection", "display_key"], name="identity_scim_one_title"),
            models.UniqueConstraint(fields=["partner", "connection", "group"], name="identity_scim_one_group"),
        ]
        indexes = [models.Index(fields=["partner", "connection", "id"], name="identity_scim_groups_page")]


class ScimRemoval(PartnerModel):
    """A connection shut somebody out, or took them away. `counted`: they were here before it, so the breaker counts."""

    connection = TenantForeignKey(Connection)
    person = TenantForeignKey("people.Person")
    gone = models.BooleanField(default=False)  # taken away, not only shut out
    counted = models.BooleanField(default=True)
    at = models.DateTimeField()

    class Meta(PartnerModel.Meta):
        indexes = [models.Index(fields=["partner", "connection", "at"], name="identity_scim_removals")]


class ScimHold(PartnerModel):
    """A breaker opened: changes of this kind wait until a human decides. `until`: how long they then pass."""

    connection = TenantForeignKey(Connection)
    kind = models.CharField(max_length=16)
    state = models.CharField(max_length=16, default=HoldState.OPEN.value)
    seen = models.PositiveIntegerField()
    allowed = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "connection", "kind"],
                condition=Q(state=HoldState.OPEN.value),
                name="identity_scim_one_hold",
            ),
            models.CheckConstraint(condition=Q(kind__in=list(HoldKind)), name="identity_scim_hold_kind"),
            models.CheckConstraint(condition=Q(state__in=list(HoldState)), name="identity_scim_hold_state"),
        ]
        indexes = [models.Index(fields=["partner", "connection", "opened_at"], name="identity_scim_holds")]


class ScimExchange(PartnerModel):
    """One line of a connection's log: what came, without personal data, what it did or why it did nothing."""

    connection = TenantForeignKey(Connection)
    at = models.DateTimeField()
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=200)
    status = models.PositiveSmallIntegerField()
    did = models.CharField(max_length=64, blank=True)
    why = models.CharField(max_length=300, blank=True)

    class Meta(PartnerModel.Meta):
        indexes = [models.Index(fields=["partner", "connection", "at"], name="identity_scim_log")]
