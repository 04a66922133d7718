"""Tables of insights. What the figures mean: rules/. Counts are kept up to date from events, so that a figure of a
million people is read from a few hundred rows."""

from django.db import models
from django.db.models import Q

from gangway.insights.rules.definitions import Measure
from gangway.insights.rules.journeys import Exit, ItemKind, Stage
from gangway.kernel.tenancy.models import KernelModel, PartnerModel, PlainForeignKey, SharedModel, TenantForeignKey


class KpiDefinition(SharedModel):
    """A definition as the code said it when it was first used; a baseline or observation points at the one it meant."""

    append_only = True

    key = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    words = models.TextField()
    unit = models.CharField(max_length=16)
    target = models.FloatField(null=True)
    first_used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key", "version"], name="insights_definition_key")]


class Baseline(PartnerModel):
    """What a KPI was before the programme, as somebody said it, and where they have it from. The last line counts.

    Rows at the host speak of the whole programme, others of one partner.
    """

    append_only = True

    definition = PlainForeignKey(KpiDefinition)
    n = models.PositiveIntegerField()
    value = models.FloatField()
    taken_on = models.DateField()
    source = models.CharField(max_length=200)
    set_at = models.DateTimeField()

    class Meta(PartnerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["partner", "definition", "n"], name="insights_baseline_n")]


class Observation(PartnerModel):
    """One measured value that another context or system brings (a CRM, a survey); `source_key` makes it one."""

    append_only = True

    measure = models.CharField(max_length=40)
    value = models.FloatField()
    observed_at = models.DateTimeField()
    source = models.CharField(max_length=63)
    source_key = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "measure", "source", "source_key"], name="insights_observed_once"
            )
        ]
        indexes = [models.Index(fields=["partner", "measure", "observed_at"], name="insights_observations")]


class Journey(PartnerModel):
    """A person's row of dates (rules.journeys.Dates). `type_key`, `tier_key`, `locale` are as they were at entry.

    People of the host and of shell partners, and synthetic people, have no journey.
    """

    person = TenantForeignKey("people.Person")
    type_key = models.CharField(max_length=63, blank=True)
    tier_key = models.CharField(max_length=63, blank=True)
    locale = models.CharField(max_length=16)
    admitted_at = models.DateTimeField(null=True)
    invited_at = models.DateTimeField(null=True)
    clock_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    came_in_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    certified_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [models.UniqueConstraint(fields=["partner", "person"], name="insights_one_journey")]
        indexes = [
            models.Index(fields=["partner", "invited_at"], name="insights_no_clock", condition=Q(clock_at__isnull=True))
        ]


class JourneyItem(PartnerModel):
    """One course or credential on a person's way. `subject_id`: of the course or credential; `ended_at`: revoked."""

    journey = TenantForeignKey(Journey)
    kind = models.CharField(max_length=16)
    subject_id = models.UUIDField()
    key = models.CharField(max_length=63, blank=True)
    cycle = models.PositiveSmallIntegerField(default=1)
    required = models.BooleanField(default=False)
    entered_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "journey", "kind", "subject_id", "cycle"], name="insights_one_item"
            ),
            models.CheckConstraint(condition=Q(kind__in=list(ItemKind)), name="insights_item_kind"),
        ]


class CohortSize(KernelModel):
    """How many people of a scope entered on a day and count for a measure; `gone`: those of them who did it or left.

    `scope`: one of rules.journeys.segments. Who is not gone is open, at the age of the cohort.
    """

    scope = models.CharField(max_length=80)
    measure = models.CharField(max_length=24)
    version = models.PositiveSmallIntegerField()
    entry_on = models.DateField()
    n = models.IntegerField()
    gone = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "measure", "version", "entry_on"], name="insights_cohort_size"),
            models.CheckConstraint(condition=Q(measure__in=list(Measure)), name="insights_size_measure"),
        ]


class CohortBin(KernelModel):
    """How many of them did it, or left, at an age in days: of one day of entry, and of all days together (EVER)."""

    scope = models.CharField(max_length=80)
    measure = models.CharField(max_length=24)
    version = models.PositiveSmallIntegerField()
    entry_on = models.DateField()
    age_days = models.PositiveIntegerField()
    exit = models.CharField(max_length=8)
    n = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "measure", "version", "entry_on", "age_days", "exit"], name="insights_cohort_bin"
            ),
            models.CheckConstraint(condition=Q(exit__in=list(Exit)), name="insights_bin_exit"),
        ]


class FunnelCount(KernelModel):
    """How many people of a scope, invited or entered on a day, stand in a stage."""

    scope = models.CharField(max_length=80)
    entry_on = models.DateField()
    stage = models.CharField(max_length=16)
    n = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "stage", "entry_on"], name="insights_funnel_count"),
            models.CheckConstraint(condition=Q(stage__in=list(Stage)), name="insights_funnel_stage"),
        ]
