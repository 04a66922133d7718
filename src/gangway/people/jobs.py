"""Long work of people: judging and reading files that were brought to a page, taking imports back, forgetting."""

from collections.abc import Callable
from uuid import UUID

from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.jobs import progress, task
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.people import access, actions
from gangway.people.queries.sheets import old_runs, old_sheets

JOB = Actor.job("people.forget_old_files")


@task()
def check_sheet(*, sheet_id: str, place: str, by: str) -> None:
    """Say what reading a file would do. Runs at the partner of who brought it, within what they may reach now."""
    _with_right(actions.check_sheet, UUID(sheet_id), place, UUID(by))


@task()
def read_sheet(*, sheet_id: str, place: str, by: str) -> None:
    """Bring the people of a file, if who brought it still may."""
    _with_right(actions.read_sheet, UUID(sheet_id), place, UUID(by))


def _with_right(work: Callable[..., None], sheet_id: UUID, place: str, by: UUID) -> None:
    actor, now = Actor.person(by), clock.now()
    try:
        work(sheet_id=sheet_id, within=access.scope_now(by, access.BRINGING[place], now), actor=actor, now=now)
    except Refusal as refusal:
        actions.refuse_sheet(sheet_id=sheet_id, why=refusal, actor=actor, now=now)


@task()
def undo_import(*, run_id: str, by: str) -> None:
    """Take an import back; runs at its partner. Begun, it is finished, whoever asked for it."""
    actions.undo_import(run_id=UUID(run_id), progress=progress, actor=Actor.person(UUID(by)), now=clock.now())


@task()
def forget_old_files() -> int:
    """Files brought a week ago, and what the undo of imports of a month ago would need; how many."""
    now = clock.now()
    sheets, runs = old_sheets(now), old_runs(now)
    for partner_id, sheet_id in sheets:
        with scopes.one(partner_id):
            actions.forget_sheet(sheet_id=sheet_id, actor=JOB, now=now)
    for partner_id, run_id in runs:
        with scopes.one(partner_id):
            actions.forget_undo(run_id=run_id, actor=JOB, now=now)
    return len(sheets) + len(runs)
