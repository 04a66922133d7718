"""Forms of those who look after enrolments: what was typed, and what is wrong with it by field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from gangway.kernel.refusal import Invalid
from gangway.learning.rules import Whom

LONGEST = 1000


@dataclass(frozen=True, slots=True)
class EnrolmentForm:
    """`do`: which of a page's forms was sent. `course`: an id. `due_on`: a day, or empty for none.
    `action`: where it is sent; "" to where it came from."""

    do: str = ""
    course: str = ""
    due_on: str = ""
    reason: str = ""
    errors: Mapping[str, str] | None = None
    action: str = ""

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


class Posted(Protocol):
    """A form as it was sent: the last value of a name, or all of them."""

    def get(self, name: str, default: str, /) -> str: ...

    def getlist(self, name: str, /) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class RuleForm:
    """An enrolment rule. The kinds of whom hold keys; an empty one leaves nobody out."""

    name: str = ""
    course: str = ""
    due_days: str = ""
    types: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    errors: Mapping[str, str] | None = None

    @classmethod
    def read(cls, posted: Posted) -> "RuleForm":
        name, course, due_days = (posted.get(key, "")[:LONGEST].strip() for key in ("name", "course", "due_days"))
        types, tiers, groups, languages = (
            tuple(posted.getlist(kind)[:LONGEST]) for kind in ("types", "tiers", "groups", "languages")
        )
        return cls(name, course, due_days, types, tiers, groups, languages)

    def error(self, field: str) -> str:
        return (self.errors or {}).get(field, "")

    def whom(self) -> Whom:
        return Whom(
            types=frozenset(self.types),
            tiers=frozenset(self.tiers),
            groups=frozenset(self.groups),
            languages=frozenset(self.languages),
        )

    def days(self) -> int | None:
        """In how many days it is due; None: never. Invalid for anything else."""
        if not self.due_days:
            return None
        if not self.due_days.isascii() or not self.due_days.isdigit():
            raise Invalid(field="due_days", problem="That is no number of days.", mend="Write 30, or leave it empty.")
        return int(self.due_days)

    def course_id(self) -> UUID:
        try:
            return UUID(self.course)
        except ValueError as error:
            raise Invalid(field="course", problem="No course was chosen.", mend="Choose one from the list.") from error
