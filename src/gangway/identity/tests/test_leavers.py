"""Whom a directory shut out: on D4 with a receipt of what was closed, for the desk and the console."""

import pytest
from django.test import Client

from gangway.identity.models import ScimRemoval
from gangway.identity.tests.conftest import Browser, Someone, World, admit, sign_in_letter
from gangway.identity.tests.directory import Directory, connect, work_mail
from gangway.identity.tests.test_connection_pages import browser_of
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes

OFF = {"op": "Replace", "path": "active", "value": "False"}


@pytest.fixture
def directory(house: World) -> Directory:
    return connect(house.ana.partner_id)


@pytest.fixture
def desk(house: World) -> Client:
    ben = admit(house.ana.partner_id, "Ben", "ben@nordwind.example", clock.now(), roles=("partner_it",))
    return browser_of(ben)


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_who_is_shut_out_has_a_receipt_of_what_was_open(
    house: World, directory: Directory, desk: Client, browser: Browser, other_browser: Browser
) -> None:
    made = directory.bring("ana@nordwind.example", emails=work_mail("ana@nordwind.example"))
    directory.bring("eva@freelance.example", emails=work_mail("eva@freelance.example"))
    browser.ask("ana@nordwind.example")
    browser.press("/sign-in/code", code=sign_in_letter().code)
    other_browser.ask("ana@nordwind.example")
    page, receipt = f"/desk/connections/{directory.connection.id}", f"/desk/team/{made['id']}/receipt"
    assert receipt not in text(desk, page)
    assert desk.get(receipt).status_code == 404
    assert directory.patch(f"/Users/{made['id']}", OFF).status_code == 200
    assert receipt in text(desk, page)
    shown = text(desk, receipt)
    for words in ("is shut out", "1 browser was signed out", directory.connection.name, "ana@nordwind.example"):
        assert words in shown
    for path in (f"/console/people/{made['id']}/receipt", console_page(directory)):
        assert "ana@nordwind.example" in text(browser_of(house.dee), path)
    assert receipt in text(desk, f"/desk/team/{made['id']}"), "their own page leads to it, too"


def test_who_is_taken_away_has_one_receipt_and_who_was_shut_out_before_no_second(
    house: World, directory: Directory, desk: Client
) -> None:
    made = [directory.bring(name) for name in ("fay@nordwind.example", "gil@nordwind.example")]
    directory.patch(f"/Users/{made[0]['id']}", OFF)
    for one in made:
        assert directory.ask("DELETE", f"/Users/{one['id']}").status_code == 204
    with scopes.one(house.ana.partner_id):
        kept = list(ScimRemoval.objects.order_by("at", "id").values_list("person_id", "gone", "counted"))
    assert [(str(one), gone, counted) for one, gone, counted in kept] == [
        (made[0]["id"], False, False),
        (made[1]["id"], True, False),
    ]
    for one in made:
        assert "has left" in text(desk, f"/desk/team/{one['id']}/receipt")


def test_nobody_else_sees_it(house: World, directory: Directory, desk: Client) -> None:
    """Negative control: the desk of the same partner does."""
    made = directory.bring("fay@nordwind.example")
    directory.ask("DELETE", f"/Users/{made['id']}")
    path = f"/desk/team/{made['id']}/receipt"
    caz = admit(house.caz.partner_id, "Cem", "cem@suedstern.example", clock.now(), roles=("partner_it",))
    assert browser_of(caz).get(path).status_code == 404
    assert browser_of(learner(house)).get(path).status_code == 403
    assert desk.get(path).status_code == 200


def learner(house: World) -> Someone:
    return house.eva_nordwind


def console_page(directory: Directory) -> str:
    row = directory.connection
    return f"/console/partners/{row.partner_id}/connections/{row.id}"
