"""Scenarios of rehearsals: the side of the house; the walk itself writes nothing."""

from uuid import UUID

from gangway.identity import actions as identity
from gangway.kernel import worker
from gangway.kernel.tenancy import scopes
from gangway.partners import actions as partners
from gangway.partners.queries import find_partner
from gangway.rollout.rehearsal import actions as rehearsal
from gangway.rollout.rehearsal.rules import Cause
from gangway.rollout.rehearsal.tests.opened import OPENED, provider
from tests.crash.scenario import NOW, Stage, scenario
from tests.crash.scenarios.ground import OPERATOR

STEP = {"name": "reach", "passed": True, "ms": 1}


def laid(stage: Stage) -> None:
    stage["shell"] = rehearsal.lay_ground(type_key="", actor=OPERATOR, now=NOW)


@scenario("let a shell's process be reached", kind="once", prepare=laid)
def open_doors(stage: Stage) -> None:
    with scopes.one(stage["shell"]):
        partners.open_shell(provider_port=40_001, mail_port=40_002, actor=OPERATOR, now=NOW)


def opened(stage: Stage) -> None:
    laid(stage)
    open_doors(stage)


@scenario("forget a shell's process", prepare=opened)
def close_doors(stage: Stage) -> None:
    with scopes.one(stage["shell"]):
        partners.close_shell(actor=OPERATOR, now=NOW)


@scenario("connect a shell", kind="once", prepare=laid)
def connect(stage: Stage) -> None:
    with scopes.one(stage["shell"]):
        identity.connect_shell(
            run="one", domain="rehearsal.invalid", provider=provider(OPENED), actor=OPERATOR, now=NOW
        )


def connected(stage: Stage) -> None:
    laid(stage)
    connect(stage)


@scenario("disconnect a shell", prepare=connected)
def disconnect(stage: Stage) -> None:
    with scopes.one(stage["shell"]):
        identity.disconnect_shell(actor=OPERATOR, now=NOW)


@scenario("begin a rehearsal", kind="once", prepare=laid)
def begin(stage: Stage) -> None:
    with scopes.one(stage["shell"]):
        stage["run"] = rehearsal.begin_run(cause=Cause.COMMAND, type_key="", actor=OPERATOR, now=NOW)


def begun(stage: Stage) -> None:
    laid(stage)
    begin(stage)


@scenario("note a step of a rehearsal", kind="once", prepare=begun)
def note(stage: Stage) -> None:
    with scopes.one(stage["shell"]):
        rehearsal.note_step(run_id=UUID(str(stage["run"])), step=STEP, actor=OPERATOR, now=NOW)


@scenario("end a rehearsal", kind="once", prepare=begun)
def end(stage: Stage) -> None:
    with scopes.one(stage["shell"]):
        rehearsal.end_run(run_id=UUID(str(stage["run"])), actor=OPERATOR, now=NOW)


@scenario("sweep up after a rehearsal", prepare=begun)
def sweep(stage: Stage) -> None:
    with scopes.one(find_partner("rehearsal").id):
        rehearsal.sweep_up(actor=OPERATOR, now=NOW)


def night_begun(stage: Stage) -> None:
    laid(stage)
    with scopes.one(stage["shell"]):
        stage["run"] = rehearsal.begin_run(cause=Cause.NIGHT, type_key="", actor=OPERATOR, now=NOW)


@scenario("tell of a night that failed", kind="steps", prepare=night_begun)
def tell(stage: Stage) -> None:
    """From the end to the letters, which the worker writes."""
    with scopes.one(stage["shell"]):
        rehearsal.end_run(run_id=UUID(str(stage["run"])), problem="It was broken off.", actor=OPERATOR, now=NOW)
    while worker.turn("doomed", NOW):
        pass
