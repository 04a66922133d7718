"""Tables of partners. Words and allowed values: rules.py. Which class a table is, and why: docs/decisions."""

from django.db import models
from django.db.models import Q

from gangway.kernel.tenancy.models import DirectoryModel, PartnerModel, PlainForeignKey, SharedModel, TenantRoot
from gangway.partners.rules import DEFAULT_ACCENT, Fallback, Kind, ParentSees, Primary, State


class PartnerType(SharedModel):
    """Reseller, MSP, distributor …: owns the way in, the paths and the tech spec. `primary`, `fallback`: the ways in
    that it proposes for its partners."""

    key = models.CharField(max_length=63)
    name = models.CharField(max_length=200)
    primary = models.CharField(max_length=16, default=Primary.COMPANY.value, db_default=Primary.COMPANY.value)
    fallback = models.CharField(max_length=16, default=Fallback.MAIL.value, db_default=Fallback.MAIL.value)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="partners_type_key"),
            models.CheckConstraint(condition=Q(primary__in=list(Primary)), name="partners_type_primary"),
            models.CheckConstraint(condition=Q(fallback__in=list(Fallback)), name="partners_type_fallback"),
        ]


class Tier(SharedModel):
    """Registered, Silver, Gold …: a higher rank is a higher tier."""

    key = models.CharField(max_length=63)
    name = models.CharField(max_length=200)
    rank = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="partners_tier_key"),
            models.UniqueConstraint(fields=["owner", "rank"], name="partners_tier_rank"),
        ]


class Partner(TenantRoot):
    """The tenant organisation; the host is the vendor itself. `slug` is its key in files and never changes.

    `launched_at`: when its people were let in; None while they wait for their launch.
    """

    kind = models.CharField(max_length=16, default=Kind.PARTNER.value)
    slug = models.CharField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    sort_key = models.CharField(max_length=200)
    parent = PlainForeignKey("partners.Partner", null=True)
    type = PlainForeignKey(PartnerType, null=True)
    tier = PlainForeignKey(Tier, null=True)
    zone = models.CharField(max_length=64, default="UTC")
    locale = models.CharField(max_length=16, default="en")
    state = models.CharField(max_length=16, default=State.ACTIVE.value)
    parent_sees = models.CharField(max_length=16, default=ParentSees.FIGURES.value)
    session_hours = models.PositiveSmallIntegerField(null=True)  # how long its people stay signed in; None: as usual
    created_at = models.DateTimeField()
    launched_at = models.DateTimeField(null=True)

    class Meta(TenantRoot.Meta):
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=Q(kind="host"), name="partners_one_host"),
            models.CheckConstraint(condition=Q(kind__in=[kind.value for kind in Kind]), name="partners_partner_kind"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in State]), name="partners_partner_state"
            ),
        ]
        indexes = [models.Index(fields=["sort_key", "id"], name="partners_by_name")]


class PartnerClosure(DirectoryModel):
    """Who is below whom, with every partner at depth 0 below itself. Row-level security reads it for scope `tree`."""

    ancestor = PlainForeignKey(Partner)
    descendant = PlainForeignKey(Partner)
    depth = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ancestor", "descendant"], name="partners_closure_pair")]


class PortfolioPartner(DirectoryModel):
    """The partners a channel manager looks after. Row-level security reads it for scope `portfolio`."""

    person_id = models.UUIDField()
    partner = PlainForeignKey(Partner)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person_id", "partner"], name="partners_portfolio_pair")]


class PartnerTier(PartnerModel):
    """The tier's history: from `since` the partner held `tier` (None: none), before that `was`."""

    append_only = True

    was = PlainForeignKey(Tier, null=True)
    tier = PlainForeignKey(Tier, null=True)
    since = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)

    class Meta(PartnerModel.Meta):
        indexes = [models.Index(fields=["partner", "since"], name="partners_tier_history")]


class Brand(PartnerModel):
    """How a partner's portal looks. The accent is kept as given; ui makes of it two values that contrast."""

    accent = models.CharField(max_length=7, default=DEFAULT_ACCENT)
    display_name = models.CharField(max_length=200, blank=True)

    class Meta(PartnerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["partner"], name="partners_one_brand")]


class Contact(PartnerModel):
    """Somebody to talk to at a partner, with or without an account. Exactly one of them is the main one."""

    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    main = models.BooleanField(default=False)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner"], condition=Q(main=True), name="partners_main_contact")
        ]


class ApplyRun(SharedModel):
    """One partner file that wrote something. `source`: the file's name, "" for pasted rows. The host owns it.

    While `finished_at` is None it is being read, or was stopped on the way: what it wrote stands in its rows.
    `vocabulary`: the types and tiers it defined, each with what was there before.
    """

    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=64)
    source = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    vocabulary = models.JSONField(default=dict)
    refusals = models.JSONField(default=list)  # [line, key, reason] of the first refused rows
    undone_at = models.DateTimeField(null=True)  # when somebody last took it back
    taken_back = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["-started_at", "-id"], name="partners_runs_newest")]


class ApplyRow(PartnerModel):
    """What a run did to one partner, kept until it is taken back: facts by column before and after.

    `kept`: the rows beside the partner's own that a change replaces (host name, main contact), as they were.
    """

    run = PlainForeignKey(ApplyRun)
    line = models.PositiveIntegerField()
    created = models.BooleanField()
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    kept = models.JSONField(default=dict)

    class Meta(PartnerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["partner", "run"], name="partners_one_row_per_run")]
        indexes = [models.Index(fields=["run", "id"], name="partners_rows_of_run")]


class HostName(DirectoryModel):
    """A host name that opens a partner's portal. It chooses brand and sign-in page, never a scope."""

    name = models.CharField(max_length=253, unique=True)
    partner = PlainForeignKey(Partner)
    verified_at = models.DateTimeField(null=True)


class ShellDoor(DirectoryModel):
    """Where the process of a shell partner listens on this machine during a rehearsal: its provider and its mailbox.

    The one way by which this installation reaches a port of its own loopback for a partner: for a shell alone, for
    these two ports, and not after `until`. Read only by queries.shells.
    """

    partner = PlainForeignKey(Partner)
    provider_port = models.PositiveIntegerField()
    mail_port = models.PositiveIntegerField()
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["partner"], name="partners_one_shell_door")]


class VerifiedDomain(DirectoryModel):
    """A mail domain whose control a partner has proven. Several partners may share one; then people choose."""

    name = models.CharField(max_length=253)
    partner = PlainForeignKey(Partner)
    verified_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "partner"], name="partners_domain_pair")]
