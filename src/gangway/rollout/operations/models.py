"""What was promoted into this installation, when it was compared with another, and how cutovers went. Rows of the
host."""

from django.db import models

from gangway.kernel.tenancy.models import PartnerModel


class Promotion(PartnerModel):
    """One export that changed this installation. `source`: the file's name; `digest`: of what was in it.

    `changes`: [{part, key, field, was, now}] in the order in which they were made, the values that undoing needs;
    `stays`: what undoing left standing, in words.
    """

    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=64)
    source = models.CharField(max_length=200, blank=True)
    environment = models.CharField(max_length=16)
    digest = models.CharField(max_length=64)
    changes = models.JSONField(default=list)
    promoted_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    stays = models.JSONField(default=list)

    class Meta(PartnerModel.Meta):
        indexes = [models.Index(fields=["partner", "promoted_at"], name="operations_promotions")]


class Comparison(PartnerModel):
    """Somebody looked at how an export differs from this installation. `theirs`, `ours`: digests of both as they were.

    `found`: how many fields differed; `rows`: the first of them, [{part, key, field, was, now, by_hand}].
    `export`: what was in the file, so that it is promoted as it was looked at; empty once another was compared.
    """

    append_only = True
    erasable_columns = ("export",)

    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=64)
    source = models.CharField(max_length=200, blank=True)
    environment = models.CharField(max_length=16)
    theirs = models.CharField(max_length=64)
    ours = models.CharField(max_length=64)
    found = models.PositiveIntegerField()
    rows = models.JSONField(default=list)
    export = models.JSONField(default=dict)
    compared_at = models.DateTimeField()

    class Meta(PartnerModel.Meta):
        indexes = [models.Index(fields=["partner", "compared_at"], name="operations_comparisons")]


class Cutover(PartnerModel):
    """One time the runbook was carried out. `notes`: [{key, at, as_expected, proven, words, actor_kind, actor_id}] in
    the order in which they were made (rules.cutover.Note); `rehearsed_at`: when a rehearsal last passed meanwhile.

    `ended_at`: when its last step went as expected (`whole`), or when somebody ended it, and `why`.
    """

    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=64)
    begun_at = models.DateTimeField()
    notes = models.JSONField(default=list)
    rehearsed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    whole = models.BooleanField(default=False)
    why = models.CharField(max_length=500, blank=True)

    class Meta(PartnerModel.Meta):
        indexes = [models.Index(fields=["partner", "begun_at"], name="operations_cutovers")]
        constraints = [
            models.UniqueConstraint(
                fields=["partner"], condition=models.Q(ended_at=None), name="operations_one_cutover_at_a_time"
            )
        ]
