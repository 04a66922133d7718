"""Faults that open one scope filter each: the matrix must notice every one, and row-level security must stop it.

A mutant of a table drops the manager's filter for that table. A mutant of a right lets it read every partner.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from gangway.kernel import prepared
from gangway.kernel.access import RIGHTS, Right
from gangway.kernel.tenancy import scopes
from gangway.kernel.tenancy.models import PartnerManager, PartnerQuerySet
from gangway.kernel.tenancy.scopes import Mode, Scope
from tests.planting import partner_models


@dataclass(frozen=True)
class Mutant:
    """`table` or `right`: what it opens."""

    key: str
    table: type[models.Model] | None = None
    right: Right | None = None


def mutants() -> list[Mutant]:
    """One per scope filter that exists: each table of partners (and the partner itself), each right."""
    tables: list[Any] = [*partner_models(), apps.get_model("partners", "Partner")]
    return [
        *(Mutant(f"table {model._meta.label}", table=model) for model in tables),
        *(Mutant(f"right {name}", right=right) for name, right in sorted(RIGHTS.items())),
    ]


@contextmanager
def alive(mutant: Mutant) -> Iterator[None]:
    """The house with this fault in it."""
    manager, scope_of = PartnerManager.get_queryset, Right.scope

    def unfiltered(self: Any) -> PartnerQuerySet:
        if self.model is not mutant.table:
            return manager(self)
        scopes.required()
        return PartnerQuerySet(self.model, using=self._db, hints=self._hints)

    def everywhere(self: Right, principal: Any) -> Scope:
        return Scope(Mode.HOST) if self is mutant.right else scope_of(self, principal)

    PartnerManager.get_queryset, Right.scope = unfiltered, everywhere  # type: ignore[method-assign]
    prepared.forget()
    try:
        yield
    finally:
        PartnerManager.get_queryset, Right.scope = manager, scope_of  # type: ignore[method-assign]
        prepared.forget()
