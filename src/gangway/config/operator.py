"""The operator's verbs: serve, work, check."""

import os
import signal
import socket
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings

from gangway.config import check as checking
from gangway.config import reference
from gangway.config import up as serving
from gangway.kernel import clock
from gangway.kernel import worker as kernel_worker
from gangway.kernel.actor import Actor
from gangway.kernel.console import console, emit

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
MARKS = {True: "●", False: "○", None: "–"}


def up(demo: Annotated[bool, typer.Option("--demo", help="Load the demo world once, before serving.")] = False) -> None:
    """Migrate, then serve web and worker until Ctrl-C.

    Example: PORT=8080 GANGWAY_HOME=/var/lib/gangway gangway up
    """
    serving.up(prepare=_load_demo if demo else lambda: None, on_ready=lambda: _welcome(demo))


def worker() -> None:
    """Do the work that waits: events, letters, jobs. `gangway up` starts one; more may run on any machine.

    Example: gangway worker
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    kernel_worker.work(f"{socket.gethostname()}-{os.getpid()}", stop)


def check(as_json: Json = False) -> None:
    """Look at settings, database and the promises of the house. Exit status 1 if one is broken.

    Example: gangway check --json
    """
    report = checking.report()
    emit(report, as_json, lambda: _print_report(report))
    if not report["ok"]:
        raise typer.Exit(1)


def docs(folder: Annotated[Path, typer.Argument(help="Where the pages go.")] = Path("docs/reference")) -> None:
    """Write the reference: settings, commands, events, rights and figures, from the house itself.

    Example: gangway docs docs/reference
    """
    changed = reference.write(folder)
    console.print(f"{', '.join(changed)} written to {folder}." if changed else f"{folder} is up to date.")


def words() -> None:
    """Take the words of the sources into the catalogues of every language, and compile these.

    Example: gangway words
    """
    from gangway.config import words as catalogue

    for language, waiting in catalogue.update().items():
        console.print(f"{language}: {f'{waiting} words wait for a translation' if waiting else 'whole'}.")


def _print_report(report: checking.Report) -> None:
    for finding in report["checks"]:
        console.print(f"{MARKS[finding['ok']]} {finding['key'].replace('_', ' ')}: {finding['words']}", markup=False)


def _load_demo() -> None:
    import_module("gangway.config.demo").load(clock.now())


def _welcome(demo: bool) -> None:
    """Where it is and how to get in: in the demo as three people, else the first person of staff."""
    ways = _ways_in(demo)  # first, so that nobody reads that it is ready and finds no way in below
    console.print(f"\nGangway is ready: {settings.BASE_URL}\n")
    for words, path in ways:
        console.print(f"  {words:<44} {settings.BASE_URL}{path}", markup=False)
    if demo:
        console.print(
            "\nEach link signs in once, in ten minutes. Another: `gangway sign-in-link EMAIL --partner SLUG`."
        )
    console.print("Ctrl-C stops it.\n")
    sys.stdout.flush()


def _ways_in(demo: bool) -> list[tuple[str, str]]:
    """(who, path): made by the actions that an operator has."""
    from gangway.identity import actions as identity

    actor, now = Actor.operator(), clock.now()
    if (first := identity.open_setup(actor=actor, now=now)) is not None:
        return [("First person of staff, start here:", first)]
    if not demo:
        return []
    people = import_module("gangway.config.demo.story").WAYS_IN
    found = []
    for words, address, slug in people:
        link = identity.operator_link(address=address, partner_slug=slug, actor=actor, now=now)
        found.append((f"{words} ({link.name}):", link.path))
    return found
