"""Whoever helps reads of each sign-in that came to nothing which rule failed, what came instead, and what mends it."""

from html import unescape

import pytest
import typer
from django.test import Client
from typer.testing import CliRunner

from gangway.identity import actions
from gangway.identity.cli.people import why
from gangway.identity.models import FailedSignIn
from gangway.identity.queries.reasons import mend_of
from gangway.identity.rules import Step, shown_number
from gangway.identity.rules.oidc.faults import Reason
from gangway.identity.rules.reach import Where
from gangway.identity.rules.saml import SamlReason
from gangway.identity.tests.conftest import ME, World, admit
from gangway.identity.tests.connections import connect, enter, prove
from gangway.identity.tests.directory import connect as directory_of
from gangway.identity.tests.test_connection_pages import browser_of
from gangway.kernel import clock

pytestmark = pytest.mark.django_db
NOBODY = [where for where in Where if where not in (Where.OWN, Where.SERVED)]


@pytest.mark.parametrize("reason", [*SamlReason, *Reason, *(f"account.{where}" for where in NOBODY)])
def test_every_reason_says_what_to_look_at(reason: str) -> None:
    assert mend_of(reason).endswith(".")


def test_what_is_no_reason_says_nothing() -> None:
    assert mend_of("subject.unknown") == mend_of("") == ""


def failed(house: World) -> tuple[str, str]:
    """A sign-in that was not accepted at Nordwind; its number, and the id of the connection."""
    row = connect(house.ana.partner_id)
    number = actions.note_provider_failure(
        connection_id=row.id,
        partner_id=row.partner_id,
        step=Step.PROVIDER_FOREIGN,
        reason=SamlReason.AUDIENCE.value,
        detail="expected us, got https://elsewhere.example",
        actor=ME,
        now=clock.now(),
    )
    return shown_number(number), str(row.id)


def test_desk_console_and_command_say_the_rule_what_came_and_what_mends_it(house: World) -> None:
    number, connection = failed(house)
    ben = admit(house.ana.partner_id, "Ben", "ben@nordwind.example", clock.now(), roles=("partner_admin",))
    dee = admit(house.dee.partner_id, "Ada", "ada@acme.example", clock.now(), roles=("platform_admin",))
    desk, console = (
        f"/desk/connections/{connection}",
        f"/console/partners/{house.ana.partner_id}/connections/{connection}",
    )

    def said(browser: Client, where: str) -> str:
        return unescape(browser.get(where).content.decode())

    app = typer.Typer()
    app.command()(why)
    pages = [
        said(browser_of(ben), f"/desk/requests?q={number}"),
        said(browser_of(dee), f"/console/requests?q={number}"),
        said(browser_of(ben), desk),
        said(browser_of(dee), console),
        " ".join(CliRunner().invoke(app, [number]).output.split()),
    ]
    for page in pages:
        assert number in page
        assert "saml.wrong_audience" in page
        assert "expected us, got https://elsewhere.example" in page
        assert mend_of("saml.wrong_audience") in page
    assert f'href="{desk}"' in pages[0]
    assert f'href="{console}"' in pages[1]
    assert "Nordwind" in pages[4]


@pytest.mark.parametrize(
    ("claims", "detail"),
    [
        ({}, "staff_no was not sent; no address was sent; nobody new is let in"),
        (
            {"staff_no": "e-9", "email": "who@nordwind.example"},
            "staff_no names nobody of the directory; the address is nobody's here; nobody new is let in",
        ),
        (
            {"staff_no": "e-9", "email": "ana@nordwind.example"},
            "staff_no names nobody of the directory; who has the address comes in as another subject",
        ),
        ({"staff_no": "e-1"}, "staff_no names somebody who comes in as another subject"),
    ],
)
def test_of_whom_nobody_found_their_it_reads_by_what_they_were_looked_for(
    house: World, claims: dict[str, str], detail: str
) -> None:
    """By the names of claims, and nothing that they held."""
    prove(house.ana.partner_id)
    entra = directory_of(house.ana.partner_id, key="entra")
    entra.bring("ida@nordwind.example", externalId="e-1")
    way = connect(house.ana.partner_id, joined="entra", join_claim="staff_no")
    assert enter(way, "s-ana", claims={"email": "ana@nordwind.example"}).session is not None
    assert enter(way, "s-ida", claims={"staff_no": "e-1"}).session is not None
    number = enter(way, "s-new", claims=claims).number
    assert FailedSignIn.objects.get(number=number).detail == detail
