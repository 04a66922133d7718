"""Facts of insights. Names and examples are a contract: add optional fields, never change what stands."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class BaselineSet:
    """What a KPI was before the programme is on record; a plan asks its criteria again."""

    name: ClassVar[str] = "insights.baseline.set.v1"
    example: ClassVar[dict[str, Any]] = {
        "baseline_id": "019a0000-0000-7000-8000-0000000000ba",
        "kpi_key": "activation",
        "kpi_version": 1,
        "value": 0.41,
    }

    baseline_id: UUID
    kpi_key: str
    kpi_version: int
    value: float
