"""The four classes of table. Every model of Gangway derives from exactly one (data-model.md)."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models.query_utils import Q
from django.db.models.sql.where import AND, WhereNode

from gangway.kernel.ids import new_id
from gangway.kernel.tenancy import scopes
from gangway.kernel.tenancy.scopes import Mode, Scope

CLOSURE = ("partners", "PartnerClosure")
PORTFOLIO = ("partners", "PortfolioPartner")


def visible(column: str, scope: Scope) -> Q:
    """The condition that keeps a query inside a scope; `column` names the partner's id in the table."""
    match scope.mode:
        case Mode.ONE:
            return Q((column, scope.partner_id))
        case Mode.TREE:
            closure = apps.get_model(*CLOSURE)
            below = closure._default_manager.filter(ancestor_id=scope.partner_id).values("descendant_id")
            return Q((f"{column}__in", below))
        case Mode.PORTFOLIO:
            portfolio = apps.get_model(*PORTFOLIO)
            mine = portfolio._default_manager.filter(person_id=scope.person_id).values("partner_id")
            return Q((f"{column}__in", mine))
        case Mode.HOST | Mode.UNSCOPED:
            return Q()


class PartnerQuerySet(models.QuerySet[Any]):
    """Reads stay inside the scope they were built in; writes need scope `one`."""

    def update(self, **values: Any) -> int:
        scopes.writer()
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        scopes.writer()
        return super().delete()

    def bulk_create(self, objs: Iterable[Any], *args: Any, **options: Any) -> list[Any]:
        rows = list(objs)
        for row in rows:
            row.take_partner()
        return super().bulk_create(rows, *args, **options)


class PartnerManager(models.Manager.from_queryset(PartnerQuerySet)):  # type: ignore[misc]
    """The fail-closed manager: outside a scope it raises NoScope."""

    def get_queryset(self) -> PartnerQuerySet:
        queryset: PartnerQuerySet = super().get_queryset()
        condition = visible(self.model.partner_column, scopes.required())
        return queryset.filter(condition) if condition else queryset


class TenantForeignKey(models.ForeignKey):  # type: ignore[type-arg]
    """A foreign key between two tables of class `partner`: `partner = partner` joins along, PROTECT, no reverse name.

    The database holds the same promise by a composite foreign key (PostgreSQL) or a trigger (SQLite): see walls.py.
    """

    def __init__(self, to: str | type[models.Model], on_delete: Any = models.PROTECT, **options: Any) -> None:
        options.setdefault("related_name", "+")
        super().__init__(to, on_delete, **options)

    def get_extra_restriction(self, alias: str | None, related_alias: str) -> Any:
        """Add `alias.partner = related.partner` to each join along this key."""
        theirs, ours = self.remote_field.model, self.model
        left: Any = theirs._meta.get_field(tenant_field(theirs))
        right: Any = ours._meta.get_field(tenant_field(ours))
        lookup = left.get_lookup("exact")(left.get_col(alias), right.get_col(related_alias))
        where = WhereNode(connector=AND)
        where.add(lookup, AND)
        return where

    def get_extra_descriptor_filter(self, instance: models.Model) -> dict[str, Any]:
        """`row.person` is looked up inside row's own partner."""
        return {self.remote_field.model.partner_column: instance.tenant_id}  # type: ignore[attr-defined]


class PlainForeignKey(models.ForeignKey):  # type: ignore[type-arg]
    """A foreign key to a table that is not class `partner`: PROTECT, no reverse name."""

    def __init__(self, to: str | type[models.Model], on_delete: Any = models.PROTECT, **options: Any) -> None:
        options.setdefault("related_name", "+")
        super().__init__(to, on_delete, **options)


def tenant_field(model: type[models.Model]) -> str:
    """The name of the field that holds the partner: `partner`, or `id` for the partner itself."""
    return "id" if getattr(model, "partner_column", "") == "id" else "partner"


class Table(models.Model):
    """What all four classes share: the key, and the flags that walls.py turns into triggers."""

    table_class: ClassVar[str]
    append_only: ClassVar[bool] = False
    erasable_columns: ClassVar[tuple[str, ...]] = ()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True


class TenantTable(Table):
    """Common to tables of class `partner` and to the partner itself."""

    table_class = "partner"
    partner_column: ClassVar[str]

    objects: ClassVar[Any] = PartnerManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **options: Any) -> None:
        self.take_partner()
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        self.take_partner()
        return super().delete(*args, **options)

    @property
    def tenant_id(self) -> UUID:
        value: UUID = getattr(self, self.partner_column)
        return value

    def take_partner(self) -> None:
        """Fill the partner from the scope; refuse another partner's row."""
        partner_id = scopes.writer()
        if getattr(self, self.partner_column) is None:
            setattr(self, self.partner_column, partner_id)
        if self.tenant_id != partner_id:
            raise scopes.WrongScope(f"{type(self).__name__} of another partner cannot be written here.")


class PartnerModel(TenantTable):
    """Class `partner`: each row belongs to one partner. Its uniques start with `partner`."""

    partner_column = "partner_id"

    partner = models.ForeignKey("partners.Partner", models.PROTECT, related_name="+", editable=False)

    class Meta(TenantTable.Meta):
        abstract = True


class TenantRoot(TenantTable):
    """The partner itself: its id is the partner."""

    partner_column = "id"

    class Meta(TenantTable.Meta):
        abstract = True


class SharedModel(Table):
    """Class `shared`: owned by the host or a partner, seen through audience rows."""

    table_class = "shared"

    owner = models.ForeignKey("partners.Partner", models.PROTECT, related_name="+", editable=False)

    objects: ClassVar[models.Manager[Self]]

    class Meta:
        abstract = True


class DirectoryModel(Table):
    """Class `directory`: found before a scope exists. Globally unique, secrets as digests, no names of people."""

    table_class = "directory"

    class Meta:
        abstract = True


class KernelModel(Table):
    """Class `kernel`: jobs, logs, cursors, the installation, audit."""

    table_class = "kernel"

    class Meta:
        abstract = True
