"""RACI: who does, answers, is asked, is told; and what is wrong with a matrix."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gangway.kernel.said import content, said

OVERLOADED = 3  # so many rows done by one person are too many for a core team of three


class Letter(StrEnum):
    RESPONSIBLE = "R"
    ACCOUNTABLE = "A"
    CONSULTED = "C"
    INFORMED = "I"


class Holder(StrEnum):
    """Who stands in a cell."""

    JOB = "job"  # a job title: nobody is named yet
    GROUP = "group"  # "All partners"
    STAFF = "staff"  # a person at the host
    CONTACT = "contact"  # a person at a partner


class Fault(StrEnum):
    NO_A = "no_a"
    TWO_AS = "two_as"
    A_UNNAMED = "a_unnamed"
    A_NEVER_SIGNED_IN = "a_never_signed_in"
    R_OVERLOADED = "r_overloaded"
    NO_CONTACT = "no_contact"


BREAKS_WHOLE = frozenset({Fault.NO_A, Fault.TWO_AS, Fault.A_UNNAMED, Fault.NO_CONTACT})


@dataclass(frozen=True, slots=True)
class Cell:
    """One holder of one letter. `person` identifies a named person; signed_in is None where it is unknown."""

    letter: Letter
    holder: Holder
    name: str
    person: str = ""
    signed_in: bool | None = None

    @property
    def named(self) -> bool:
        return self.holder in (Holder.STAFF, Holder.CONTACT)


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    title: str
    cells: tuple[Cell, ...]

    def of(self, letter: Letter) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.letter is letter)


@dataclass(frozen=True, slots=True)
class Complaint:
    """row is "" where the fault is the whole matrix's."""

    fault: Fault
    row: str
    words: str


def complaints(rows: Sequence[Row]) -> tuple[Complaint, ...]:
    """Everything wrong with a matrix, the worst of each row first."""
    return (*(complaint for row in rows for complaint in _of_row(row)), *_of_matrix(rows))


def whole(rows: Sequence[Row]) -> bool:
    """Every row has exactly one A who is a named person, and somebody on the partners' side is named."""
    return bool(rows) and not any(complaint.fault in BREAKS_WHOLE for complaint in complaints(rows))


def whole_rows(rows: Iterable[Row]) -> int:
    """How many rows have exactly one named A."""
    return sum(1 for row in rows if not any(complaint.fault in BREAKS_WHOLE for complaint in _of_row(row)))


def accountable(rows: Iterable[Row]) -> frozenset[str]:
    """The named people who hold an A anywhere."""
    return frozenset(cell.person for row in rows for cell in row.of(Letter.ACCOUNTABLE) if cell.named)


def _of_row(row: Row) -> Iterator[Complaint]:
    holders, title = row.of(Letter.ACCOUNTABLE), content(row.title)
    if not holders:
        yield Complaint(Fault.NO_A, row.key, said("“{row}” has no A: nobody answers for it.", row=title))
    if len(holders) > 1:
        words = said(
            "“{row}” has {n} As: {names}. Keep one.", row=title, n=len(holders), names=[cell.name for cell in holders]
        )
        yield Complaint(Fault.TWO_AS, row.key, words)
    for cell in holders:
        if not cell.named:
            words = said("“{row}”: the A is a job ({job}). Name the person.", row=title, job=content(cell.name))
            yield Complaint(Fault.A_UNNAMED, row.key, words)
        elif cell.signed_in is False:
            words = said("{name}, A of “{row}”, never signed in.", name=cell.name, row=title)
            yield Complaint(Fault.A_NEVER_SIGNED_IN, row.key, words)


def _of_matrix(rows: Sequence[Row]) -> Iterator[Complaint]:
    loads: dict[str, list[str]] = {}
    for row in rows:
        for cell in row.of(Letter.RESPONSIBLE):
            if cell.named:
                loads.setdefault(cell.person, []).append(cell.name)
    for names in loads.values():
        if len(names) >= OVERLOADED:
            words = said("{name} is R in {n} rows. Give one to somebody else.", name=names[0], n=len(names))
            yield Complaint(Fault.R_OVERLOADED, "", words)
    if not any(cell.holder is Holder.CONTACT for row in rows for cell in row.cells):
        words = said("Nobody on the partners' side is named. Name a contact in any row.")
        yield Complaint(Fault.NO_CONTACT, "", words)
