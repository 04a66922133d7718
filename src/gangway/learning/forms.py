"""Forms of those who look after enrolments: what was typed, and what is wrong with it by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from gangway.kernel.refusal import Invalid

LONGEST = 1000


@dataclass(frozen=True, slots=True)
class EnrolmentForm:
    """`do`: which of a page's forms was sent. `course`: an id. `due_on`: a day, or empty for none."""

    do: str = ""
    course: str = ""
    due_on: str = ""
    reason: str = ""
    errors: Mapping[str, str] | None = None

    @classmethod
    def read(cls, posted: Mapping[str, str]) -> "EnrolmentForm":
        do, course, due_on, reason = (
            posted.get(name, "")[:LONGEST].strip() for name in ("do", "course", "due_on", "reason")
        )
        return cls(do, course, due_on, reason)

    def error(self, field: str, do: str = "") -> str:
        """What is wrong with a field, of the form that was sent."""
        return (self.errors or {}).get(field, "") if not do or do == self.do else ""

    def due(self) -> date | None:
        """The day; None: no due date. Invalid for anything else."""
        if not self.due_on:
            return None
        try:
            return date.fromisoformat(self.due_on)
        except ValueError as error:
            raise Invalid(field="due_on", problem="That is no day.", mend="Write it as 2026-12-31.") from error

    def course_id(self) -> UUID:
        try:
            return UUID(self.course)
        except ValueError as error:
            raise Invalid(field="course", problem="No course was chosen.", mend="Choose one from the list.") from error
