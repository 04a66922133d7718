"""The operator's verbs: serve, work, check."""

import os
import signal
import socket
import sys
import threading
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from django.conf import settings

from gangway.config import bench as benchmark
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


class Part(StrEnum):
    """What `gangway bench` measures."""

    PAGES = "pages"
    PEOPLE = "people"
    LEARNING = "learning"
    SCIM = "scim"


def bench(
    part: Annotated[Part, typer.Argument(help="Pages and events, many people, learners, or a directory.")] = Part.PAGES,
    rounds: Annotated[int, typer.Option(help="Batches of each page.", min=2, max=200)] = 10,
    batch: Annotated[int, typer.Option(help="Requests in a batch.", min=5, max=1000)] = 40,
    people: Annotated[int, typer.Option(help="How many: 500 for events, 100,000 for scim, else 20,000.", min=0)] = 0,
    sign_ins: Annotated[int, typer.Option(help="People who come in at once.", min=4, max=2_000)] = 200,
    requests: Annotated[int, typer.Option(help="Requests of each kind a directory sends.", min=10, max=5_000)] = 200,
    seconds: Annotated[int, typer.Option(help="How long a directory keeps 25 requests a second.", min=2)] = 30,
    database: Annotated[str, typer.Option(help="Address of an empty PostgreSQL database, as DATABASE_URL.")] = "",
    owner: Annotated[str, typer.Option(help="The same for its owner, as DATABASE_OWNER_URL.")] = "",
    as_json: Json = False,
) -> None:
    """Measure on a small installation made for it, then thrown away; no figure if any answer was wrong.

    pages: CPU of a course page beside the floor of answering at all, and of the relay of events. people: an import
    beside executemany of the same rows, a knowledge check meanwhile, everybody at the door at once, long lists.
    learning: a learner's pages, handing in, a first visit, so many certificates (people, else 1,000). scim: a directory
    of many people, beside django-scim2, which must be installed.

    Example: gangway bench people --json
    """
    databases = {"DATABASE_URL": database, "DATABASE_OWNER_URL": owner} if database else None
    if part is Part.PEOPLE:
        found = benchmark.run_people(many=people or 20_000, sign_ins=sign_ins, databases=databases)
        emit(found, as_json, lambda: _print_people(found))
        return
    if part is Part.LEARNING:
        made = people or 1_000
        learned = benchmark.run_learning(rounds=rounds, batch=batch, certificates=made, databases=databases)
        emit(learned, as_json, lambda: _print_learning(learned))
        return
    if part is Part.SCIM:
        heard = benchmark.run_scim(many=people or 100_000, requests=requests, seconds=seconds, databases=databases)
        emit(heard, as_json, lambda: _print_scim(heard))
        return
    report = benchmark.run(rounds=rounds, batch=batch, many=people or 500)
    emit(report, as_json, lambda: _print_bench(report))


def _print_people(report: benchmark.PeopleReport) -> None:
    brought, meanwhile = report["bringing"], report["meanwhile"]
    console.print(
        f"import on {brought['database']}: {brought['per_second']} people a second, {brought['share_of_peer']:.0%} of "
        f"executemany ({brought['share_of_peer_cpu']:.0%} by CPU), {brought['peak_mb']} MB at the most"
    )
    for waits in meanwhile["waits"]:
        console.print(f"meanwhile, {waits['what']}: 95 % within {waits['p95_ms']} ms, {waits['requests']} requests")
    for door in report["doors"]:
        console.print(f"by {door['way']}: {door['per_second']} sign-ins a second, 99 % within {door['p99_ms']} ms")
    for waits in report["lists"]:
        console.print(f"{waits['what']}: 95 % within {waits['p95_ms']} ms")
    _print_machine(report["machine"])


def _print_learning(report: benchmark.LearningReport) -> None:
    floor = report["statements"][report["pages"][0]["path"]]
    for cost in report["pages"]:
        beyond = report["statements"][cost["path"]] - floor
        console.print(
            f"{cost['path']}: {cost['cpu_ms']} ms of CPU a request, waited {cost['wait_ms_p50']} ms at the median, "
            f"{beyond} SQL statements beyond the {floor} that say who asks"
        )
    console.print(
        f"the course page costs {report['course_over_bare']} times the bare view, {report['course_over_floor']} times "
        f"{report['pages'][0]['path']}"
    )
    for one in report["checks"]:
        console.print(f"{one['what']}: {one['p50_ms']} ms at the median, 95 % within {one['p95_ms']} ms")
    first, made = report["first_visit"], report["certificates"]
    console.print(
        f"a first visit: {first['requests']} requests, {first['kilobytes']} KB; the largest: {first['largest']}"
    )
    console.print(
        f"{made['certificates']} certificates: {made['issued_per_second']} issued a second, {made['issue_cpu_ms']} ms "
        f"of CPU each; {made['drawn_per_second']} drawn, {made['draw_cpu_ms']} ms and {made['pdf_kilobytes']} KB each"
    )
    _print_machine(report["machine"])


def _print_scim(report: benchmark.ScimReport) -> None:
    for whose in ("ours", "peer"):
        for cost in report[whose]:
            console.print(
                f"{whose}, {cost['what']}: waited {cost['wait_ms_p50']} ms at the median, 95 % within "
                f"{cost['wait_ms_p95']} ms; {cost['cpu_ms']} ms of CPU each"
            )
    for what, times in report["times_faster"].items():
        console.print(f"{what}: {times} times as fast as django-scim2")
    for one in report["groups"]:
        console.print(
            f"a PATCH of one member among {one['members']}: {one['wait_ms_p50']} ms, {one['cpu_ms']} ms of CPU"
        )
    waits = report["rate"]["waits"]
    console.print(f"{report['rate']['per_second']} requests a second: 95 % within {waits['p95_ms']} ms")
    _print_machine(report["machine"])


def _print_bench(report: benchmark.Report) -> None:
    for cost in report["pages"]:
        console.print(
            f"{cost['path']}: {cost['cpu_ms']} ms of CPU a request (worst batch {cost['cpu_ms_worst_batch']}), "
            f"waited {cost['wait_ms_p50']} ms at the median, {cost['requests']} requests"
        )
    relay = report["relay"]
    console.print(
        f"relay: {relay['cpu_ms_per_event']} ms of CPU an event with what its handlers do, {relay['events']} events "
        f"to {relay['groups']} groups, {relay['events_per_second']} a second"
    )
    _print_machine(report["machine"])


def _print_machine(machine: dict[str, Any]) -> None:
    console.print(f"{machine['cpus']} CPUs, Python {machine['python']}, load before: {machine['load_before']}")


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
    console.print(f"\nGangway is ready: {settings.BASE_URL}\n")
    for words, path in _ways_in(demo):
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
