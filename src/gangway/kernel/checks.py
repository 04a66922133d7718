"""System checks: what a model of this house must declare."""

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db import models

from gangway.kernel.tenancy.models import PartnerModel, Table


@register()
def tables_follow_the_rules(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Every model has a class; keys protect and have no reverse name; uniques of partners start with partner."""
    found: list[CheckMessage] = []
    for model in apps.get_models():
        if not model.__module__.startswith("gangway."):
            continue
        if not issubclass(model, Table):
            found.append(
                Error(
                    "Derive from one of the four classes of table (kernel.tenancy.models).",
                    obj=model,
                    id="gangway.E001",
                )
            )
            continue
        found += [*_loose_keys(model)]
        if issubclass(model, PartnerModel):
            found += [*_loose_uniques(model)]
    return found


def _loose_keys(model: type[models.Model]) -> list[CheckMessage]:
    keys = [f for f in model._meta.local_fields if isinstance(f, models.ForeignKey)]
    return [
        Error(f"{key.name}: on_delete=PROTECT and related_name='+' (data-model.md).", obj=model, id="gangway.E002")
        for key in keys
        if key.remote_field.on_delete is not models.PROTECT or key.remote_field.related_name != "+"
    ]


def _loose_uniques(model: type[models.Model]) -> list[CheckMessage]:
    constraints = [c for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)]
    loose = [c.name for c in constraints if not c.fields or c.fields[0] != "partner"]
    loose += [f.name for f in model._meta.local_fields if f.unique and not f.primary_key]
    return [Error(f"Unique {name} must start with partner.", obj=model, id="gangway.E003") for name in loose]
