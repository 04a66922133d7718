"""What the pages about people take from outside."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import TYPE_CHECKING, Any

from gangway.kernel.access import Reach
from gangway.kernel.refusal import Invalid
from gangway.kernel.values import printable

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile


CHOICES = 300  # partners a list offers; beyond them one types


@dataclass(frozen=True, slots=True)
class InviteForm:
    """What was typed, as it was typed, and what is wrong with it by field."""

    name: str = ""
    email: str = ""
    errors: Mapping[str, str] | None = None

    @classmethod
    def read(cls, posted: Mapping[str, str]) -> "InviteForm":
        return cls(posted.get("name", "")[:1000], posted.get("email", "")[:1000])

    def error(self, field: str) -> str:
        return (self.errors or {}).get(field, "")


@dataclass(frozen=True, slots=True)
class GroupForm:
    """A new group as it was typed, and what is wrong with it by field."""

    name: str = ""
    key: str = ""
    partner: str = ""
    errors: Mapping[str, str] | None = None

    @classmethod
    def read(cls, posted: Mapping[str, str]) -> "GroupForm":
        name, key, partner = (posted.get(field, "")[:1000].strip() for field in ("name", "key", "partner"))
        return cls(name, key, partner)

    def error(self, field: str) -> str:
        return (self.errors or {}).get(field, "")


@dataclass(frozen=True, slots=True)
class RoleForm:
    """Which role, how far and until which day, as it was typed, and what is wrong with it by field."""

    role: str = ""
    reach: str = ""
    partner: str = ""
    until: str = ""
    errors: Mapping[str, str] | None = None

    @classmethod
    def read(cls, posted: Mapping[str, str]) -> "RoleForm":
        typed = {name: posted.get(name, "")[:100].strip() for name in ("role", "reach", "partner", "until")}
        return cls(typed["role"], typed["reach"], typed["partner"], typed["until"])

    def error(self, field: str) -> str:
        return (self.errors or {}).get(field, "")

    def wide(self) -> Reach:
        """The reach that was chosen; Invalid for anything else."""
        try:
            return Reach(self.reach)
        except ValueError as error:
            raise Invalid(field="reach", problem="That is no reach.", mend="Choose one from the list.") from error

    def end(self, zone: tzinfo) -> datetime | None:
        """The end of the last day, in the giver's zone; None: no end."""
        if not self.until:
            return None
        try:
            day = date.fromisoformat(self.until)
            return datetime.combine(day, time(23, 59, 59), tzinfo=zone).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise Invalid(field="until", problem="That is no day.", mend="Write it as 2026-12-31.") from error


@dataclass(frozen=True, slots=True)
class BringForm:
    """A file or pasted rows, and at the console the partner they are about ("": a column says so)."""

    partner: str = ""
    rows: str = ""
    file_name: str = ""
    errors: Mapping[str, str] | None = None

    @classmethod
    def read(cls, posted: Mapping[str, str], file: "UploadedFile[Any] | None") -> "BringForm":
        """What was posted; a file wins over rows. Bodies come from `body_of`."""
        name = printable(file.name or "people.csv", 190) if file else ""
        return cls(posted.get("partner", "").strip()[:100], posted.get("rows", ""), name)

    def error(self, field: str) -> str:
        return (self.errors or {}).get(field, "")


def body_of(form: BringForm, file: "UploadedFile[Any] | None") -> Iterable[bytes]:
    """The bytes to be kept: of the file in pieces, or of what was pasted. Invalid: neither, or nothing in it."""
    if file is not None:
        if not file.size:
            raise Invalid(field="file", problem="The file is empty.", mend="Choose another one.")
        return file.chunks()
    if not form.rows.strip():
        mend = "Paste rows from a spreadsheet, or choose a file."
        raise Invalid(field="rows", problem="There is nothing to bring yet.", mend=mend)
    return [form.rows.strip("\r\n").encode("utf-8", "replace")]
