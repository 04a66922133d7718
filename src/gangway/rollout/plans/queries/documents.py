"""The plan's documents, as Markdown and CSV for the team's own workspace, in the reader's language."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from gangway.kernel.language import say
from gangway.kernel.lists import safe_cell
from gangway.kernel.said import N_, said
from gangway.rollout.plans.queries.milestones import MilestoneRow
from gangway.rollout.plans.queries.plans import PlanRow
from gangway.rollout.plans.queries.raci import RaciRowRow
from gangway.rollout.plans.rules import clock
from gangway.rollout.plans.rules.raci import Letter
from gangway.rollout.plans.rules.state import STATE_WORDS, count
from gangway.rollout.plans.rules.template import TRACK_WORDS, Letterhead, Track

STATE_AND_WHY = (N_("State"), N_("Why"))


@dataclass(frozen=True, slots=True)
class Document:
    """A table with a heading and a sentence; prose is a document whose rows are its paragraphs."""

    key: str
    title: str
    sentence: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    prose: bool = False


def raci_document(plan: PlanRow, rows: Iterable[RaciRowRow], complaints: Sequence[str]) -> Document:
    """Who does, answers, is asked, is told."""
    lines = [
        (say(row.title), *(", ".join(say(cell.name) for cell in row.of(letter)) for letter in Letter)) for row in rows
    ]
    sentence = " ".join(map(say, complaints)) or gettext("Every row has one A, and the partners' side is named.")
    title = say(said("{plan}: RACI", plan=plan.title))
    return Document("raci", title, sentence, (gettext("Field"), "R", "A", "C", "I"), tuple(lines))


def plan_document(plan: PlanRow, rows: Iterable[MilestoneRow], owners: dict[str, str], sentence: str) -> Document:
    """Every milestone; owners: RACI row key → who does it."""
    lines = [
        (
            str(row.week),
            say(TRACK_WORDS[Track(row.track)]),
            say(row.title),
            say(owners.get(row.owner, row.owner)),
            _due(plan, row),
            say(STATE_WORDS[row.state]),
            say(row.why),
        )
        for row in rows
        if not row.is_check
    ]
    columns = tuple(map(gettext, (N_("Week"), N_("Track"), N_("Milestone"), N_("Owner"), N_("Due"), *STATE_AND_WHY)))
    return Document("plan", say(plan.title), say(sentence), columns, tuple(lines))


def checklist_document(plan: PlanRow, rows: Iterable[MilestoneRow]) -> Document:
    """The final checklist."""
    lines = [row for row in rows if row.is_check]
    return Document(
        "checklist",
        say(said("{plan}: final checklist", plan=plan.title)),
        say(count(row.state for row in lines).sentence),
        tuple(map(gettext, (N_("Line"), *STATE_AND_WHY))),
        tuple((say(row.title), say(STATE_WORDS[row.state]), say(row.why)) for row in lines),
    )


def letter_document(letter: Letterhead, *, address: str, team: str) -> Document:
    """The launch letter. `{name}` and `{partner}` stay: each recipient's own are filled when it is sent."""
    values = {"name": "{name}", "partner": "{partner}", "address": address, "team": team}
    paragraphs = [say(text).format(**values) for text in (*letter.paragraphs, letter.signature)]
    subject = say(letter.subject).format(**values)
    return Document("letter", subject, "", (gettext("Paragraph"),), tuple((text,) for text in paragraphs), prose=True)


def as_markdown(document: Document) -> str:
    """Heading, sentence, table; or heading and paragraphs."""
    parts = [f"# {document.title}"]
    parts += [document.sentence] if document.sentence else []
    if document.prose:
        parts += [row[0] for row in document.rows]
    else:
        head = [_line(document.columns), _line(["---"] * len(document.columns))]
        parts.append("\n".join([*head, *(_line(row) for row in document.rows)]))
    return "\n\n".join(parts) + "\n"


def as_csv(document: Document) -> str:
    """The rows under their columns; no cell is taken for a formula by a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(document.columns)
    writer.writerows([safe_cell(cell) for cell in row] for row in document.rows)
    return "\ufeff" + out.getvalue()


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"


def _due(plan: PlanRow, row: MilestoneRow) -> str:
    return clock.local_day(row.due_at, plan.zone).isoformat()
