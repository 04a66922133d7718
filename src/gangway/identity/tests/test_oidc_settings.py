"""A connection is told its OpenID provider: what is asked, what is kept, what is refused, what the command says."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import typer
from tests.world import MONDAY, World
from typer.testing import CliRunner, Result

from gangway.identity import actions, oidc, queries
from gangway.identity.cli.oidc import set_up
from gangway.identity.models import Identity, OidcSettings
from gangway.identity.rules.connections import ConnectionKind, ConnectionState
from gangway.identity.rules.oidc import Fault, Reason
from gangway.identity.tests.openid import CLIENT, SECRET, OpenIdProvider, key, said
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes

ME = Actor.operator()


@pytest.fixture
def connection(world: World) -> UUID:
    with scopes.one(world.nordwind):
        return actions.add_connection(kind=ConnectionKind.OIDC, key="oidc", name="Nordwind", actor=ME, now=MONDAY)


def told(connection_id: UUID, **changes: Any) -> None:
    actions.set_oidc(
        **{
            "connection_id": connection_id,
            "issuer": "https://id.nordwind.example",
            "client_id": CLIENT,
            "client_secret": SECRET,
            "actor": ME,
            "now": MONDAY,
            **changes,
        }
    )


# ── What is kept ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_settings_are_kept_and_the_secret_is_sealed(world: World, connection: UUID) -> None:
    with scopes.one(world.nordwind):
        assert queries.oidc_settings(connection) is None
        told(connection, secret_expires_on=date(2027, 1, 31), scopes=" openid   email ", asks_userinfo=True)
        row = queries.oidc_settings(connection)
        assert row is not None
        assert (row.issuer, row.client_id, row.client_secret) == ("https://id.nordwind.example", CLIENT, SECRET)
        assert (row.secret_expires_on, row.scopes, row.asks_userinfo) == (date(2027, 1, 31), "openid email", True)
        assert SECRET not in repr(row)
        stored = OidcSettings.objects.get()
        assert SECRET not in stored.secret
    with scopes.one(world.suedstern):
        assert queries.oidc_settings(connection) is None
        with pytest.raises(NotFound):
            told(connection)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"issuer": "http://id.nordwind.example"}, "issuer"),
        ({"issuer": "https://id.nordwind.example?x=1"}, "issuer"),
        ({"issuer": "http://127.0.0.1:1"}, "issuer"),
        ({"client_secret": ""}, "client_secret"),
        ({"client_secret": "a\nb"}, "client_secret"),
        ({"client_id": " "}, "client_id"),
        ({"scopes": "email"}, "scopes"),
        ({"scopes": "openid " + "x" * 500}, "scopes"),
    ],
)
def test_what_cannot_be_kept(world: World, connection: UUID, changes: dict[str, Any], field: str) -> None:
    with scopes.one(world.nordwind):
        with pytest.raises(Invalid) as refused:
            told(connection, **changes)
        assert refused.value.field == field
        assert queries.oidc_settings(connection) is None


def test_an_issuer_of_many_companies_must_say_which(world: World, connection: UUID) -> None:
    """Else whoever has any account there would be one of this partner's people."""
    google = "https://accounts.google.com"
    with scopes.one(world.nordwind):
        for wanted in ({}, {"tid": "x"}, {"hd": " "}):
            with pytest.raises(Invalid):
                told(connection, issuer=google, must_say=wanted)
        told(connection, issuer=google, must_say={"hd": "nordwind.example"})
        told(connection, issuer=google, client_secret="renewed")
        assert queries.oidc_settings(connection).must_say == {"hd": "nordwind.example"}
        told(connection)
        assert queries.oidc_settings(connection).must_say == {}, "what one issuer must say is not asked of another"


def test_a_directory_has_no_provider(world: World) -> None:
    with scopes.one(world.nordwind):
        scim = actions.add_connection(kind=ConnectionKind.SCIM, key="scim", name="x", actor=ME, now=MONDAY)
        with pytest.raises(actions.NotOidc):
            told(scim)


def test_the_issuer_stays_once_somebody_came_in(world: World, connection: UUID) -> None:
    """Another provider's subjects would be taken for the people of this one."""
    other = "https://other.example"
    with scopes.one(world.nordwind):
        told(connection)
        keep_discovery(connection)
        told(connection, client_id="renamed")
        assert queries.oidc_settings(connection).document == {"x": 1}
        told(connection, issuer=other)
        assert queries.oidc_settings(connection).document == {}
        Identity.objects.create(connection_id=connection, subject="u-1", person_id=world.ana.id, since=MONDAY)
        with pytest.raises(actions.IssuerPinned):
            told(connection)
        told(connection, issuer=other, client_secret="renewed")
        assert queries.oidc_settings(connection).client_secret == "renewed"


def keep_discovery(connection: UUID, issuer: str = "https://id.nordwind.example") -> None:
    keys = {"keys": [{"kty": "RSA", "kid": "1"}]}
    actions.store_discovery(connection_id=connection, issuer=issuer, document={"x": 1}, keys=keys, actor=ME, now=MONDAY)


def test_what_another_issuer_said_is_not_kept(world: World, connection: UUID) -> None:
    """It was asked before the settings changed."""
    with scopes.one(world.nordwind):
        told(connection)
        with pytest.raises(NotFound):
            keep_discovery(connection, "https://other.example")
        assert queries.oidc_settings(connection).document == {}


def test_keys_are_asked_for_once_a_minute(world: World, connection: UUID) -> None:
    with scopes.one(world.nordwind):
        told(connection)
        times = [MONDAY + timedelta(seconds=second) for second in (0, 1, 59, 60, 61)]
        asked = [actions.ask_keys(connection_id=connection, actor=ME, now=now) for now in times]
        assert asked == [True, False, False, True, False]


# ── What is asked ───────────────────────────────────────────────────────────────────────────────────────────────────


def fault(issuer: str) -> Reason | None:
    try:
        oidc.discover(issuer)
    except Fault as found:
        return found.reason
    return None


def test_a_provider_is_asked_who_it_is(provider: OpenIdProvider) -> None:
    found = oidc.discover(provider.issuer)
    assert found.provider.algorithms == ("RS256", "PS256", "ES256", "EdDSA")
    assert [one["kid"] for one in found.keys["keys"]] == ["one"]
    assert provider.seen == {"/.well-known/openid-configuration": 1, "/jwks": 1}


WELL_KNOWN = "/.well-known/openid-configuration"
ELSEWHERE = (302, {"Location": "https://evil.example"}, b"")


@pytest.mark.parametrize(
    ("path", "reply", "expected"),
    [
        (WELL_KNOWN, said({"error": "gone"}, 404), Reason.STATUS),
        (WELL_KNOWN, ELSEWHERE, Reason.STATUS),
        (WELL_KNOWN, (200, {}, b"<html>"), Reason.UNREADABLE),
        (WELL_KNOWN, (200, {}, b"x" * 300_000), Reason.NO_ANSWER),
        ("/jwks", said({"keys": []}), Reason.KEYS),
        ("/jwks", said({"keys": [{"kty": "oct", "k": "x"}]}), Reason.KEYS),
        ("/jwks", ELSEWHERE, Reason.STATUS),
        ("/jwks", (500, {}, b"Traceback"), Reason.STATUS),
    ],
)
def test_providers_that_cannot_be_used(
    provider: OpenIdProvider, path: str, reply: tuple[int, dict[str, str], bytes], expected: Reason
) -> None:
    provider.replies[path] = reply
    assert fault(provider.issuer) is expected


def test_an_issuer_inside_is_not_asked(provider: OpenIdProvider, settings: Any) -> None:
    settings.PROVIDERS_INSIDE = frozenset()
    assert fault(provider.issuer) is Reason.ADDRESS
    assert fault(f"https://127.0.0.1:{provider.port}") is Reason.ADDRESS
    assert not provider.seen


# ── The command ─────────────────────────────────────────────────────────────────────────────────────────────────────


def run(provider: OpenIdProvider, folder: Path, *words: str) -> Result:
    secret = folder / "secret.txt"
    secret.write_text(SECRET + "\n")
    line = ["--partner", "nordwind", "--issuer", provider.issuer, "--client-id", CLIENT, "--secret-file", str(secret)]
    command = typer.Typer()
    command.command()(set_up)
    return CliRunner().invoke(command, [*line, *words])


def test_the_command_asks_keeps_and_opens(
    world: World, connection: UUID, provider: OpenIdProvider, tmp_path: Path, settings: Any
) -> None:
    done = run(provider, tmp_path, "--secret-expires", "2027-01-31", "--must-say", "hd=nordwind.example", "--json")
    assert done.exit_code == 0, done.output
    with scopes.one(world.nordwind):
        row = queries.connection(connection)
        kept = queries.oidc_settings(connection)
    assert json.loads(done.output) == {
        "key": "oidc",
        "state": "draft",
        "issuer": provider.issuer,
        "redirect_uri": f"{settings.BASE_URL}/sso/{row.route}/callback",
        "algorithms": ["RS256", "PS256", "ES256", "EdDSA"],
        "keys": 1,
    }
    assert kept is not None
    assert (kept.client_secret, kept.secret_expires_on) == (SECRET, date(2027, 1, 31))
    assert kept.must_say == {"hd": "nordwind.example"}
    assert kept.document == provider.document()
    done = run(provider, tmp_path, "--activate")
    assert "oidc: active." in done.output
    with scopes.one(world.nordwind):
        assert queries.connection(connection).state is ConnectionState.ACTIVE


def test_the_command_says_what_is_wrong_and_keeps_nothing(
    world: World, connection: UUID, provider: OpenIdProvider, tmp_path: Path
) -> None:
    provider.says = {"issuer": provider.issuer + "/"}
    done = run(provider, tmp_path, "--activate")
    assert done.exit_code == 1
    assert f"names the issuer “{provider.issuer}/”, and not “{provider.issuer}” to the letter" in done.output
    with scopes.one(world.nordwind):
        assert queries.oidc_settings(connection) is None
        assert queries.connection(connection).state is ConnectionState.DRAFT


def test_the_keys_of_the_peer_are_real() -> None:
    """The control: a key that no provider has is no copy of another."""
    assert key("one").as_dict(private=False) != key("two").as_dict(private=False)
