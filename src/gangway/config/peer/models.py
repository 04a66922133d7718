"""People and groups as django-scim2's own documentation has them."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django_scim.models import AbstractSCIMGroupMixin, AbstractSCIMUserMixin


class PeerGroup(AbstractSCIMGroupMixin):  # type: ignore[misc]
    """A group of theirs."""

    name = models.CharField(max_length=80, unique=True)

    class Meta:
        app_label = "peer"


class PeerUser(AbstractSCIMUserMixin, AbstractUser):  # type: ignore[misc]
    """A user of theirs. `username` is unique, so it has an index."""

    scim_groups: Any = models.ManyToManyField(PeerGroup, related_name="people")

    class Meta:
        app_label = "peer"
