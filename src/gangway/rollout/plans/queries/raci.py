"""The RACI matrix."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from gangway.kernel.refusal import NotFound
from gangway.kernel.said import content, said
from gangway.partners import queries as partners
from gangway.people import queries as people
from gangway.rollout.plans.models import RaciCell, RaciContest, RaciRow
from gangway.rollout.plans.rules.raci import Cell, Holder, Letter, Row


@dataclass(frozen=True, slots=True)
class CellRow:
    """One holder. name: the person's, or the job's or group's; where: a contact's partner, or the job title.

    A contact is nameless until `name_contacts` read them in a scope that reaches their partner.
    """

    id: UUID
    letter: Letter
    holder: Holder
    name: str
    where: str
    person_id: UUID | None
    signed_in: bool | None
    partner_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ContestRow:
    id: UUID
    person: str
    reason: str
    raised_at: datetime
    decision: str
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class RaciRowRow:
    id: UUID
    key: str
    title: str
    words: str
    cells: tuple[CellRow, ...]
    contests: tuple[ContestRow, ...]

    def of(self, letter: str) -> tuple[CellRow, ...]:
        return tuple(cell for cell in self.cells if cell.letter == letter)

    @property
    def responsible(self) -> str:
        """Who does it, in words."""
        return said("{names}", names=[cell.name for cell in self.of(Letter.RESPONSIBLE)])


def raci(plan_id: UUID) -> tuple[RaciRowRow, ...]:
    """The matrix as pages show it. Three statements."""
    cells: dict[UUID, list[CellRow]] = defaultdict(list)
    found = RaciCell.objects.filter(row__plan_id=plan_id).select_related("person")
    for cell in found.order_by("id"):
        cells[cell.row_id].append(_cell(cell))
    contests: dict[UUID, list[ContestRow]] = defaultdict(list)
    raised = RaciContest.objects.filter(row__plan_id=plan_id).select_related("person", "decided_by")
    for contest in raised.order_by("-raised_at"):
        contests[contest.row_id].append(_contest(contest))
    rows = RaciRow.objects.filter(plan_id=plan_id).order_by("position")
    return tuple(
        RaciRowRow(
            row.pk, row.key, content(row.title), content(row.words), tuple(cells[row.pk]), tuple(contests[row.pk])
        )
        for row in rows
    )


def name_contacts(rows: Iterable[RaciRowRow]) -> tuple[RaciRowRow, ...]:
    """The same rows with the names of contacts and of their partners, as far as the open scope reaches."""
    found = tuple(rows)
    contacts = [cell for row in found for cell in row.cells if cell.holder is Holder.CONTACT]
    if not contacts:
        return found
    names = people.names([cell.person_id for cell in contacts if cell.person_id])
    where = {cell.partner_id: _partner_name(cell.partner_id) for cell in contacts if cell.partner_id}
    return tuple(replace(row, cells=tuple(_named(cell, names, where) for cell in row.cells)) for row in found)


def _named(cell: CellRow, names: Mapping[UUID, str], where: Mapping[UUID, str]) -> CellRow:
    if cell.holder is not Holder.CONTACT or cell.person_id is None or cell.partner_id is None:
        return cell
    return replace(cell, name=names.get(cell.person_id, cell.name), where=where.get(cell.partner_id, ""))


def _partner_name(partner_id: UUID) -> str:
    try:
        return partners.partner_by_id(partner_id).name
    except NotFound:
        return ""


def matrix(rows: Iterable[RaciRowRow]) -> tuple[Row, ...]:
    """The matrix as the rules judge it."""
    return tuple(Row(row.key, row.title, tuple(_judged(cell) for cell in row.cells)) for row in rows)


def _judged(cell: CellRow) -> Cell:
    return Cell(cell.letter, cell.holder, cell.name, str(cell.person_id or ""), cell.signed_in)


def _cell(cell: RaciCell) -> CellRow:
    if cell.holder == Holder.STAFF:
        person = cell.person
        signed_in = person.activated_at is not None
        return CellRow(cell.pk, Letter(cell.letter), Holder.STAFF, person.name, cell.label, person.pk, signed_in)
    if cell.holder == Holder.CONTACT:
        nameless = cell.label or said("a contact")
        return CellRow(
            cell.pk, Letter(cell.letter), Holder.CONTACT, nameless, "", cell.contact_id, None, cell.contact_partner_id
        )
    return CellRow(cell.pk, Letter(cell.letter), Holder(cell.holder), content(cell.label), "", None, None)


def _contest(row: RaciContest) -> ContestRow:
    return ContestRow(
        row.pk,
        row.person.name,
        row.reason,
        row.raised_at,
        row.decision,
        row.decided_by.name if row.decided_by_id else "",
        row.decided_at,
    )
