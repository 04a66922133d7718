"""Reads of files of people: what was read, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from gangway.kernel.lists import Column, Filter, ListSpec
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.people.models import ImportRun
from gangway.people.rules import RunState

PASTED = _("Pasted rows")  # the name that rows have which came without a file; kept so, said in the reader's language


def called(file_name: str) -> str:
    """What a file is called on a page."""
    return gettext(PASTED) if file_name == PASTED else file_name


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One file of people that was read: where it stands, what became of its rows, whom its undo left and why."""

    id: UUID
    file_name: str
    state: str
    line: int
    new: int
    changed: int
    unchanged: int
    refused: int
    started_at: datetime
    finished_at: datetime | None
    undone: int
    left: int
    kept: int
    kept_rows: list[list[str]]
    undone_at: datetime | None
    partner_id: UUID
    sheet_id: UUID | None

    @property
    def called(self) -> str:
        return called(self.file_name)


def as_row(run: ImportRun) -> ImportRow:
    """As others see it."""
    return ImportRow(**{field.name: getattr(run, field.name) for field in fields(ImportRow)})


def imports(limit: int = 20) -> tuple[ImportRow, ...]:
    """The latest files of people read into the partners that the scope reaches."""
    return tuple(as_row(run) for run in ImportRun.objects.order_by("-started_at", "-id")[:limit])


def import_run(run_id: UUID) -> ImportRow:
    """One file that was read; NotFound outside the scope."""
    found = ImportRun.objects.filter(pk=run_id).first()
    if found is None:
        raise NotFound
    return as_row(found)


# Words are marked here and translated where they are shown.
RUN_WORDS: dict[str, str] = {
    RunState.RUNNING.value: _("being read, or stopped"),
    RunState.DONE.value: _("brought in"),
    RunState.FAILED.value: _("stopped on the way"),
    RunState.UNDOING.value: _("being taken back"),
    RunState.UNDONE.value: _("taken back"),
}


def _cells(found: Any) -> Mapping[str, Any]:
    return {
        "href": reverse("people:import", args=[found.pk]),
        "file": called(found.file_name) or gettext("Import"),
        "partner": found.partner_name,
        "partner_href": reverse("partners:one", args=[found.partner_id]),
        "started_at": found.started_at,
        "new": found.new,
        "changed": found.changed,
        "refused": found.refused,
        "state": gettext(RUN_WORDS[found.state]),
    }


def _own_cells(found: Any) -> Mapping[str, Any]:
    return {**_cells(found), "href": reverse("people:import_team", args=[found.pk])}


def _rows() -> QuerySet[Any]:
    rows: QuerySet[Any] = ImportRun.objects.defer("kept_rows").annotate(partner_name=F("partner__name"))
    return rows


IMPORT_LIST = ListSpec(
    key="imports",
    noun=(_("import"), _("imports")),
    rows=_rows,
    columns=(
        Column("file", _("File")),
        Column("partner", _("Partner")),
        Column("started_at", _("When"), "instant"),
        Column("new", _("New"), "number"),
        Column("changed", _("Changed"), "number"),
        Column("refused", _("Refused"), "number"),
        Column("state", _("State"), "state"),
    ),
    cells=_cells,
    order=("-started_at", "-id"),
    search=("file_name", "partner_name"),
    filters=(Filter("state", _("State"), tuple(RUN_WORDS.items()), lambda rows, value: rows.filter(state=value)),),
)
OWN_IMPORTS = replace(
    IMPORT_LIST,
    key="own-imports",
    rows=lambda: _rows().filter(partner=scopes.required().partner_id),
    cells=_own_cells,
    columns=(IMPORT_LIST.columns[0], *IMPORT_LIST.columns[2:]),
    search=("file_name",),
)
