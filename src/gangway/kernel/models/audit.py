from django.db import models

from gangway.kernel.tenancy.models import KernelModel


class AuditEntry(KernelModel):
    """Who did what to which object, and what changed. Erasing a person blanks `changes_personal`, nothing else."""

    append_only = True
    erasable_columns = ("changes_personal",)

    at = models.DateTimeField()
    partner_id = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=20)
    actor_id = models.CharField(max_length=80)
    on_behalf_of = models.UUIDField(null=True)
    via = models.CharField(max_length=20)
    request_id = models.CharField(max_length=64, default="")
    verb = models.CharField(max_length=100)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=80)
    changes = models.JSONField(default=dict)
    changes_personal = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["partner_id", "-at"], name="audit_partner_at"),
            models.Index(fields=["object_type", "object_id"], name="audit_object"),
        ]
