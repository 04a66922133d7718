"""The control of experiment 2: faults that open a filter each are noticed, and stopped by row-level security."""

import os
from collections.abc import Collection

import pytest

from tests import proof
from tests.isolation.asking import Case, cases
from tests.isolation.matrix import Prober, Report
from tests.isolation.mutants import Mutant, alive, mutants
from tests.isolation.routes import routes
from tests.isolation.world import ROLES, Role, World, acting

ON_POSTGRES = os.environ.get("GANGWAY_TEST_DB") == "postgres"
# Those who may see least see most when a filter is gone.
NARROW = ("learner", "learner beside a colleague", "partner admin", "other partner's admin", "channel manager")
WATCHED = {role.name: role for role in ROLES if role.name in NARROW}
SAMPLE = {
    "table people.Person": {"people:list()", "people:team()"},
    "table credentials.Award": {"credentials:awards()", "credentials:award(award_id)"},
    "table messaging.Message": {"messaging:list()", "messaging:message(message_id)"},
}


def watched(world: World, role: Role, keys: Collection[str]) -> list[Case]:
    """The requests of a role to these routes: those that read, then those that write."""
    found = [case for route in routes() if route.key in keys for case in cases(world, route, role)]
    return sorted((case for case in found if case.method in ("GET", "POST")), key=lambda case: case.method)


@pytest.fixture(scope="module")
def readers(world: World) -> dict[str, set[str]]:
    """table → the routes that read it."""
    report = Report()
    for role in (*WATCHED.values(), *(role for role in ROLES if role.name == "staff: platform_admin")):
        with acting(world, role) as cookie:
            every = watched(world, role, {route.key for route in routes()})
            Prober(world, role, cookie, report).run(case for case in every if case.place in ("own", "path"))
    by_table: dict[str, set[str]] = {}
    for route, tables in report.tables.items():
        for table in tables:
            by_table.setdefault(table, set()).add(route)
    return by_table


def reached(mutant: Mutant, readers: dict[str, set[str]]) -> set[str]:
    """The routes on which a mutant could show."""
    if mutant.table is not None:
        return readers.get(mutant.table._meta.db_table, set())
    return {route.key for route in routes() if getattr(route.view, "right", None) is mutant.right}


def first_leak(world: World, mutant: Mutant, keys: set[str]) -> tuple[str, int]:
    """What the matrix notices first about a mutant ("" for nothing), and after how many requests."""
    asked = 0
    for role in WATCHED.values():
        with acting(world, role) as cookie:
            report = Report()
            prober = Prober(world, role, cookie, report)
            with alive(mutant):
                prober.run(watched(world, role, keys), until=noticed)
        asked += report.requests
        if noticed(report):
            return [*report.leaks, *report.changes, *report.differences][0], asked
    return "", asked


def noticed(report: Report) -> bool:
    return bool(report.leaks or report.changes or report.differences)


@pytest.mark.parametrize("key", SAMPLE)
def test_a_dropped_filter_is_noticed_or_stopped(world: World, key: str) -> None:
    mutant = next(mutant for mutant in mutants() if mutant.key == key)
    leak, asked = first_leak(world, mutant, SAMPLE[key])
    print(f"\n{key}: {leak or 'nothing'} after {asked} requests")
    assert asked
    assert bool(leak) is not ON_POSTGRES


@pytest.mark.prove
def test_every_mutant(world: World, readers: dict[str, set[str]]) -> None:
    found, missed, unread = {}, [], []
    for mutant in mutants():
        leak, asked = first_leak(world, mutant, reached(mutant, readers))
        print(f"{mutant.key}: {leak[:160] or 'nothing'} after {asked} requests", flush=True)
        if leak:
            found[mutant.key] = leak
        else:
            (missed if asked else unread).append(mutant.key)
    tables = [key for key in found if key.startswith("table ")]
    proof.write(
        "2 isolation mutants",
        mutants=len(mutants()),
        noticed=len(found),
        noticed_of_tables=len(tables),
        without_effect=missed,
        read_by_no_route=unread,
    )
    assert found.keys() >= set(SAMPLE) if not ON_POSTGRES else tables == []
