"""Paths: their order follows what waits, no ring is kept, and their pages in the console."""

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from tests.world import MONDAY, OPERATOR, Someone, World

from gangway.catalog import actions, queries
from gangway.catalog.actions import PathSpec, WaitsInARing, import_course
from gangway.catalog.forms import PathForm
from gangway.catalog.rules import MOST_COURSES, PathStep, arranged, ring
from gangway.catalog.tests.samples import small_course
from gangway.kernel.models import AuditEntry, OutboxEvent
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes

Browser = Callable[[Someone], Client]
IDS = [UUID(int=n) for n in range(1, 6)]


@st.composite
def some_steps(draw: st.DrawFn) -> list[PathStep]:
    """Up to five courses in some order, waiting for one another in any way, in rings too."""
    chosen = draw(st.lists(st.sampled_from(IDS), unique=True, max_size=5))
    return [PathStep(one, draw(st.frozensets(st.sampled_from(chosen), max_size=2))) for one in chosen]


def fits(order: tuple[PathStep, ...]) -> bool:
    """The oracle: whether everything stands behind what it waits for, by places only."""
    at = {step.course_id: n for n, step in enumerate(order)}
    return all(at[other] < at[step.course_id] for step in order for other in step.waits_for)


@given(some_steps())
def test_there_is_a_ring_exactly_where_no_order_fits(steps: list[PathStep]) -> None:
    possible = any(fits(order) for order in permutations(steps))
    found = ring(steps)
    assert bool(found) is not possible
    waits = {step.course_id: step.waits_for for step in steps}
    assert all(after in waits[one] for one, after in zip(found, (*found[1:], *found[:1]), strict=True))


@given(some_steps())
def test_the_order_fits_and_changes_nothing_that_fits(steps: list[PathStep]) -> None:
    order = arranged(steps)
    assert sorted(order, key=lambda step: step.course_id) == sorted(steps, key=lambda step: step.course_id)
    assert fits(order) or ring(steps)
    assert arranged(order) == order
    if fits(tuple(steps)):
        assert order == tuple(steps)


def test_a_wait_that_points_backwards_is_found_by_the_oracle() -> None:
    assert not fits((PathStep(IDS[0], frozenset({IDS[1]})), PathStep(IDS[1])))
    assert ring([PathStep(IDS[0], frozenset({IDS[0]}))]) == (IDS[0],)


def test_each_press_moves_one_course() -> None:
    form = PathForm(order=(IDS[0], IDS[1], IDS[2]), waits={IDS[2]: frozenset({IDS[0]})}, add=str(IDS[3]))
    assert form.after(f"up:{IDS[1]}").order == (IDS[1], IDS[0], IDS[2])
    assert form.after(f"down:{IDS[2]}").order == form.order
    assert form.after("add").order == (*form.order, IDS[3])
    gone = form.after(f"out:{IDS[0]}")
    assert (gone.order, gone.waits) == ((IDS[1], IDS[2]), {IDS[2]: frozenset()})
    for nothing in ("", "add:", "up:x", f"up:{IDS[4]}", f"sideways:{IDS[1]}"):
        assert replace(form, add="").after(nothing).order == form.order


@pytest.fixture
def courses(world: World, tmp_path: Path) -> list[UUID]:
    """Three courses of the vendor's, called one, two and three."""
    found = []
    with scopes.one(world.host):
        for key in ("one", "two", "three"):
            draft = replace(small_course(tmp_path / key, key=key), title=key.title())
            found.append(import_course(draft=draft, actor=OPERATOR, now=MONDAY).course_id)
    return found


def made(world: World, *steps: PathStep, name: str = "Engineer") -> UUID:
    with scopes.one(world.host):
        return actions.make_path(spec=PathSpec(name=name, steps=steps), actor=OPERATOR, now=MONDAY)


@pytest.mark.django_db
def test_a_path_keeps_its_courses_behind_what_they_wait_for(world: World, courses: list[UUID]) -> None:
    one, two, three = courses
    path_id = made(world, PathStep(one, frozenset({three})), PathStep(two), PathStep(three))
    row = queries.path(path_id)
    assert [step.course_id for step in row.steps] == [two, three, one]
    assert row.key == "engineer"
    assert queries.path(made(world, PathStep(one))).key == "engineer-2"
    assert [part.waits_for for part in queries.path_parts(row)] == [(), (), ("Three",)]
    assert AuditEntry.objects.filter(verb="catalog.path.make").count() == 2


@pytest.mark.django_db
def test_a_change_of_the_courses_is_told_and_one_of_the_words_is_not(world: World, courses: list[UUID]) -> None:
    one, two, _three = courses
    path_id = made(world, PathStep(one), PathStep(two))
    told = OutboxEvent.objects.filter(name="catalog.path.changed.v1")
    with scopes.one(world.host):
        same = PathSpec(name="Engineer", steps=(PathStep(one), PathStep(two)))
        assert not actions.change_path(path_id=path_id, spec=same, actor=OPERATOR, now=MONDAY)
        renamed = replace(same, name="Sales engineer", summary="For those who sell.")
        assert actions.change_path(path_id=path_id, spec=renamed, actor=OPERATOR, now=MONDAY)
        assert not told.exists()
        waits = replace(renamed, steps=(PathStep(one), PathStep(two, frozenset({one}))))
        assert actions.change_path(path_id=path_id, spec=waits, actor=OPERATOR, now=MONDAY)
    assert told.get().payload["courses"] == 2
    assert (queries.path(path_id).key, queries.path(path_id).name) == ("engineer", "Sales engineer")


@pytest.mark.django_db
def test_what_cannot_be_a_path_is_refused(world: World, courses: list[UUID]) -> None:
    one, two, _three = courses
    for steps in ((), (PathStep(uuid4()),), (PathStep(one), PathStep(one)), (PathStep(one, frozenset({two})),)):
        with pytest.raises(Invalid):
            made(world, *steps)
    with pytest.raises(Invalid, match=str(MOST_COURSES)):
        made(world, *(PathStep(uuid4()) for _ in range(MOST_COURSES + 1)))
    with pytest.raises(Invalid):
        made(world, PathStep(one), name=" ")
    with pytest.raises(WaitsInARing, match=r"One, Two|Two, One"):
        made(world, PathStep(one, frozenset({two})), PathStep(two, frozenset({one})))
    path_id = made(world, PathStep(one))
    with scopes.one(world.ana.partner_id):
        spec = PathSpec(name="Ours", steps=(PathStep(one),))
        with pytest.raises(NotFound):
            actions.make_path(spec=spec, actor=OPERATOR, now=MONDAY)
        with pytest.raises(NotFound):
            actions.change_path(path_id=path_id, spec=spec, actor=OPERATOR, now=MONDAY)
    with pytest.raises(NotFound):
        queries.path(uuid4())


@pytest.mark.django_db
def test_the_console_lists_makes_and_changes_paths(world: World, client_of: Browser, courses: list[UUID]) -> None:
    one, two, _three = courses
    dee = client_of(world.dee)
    assert "No path leads through courses yet." in dee.get("/console/paths").content.decode()
    sent = {"name": "Engineer", "courses": [str(one)], "add": str(two), "do": "add"}
    page = dee.post("/console/new-path", sent).content.decode()
    assert page.count('name="courses"') == 2
    assert queries.path_count() == 0, "nothing is kept before it is saved"
    ringed = {"name": "Engineer", "courses": [one, two], f"waits-{one}": two, f"waits-{two}": one, "do": "save"}
    refused = dee.post("/console/new-path", ringed)
    assert refused.status_code == 422
    assert "wait for each other" in refused.content.decode()
    saved = dee.post("/console/new-path", ringed | {f"waits-{two}": ""})
    (row,) = queries.paths_of_owner(world.host)
    assert saved.headers["Location"] == f"/console/paths/{row.id}"
    page = dee.get(f"/console/paths/{row.id}").content.decode()
    assert "2 courses" in page
    assert "1 waits for others" in page
    assert "Waits for Two" in page
    assert "1 path leads through courses." in dee.get("/console/paths").content.decode()
    form = dee.get(f"/console/paths/{row.id}/change").content.decode()
    assert "checked" in form
    dee.post(f"/console/paths/{row.id}/change", {"name": "Engineer", "courses": [two], "do": "save"})
    assert [step.course_id for step in queries.path(row.id).steps] == [two]


@pytest.mark.django_db
def test_who_may_not_change_a_path_finds_no_way_to(world: World, client_of: Browser, courses: list[UUID]) -> None:
    path_id = made(world, PathStep(courses[0]))
    for address in ("/console/paths", "/console/new-path", f"/console/paths/{path_id}"):
        assert client_of(world.ana).get(address).status_code in (403, 404)
    assert client_of(world.dee).get(f"/console/paths/{uuid4()}").status_code == 404


@pytest.mark.django_db
def test_a_path_costs_the_same_for_one_course_and_for_three(world: World, courses: list[UUID]) -> None:
    short, long = made(world, PathStep(courses[0])), made(world, *(PathStep(one) for one in courses))
    costs = []
    for path_id in (short, long):
        with CaptureQueriesContext(
            connection,
        ) as spent:
            queries.path_parts(queries.path(path_id))
        costs.append(len(spent))
    assert costs == [2, 2]
