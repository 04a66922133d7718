from django.db import models
from django.db.models import Q

from gangway.kernel.tenancy.models import KernelModel


class Installation(KernelModel):
    """This installation: which environment it is, and whether it may write to the outside world."""

    environment = models.CharField(max_length=20, choices=[("sandbox", "sandbox"), ("production", "production")])
    armed = models.BooleanField()
    only = models.BooleanField(default=True, editable=False, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(only=True), name="one_installation")]
