"""`gangway config export`, `diff` and `promote`: what is configured here, how it differs from elsewhere, and how it
becomes so."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.console import console, emit, speaking
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.partners.queries import host_partner
from gangway.rollout.operations import actions, queries
from gangway.rollout.operations.rules import (
    LEFT_ALONE,
    Configuration,
    Difference,
    Export,
    beside,
    by_our_name,
    differences,
    digest_of,
    in_words,
    read,
    steps,
    written,
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Try it, say what it would do or refuse, change nothing.")]


class NothingConfigured(Refusal):
    code = "operations.no_vendor"
    message = "There is no vendor yet, so nothing is configured here."
    next_step = "Set Gangway up first: open its start page, or load the demo world by `gangway up --demo`."


def _here() -> Configuration:
    """What is configured here. NothingConfigured: nobody has set this installation up."""
    if host_partner() is None:
        raise NothingConfigured
    return queries.configured()


def export() -> None:
    """Print the configuration of this installation by keys: no secret, no person, the same bytes each time.

    Example: gangway config export > sandbox.json
    """
    with speaking():
        sys.stdout.write(written(_here(), queries.environment()))


def diff(
    was: Annotated[Path, typer.Argument(help="An export.")],
    now: Annotated[Path | None, typer.Argument(help="Another one; this installation, unless said.")] = None,
    as_json: Json = False,
) -> None:
    """Say how two configurations differ, and what of it is done by hand. Exit status 0: they do not; 1: they do; 2: a
    file cannot be read.

    Example: gangway config diff sandbox.json
    """
    try:
        before = _read(was).configuration
        after = _read(now).configuration if now is not None else _here()
    except (Invalid, NothingConfigured) as refusal:
        where = f" ({refusal.field})" if refusal.field else ""
        console.print(f"{refusal}{where} {refusal.step}", markup=False)
        raise typer.Exit(2) from refusal
    before = by_our_name(before, after)
    found = differences(before, after)
    left = {step.place: step.by_hand for step in steps(after, before, queries.parts()) if step.by_hand}
    rows = [{**asdict(one), "by_hand": left.get(one.place)} for one in found]
    say = in_words if now is not None else beside
    emit(rows, as_json, lambda: _say([_line(say(one), left.get(one.place, "")) for one in found]))
    if found:
        raise typer.Exit(1)


def promote(
    what: Annotated[str, typer.Argument(help="An export; with --undo a promotion's id, the latest unless said.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take a promotion back.")] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Make this installation say what an export of another says, wholly or not at all; or take that back.

    Nothing is taken away that is here and not in the file. People and secrets are left alone; what has to be done by
    hand is said, with how.

    Example: gangway config promote sandbox.json --dry-run
    """
    with speaking():
        told = _undo(what, dry_run) if undo else _promote(what, dry_run)
    emit(told, as_json, lambda: _say_promotion(told))


def _promote(what: str, dry_run: bool) -> dict[str, Any]:
    if not what:
        raise Invalid(field="file", problem="No file is named.", mend="Give an export.")
    wanted = _read(Path(what))
    here = _here()
    found = steps(here, wanted.configuration, queries.parts())
    made = actions.promote(
        export=wanted,
        source=Path(what).name,
        seen=digest_of(here),
        dry_run=dry_run,
        actor=Actor.operator(),
        now=clock.now(),
    )
    return {
        "promotion": str(made) if made else None,
        "dry_run": dry_run,
        "undone": False,
        "from": wanted.environment,
        "set": [_changed(step) for step in found if not step.by_hand],
        "by_hand": [{**_changed(step), "how": step.by_hand} for step in found if step.by_hand],
        "stays": [],
        "left_alone": LEFT_ALONE,
    }


def _undo(what: str, dry_run: bool) -> dict[str, Any]:
    try:
        promotion_id = UUID(what) if what else None
    except ValueError as error:
        raise NotFound from error
    done = actions.undo_promotion(promotion_id=promotion_id, dry_run=dry_run, actor=Actor.operator(), now=clock.now())
    back = [Difference(*one.place, one.now, one.was) for one in done.changes]
    return {
        "promotion": str(done.promotion_id),
        "dry_run": dry_run,
        "undone": not dry_run,
        "from": queries.promotion(done.promotion_id).environment,
        "set": [_changed(one) for one in back],
        "by_hand": [],
        "stays": list(done.stays),
        "left_alone": LEFT_ALONE,
    }


def _changed(one: Difference) -> dict[str, Any]:
    return {"part": one.part, "key": one.key, "field": one.field, "old": one.was, "new": one.now}


def _say_promotion(told: dict[str, Any]) -> None:
    lines = [in_words(_difference(row)) for row in told["set"]]
    lines += [_line(in_words(_difference(row)), row["how"]) for row in told["by_hand"]]
    lines += [f"stays: {words}" for words in told["stays"]]
    _say([*lines, told["left_alone"], _sentence(told)])


def _sentence(told: dict[str, Any]) -> str:
    n = len(told["set"])
    fields = f"{n} change" if n == 1 else f"{n} changes"
    if told["dry_run"]:
        return f"Dry run: {fields} would be made. Nothing was changed."
    if told["undone"]:
        return f"{fields} taken back (promotion {told['promotion']})."
    return f"{fields} made. Take them back: gangway config promote --undo {told['promotion']}"


def _difference(row: dict[str, Any]) -> Difference:
    return Difference(row["part"], row["key"], row["field"], row["old"], row["new"])


def _line(words: str, by_hand: str) -> str:
    return f"{words} – by hand: {by_hand}" if by_hand else words


def _say(lines: Sequence[str]) -> None:
    for line in lines or ["Nothing differs."]:
        console.print(line, markup=False)


def _read(path: Path) -> Export:
    try:
        return read(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(field="file", problem="{name} cannot be read.", mend="Give an export.", name=str(path)) from error
