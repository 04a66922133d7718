"""Tables of people. Words and allowed values: rules.py."""

from django.db import models
from django.db.models import Q

from gangway.kernel.tenancy.models import DirectoryModel, PartnerModel, PlainForeignKey, TenantForeignKey
from gangway.people.rules import RunState, SheetState, State


class Person(PartnerModel):
    """A human's account at one partner. The same mailbox at two partners is two persons.

    `email_key` is the mailbox as it is compared (kernel.values.mail_key), `email` as it is written to. `access_epoch`
    is copied into everything that lets the person in and compared when that is used: raising it revokes all of it.
    `managed_by` names the connection that alone may change the person (scim:<connection>); "" is everybody.
    """

    state = models.CharField(max_length=16, default=State.INVITED.value)
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=254, null=True)
    email_key = models.CharField(max_length=320, null=True)
    locale = models.CharField(max_length=16, default="en")
    zone = models.CharField(max_length=64, default="UTC")
    sort_key = models.CharField(max_length=200)
    access_epoch = models.PositiveIntegerField(default=0)
    synthetic = models.BooleanField(default=False)
    managed_by = models.CharField(max_length=64, blank=True)
    invited_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "email_key"],
                condition=Q(email_key__isnull=False) & ~Q(state__in=[State.LEFT.value, State.ERASED.value]),
                name="people_one_mailbox",
            ),
            models.CheckConstraint(condition=Q(state__in=[state.value for state in State]), name="people_person_state"),
        ]
        indexes = [
            models.Index(fields=["partner", "sort_key", "id"], name="people_by_name"),
            models.Index(fields=["partner", "state"], name="people_by_state"),
            # SQLite finds nobody by the unique index above: its condition is not one that a parameter can meet
            models.Index(fields=["partner", "email_key"], name="people_by_mailbox"),
            models.Index(fields=["sort_key", "id"], name="people_by_name_everywhere"),
        ]


class ExternalId(PartnerModel):
    """The name another system uses for a person. `source`: csv, scim:<connection>, crm:<connection>."""

    person = TenantForeignKey(Person)
    source = models.CharField(max_length=64)
    value = models.CharField(max_length=255)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "source", "value"], name="people_external_id"),
            models.UniqueConstraint(fields=["partner", "person", "source"], name="people_one_id_per_source"),
        ]


class Group(PartnerModel):
    """People of one partner who are treated alike; `key` is its name for files and exports."""

    key = models.CharField(max_length=63)
    name = models.CharField(max_length=200)

    class Meta(PartnerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["partner", "key"], name="people_group_key")]


class GroupMember(PartnerModel):
    """A person in a group."""

    group = TenantForeignKey(Group)
    person = TenantForeignKey(Person)

    class Meta(PartnerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["partner", "group", "person"], name="people_group_member")]
        # whose groups: SQLite would read all memberships of the partner by the unique index above
        indexes = [models.Index(fields=["partner", "person", "group"], name="people_groups_of")]


class Grant(PartnerModel):
    """A role a person holds over a reach. `reach_id`: the partner of one and tree, the person of portfolio, the host.

    `until` in the past: no longer held. Being a learner needs no grant: everybody is.
    """

    person = TenantForeignKey(Person)
    role = models.CharField(max_length=32)
    reach = models.CharField(max_length=16)
    reach_id = models.UUIDField()
    granted_at = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "person", "role", "reach", "reach_id"], name="people_one_grant"),
        ]
        indexes = [models.Index(fields=["partner", "role"], name="people_by_role")]


class ImportRun(PartnerModel):
    """One file of people read into one partner. `line`: the last line whose chunk is committed.

    `digest` is the file's: the same file goes on where it stopped. `sheet_id`: the file brought to a page, which
    belongs to the partner of who brought it. `undone`, `kept`: people taken back, and people that had to stay as they
    are; `kept_rows` says of the first of them why.
    """

    source = models.CharField(max_length=64)
    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, blank=True)
    sheet_id = models.UUIDField(null=True)
    state = models.CharField(max_length=16, default=RunState.RUNNING.value)
    line = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    undone = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    kept_rows = models.JSONField(default=list)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        indexes = [
            models.Index(fields=["partner", "started_at"], name="people_imports"),
            models.Index(fields=["sheet_id"], name="people_imports_of_sheet"),
        ]


class ImportChunk(PartnerModel):
    """What one transaction of an import made, for its undo: `made` is person → rules.mark, `groups` ids of groups."""

    run = TenantForeignKey(ImportRun)
    line = models.PositiveIntegerField()
    made = models.JSONField(default=dict)
    groups = models.JSONField(default=list)

    class Meta(PartnerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["partner", "run", "line"], name="people_import_chunk")]


class ImportChange(PartnerModel):
    """What a row of an import changed of a person it found: `before`, and rules.mark of what it left there.

    Two rows may be about one person, by mailbox and by external id: undo takes the later one back first.
    """

    run = TenantForeignKey(ImportRun)
    person = TenantForeignKey(Person)
    before = models.JSONField()
    left = models.CharField(max_length=32)


class Sheet(PartnerModel):
    """A file of people brought to a page, at the partner of who brought it. Forgotten after a week.

    `target_id`: the partner it is read into; null: its column `partner` says so. `place`: desk or console, whose right
    is asked again when it is read. Counts and `shown` (the first rows of each kind) are what reading it would do;
    `letters` is what was chosen then, `line` how far the work is that goes on.
    """

    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    target_id = models.UUIDField(null=True)
    place = models.CharField(max_length=8)
    brought_by = models.UUIDField()
    state = models.CharField(max_length=16, default=SheetState.CHECKING.value)
    problem = models.CharField(max_length=500, blank=True)
    lines = models.PositiveIntegerField(default=0)
    new = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    shown = models.JSONField(default=dict)
    letters = models.BooleanField(default=False)
    line = models.PositiveIntegerField(default=0)
    brought_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        indexes = [models.Index(fields=["partner", "brought_at"], name="people_sheets")]


class SheetPiece(PartnerModel):
    """A piece of a sheet (`file`: as it was brought), or of what reading it would do (`diff`: CSV)."""

    sheet = TenantForeignKey(Sheet)
    kind = models.CharField(max_length=8)
    n = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta(PartnerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["partner", "sheet", "kind", "n"], name="people_sheet_piece")]


class PersonMerge(PartnerModel):
    """Two accounts of one human became one: `gone` is a way to `stays`, who holds what was carried over.

    For its undo: `state` of the one who went, `moved` (table → kernel.moving.Moves of its rows), `roles` that ended
    (grant → its end before, or null). Whatever did not move is still theirs.
    """

    stays = TenantForeignKey(Person)
    gone = TenantForeignKey(Person)
    state = models.CharField(max_length=16)
    moved = models.JSONField(default=dict)
    roles = models.JSONField(default=dict)
    merged_at = models.DateTimeField()
    undo_until = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "gone"], condition=Q(undone_at__isnull=True), name="people_merged_once"
            ),
        ]
        indexes = [
            models.Index(fields=["partner", "stays"], name="people_merged_into"),
            # SQLite finds nobody by the conditional index above
            models.Index(fields=["partner", "gone"], name="people_merged_from"),
        ]


class Mailbox(DirectoryModel):
    """Which persons a mailbox belongs to, over all partners. Read only by queries.persons_of_mailbox."""

    email_key = models.CharField(max_length=320)
    partner = PlainForeignKey("partners.Partner")
    person = PlainForeignKey(Person)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["email_key", "partner"], name="people_mailbox_pair")]
        indexes = [models.Index(fields=["person"], name="people_mailbox_person")]
