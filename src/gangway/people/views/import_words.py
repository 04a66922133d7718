"""How files of people and imports are spoken of on their pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from gangway.kernel.language import listing, number, say
from gangway.kernel.said import unpack
from gangway.partners.queries import PartnerRow
from gangway.people.queries.import_runs import RUN_WORDS, ImportRow
from gangway.people.queries.sheets import SheetRow
from gangway.people.rules import ROWS_A_PAGE, RunState, SheetState, Why

Shown = tuple[int, str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows that share their result, as a table: all there are, those shown, the number of the first, the last page."""

    key: str
    heading: str
    column: str
    count: int
    rows: Sequence[Shown]
    first: int
    pages: int
    whole: bool


def kind(found: SheetRow, key: str, rows: Sequence[Shown], *, first: int = 0, whole: bool = False) -> Kind:
    """One table of a file's page. `whole`: a page of all of them, not the first few."""
    headings = {
        "refused": (gettext("Refused"), gettext("Why, and what to do"), found.refused),
        "new": (gettext("New"), "", found.new),
        "changed": (gettext("Changed"), gettext("What changes"), found.changed),
        "unchanged": (gettext("Unchanged"), "", found.unchanged),
    }
    heading, column, count = headings[key]
    return Kind(key, heading, column, count, rows, first, -(-count // ROWS_A_PAGE), whole)


def shown(found: SheetRow, kind: str) -> list[Shown]:
    """The first rows of one kind, in the reader's language."""
    return [(line, whom, say(unpack(what))) for line, whom, what in found.shown.get(kind, ())]


def problem(found: SheetRow) -> str:
    """Why a file cannot be read."""
    if found.state != SheetState.UNUSABLE:
        return ""
    return say(unpack(found.shown["problem"])) if "problem" in found.shown else found.problem


def state_words() -> Mapping[str, str]:
    """state → how a list says it."""
    return {
        SheetState.CHECKING: gettext("being looked at"),
        SheetState.CHECKED: gettext("waits for your yes"),
        SheetState.UNUSABLE: gettext("cannot be read"),
        SheetState.READING: gettext("being brought in"),
        SheetState.READ: gettext("brought in"),
    }


def run_words(run: ImportRow) -> str:
    """Where an import stands."""
    if run.state == RunState.FAILED:
        return gettext("stopped at line %(line)s") % {"line": number(run.line)}
    return gettext(RUN_WORDS[run.state])


def letter_choices(target: PartnerRow | None) -> list[tuple[str, str, str]]:
    """(value, label, hint) of when those who are new are written to."""
    now = gettext("Everybody who is new gets a letter that says where to sign in.")
    launched = target is not None and target.launched_at is not None
    if launched:
        later = gettext("Do not write to them")
        hint = gettext("They can come in from now on. The launch of their partner is over and writes to nobody new.")
    else:
        later = gettext("Write to them with the launch")
        hint = gettext("They can come in from now on; nobody is disturbed before the launch.")
    return [("later", later, hint), ("now", gettext("Write to them now"), now)]


def why(reason: Why) -> str:
    """Why somebody stayed."""
    words = {
        Why.CHANGED: gettext("was changed since"),
        Why.CAME_IN: gettext("has come in"),
        Why.GONE: gettext("is not there any more"),
    }
    return words[reason]


def press(found: SheetRow) -> str:
    """The button's words: what it does, and to how many."""
    if found.new and found.changed:
        both = ngettext("Bring %(n)s and change %(m)s person", "Bring %(n)s and change %(m)s people", found.changed)
        return both % {"n": number(found.new), "m": number(found.changed)}
    if found.new:
        return ngettext("Bring %(n)s person", "Bring %(n)s people", found.new) % {"n": number(found.new)}
    return ngettext("Change %(n)s person", "Change %(n)s people", found.changed) % {"n": number(found.changed)}


def sentence(found: SheetRow, runs: Sequence[ImportRow]) -> str:
    """What a file would do, is doing or did."""
    if runs and found.state in (SheetState.READ, SheetState.UNUSABLE):
        return became(runs)
    if found.state == SheetState.CHECKED:
        return _would(found)
    words = {
        SheetState.CHECKING: gettext("We read every row and look at what it would change. Nothing is written yet."),
        SheetState.UNUSABLE: gettext("This file cannot be brought in. Nothing was written."),
        SheetState.READING: gettext("The people are being brought in. You may leave this page and come back."),
        SheetState.READ: gettext("Nobody was brought in."),
    }
    return words[SheetState(found.state)]


def _would(found: SheetRow) -> str:
    said = (
        (found.new, ngettext("%(n)s person is new", "%(n)s people are new", found.new)),
        (found.changed, ngettext("%(n)s changes", "%(n)s change", found.changed)),
        (found.unchanged, ngettext("%(n)s stays as it is", "%(n)s stay as they are", found.unchanged)),
        (found.refused, ngettext("%(n)s row is refused", "%(n)s rows are refused", found.refused)),
    )
    parts = [words % {"n": number(n)} for n, words in said if n] or [gettext("There are no rows in it")]
    return gettext("%(parts)s. Nothing is written yet.") % {"parts": listing(parts)}


def became(runs: Sequence[ImportRow]) -> str:
    """What became of a file: brought, changed; or taken back."""
    if any(run.state == RunState.UNDOING for run in runs):
        return gettext("The import is being taken back. You may leave this page and come back.")
    if runs and all(run.state == RunState.UNDONE for run in runs):
        return _taken_back(runs)
    new, changed = sum(run.new for run in runs), sum(run.changed for run in runs)
    brought = ngettext("%(n)s person was brought in", "%(n)s people were brought in", new) % {"n": number(new)}
    other = ngettext("%(n)s was changed", "%(n)s were changed", changed) % {"n": number(changed)}
    return gettext("%(parts)s.") % {"parts": listing([brought, other])}


def _taken_back(runs: Sequence[ImportRow]) -> str:
    undone, left, kept = (sum(getattr(run, name) for run in runs) for name in ("undone", "left", "kept"))
    back = ngettext(
        "The import was taken back for %(n)s person.", "The import was taken back for %(n)s people.", undone
    ) % {"n": number(undone)}
    rest = gettext("%(left)s left, since others know them; %(kept)s stayed as they are.")
    return f"{back} {rest % {'left': number(left), 'kept': number(kept)}}" if left or kept else back
