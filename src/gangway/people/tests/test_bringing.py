"""Bringing people by a page: paste or file, a look, start, result, undo; at the desk and in the console."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet
from django.test import Client
from tests.world import Someone, World

from gangway.kernel.ids import new_id
from gangway.kernel.models import Job, OutboxEvent
from gangway.kernel.personal import Subject
from gangway.kernel.tenancy import scopes
from gangway.people import actions
from gangway.people.models import Person, Sheet, SheetPiece
from gangway.people.privacy import PRIVACY
from gangway.people.queries.sheets import PIECE
from gangway.people.tests.conftest import ME, NOW
from gangway.people.tests.imports import rest, tables, words

ClientOf = Callable[[Someone], Client]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ben_reads_english")]
TEAM = "name\temail\tgroups\nEva Ernst\teva@nordwind.example\tnorth\nMax Moor\tmax@nordwind.example\t\n"


def names(partner: UUID) -> set[str]:
    with scopes.one(partner):
        return set(Person.objects.exclude(state="left").values_list("name", flat=True))


def bring(browser: Client, path: str, **posted: Any) -> str:
    answer = browser.post(path, posted)
    assert answer.status_code == 302, words(answer)
    return str(answer["Location"])


def test_a_partner_admin_brings_the_team_follows_it_and_takes_it_back(world: World, client_of: ClientOf) -> None:
    browser = client_of(world.ben)
    assert "Bring your team" in words(browser.get("/desk/team"))
    before = tables(world.nordwind)
    page = bring(browser, "/desk/team/bring", rows=TEAM)
    look = words(browser.get(page))
    assert "2 people are new" in look
    assert "eva@nordwind.example" in look
    assert "Bring 2 people" in look
    assert "Eva Ernst" not in names(world.nordwind), "a look writes nothing"

    assert browser.post(f"{page}/start", {"letters": "now"}).status_code == 302
    assert "Working. You can leave this page." in words(browser.get(page))
    rest()
    assert {"Eva Ernst", "Max Moor"} <= names(world.nordwind)
    done = words(browser.get(page))
    assert "2 people were brought in" in done
    assert page in words(browser.get("/desk/team/bring")), "it is found again"

    assert "Removed" in words(browser.get(f"{page}/undo"))
    assert "Eva Ernst" in names(world.nordwind), "a look takes nothing back"
    assert browser.post(f"{page}/undo").status_code == 302
    rest()
    assert "taken back" in words(browser.get(page))
    assert tables(world.nordwind) == before


def test_one_who_is_new_and_one_who_changes_are_counted_each(world: World, client_of: ClientOf) -> None:
    rows = f"name,email\nEva Ernst,eva@nordwind.example\nAna Maria,{world.ana.email}\n"
    browser = client_of(world.ben)
    assert "Bring 1 and change 1 person<" in words(browser.get(bring(browser, "/desk/team/bring", rows=rows)))


def test_rows_without_a_file_are_called_so_in_the_language_of_whoever_reads(world: World, client_of: ClientOf) -> None:
    browser = client_of(world.ben)
    page = bring(browser, "/desk/team/bring", rows=TEAM)
    assert "Pasted rows" in words(browser.get(page))
    with scopes.one(world.nordwind):
        actions.set_profile(person_id=world.ben.id, locale="de", actor=ME, now=NOW)
    assert "Eingefügte Zeilen" in words(browser.get(page))


def test_letters_go_out_as_chosen(world: World, client_of: ClientOf) -> None:
    browser = client_of(world.dee)
    page = bring(browser, "/console/people/bring", partner="nordwind", rows=TEAM)
    assert "with the launch" in words(browser.get(page))
    browser.post(f"{page}/start", {"letters": "later"})
    rest()
    events = OutboxEvent.objects.filter(name="people.person.admitted.v1").order_by("-number")[:2]
    assert [event.payload["letter"] for event in events] == [False, False]


def test_whatever_the_column_says_the_desk_brings_to_its_own_partner_only(world: World, client_of: ClientOf) -> None:
    rows = "partner,name,email\nsuedstern,Hijack,h@x.example\nnordwind,Eva,eva@nordwind.example\n"
    browser = client_of(world.ben)
    page = bring(browser, "/desk/team/bring", rows=rows, partner="suedstern")
    assert "1 row is refused" in words(browser.get(page))
    browser.post(f"{page}/start")
    rest()
    assert "Hijack" not in names(world.suedstern)
    assert "Eva" in names(world.nordwind)


def test_the_console_brings_people_of_many_partners_and_never_staff(world: World, client_of: ClientOf) -> None:
    rows = "partner,name,email,role\nnordwind,Eva,eva@n.example,partner_admin\nsuedstern,Kim,kim@s.example,\n" + (
        "acme,Mole,mole@acme.example,platform_admin\nnobody,X,x@x.example,\na\x00b,Y,y@x.example,\n"
    )
    browser = client_of(world.dee)
    page = bring(browser, "/console/people/bring", file=SimpleUploadedFile("all.csv", rows.encode()))
    look = words(browser.get(page))
    assert "2 people are new" in look
    assert "3 rows are refused" in look
    browser.post(f"{page}/start")
    rest()
    assert "Eva" in names(world.nordwind)
    assert "Kim" in names(world.suedstern)
    assert "Mole" not in names(world.host)
    run = re.search(r"/console/people/imports/[0-9a-f-]+", words(browser.get(page)))
    assert run is not None
    assert "What it did" in words(browser.get(run.group()))
    browser.post(f"{run.group()}/undo")
    rest()
    assert ("Eva" in names(world.nordwind)) != ("Kim" in names(world.suedstern)), "one of the two was taken back"


def test_every_row_comes_as_a_file_without_formulas(world: World, client_of: ClientOf) -> None:
    browser = client_of(world.ben)
    page = bring(browser, "/desk/team/bring", rows="name,email\nEva,eva@n.example\nBad,=cmd|' /C calc'!A0\n")
    rows = browser.get(f"{page}/rows.csv").getvalue().decode()
    assert "2,eva@n.example,new," in rows
    assert ",'=cmd" in rows


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({"rows": "  \n"}, "nothing to bring yet"),
        ({"file": SimpleUploadedFile("empty.csv", b"")}, "file is empty"),
        ({"rows": TEAM, "partner": "nobody"}, "no such partner"),
        ({"rows": TEAM, "partner": "acme"}, "no such partner"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field(
    world: World, client_of: ClientOf, posted: dict[str, Any], said: str
) -> None:
    answer = client_of(world.dee).post("/console/people/bring", posted)
    assert answer.status_code == 422
    assert said in words(answer)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"PK\x03\x04 a workbook", "spreadsheet file"),
        ("name,email\nJörg,j@x.example\n".encode("cp1252"), "not UTF-8"),
        (b"name,phone\nAna,1\n", "no column"),
        (b'name,email\n"Ana,a@x.example\n', "not CSV"),
        (b"\xff\xfen\x00\x00\xd8n\x00", "not UTF-8"),
    ],
)
def test_a_file_that_is_none_says_so_on_its_page(world: World, client_of: ClientOf, body: bytes, said: str) -> None:
    browser = client_of(world.ben)
    page = bring(browser, "/desk/team/bring", file=SimpleUploadedFile("x.csv", body))
    assert said in words(browser.get(page))
    assert browser.post(f"{page}/start").status_code == 409


def test_hostile_rows_are_refused_and_break_nothing(world: World, client_of: ClientOf) -> None:
    long = "Ö" * 60
    rows = f"name,email,external_id\n\x00,a@x.example,\nB,b\x00@x.example,\nC,c@x.example,\x00\n{long},d@x.example,\n"
    browser = client_of(world.ben)
    page = bring(browser, "/desk/team/bring", rows=rows, file=SimpleUploadedFile("x.csv", rows.encode()))
    assert "3 rows are refused" in words(browser.get(page))
    browser.post(f"{page}/start")
    rest()
    assert long in names(world.nordwind)
    surrogate = client_of(world.ben).post(
        "/desk/team/bring", {"rows": "name,email\n\ud800,s@x.example\n".encode("utf-8", "surrogatepass")}
    )
    assert surrogate.status_code in (302, 422)


def test_too_large_a_file_is_refused_and_leaves_nothing(world: World, client_of: ClientOf) -> None:
    row = b"a" * 240 + b",b@x.example\n"
    body = b"name,email\n" + row * (actions.LARGEST // len(row) + 1)
    answer = client_of(world.ben).post("/desk/team/bring", {"file": SimpleUploadedFile("x.csv", body)})
    assert answer.status_code == 422
    assert "20 MB" in words(answer)
    with scopes.one(world.nordwind):
        assert not Sheet.objects.exists()
        assert not SheetPiece.objects.exists()


def test_a_large_file_is_judged_by_a_worker(world: World, client_of: ClientOf) -> None:
    rows = "name,email\n" + "".join(f"Person {n},p{n}@nordwind.example\n" for n in range(3_000))
    browser = client_of(world.ben)
    page = bring(browser, "/desk/team/bring", file=SimpleUploadedFile("x.csv", rows.encode()))
    assert "Looking at x.csv" in words(browser.get(page))
    rest()
    assert browser.get(page, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    assert "3,000 people are new" in words(browser.get(page))


def test_a_file_of_somebody_else_looks_like_none(world: World, client_of: ClientOf) -> None:
    page = bring(client_of(world.ben), "/desk/team/bring", rows=TEAM)
    never = page.rsplit("/", 1)[0] + f"/{new_id()}"
    for verb, end in (("get", ""), ("post", "/start"), ("get", "/rows.csv"), ("post", "/undo")):
        foreign = getattr(client_of(world.caz), verb)(page + end)
        nobody = getattr(client_of(world.caz), verb)(never + end)
        assert (foreign.status_code, nobody.status_code) == (404, 404)
    desk_in_console = client_of(world.dee).get(page.replace("/desk/team/", "/console/people/"))
    assert desk_in_console.status_code == 404
    assert client_of(world.ana).get("/desk/team/bring").status_code == 403


def test_who_lost_the_right_meanwhile_brings_nobody(world: World, client_of: ClientOf) -> None:
    browser = client_of(world.ben)
    page = bring(browser, "/desk/team/bring", rows=TEAM)
    browser.post(f"{page}/start")
    with scopes.one(world.nordwind):
        actions.revoke_role(person_id=world.ben.id, role="partner_admin", actor=ME, now=NOW)
    rest()
    assert "Eva Ernst" not in names(world.nordwind)
    assert not Job.objects.exclude(state="done").exists()


def test_old_files_are_forgotten(world: World, client_of: ClientOf) -> None:
    page = bring(client_of(world.ben), "/desk/team/bring", rows=TEAM)
    sheet_id = UUID(page.rsplit("/", 1)[1])
    with scopes.one(world.nordwind):
        Sheet.objects.filter(pk=sheet_id).update(brought_at=NOW)
    from gangway.people.jobs import forget_old_files

    assert forget_old_files.func() == 1
    with scopes.one(world.nordwind):
        assert not Sheet.objects.exists()
        assert not SheetPiece.objects.exists()


def test_erasing_somebody_empties_the_files_that_name_them(world: World, client_of: ClientOf) -> None:
    """Here the address lies across the border of two stored pieces."""
    head, address = b"name,email\n", world.ana.email.upper().encode()
    filler = b"x" * (PIECE - len(head) - len(address) // 2 - len(b",\n,")) + b",\n,"
    browser = client_of(world.ben)
    named = bring(browser, "/desk/team/bring", file=SimpleUploadedFile("a.csv", head + filler + address + b"\n"))
    other = bring(browser, "/desk/team/bring", rows=TEAM)
    with scopes.one(world.nordwind):
        pieces = [bytes(piece.body) for piece in stored(named).filter(kind="file")]
        assert len(pieces) == 2
        assert not any(address in piece for piece in pieces), "void: it lies in one piece"
        PRIVACY.erase(Subject(world.ana.id, world.nordwind, (world.ana.email,)), NOW)
        assert {bytes(piece.body) for piece in stored(named)} == {b""}
        assert b"" not in {bytes(piece.body) for piece in stored(other)}


def stored(page: str) -> QuerySet[Any]:
    """The pieces of the file behind a page."""
    rows: QuerySet[Any] = SheetPiece.objects.filter(sheet=UUID(page.rsplit("/", 1)[1]))
    return rows
