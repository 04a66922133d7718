"""Bring partners, edit one, name types and tiers, and how long people stay signed in: pages as people press them."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from tests.world import Someone, World, reads_english

from gangway.kernel import clock
from gangway.kernel.ids import new_id
from gangway.kernel.tenancy import scopes
from gangway.partners import actions, queries

ClientOf = Callable[[Someone], Client]
pytestmark = pytest.mark.django_db
BRING = "/console/partners/bring"
SHEET = "Company\tTier\tDistributor\tE-mail\n" + "\n".join(
    [
        *(f"Partner {n:02}\tGold\t{'Partner 00' if n else ''}\tkim{n}@example.org" for n in range(60)),
        "Broken\tPlatinum\t\t",
        "Nordwind\tSilver\t\t",
    ]
)


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def test_sixty_pasted_rows_are_seen_brought_and_taken_back(world: World, client_of: ClientOf) -> None:
    dee = client_of(world.dee)
    before = len(queries.partner_ids())

    seen = text(dee.post(BRING, {"rows": SHEET, "do": "look"}))
    assert "60 partners are new, 1 changes and 1 is refused. Nothing is written yet." in seen
    assert "The tier “platinum” is not known. Known are gold, registered and silver." in seen
    assert len(queries.partner_ids()) == before

    brought = dee.post(BRING, {"rows": SHEET, "do": "bring"})
    assert brought.status_code == 302
    page = text(dee.get(brought["Location"]))
    assert "60 new, 1 changed and 1 refused." in page
    assert "Dee Diaz" in page
    assert "is not known" in page
    assert len(queries.partner_ids()) == before + 60
    assert queries.find_partner("partner-07").parent == "partner-00"
    assert queries.find_partner("nordwind").tier == "silver"

    again = dee.post(BRING, {"rows": SHEET, "do": "bring"})
    assert again.status_code == 200
    assert "Nothing had to be written." in text(again)

    undo = f"{brought['Location']}/undo"
    assert "60 are removed and 1 goes back to what it was." in text(dee.get(undo))
    assert len(queries.partner_ids()) == before + 60
    done = dee.post(undo)
    assert "Everything this file brought was taken back." in text(dee.get(done["Location"]))
    assert len(queries.partner_ids()) == before
    assert queries.find_partner("nordwind").tier == "gold"


def test_what_was_changed_since_is_said_on_the_page_of_the_run(world: World, client_of: ClientOf) -> None:
    dee = client_of(world.dee)
    run = dee.post(BRING, {"rows": "name;zone\nNordwind;Europe/Vienna\nAlpha;UTC\n", "do": "bring"})["Location"]
    with scopes.one(world.nordwind):
        actions.edit_partner(said={"zone": "Europe/Rome"}, actor=world.dee.actor, now=clock.now())
    dee.post(f"{run}/undo")
    page = text(dee.get(run))
    assert "It was taken back, but for 1 row that was left standing." in page
    assert "Changed since: zone." in page
    assert queries.find_partner("nordwind").zone == "Europe/Rome"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("", "There are no rows."),
        ("name;flavour\nAlpha;sweet\n", "There is no column “flavour”."),
        ("name;company\nAlpha;Alpha\n", "The column “name” is there twice."),
        ('name\n"Alpha', "is not CSV"),
    ],
)
def test_rows_that_cannot_be_read_stay_as_they_were_typed(
    world: World, client_of: ClientOf, rows: str, words: str
) -> None:
    answer = client_of(world.dee).post(BRING, {"rows": rows, "do": "look"})
    assert answer.status_code == 422
    assert words in text(answer)
    assert "sweet" in text(answer) or "flavour" not in rows


def test_a_file_is_read_and_its_text_stands_to_be_changed(world: World, client_of: ClientOf) -> None:
    dee = client_of(world.dee)
    body = "types:\n- {key: scout, name: Scout}\npartners:\n- {slug: alpha, name: Älpha, type: scout}\n"
    upload = SimpleUploadedFile("sixty.yaml", body.encode())
    page = text(dee.post(BRING, {"file": upload, "do": "look"}))
    assert "1 partner is new" in page
    assert "Älpha" in page
    assert 'value="sixty.yaml"' in page
    brought = dee.post(BRING, {"rows": body, "source": "sixty.yaml", "do": "bring"})
    assert "sixty.yaml" in text(dee.get(brought["Location"]))
    assert queries.find_partner("alpha").type == "scout"


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("sheet.xlsx", b"PK\x03\x04", "neither CSV nor YAML"),
        ("sheet.csv", b"PK\x03\x04", "spreadsheet file"),
        ("sheet.csv", "name\nSüd".encode("latin-1"), "is not UTF-8"),
        ("sheet.csv", b"name\n" + b"x" * 2_000_001, "2,000,000 fit here"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_beside_its_field(
    world: World, client_of: ClientOf, name: str, body: bytes, words: str
) -> None:
    answer = client_of(world.dee).post(BRING, {"file": SimpleUploadedFile(name, body), "do": "look"})
    assert answer.status_code == 422
    assert words in text(answer)
    assert 'id="file-error"' in text(answer)


def test_partners_themselves_get_none_of_the_console(world: World, client_of: ClientOf) -> None:
    for path in (BRING, "/console/partners/words", f"/console/partners/{world.nordwind}/edit"):
        assert client_of(world.ben).get(path).status_code == 403


def fields(world: World, **more: str) -> dict[str, str]:
    facts = queries.facts_of(world.nordwind)
    return {**{key: value for key, value in facts.items() if key != "kind"}, **more}


def test_one_partner_is_edited_column_by_column(world: World, client_of: ClientOf) -> None:
    dee = client_of(world.dee)
    where = f"/console/partners/{world.nordwind}/edit"
    more = {"name": "Nordwind SE", "tier": "silver", "reason": "Review of May", "display_name": "Academy", "type": ""}
    answer = dee.post(where, fields(world, parent="suedstern", session_hours="12", host="learn.example", **more))
    assert answer.status_code == 302
    found = queries.find_partner("nordwind")
    assert (found.name, found.tier, found.type, found.parent) == ("Nordwind SE", "silver", None, "suedstern")
    assert (found.session_hours, found.host_name) == (12, "learn.example")
    brand = queries.brand_for(world.nordwind)
    assert brand is not None
    assert brand.name == "Academy"
    assert "Review of May" in text(dee.get(where))


def test_every_wrong_column_is_said_at_once_and_nothing_is_written(world: World, client_of: ClientOf) -> None:
    wrong = {"name": "", "zone": "Mars", "locale": "deutsch!", "session_hours": "900", "host": "1.2.3.4"}
    answer = client_of(world.dee).post(f"/console/partners/{world.nordwind}/edit", fields(world, **wrong))
    assert answer.status_code == 422
    for column in wrong:
        assert f'id="{column}-error"' in text(answer)
    assert 'value="Mars"' in text(answer)
    assert queries.find_partner("nordwind").zone != "Mars"
    circle = client_of(world.dee).post(f"/console/partners/{world.nordwind}/edit", fields(world, parent="nordwind"))
    assert circle.status_code == 422
    assert 'id="parent-error"' in text(circle)


def test_contacts_are_added_changed_and_removed(world: World, client_of: ClientOf) -> None:
    dee = client_of(world.dee)
    where = f"/console/partners/{world.nordwind}/contacts"
    for row in contacts(world):
        dee.post(f"{where}/{row.id}", {"do": "remove"})
    assert dee.post(where, {"name": "Kim", "email": "kim"}).status_code == 422
    dee.post(where, {"name": "Kim Kern", "email": "kim@nordwind.example"})
    dee.post(where, {"name": "Lee Lang", "email": "", "main": "on"})
    lee, kim = contacts(world)
    assert (lee.name, lee.main, kim.main) == ("Lee Lang", True, False)
    assert dee.post(f"{where}/{kim.id}", {"name": "Kim K.", "email": "no mail"}).status_code == 422
    dee.post(f"{where}/{kim.id}", {"name": "Kim K.", "email": kim.email})
    dee.post(f"{where}/{lee.id}", {"do": "remove"})
    (only,) = contacts(world)
    assert (only.name, only.main) == ("Kim K.", True)
    for foreign in (f"/console/partners/{world.suedstern}/contacts/{kim.id}", f"{where}/{new_id()}"):
        assert dee.post(foreign, {"do": "remove"}).status_code == 404


def contacts(world: World) -> tuple[queries.ContactRow, ...]:
    with scopes.one(world.nordwind):
        return queries.contacts(world.nordwind)


def test_types_and_tiers_are_named_ranked_added_and_removed(world: World, client_of: ClientOf) -> None:
    dee = client_of(world.dee)
    where = "/console/partners/words"
    dee.post(where, {"section": "types", "key": "scout", "name": "Scout", "name-msp": "Operator"} | _names("types"))
    assert ("scout", "Scout") in queries.types()
    ranks = {"rank-registered": "2", "rank-silver": "1", "rank-gold": "3"}
    dee.post(where, {"section": "tiers", **_names("tiers"), **ranks})
    assert [key for key, _ in queries.tiers()] == ["silver", "registered", "gold"]
    twice = dee.post(where, {"section": "tiers", **_names("tiers"), **ranks, "rank-gold": "1"})
    assert twice.status_code == 422
    assert "have the same rank" in text(twice)
    assert dee.post(where, {"section": "types", "remove": "scout"}).status_code == 302
    assert "scout" not in dict(queries.types())
    held = dee.post(where, {"section": "tiers", "remove": "gold"})
    assert held.status_code == 422
    assert "is in use" in text(held)


def test_a_type_proposes_ways_in_on_its_page(world: World, client_of: ClientOf) -> None:
    dee = client_of(reads_english(world.dee))
    where = "/console/partners/words"
    ways = {"primary-msp": "portal", "fallback-msp": "none"}
    assert dee.post(where, {"section": "types", **_names("types"), **ways}).status_code == 302
    assert _ways()["msp"] == ("portal", "none")
    dee.post(where, {"section": "types", **_names("types"), "key": "scout", "name": "Scout", "fallback": "none"})
    told = _ways()
    assert [told[key] for key in ("scout", "msp", "reseller")] == [
        ("company", "none"),
        ("portal", "none"),
        ("company", "mail"),
    ]
    wrong = dee.post(where, {"section": "types", **_names("types"), **ways, "fallback-msp": "fax"})
    assert wrong.status_code == 422
    assert "is no way in that a type proposes" in text(wrong)


def _ways() -> dict[str, tuple[str, str]]:
    with scopes.host():
        return {row.key: (row.primary, row.fallback) for row in queries.types_in_use()}


def _names(section: str) -> dict[str, str]:
    pairs = queries.types() if section == "types" else queries.tiers()
    return {f"name-{key}": name for key, name in pairs}


def test_a_partner_admin_says_how_long_colleagues_stay(world: World, client_of: ClientOf) -> None:
    ben = client_of(reads_english(world.ben))
    assert ben.post("/desk/signing-in", {"hours": "never"}).status_code == 422
    assert ben.post("/desk/signing-in", {"hours": "8"}).status_code == 302
    assert "for 8 hours" in text(ben.get("/desk/signing-in"))
    with scopes.one(world.nordwind):
        assert queries.session_hours(world.nordwind) == 8
    assert client_of(world.ana).get("/desk/signing-in").status_code == 403
    assert ben.post("/desk/signing-in", {"hours": ""}).status_code == 302
    assert "for 30 days" in text(ben.get("/desk/signing-in"))
