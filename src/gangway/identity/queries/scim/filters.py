"""A filter of RFC 7644 as a condition in SQL: the same on both databases, and equal to what the words say.

Text is compared folded unless its attribute tells cases apart; `ne` holds where no value equals; an ordering is the
one of code points. Values that are searched stand in models.ScimValue; what is asked of them finds its rows by index.
"""

import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Func, Q, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Left, Right, StrIndex
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual
from scim2_models import InvalidFilterException, ScimFilter
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    Present,
    ValuePath,
    coerce_value,
)

from gangway.identity.models import ScimGroup, ScimValue
from gangway.identity.queries.scim.logic import Logic
from gangway.identity.queries.scim.members import ANYBODY, Members, chosen, member, says
from gangway.identity.rules.scim import MULTIVALUED, START_LENGTH, folded
from gangway.people import queries as people

CORE = ("urn:ietf:params:scim:schemas:core:2.0:User:", "urn:ietf:params:scim:schemas:core:2.0:Group:")
EXTENSION = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"
MANY = frozenset(name.lower() for name in MULTIVALUED)
NOBODY, EVERYBODY = Q(pk__in=[]), ~Q(pk__in=[])
ORDERS: dict[CompareOperator, Any] = {
    CompareOperator.gt: GreaterThan,
    CompareOperator.ge: GreaterThanOrEqual,
    CompareOperator.lt: LessThan,
    CompareOperator.le: LessThanOrEqual,
}
SUFFIX = {CompareOperator.eq: "", CompareOperator.gt: "__gt", CompareOperator.ge: "__gte",
          CompareOperator.lt: "__lt", CompareOperator.le: "__lte"}  # fmt: skip


class Bytewise(Func):
    """In the order of code points, whatever language the database was made for."""

    template = "%(expressions)s"

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return super().as_sql(compiler, connection, template='(%(expressions)s) COLLATE "C"', **context)


def short(urn: str) -> str:
    """`emails.type`, `enterprise.manager.value`: an attribute as ScimValue and the columns name it."""
    for before in CORE:
        if urn.lower().startswith(before.lower()):
            return urn[len(before) :].lower()
    if urn.lower().startswith(EXTENSION.lower()):
        return "enterprise." + urn[len(EXTENSION) :].lower()
    return urn.lower()


def sole(bound: ScimFilter[Any]) -> tuple[str, str] | None:
    """(attribute, value) where at most one user can match: `userName eq "…"` or `externalId eq "…"`, which is what
    directories ask before they send anybody."""
    node = bound.ast
    if not isinstance(node, Comparison) or node.op is not CompareOperator.eq or not isinstance(node.value, str):
        return None
    binding = bound.resolve_comparison(node.attr_path, strict=False)
    attribute = short(binding.urn) if binding is not None else ""
    if attribute == "username":
        return attribute, folded(node.value)
    return (attribute, node.value) if attribute == "externalid" and node.value else None


def text(column: str | Any, op: CompareOperator, value: str) -> Q:
    """A comparison of a text column, in which "" is nothing."""
    here = F(column) if isinstance(column, str) else column
    there = ~Q(Exact(here, Value("")))
    if op is CompareOperator.ne:
        return ~text(column, CompareOperator.eq, value)
    if not value:
        return NOBODY if op in (CompareOperator.eq, CompareOperator.lt, CompareOperator.le) else there
    if op is CompareOperator.eq:
        return Q(**{column: value}) if isinstance(column, str) else Q(Exact(here, Value(value)))
    if op is CompareOperator.co:
        return Q(GreaterThan(StrIndex(here, Value(value)), 0))
    if op is CompareOperator.sw:
        return Q(Exact(Left(here, len(value)), Value(value)))
    if op is CompareOperator.ew:
        return Q(Exact(Right(here, len(value)), Value(value)))
    return there & Q(ORDERS[op](Bytewise(here), Value(value)))


def compare(column: str, op: CompareOperator, value: Any) -> Q:
    """A comparison of a column that is no text: an instant, a truth."""
    if op is CompareOperator.ne:
        return ~Q(**{column: value})
    return Q(**{f"{column}{SUFFIX[op]}": value}) if op in SUFFIX else NOBODY


class _Element(Logic[Q]):
    """What a selection asks of one element: emails[…]. `leaf` compares one of its parts, `there` asks whether it is."""

    def __init__(self, leaf: Callable[[str, CompareOperator, Any], Q], there: Callable[[str], Q]) -> None:
        self.leaf, self.there = leaf, there

    def visit_comparison(self, node: Comparison) -> Q:
        part = node.attr_path.attr.lower()
        if node.value is None:
            present = self.there(part)
            return ~present if node.op is CompareOperator.eq else present if node.op is CompareOperator.ne else NOBODY
        return self.leaf(part, node.op, node.value)

    def visit_present(self, node: Present) -> Q:
        return self.there(node.attr_path.attr.lower())


class Compiler(Logic[Q]):
    """A filter bound to a resource type, as a condition on its table. Each type names its own columns."""

    def __init__(self, bound: ScimFilter[Any]) -> None:
        self.bound = bound

    def whole(self) -> Q:
        return self.visit(self.bound.ast)

    def visit_comparison(self, node: Comparison) -> Q:
        binding = self.bound.resolve_comparison(node.attr_path, strict=False)
        if binding is None:  # another type's: no value (RFC 7644, 3.4.2.1). One that no type has was refused before.
            without = CompareOperator.eq if node.value is None else CompareOperator.ne
            return EVERYBODY if node.op is without else NOBODY
        attribute = short(binding.urn)
        if node.value is None:
            present = self.present(attribute)
            return ~present if node.op is CompareOperator.eq else present if node.op is CompareOperator.ne else NOBODY
        return self.leaf(attribute, node.op, coerce_value(binding, node.value, node.op), bool(binding.case_exact))

    def visit_present(self, node: Present) -> Q:
        named = self._named(node.attr_path)
        return self.present(named) if named else NOBODY

    def visit_value_path(self, node: ValuePath) -> Q:
        named = self._named(node.attr_path)
        return self.select(named, node.val_filter) if named else NOBODY

    def _named(self, path: AttrPath) -> str:
        """ "" where another type has the attribute."""
        binding = self.bound.resolve(path, strict=False)
        return short(binding.urn) if binding else ""

    def leaf(self, attribute: str, op: CompareOperator, value: Any, exact: bool) -> Q:
        raise NotImplementedError

    def present(self, attribute: str) -> Q:
        raise NotImplementedError

    def select(self, attribute: str, inner: FilterNode) -> Q:
        raise NotImplementedError


def meta(attribute: str, op: CompareOperator, value: Any, kind: str) -> Q:
    """What all resources have: when they were made and changed, and of which type they are."""
    columns = {"meta.created": "created_at", "meta.lastmodified": "changed_at"}
    if attribute in columns and isinstance(value, datetime):
        return compare(columns[attribute], op, value)
    if attribute == "meta.resourcetype" and op in (CompareOperator.eq, CompareOperator.ne):
        return EVERYBODY if (value == kind) is (op is CompareOperator.eq) else NOBODY
    raise InvalidFilterException(detail=f"Nothing is found by “{attribute}” and {op.value} here.")


class UserCompiler(Compiler):
    """Conditions on models.ScimUser."""

    def leaf(self, attribute: str, op: CompareOperator, value: Any, exact: bool) -> Q:
        if attribute == "username":
            return text("user_name_key", op, folded(str(value)))
        if attribute == "externalid":
            return text("external_id", op, str(value))
        if attribute == "id":
            return text("identity__subject", op, str(value))
        if attribute == "active":
            return compare("active", op, value)
        if attribute == "password":
            return EVERYBODY if op is CompareOperator.ne else NOBODY
        if attribute.startswith(("meta", "schemas")):
            return meta(attribute, op, value, "User")
        attribute, part = _split(attribute)
        if attribute == "groups":
            return _in_groups(_group_leaf(part or "value", op, value))
        if op is CompareOperator.ne:
            return ~_having(attribute, _value_leaf(part, CompareOperator.eq, value, exact))
        return _having(attribute, _value_leaf(part, op, value, exact))

    def present(self, attribute: str) -> Q:
        always = {"username": True, "id": True, "active": True, "schemas": True, "meta": True, "password": False}
        if attribute.partition(".")[0] in always:
            return EVERYBODY if always[attribute.partition(".")[0]] else NOBODY
        if attribute == "externalid":
            return ~Q(external_id="")
        name, part = _split(attribute)
        if name == "groups":
            return _in_groups(EVERYBODY)
        if name in MANY:
            return _having(name, _value_there(part) if part else Q())
        found = ScimValue.objects.filter(Q(attribute=name) | Q(attribute__startswith=f"{name}."))
        return Q(pk__in=found.values("user_id"))

    def select(self, attribute: str, inner: FilterNode) -> Q:
        if attribute == "groups":
            return _in_groups(_Element(_group_leaf, lambda part: EVERYBODY).visit(inner))

        def leaf(part: str, op: CompareOperator, value: Any) -> Q:
            return _value_leaf(part, op, value, exact=False)

        return _having(attribute, _Element(leaf, _value_there).visit(inner))


def _split(attribute: str) -> tuple[str, str]:
    """The attribute whose elements are rows, and the part of them that is meant; ("title", "") for single values."""
    head, _, part = attribute.partition(".")
    return (head, part) if head in MANY or head == "groups" else (attribute, "")


def _having(attribute: str, condition: Q) -> Q:
    return Q(pk__in=ScimValue.objects.filter(condition, attribute=attribute).values("user_id"))


def _value_leaf(part: str, op: CompareOperator, value: Any, exact: bool) -> Q:
    """A comparison of one part of a row of ScimValue."""
    if part == "primary":
        truth = value if isinstance(value, bool) else str(value).lower() == "true"
        return compare("primary", op, truth)
    if isinstance(value, bytes):
        value, exact = base64.b64encode(value).decode(), True
    value = str(value)
    if part in ("", "value"):
        key = folded(value)
        if op is CompareOperator.eq and key:
            same = Q(start=key[:START_LENGTH], value_key=key)
            return same & Q(value=value) if exact else same
        return text("value", op, value) if exact else text("value_key", op, key)
    if part in ("type", "display"):
        return text(f"{part}_key", op, folded(value))
    return text(Coalesce(KT(f"parts__{part}"), Value(""), output_field=TextField()), op, folded(value))


def _value_there(part: str) -> Q:
    if part == "primary":
        return Q(primary__isnull=False)
    column = {"value": "value_key", "type": "type_key", "display": "display_key"}.get(part)
    if column:
        return ~Q(**{column: ""})
    return ~Q(Exact(Coalesce(KT(f"parts__{part}"), Value(""), output_field=TextField()), Value("")))


def _in_groups(condition: Q) -> Q:
    groups = ScimGroup.objects.filter(condition).values("group_id")
    return Q(person__in=people.members_of(groups))


def _group_leaf(part: str, op: CompareOperator, value: Any) -> Q:
    if part == "type":  # nobody is in a group by another one
        return EVERYBODY if says("direct", op, value) else NOBODY
    if part == "display":
        return text("display_key", op, folded(str(value)))
    if part in ("value", "id"):
        return same_id("group", op, value)
    raise InvalidFilterException(detail=f"Groups of people are found by value, display and type, not by “{part}”.")


def same_id(column: str, op: CompareOperator, value: Any) -> Q:
    """An id is the same or another; it is not ordered, and no part of it means anything."""
    if op not in (CompareOperator.eq, CompareOperator.ne):
        raise InvalidFilterException(detail=f"An id is compared by eq and ne, not by {op.value}.")
    try:
        same = Q(**{column: UUID(str(value))})
    except ValueError:
        same = NOBODY
    return same if op is CompareOperator.eq else ~same


def _holding(members: Members) -> Q:
    return Q(group__in=people.groups_holding(members.ids, others=members.others))


class GroupCompiler(Compiler):
    """Conditions on models.ScimGroup."""

    def leaf(self, attribute: str, op: CompareOperator, value: Any, exact: bool) -> Q:
        if attribute == "displayname":
            return text("display_key", op, folded(str(value)))
        if attribute == "externalid":
            return text("external_id", op, str(value))
        if attribute == "id":
            return same_id("group", op, value)
        if attribute.startswith("members"):
            without = op is CompareOperator.ne  # no value equals
            named = _holding(
                member(attribute.partition(".")[2] or "value", CompareOperator.eq if without else op, value)
            )
            return ~named if without else named
        return meta(attribute, op, value, "Group")

    def present(self, attribute: str) -> Q:
        if attribute == "externalid":
            return ~Q(external_id="")
        if attribute.startswith("members"):
            return _holding(ANYBODY)
        return EVERYBODY

    def select(self, attribute: str, inner: FilterNode) -> Q:
        return _holding(chosen(inner))
