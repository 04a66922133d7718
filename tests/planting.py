"""Rows for any table of the house, made without its actions, so that walls are tried on tables nobody thought of yet.

Every text that may hold anything holds a mark: a string that names its partner and appears nowhere else. What a
table's own constraints demand beyond its columns stands in `DEMANDS`.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import count
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import IntegrityError, models, transaction

from gangway.kernel.ids import new_id
from gangway.kernel.tenancy import scopes
from gangway.kernel.tenancy.models import PartnerModel, Table, TenantForeignKey, TenantTable

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DEMANDS: dict[str, dict[str, Any]] = {
    "identity.ScimExchange": {"did": "refused"},
    "insights.KpiDefinition": {"unit": "share"},
    "messaging.OptOut": {"category": "nudge"},
    "people.Grant": {"role": "learner", "reach": "one"},
    "catalog.CourseAudience": {"kind": "partner", "type": None},
    "learning.Enrolment": {"version_id": None},  # pinned only once it was opened
    "learning.EnrolmentRule": {"path_id": None},  # about a course
    "learning.JoinAim": {"path_id": None},  # leads to a course
    "learning.PathPlace": {"left_at": None},
    "plans.Plan": {"archived_at": MONDAY},  # one runs, the vendor's own
    "plans.RaciCell": {"holder": "staff", "contact_id": None, "contact_partner": None},
    "credentials.Award": {"revoke_reason": ""},  # stands
    "learning.Attempt": {"passed": None},  # known only once it was handed in
}
_USUAL = {"locale": "en", "zone": "UTC"}
_numbers = count(1)


def partner_models() -> list[type[PartnerModel]]:
    """Every table of class `partner`, by name."""
    found = [model for model in apps.get_models() if issubclass(model, PartnerModel)]
    return sorted(found, key=lambda model: model._meta.label)


def tenant_keys() -> list[tuple[type[PartnerModel], TenantForeignKey]]:
    """Every key between two tables of class `partner`."""
    return [
        (model, key)
        for model in partner_models()
        for key in model._meta.local_fields
        if isinstance(key, TenantForeignKey)
    ]


def append_only_models() -> list[type[Table]]:
    found = [model for model in apps.get_models() if issubclass(model, Table) and model.append_only]
    return sorted(found, key=lambda model: model._meta.label)


class Planter:
    """Makes rows for one partner and remembers one per table, for others to point at."""

    def __init__(self, partner_id: UUID, mark: str, *, adopts: bool = False) -> None:
        """`adopts`: take rows that the house has made for these rows already, before making others."""
        self.partner_id = partner_id
        self.mark = mark
        self.adopts = adopts
        self._known: dict[str, models.Model] = {}
        self._making: set[str] = set()

    def row(self, model: type[models.Model]) -> models.Model:
        """A stored row of `model`, the same one each time."""
        label = model._meta.label
        if label == "partners.Partner":
            return self._partner
        if label not in self._known and self.adopts and (found := self._adopted(model)):
            self._known[label] = found
        if label not in self._known:
            fresh = self.build(model)
            if label not in self._known:  # two tables that point at each other: the one behind was made meanwhile
                self._known[label] = self._stored(fresh)
        return self._known[label]

    def keep(self, row: models.Model) -> None:
        """Let others point at this row, made elsewhere."""
        self._known[row._meta.label] = row

    def adopt(self, model: type[models.Model]) -> None:
        """Know the row of `model` that the house has made for these rows, if it has."""
        if found := self._adopted(model):
            self._known.setdefault(label_of(model), found)

    def known_keys(self) -> list[str]:
        """The keys of what was planted."""
        return [str(row.pk) for row in self._known.values()]

    def build(self, model: type[models.Model], **given: Any) -> models.Model:
        """A row of `model` with everything it needs stored beside it, itself not stored."""
        values = {**_choices(model), **DEMANDS.get(model._meta.label, {}), **given}
        self._making.add(model._meta.label)
        for field in model._meta.local_concrete_fields:
            if field.name not in values and field.attname not in values and not field.primary_key:
                values[field.attname] = self._value(field)
        self._making.discard(model._meta.label)
        return model(id=new_id(), **values)

    def _stored(self, fresh: models.Model) -> models.Model:
        """The row, stored; or the one of this partner that stands in its place already."""
        try:
            with scopes.one(self.partner_id), transaction.atomic():
                fresh.save(force_insert=True)
        except IntegrityError as taken:
            found = self._adopted(type(fresh), strictly=False) if self.adopts else None
            if found is None or "UNIQUE" not in str(taken).upper():
                raise
            return found
        return fresh

    def _adopted(self, model: type[models.Model], *, strictly: bool = True) -> models.Model | None:
        """A row of this partner that belongs (`strictly`) to the rows known so far."""
        names = {field.name for field in model._meta.concrete_fields}
        column = next((name for name in ("partner", "owner") if name in names), "")
        if not column or label_of(model) in self._making:
            return None
        keys = [
            field
            for field in model._meta.concrete_fields
            if isinstance(field, models.ForeignKey) and not field.null and issubclass(field.related_model, PartnerModel)
        ]
        ours = {
            key.name: self._known[label_of(key.related_model)]
            for key in keys
            if key.name != column and label_of(key.related_model) in self._known
        }
        with scopes.one(self.partner_id):
            rows = unfiltered(model).filter(**{f"{column}_id": self.partner_id}).order_by("pk")
            return rows.filter(**{f"{name}_id": row.pk for name, row in ours.items() if strictly}).first()

    @cached_property
    def _partner(self) -> models.Model:
        with scopes.one(self.partner_id):
            found: models.Model = apps.get_model("partners", "Partner").objects.get(pk=self.partner_id)
            return found

    def _value(self, field: Any) -> Any:
        if isinstance(field, models.ForeignKey):
            circular = field.null and field.related_model._meta.label in self._making
            return None if circular else self.row(field.related_model).pk
        if field.choices:
            return field.choices[0][0]
        if field.has_default() and field.get_default() not in ("", None):
            return field.get_default()
        return self._fresh(field)

    def _fresh(self, field: Any) -> Any:
        number = next(_numbers)
        if field.name in _USUAL:
            return _USUAL[field.name]
        match field:
            case models.CharField() | models.TextField():
                text = f"{self.mark}{number}"
                return (f"{text}@example.org" if field.name.startswith("email") else text)[: field.max_length]
            case models.BinaryField():
                return f"{self.mark}{number}".encode()
            case models.UUIDField():
                return new_id()
            case models.DateTimeField():
                return None if field.null else MONDAY
            case models.DateField():
                return None if field.null else date(2026, 3, 2)
            case models.BooleanField():
                return False
            case models.JSONField():
                return {}
            case _:
                return None if field.null else 1


def label_of(model: type[models.Model]) -> str:
    return str(model._meta.label)


def _choices(model: type[models.Model]) -> dict[str, Any]:
    """field → the first value that a check `field IN (…)` of the table allows."""
    checks = [c.condition for c in model._meta.constraints if isinstance(c, models.CheckConstraint)]
    simple = [child for check in checks if len(check.children) == 1 for child in check.children]
    lists = {name.removesuffix("__in"): list(values) for name, values in simple if name.endswith("__in")}
    return {name: values[0] for name, values in lists.items() if not model._meta.get_field(name).has_default()}


def unfiltered(model: type[models.Model]) -> "models.QuerySet[Any]":
    """Rows of `model` as if no manager filtered them: what a mistake in Python looks like to the database."""
    return models.QuerySet(model)


def insert_unfiltered(row: models.Model) -> None:
    """Store a row without asking its model."""
    model = type(row)
    unfiltered(model)._insert([row], fields=model._meta.local_concrete_fields, using="default")


def column_of(model: type[TenantTable]) -> str:
    """The column that names the partner."""
    return model.partner_column


def rows_of(model: type[TenantTable]) -> Iterator[UUID]:
    """The partner of every row that the database lets this session see."""
    yield from unfiltered(model).values_list(column_of(model), flat=True)
