"""Scenarios of operating two environments: a configuration is promoted, taken back, compared."""

from typing import Any

from gangway.rollout.operations import actions as operations
from gangway.rollout.operations import queries
from gangway.rollout.operations.rules import Export, digest_of, read, written
from gangway.rollout.rehearsal import actions as rehearsal
from tests.crash.scenario import NOW, Stage, scenario
from tests.crash.scenarios.ground import OPERATOR


def _export() -> Export:
    """A sandbox in which every part that a promotion sets says something else, and has something new."""
    here: dict[str, Any] = {part: dict(entries) for part, entries in queries.configured().items()}
    nordwind = here["partners"]["nordwind"]
    msp = here["types"]["msp"]
    here["types"] |= {"scout": {**msp, "name": "Scout"}, "msp": {**msp, "name": "Managed services"}}
    here["tiers"] |= {"platinum": {"name": "Platinum", "rank": 9}}
    here["partners"] |= {
        "nordwind": {**nordwind, "name": "Nordwind SE", "tier": "gold"},
        "newcomer": {**nordwind, "name": "Newcomer", "parent": "nordwind"},
    }
    here["connections"] |= {"nordwind/okta": {"kind": "oidc", "name": "Okta", "fallback": "never", "admits": True}}
    (course,) = here["courses"]
    here["paths"] |= {"more": {"name": "More", "summary": "", "courses": [course], "waits": {}}}
    here["credentials"] |= {"more": {"title": "More", "valid_months": 6, "course": course}}
    return read(written(here, "sandbox"))


def _promoted(stage: Stage) -> None:
    operations.promote(
        export=_export(), source="sandbox.json", seen=digest_of(queries.configured()), actor=OPERATOR, now=NOW
    )


@scenario("promote", kind="once")
def promote(stage: Stage) -> None:
    _promoted(stage)


@scenario("undo promotion", prepare=_promoted, kind="once")
def undo_promotion(stage: Stage) -> None:
    operations.undo_promotion(actor=OPERATOR, now=NOW)


@scenario("compare", kind="once")
def compare(stage: Stage) -> None:
    operations.compare(export=_export(), source="sandbox.json", actor=OPERATOR, now=NOW)


def _begun(stage: Stage) -> None:
    stage["cutover"] = operations.begin_cutover(actor=OPERATOR, now=NOW)


def _noted(stage: Stage) -> None:
    """All but the last step, which a rehearsal proved meanwhile."""
    _begun(stage)
    _compared(stage)
    _note(stage, "look")
    _note(stage, "before")
    _note(stage, "try")
    _promoted(stage)
    for key in ("promote", "back", "after", "equal"):
        _note(stage, key)
    operations.note_rehearsal(at=NOW, actor=OPERATOR, now=NOW)


def _note(stage: Stage, key: str) -> None:
    operations.note_step(cutover_id=stage["cutover"], key=key, as_expected=True, words="Seen.", actor=OPERATOR, now=NOW)


def _compared(stage: Stage) -> None:
    operations.compare(export=_export(), source="sandbox.json", actor=OPERATOR, now=NOW)


@scenario("begin a cutover", kind="once")
def begin_cutover(stage: Stage) -> None:
    operations.begin_cutover(actor=OPERATOR, now=NOW)


@scenario("note the last step of a cutover", prepare=_noted, kind="once")
def note_step(stage: Stage) -> None:
    _note(stage, "rehearse")


@scenario("end a cutover", prepare=_begun, kind="once")
def end_cutover(stage: Stage) -> None:
    operations.end_cutover(cutover_id=stage["cutover"], why="Tomorrow.", actor=OPERATOR, now=NOW)


@scenario("rehearsal during a cutover", prepare=_begun)
def note_rehearsal(stage: Stage) -> None:
    operations.note_rehearsal(at=NOW, actor=OPERATOR, now=NOW)


@scenario("nightly canary")
def canary(stage: Stage) -> None:
    rehearsal.set_canary(on=True, actor=OPERATOR, now=NOW)
