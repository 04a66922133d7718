"""Facts of operating two environments."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class ConfigurationPromoted:
    """A configuration was promoted into this installation, or a promotion was taken back (`undone`)."""

    name: ClassVar[str] = "operations.configuration.promoted.v1"
    example: ClassVar[dict[str, Any]] = {
        "promotion_id": "0195a1c0-0000-7000-8000-0000000000e1",
        "changes": 3,
        "undone": False,
    }

    promotion_id: UUID
    changes: int
    undone: bool


@dataclass(frozen=True, kw_only=True)
class EnvironmentsCompared:
    """Somebody compared this installation with an export of another."""

    name: ClassVar[str] = "operations.environments.compared.v1"
    example: ClassVar[dict[str, Any]] = {
        "comparison_id": "0195a1c0-0000-7000-8000-0000000000e2",
        "environment": "sandbox",
        "differences": 0,
    }

    comparison_id: UUID
    environment: str
    differences: int


@dataclass(frozen=True, kw_only=True)
class CutoverEnded:
    """A cutover came to its end: every step went as expected (`whole`), or somebody ended it before."""

    name: ClassVar[str] = "operations.cutover.ended.v1"
    example: ClassVar[dict[str, Any]] = {
        "cutover_id": "0195a1c0-0000-7000-8000-0000000000e3",
        "whole": True,
        "seconds": 2520,
    }

    cutover_id: UUID
    whole: bool
    seconds: int
