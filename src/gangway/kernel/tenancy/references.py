"""Who still points at a row: asked of every table, so that a context never needs to know those above it."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import models

from gangway.kernel.tenancy.models import Table
from gangway.kernel.tenancy.walls import house_models


def pointing_at(
    target: type[models.Model], ids: Collection[UUID], *, named: str, own: Collection[type[Table]] = ()
) -> set[UUID]:
    """Those of `ids` that a row of any table but `own` points at: by a key, or by a plain column called `named`.

    One statement a table, in the scope that is open.
    """
    found: set[UUID] = set()
    for model in house_models():
        if model not in own:
            for column in _columns(model, target, named):
                rows: Any = model._default_manager.filter(**{f"{column}__in": list(ids)})
                found |= set(rows.values_list(column, flat=True).distinct())
    return found


def _columns(model: type[Table], target: type[models.Model], named: str) -> list[str]:
    return [
        field.attname
        for field in model._meta.local_fields
        if field.related_model is target or (isinstance(field, models.UUIDField) and field.name == named)
    ]
