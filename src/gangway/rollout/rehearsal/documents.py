"""Draws a rehearsal as one page, by typst, with no font of the machine."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typst
from django.utils import translation
from django.utils.translation import gettext as _

from gangway.rollout.rehearsal.queries import RunRow
from gangway.ui import typeset

TEMPLATE = Path(__file__).parent / "templates" / "rehearsal" / "report.typ"


def draw(row: RunRow | None, *, wanted: str, sentence: str, steps: Sequence[tuple[str, Mapping[str, Any]]]) -> bytes:
    """The rehearsal as PDF, in the reader's language; a page that says so where there was none. `wanted`: by whom."""
    language = translation.get_language() or "en"
    content = {
        "language": language.partition("-")[0],
        "rtl": translation.get_language_bidi(),
        "title": _("Rehearsal"),
        "when": f"{row.started_at:%Y-%m-%d %H:%M} UTC" if row else "",
        "wanted": wanted,
        "sentence": sentence,
        "problem": row.problem if row else "",
        "words": {"step": _("Step"), "state": _("Result"), "time": _("Time")},
        "steps": [_line(words, step) for words, step in steps],
    }
    told = {"report": json.dumps(content)}
    made: bytes = typst.compile(TEMPLATE, format="pdf", font_paths=typeset.fonts(), sys_inputs=told)
    return made


def _line(words: str, step: Mapping[str, Any]) -> dict[str, Any]:
    reached = step.get("reached", True)
    state = _("Passed") if step["passed"] else _("Failed") if reached else _("Not reached")
    failed = step.get("failed") if reached else None
    at = f"{failed['method']} {failed['path']} → {failed['status'] or _('no answer')}" if failed else ""
    return {
        "words": words,
        "passed": step["passed"],
        "state": state,
        "ms": step["ms"] if reached else None,
        "expected": " · ".join(filter(None, (failed["expected"], failed.get("said")))) if failed else "",
        "at": at,
    }
