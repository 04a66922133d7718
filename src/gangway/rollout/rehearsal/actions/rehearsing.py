"""A whole rehearsal: the ground is laid here, the walk is done by the shell's process, what it came to is kept here."""

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Timer
from typing import Any
from uuid import UUID

from django.conf import settings

from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.rollout.rehearsal import queries, rules
from gangway.rollout.rehearsal.actions.ground import connect, lay_ground
from gangway.rollout.rehearsal.actions.reminding import remind_robots
from gangway.rollout.rehearsal.actions.runs import begin_run, end_run, note_step
from gangway.rollout.rehearsal.queries import RunRow

SHELL = [sys.executable, "-m", "gangway.rollout.rehearsal.shell"]
# What the shell's process may know of ours: no setting, no key, no address of a database.
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR")


class AlreadyRehearsing(Refusal):
    code = "rehearsal.under_way"
    message = "A rehearsal is under way already."
    next_step = "Wait a minute; its page shows what it comes to."


def rehearse(
    *,
    type_key: str = "",
    cause: rules.Cause,
    on_step: Callable[[int, Mapping[str, Any]], None] = lambda _n, _step: None,
    actor: Actor,
    now: datetime,
) -> RunRow:
    """Walk the whole way with a shell partner against the running system, which needs a web server and a worker.

    `on_step` hears of each step: how many there are by now, and what it came to. What it made is put away at its end,
    however it ends. AlreadyRehearsing. NothingToRehearse. UnknownType.
    """
    began = time.monotonic()

    def at() -> datetime:
        return now + timedelta(seconds=time.monotonic() - began)

    with _alone():
        partner_id = lay_ground(type_key=type_key, actor=actor, now=now)
        with scopes.one(partner_id):
            run_id = begin_run(cause=cause, type_key=type_key, actor=actor, now=now)
            problem = "It was broken off."
            try:
                problem = _walk(run_id, on_step, actor, at)
            finally:
                end_run(run_id=run_id, problem=problem, actor=actor, now=at())
            return queries.run(run_id)


@contextmanager
def _alone() -> Iterator[None]:
    """One rehearsal at a time on this machine; a killed one leaves no lock behind."""
    with (settings.HOME / "rehearsal.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRehearsing from error
        yield


def _walk(
    run_id: UUID, on_step: Callable[[int, Mapping[str, Any]], None], actor: Actor, at: Callable[[], datetime]
) -> str:
    """Let the shell's process walk; why it broke off, "" where it came to its end. It ends in time."""
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    with subprocess.Popen(  # noqa: S603  the command is our own
        SHELL, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True, start_new_session=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        too_long = Timer(rules.LONGEST_WALK.total_seconds(), process.kill)
        too_long.start()
        try:
            opened = _line(process.stdout.readline()).get("open")
            if not isinstance(opened, Mapping):
                return "The shell's process did not begin."
            brief = connect(run_id=run_id, opened=opened, actor=actor, now=at())
            process.stdin.write(json.dumps(brief) + "\n")
            process.stdin.flush()
            for line in process.stdout:
                step = rules.read_step(_line(line).get("step"))
                if step is not None:
                    on_step(note_step(run_id=run_id, step=step, actor=actor, now=at()), step)
                    if step["name"] == rules.AWARDED and step["passed"]:
                        remind_robots(actor=actor, now=at())
            code = process.wait()
        finally:
            too_long.cancel()
            process.kill()
    return rules.why_broken_off(code, queries.run(run_id).steps)


def _line(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, Mapping) else {}
