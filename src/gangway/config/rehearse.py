"""`gangway rehearse`: the whole way of a partner's people, walked by robots; against what runs, or its own server."""

import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from django.conf import settings
from django.db import connections

from gangway.config import schema
from gangway.config.running import address_in
from gangway.config.settings import ENV
from gangway.config.supervisor import Supervisor
from gangway.config.up import (
    WAIT_SECONDS,
    NeverAnswered,
    answers,
    reachable,
    require_database,
    require_free_port,
    web,
    worker,
)
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.console import console, emit, speaking
from gangway.kernel.refusal import Refusal
from gangway.partners.queries import host_partner
from gangway.rollout.rehearsal import actions
from gangway.rollout.rehearsal.queries import RunRow
from gangway.rollout.rehearsal.rules import Cause


class StillStarting(Refusal):
    """A `gangway up` of this home began at the same time, so it was not known where it will be."""

    code = "config.still_starting"
    message = "Gangway is still starting at {address}."
    next_step = "Try again once it has said that it is ready."


def rehearse(
    partner_type: Annotated[str, typer.Option(help="Rehearse as a partner of this type; its key.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Walk the whole way with a shell partner: brought, invited, in, taught, certified, gone.

    Exit status 0 when every step passed, else 1.

    Speaks with the Gangway that runs in the same GANGWAY_HOME; where none runs, it starts one and stops it again.

    Example: gangway rehearse --partner-type reseller --json
    """
    with speaking():
        with _served():
            run = actions.rehearse(
                type_key=partner_type,
                cause=Cause.COMMAND,
                on_step=lambda _n, step: None if as_json else _say(step),
                actor=Actor.operator(),
                now=clock.now(),
            )
        emit(run.as_dict(), as_json, lambda: _verdict(run))
    if not run.passed:
        raise typer.Exit(1)


@contextmanager
def _served() -> Iterator[None]:
    """What runs already or is being started; else web and worker as `gangway up` starts them, until the block ends."""
    if _runs():
        schema.require()
        yield
        return
    require_free_port(ENV.bind, ENV.port)
    require_database()
    schema.migrate()
    if address := address_in(settings.HOME):
        raise StillStarting(address=address)
    if host_partner() is None:  # said before anything is started for it
        raise actions.NothingToRehearse
    connections.close_all()
    supervisor = Supervisor([web(ENV), worker()], output=sys.stderr.fileno())
    thread = threading.Thread(target=supervisor.run, name="embedded")
    thread.start()
    try:
        _wait(f"http://{reachable(ENV.bind)}:{ENV.port}/readyz")
        yield
    finally:
        supervisor.stop.set()
        thread.join()


def _runs() -> bool:
    """Whether a Gangway answers. One of this home that is on its way (it makes the demo world) is waited for."""
    address = f"{settings.BASE_URL}/readyz"
    if not answers(address) and address_in(settings.HOME) == settings.BASE_URL:
        _wait(address)
    return answers(address)


def _wait(address: str) -> None:
    pause = threading.Event()
    for _ in range(int(WAIT_SECONDS / 0.1)):
        if answers(address):
            return
        pause.wait(0.1)
    raise NeverAnswered(seconds=WAIT_SECONDS)


def _say(step: Mapping[str, Any]) -> None:
    mark = "●" if step["passed"] else "○" if step.get("reached", True) else "–"
    console.print(f"{mark} {step['name']:<18} {step['ms']:>6} ms", markup=False)
    failed = step.get("failed")
    if failed and step.get("reached", True):
        console.print(f"  expected {failed['expected']}", markup=False)
        came = f"answered {failed['status']}" if failed["status"] else "gave no answer"
        console.print(f"  at {failed['method']} {failed['path']}, which {came}", markup=False)
        if failed.get("said"):
            console.print(f"  and said: {failed['said']}", markup=False)


def _verdict(run: RunRow) -> None:
    seconds = run.ms / 1000
    if run.passed:
        console.print(f"All {len(run.steps)} steps passed in {seconds:.1f} s.")
        return
    failed = run.failed
    console.print(f"Failed at {failed['name']}." if failed else f"Broken off. {run.problem}", markup=False)
