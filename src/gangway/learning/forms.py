"""Forms of those who look after enrolments: what was typed, and what is wrong with it by field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from django.utils.translation import gettext

from gangway.kernel.refusal import Invalid
from gangway.learning.rules import Whom

LONGEST = 1000
PATH = "path:"  # before the id of a path, where a list offers courses and paths


@dataclass(frozen=True, slots=True)
class Target:
    """What was chosen in a list of courses and paths: one of both."""

    course_id: UUID | None = None
    path_id: UUID | None = None

    @classmethod
    def read(cls, typed: str) -> "Target":
        """Invalid: nothing was chosen."""
        try:
            chosen = UUID(typed.removeprefix(PATH))
        except ValueError as error:
            raise Invalid(field="course", problem="No course was chosen.", mend="Choose one from the list.") from error
        return cls(path_id=chosen) if typed.startswith(PATH) else cls(course_id=chosen)

    def __str__(self) -> str:
        return str(self.course_id) if self.path_id is None else f"{PATH}{self.path_id}"


def offer(courses: Sequence[tuple[UUID, str]], paths: Sequence[tuple[UUID, str]]) -> list[tuple[str, str]]:
    """The choices of such a list, by id and name: paths first."""
    roads = [(f"{PATH}{key}", gettext("Path: %(name)s") % {"name": name}) for key, name in paths]
    return [*roads, *((str(key), title) for key, title in courses)]


@dataclass(frozen=True, slots=True)
class EnrolmentForm:
    """`do`: which of a page's forms was sent. `course`: what was chosen of courses and paths. `due_on`: a day, or empty
    for none. `action`: where it is sent; "" to where it came from."""

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

    def target(self) -> Target:
        """Invalid: nothing was chosen."""
        return Target.read(self.course)


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

    def target(self) -> Target:
        """Invalid: nothing was chosen."""
        return Target.read(self.course)
