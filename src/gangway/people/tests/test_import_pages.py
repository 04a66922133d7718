"""Imports as pages: rows in pages, what stopped and goes on, the list with its receipts, and an undo in between."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client
from tests.world import Someone, World

from gangway.kernel.models import Job
from gangway.kernel.tenancy import scopes
from gangway.people import actions
from gangway.people.models import ImportRun, Person
from gangway.people.tests.conftest import ME, NOW
from gangway.people.tests.imports import rest, words

ClientOf = Callable[[Someone], Client]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ben_reads_english")]
TEAM = "name,email\nEva Ernst,eva@nordwind.example\nMax Moor,max@nordwind.example\n"
READING = "gangway.people.jobs.read_sheet"


def started(browser: Client, rows: str = TEAM) -> str:
    page = str(browser.post("/desk/team/bring", {"rows": rows})["Location"])
    browser.post(f"{page}/start", {"letters": "later"})
    return page


def here(world: World, name: str) -> bool:
    with scopes.one(world.nordwind):
        return bool(Person.objects.filter(name=name).exists())


def test_many_rows_are_shown_in_pages_of_a_hundred(world: World, client_of: ClientOf) -> None:
    rows = "name,email\n" + "".join(f"Person {n},p{n}@nordwind.example\n" for n in range(230)) + "Bad,no address\n"
    browser = client_of(world.ben)
    page = str(browser.post("/desk/team/bring", {"rows": rows})["Location"])
    first = words(browser.get(page))
    assert "See all 230" in first
    assert "p7@nordwind.example" in first
    assert "p8@nordwind.example" not in first
    last = words(browser.get(f"{page}?rows=new&page=3"))
    assert "Rows 201 to 230 of 230" in last
    assert "p229@nordwind.example" in last
    assert "p199@nordwind.example" not in last
    assert "no mail address" not in last, "another kind has pages of its own"
    assert "Nothing more" in words(browser.get(f"{page}?rows=new&page=4"))
    assert browser.get(f"{page}?rows=nonsense&page=-1").status_code == 200


def test_what_stopped_goes_on_from_its_page(world: World, client_of: ClientOf) -> None:
    browser = client_of(world.ben)
    page = started(browser)
    assert browser.post(f"{page}/go-on").status_code == 409, "it is under way"
    Job.objects.filter(task=READING).update(state="failed")
    assert "This stopped at line 0" in words(browser.get(page))
    assert browser.post(f"{page}/go-on").status_code == 302
    rest()
    assert here(world, "Eva Ernst")
    assert browser.post(f"{page}/go-on").status_code == 409, "it is read"


def test_a_file_whose_import_was_undone_meanwhile_is_not_read_again(world: World, client_of: ClientOf) -> None:
    browser = client_of(world.ben)
    page = started(browser)
    rest()
    sheet_id = UUID(page.rsplit("/", 1)[1])
    with scopes.one(world.nordwind):
        run_id = ImportRun.objects.get(sheet_id=sheet_id).id
        actions.undo_import(run_id=run_id, actor=ME, now=NOW)
        with pytest.raises(actions.Overtaken):
            actions.import_people(lines=[], partner_id=world.nordwind, sheet_id=sheet_id, actor=ME, now=NOW)
    assert not here(world, "Eva Ernst")


def test_every_import_stands_in_the_list_with_a_receipt(world: World, client_of: ClientOf) -> None:
    started(client_of(world.ben))
    rest()
    with scopes.one(world.nordwind):
        run_id = ImportRun.objects.latest("started_at").id
    desk, console = client_of(world.ben), client_of(world.dee)
    assert f"/desk/team/imports/{run_id}" in words(desk.get("/desk/team/imports"))
    assert f"/console/people/imports/{run_id}" in words(console.get("/console/people/imports"))
    assert "Undo this import" in words(console.get(f"/console/people/imports/{run_id}"))
    assert "Undo this import" not in words(desk.get(f"/desk/team/imports/{run_id}")), "at the desk it is looked at"
    assert str(run_id) not in words(client_of(world.caz).get("/desk/team/imports"))
    assert client_of(world.caz).get(f"/desk/team/imports/{run_id}").status_code == 404
    assert client_of(world.ana).get("/desk/team/imports").status_code == 403


def test_an_undo_names_first_who_stays(world: World, client_of: ClientOf) -> None:
    browser = client_of(world.ben)
    page = started(browser)
    rest()
    with scopes.one(world.nordwind):
        eva = Person.objects.get(name="Eva Ernst")
        actions.set_profile(person_id=eva.id, name="Eva Ernst-Moor", actor=ME, now=NOW)
    look = words(browser.get(f"{page}/undo"))
    assert "Eva Ernst-Moor" in look
    assert "was changed since" in look
    browser.post(f"{page}/undo")
    rest()
    assert here(world, "Eva Ernst-Moor"), "what changed since is never overwritten"
    assert not here(world, "Max Moor")
