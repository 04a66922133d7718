"""What and, or and not mean in a filter, the same at every depth and for whatever a comparison leads to."""

from typing import Any, Protocol, TypeVar

from scim2_models import InvalidFilterException
from scim2_models.path import FilterVisitor, LogicalExpr, LogicalOperator, Not, ValuePath


class _Combined(Protocol):
    def __and__(self, other: Any, /) -> Any: ...
    def __or__(self, other: Any, /) -> Any: ...
    def __invert__(self) -> Any: ...


T = TypeVar("T", bound=_Combined)


class Logic(FilterVisitor[T]):
    """A visitor that joins what its comparisons lead to; a value path refuses unless it says otherwise."""

    def visit_not(self, node: Not) -> T:
        turned: T = ~self.visit(node.expr)
        return turned

    def visit_logical_expr(self, node: LogicalExpr) -> T:
        joined = self.visit(node.terms[0])
        for term in node.terms[1:]:
            joined = joined & self.visit(term) if node.op is LogicalOperator.and_ else joined | self.visit(term)
        return joined

    def visit_value_path(self, node: ValuePath) -> T:
        raise InvalidFilterException(detail="A selection of values does not stand within another.")
