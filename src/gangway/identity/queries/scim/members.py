"""Whom a selection of a group's members means: `members[value eq "…" and type eq "User"]`."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from scim2_models import InvalidFilterException
from scim2_models.path import (
    CompareOperator,
    Comparison,
    FilterNode,
    Present,
)

from gangway.identity.queries.scim.logic import Logic
from gangway.identity.rules.scim import folded


def says(constant: str, op: CompareOperator, value: Any) -> bool:
    """A comparison with a word that is the same for all."""
    here, asked = folded(constant), folded(str(value))
    if op in (CompareOperator.eq, CompareOperator.ne):
        return (here == asked) is (op is CompareOperator.eq)
    found: dict[CompareOperator, bool] = {
        CompareOperator.co: asked in here,
        CompareOperator.sw: here.startswith(asked),
        CompareOperator.ew: here.endswith(asked),
        CompareOperator.gt: here > asked,
        CompareOperator.ge: here >= asked,
        CompareOperator.lt: here < asked,
        CompareOperator.le: here <= asked,
    }
    return found[op]


@dataclass(frozen=True, slots=True)
class Members:
    """Whom a selection of a group's members means: these, or all others."""

    ids: frozenset[UUID] = frozenset()
    others: bool = False

    def __invert__(self) -> "Members":
        return Members(self.ids, not self.others)

    def __or__(self, other: "Members") -> "Members":
        if self.others and other.others:
            return Members(self.ids & other.ids, True)
        if self.others or other.others:
            all_but, these = (self, other) if self.others else (other, self)
            return Members(all_but.ids - these.ids, True)
        return Members(self.ids | other.ids)

    def __and__(self, other: "Members") -> "Members":
        return ~(~self | ~other)


ANYBODY = Members(others=True)


def chosen(inner: FilterNode) -> Members:
    """Whom `members[…]` selects. InvalidFilterException: members have no such part."""
    return _Chosen().visit(inner)


class _Chosen(Logic[Members]):
    def visit_comparison(self, node: Comparison) -> Members:
        return member(node.attr_path.attr.lower(), node.op, node.value)

    def visit_present(self, node: Present) -> Members:
        return ANYBODY if node.attr_path.attr.lower() in ("value", "type") else Members()


def member(part: str, op: CompareOperator, value: Any) -> Members:
    """Whom one comparison selects. InvalidFilterException: members have no such part, or not in this way."""
    if part == "type":  # a group here holds people alone
        return ANYBODY if says("User", op, value) else Members()
    if part != "value" or op not in (CompareOperator.eq, CompareOperator.ne):
        raise InvalidFilterException(detail="Members are found by type, and by value with eq and ne.")
    try:
        named = Members(frozenset({UUID(str(value))}))
    except ValueError:
        named = Members()
    return named if op is CompareOperator.eq else ~named
