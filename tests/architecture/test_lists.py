"""Lists cost the same number of statements for one row and for thirty."""

import sys
from contextlib import nullcontext
from dataclasses import replace
from importlib import import_module

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gangway.kernel.lists import ListSpec, page
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.partners.actions import apply_partners
from gangway.partners.models import Partner
from tests.architecture.source import sources
from tests.planting import Planter
from tests.world import MONDAY, OPERATOR, World


def list_specs() -> dict[str, ListSpec]:
    """Every list of the house by its key, found in the modules that declare one."""
    for source in sources():
        if "ListSpec(" in source.text and source.context not in {"kernel", "ui"}:
            import_module(source.module)
    modules = [module for name, module in sys.modules.items() if name.startswith("gangway.")]
    specs = [value for module in modules for value in vars(module).values() if isinstance(value, ListSpec)]
    return {spec.key: spec for spec in specs}


LISTS = list_specs()


# What a planted row must hold for its cells to be drawn.
GIVEN = {"mail": {"letter_key": "identity.launch"}}
VENDORS = {"credentials"}  # lists that hold only what is the vendor's


def statements(spec: ListSpec) -> tuple[int, int]:
    """(statements, rows) of reading one page with all its cells."""
    with CaptureQueriesContext(connection) as captured:
        shown = page(spec, {})
    return len(captured), len(shown.rows)


def plant(key: str, spec: ListSpec, world: World, count: int) -> None:
    """Make `count` more rows of a list."""
    model = spec.rows().model
    if model is Partner:
        lines = [Line(n, {"slug": f"p{n}-{count}", "name": f"Partner {n}", "type": "reseller"}) for n in range(count)]
        apply_partners(rows=lines, actor=OPERATOR, now=MONDAY)
        return
    owner = world.host if key in VENDORS else world.nordwind
    for number in range(count):
        Planter(owner, f"{key}{count}-{number}").build(model, **GIVEN.get(key, {})).save(force_insert=True)


@pytest.mark.django_db
@pytest.mark.parametrize("key", LISTS)
def test_a_list_costs_the_same_for_thirty_rows_as_for_one(key: str, world: World) -> None:
    spec = LISTS[key]
    with scopes.one(world.nordwind):
        plant(key, spec, world, 1)
        few, rows = statements(spec)
        plant(key, spec, world, 30)
        wide = scopes.host() if spec.rows().model is Partner else nullcontext()
        with wide:
            many, more_rows = statements(spec)
    assert rows >= 1
    assert more_rows == 30
    assert many == few


@pytest.mark.django_db
def test_a_list_that_asks_once_a_row_is_found(world: World) -> None:
    people = LISTS["people"]
    slow = replace(people, cells=lambda row: {"again": people.rows().filter(pk=row.pk).count()})
    with scopes.one(world.nordwind):
        few = statements(slow)[0]
        plant("people", slow, world, 3)
        assert statements(slow)[0] == few + 3


def test_the_lists_were_found() -> None:
    assert {"people", "partners", "mail", "awards", "audit"} <= set(LISTS)
