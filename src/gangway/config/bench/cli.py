"""`gangway bench`: the verb, and how its figures are said."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from gangway.config import bench as benchmark
from gangway.kernel.console import console, emit

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


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
