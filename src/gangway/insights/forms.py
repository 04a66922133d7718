"""What staff type on the figures page."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from gangway.insights.queries import BY_KEY
from gangway.kernel.refusal import Invalid


@dataclass(frozen=True, slots=True)
class BaselineForm:
    """A prior value as it was typed: shares in per cent, days as days."""

    kpi: str
    value: float
    taken_on: date
    source: str

    @classmethod
    def read(cls, typed: Any) -> "BaselineForm":
        """Refuses with Invalid, naming the field."""
        kpi = BY_KEY.get(typed.get("kpi", ""))
        if kpi is None:
            raise Invalid(field="kpi", problem="No KPI was chosen.", mend="Choose one from the list.")
        try:
            number = float(typed.get("value", "").replace("%", "").replace(",", ".").strip())
        except ValueError as error:
            raise Invalid(
                field="value",
                problem="The value is no number.",
                mend="Type a number, such as 41 for 41 %, or 12 for twelve days.",
            ) from error
        try:
            taken_on = date.fromisoformat(typed.get("taken_on", ""))
        except ValueError as error:
            raise Invalid(field="taken_on", problem="The day is no date.", mend="Choose a day.") from error
        value = number / 100 if kpi.unit == "share" else number
        return cls(kpi.key, value, taken_on, typed.get("source", ""))
