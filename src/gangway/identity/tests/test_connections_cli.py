"""The commands by which an operator connects a partner's directory."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from gangway.identity.cli import connections as cli
from gangway.identity.cli import directories
from gangway.identity.queries import read_token
from gangway.identity.rules.connections import ConnectionKind, ConnectionState, TokenRight
from gangway.identity.tests.conftest import World
from gangway.identity.tests.directory import connect as directory_of
from gangway.kernel import clock

pytestmark = pytest.mark.django_db


def test_a_directory_and_its_token(house: World, capsys: Any) -> None:
    cli.add(partner="nordwind", kind=ConnectionKind.SCIM, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["key"], told["state"]) == ("scim", "active")
    assert told["url"].endswith("/scim/v2")
    cli.issue(partner="nordwind")
    token = capsys.readouterr().out.strip()
    bearer = read_token(token, TokenRight.SCIM, clock.now())
    assert bearer is not None
    assert bearer.partner_id == house.ana.partner_id
    cli.list_tokens(partner="nordwind", as_json=True)
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["tail"], row["revoked_at"]) == (token[-4:], None)
    cli.revoke(bearer.token_id, partner="nordwind")
    assert read_token(token, TokenRight.SCIM, clock.now()) is None


def test_a_sign_in_waits_as_a_draft_and_takes_no_token(house: World, capsys: Any) -> None:
    cli.add(partner="nordwind", kind=ConnectionKind.OIDC, key="okta", name="Okta")
    assert "okta: draft" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        cli.issue(partner="nordwind")
    assert "no connection" in capsys.readouterr().err


def test_the_connection_is_named_where_there_are_several(house: World, capsys: Any) -> None:
    for key in ("entra", "okta"):
        cli.add(partner="nordwind", kind=ConnectionKind.SCIM, key=key)
    with pytest.raises(SystemExit):
        cli.issue(partner="nordwind")
    assert "entra, okta" in capsys.readouterr().err
    cli.issue(partner="nordwind", key="okta", as_json=True)
    assert json.loads(capsys.readouterr().out)["connection"] == "okta"


def test_a_closed_connection_takes_no_token_any_more(house: World, capsys: Any) -> None:
    cli.add(partner="nordwind", kind=ConnectionKind.SCIM)
    cli.issue(partner="nordwind")
    token = capsys.readouterr().out.split()[-1]
    cli.set_state(ConnectionState.OFF, partner="nordwind")
    assert read_token(token, TokenRight.SCIM, clock.now()) is None
    cli.set_state(ConnectionState.ACTIVE, partner="nordwind")
    assert read_token(token, TokenRight.SCIM, clock.now()) is not None
    cli.list_(partner="nordwind", as_json=True)
    (row,) = json.loads(capsys.readouterr().out.split("\n", 2)[-1])
    assert row["state"] == "active"


def test_an_unknown_partner(house: World, capsys: Any) -> None:
    with pytest.raises(SystemExit):
        cli.add(partner="nobody", kind=ConnectionKind.SCIM)
    assert "nobody" in capsys.readouterr().err


def test_what_a_directory_sent_and_what_waits(house: World, capsys: Any) -> None:
    entra = directory_of(house.ana.partner_id)
    brought = [entra.bring(f"p{n}@nordwind.example")["id"] for n in range(7)]
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        assert [entra.ask("DELETE", f"/Users/{one}").status_code for one in brought].count(429) == 2
        directories.holds(partner="nordwind", as_json=True)
        (hold,) = json.loads(capsys.readouterr().out)
        directories.decide(hold["id"], directories.Decision.PASSED, partner="nordwind")
        assert entra.ask("DELETE", f"/Users/{brought[-1]}").status_code == 204
        capsys.readouterr()
        directories.log(partner="nordwind", as_json=True)
        lines = json.loads(capsys.readouterr().out)
    assert [(line["request"].split()[0], line["status"]) for line in lines[:2]] == [("DELETE", 204), ("DELETE", 429)]


def test_the_log_tells_who_was_here_already(house: World, capsys: Any) -> None:
    entra = directory_of(house.ana.partner_id)
    for name in ("ana", "new"):
        entra.bring(f"{name}@nordwind.example")
    capsys.readouterr()
    directories.log(partner="nordwind", as_json=True)
    lines = json.loads(capsys.readouterr().out)
    assert [(line["did"], line["status"]) for line in lines] == [("created", 201), ("adopted", 201)]
