"""The console's page and the commands of the vendor's portal: its keys, and what is refused."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from gangway.identity import actions, queries
from gangway.identity.cli import handover as cli
from gangway.identity.handover import read_keys
from gangway.identity.handover.keys import PrivateKey
from gangway.identity.jobs import watch_expiry_at
from gangway.identity.rules.connections import ConnectionState
from gangway.identity.rules.handover import SOURCE
from gangway.identity.tests.conftest import ME, World, admit, letters
from gangway.identity.tests.openid import key
from gangway.identity.tests.portal import ISSUER, START, Portal, open_portal, public
from gangway.identity.tests.test_connection_pages import browser_of
from gangway.kernel import clock
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.people.queries import person_elsewhere

pytestmark = pytest.mark.django_db
PAGE = "/console/vendor-portal"
SAID = {"do": "set", "name": "Acme Portal", "issuer": ISSUER, "start_url": START}


def certificate(until: datetime) -> str:
    pair = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "portal")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(pair.public_key())
    made = made.serial_number(7).not_valid_before(until - timedelta(days=400)).not_valid_after(until)
    return made.sign(pair, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


# ── the page ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_from_nothing_to_open_and_off(house: World) -> None:
    dee = browser_of(house.dee)
    assert "one page there and one key here" in dee.get(PAGE).content.decode()
    assert dee.post(PAGE, SAID).status_code == 302
    assert dee.post(PAGE, {"do": "open"}).status_code == 422  # nothing could be believed
    assert dee.post(PAGE, {"do": "add_key", "key": public()}).status_code == 302
    assert dee.post(PAGE, {"do": "open"}).status_code == 302
    shown = dee.get(PAGE, {"done": "open"}).content.decode()
    assert "/handover/start" in shown
    assert "RS256" in shown
    assert dee.post(PAGE, {"do": "close_key", "kid": "one"}).status_code == 422  # the last one of an open portal
    assert dee.post(PAGE, {"do": "off"}).status_code == 302
    assert dee.post(PAGE, {"do": "close_key", "kid": "one"}).status_code == 302
    assert dee.post(PAGE, {"do": "close_key", "kid": "one"}).status_code == 404
    assert dee.post(PAGE, {"do": "never"}).status_code == 404


def test_a_token_is_looked_at_and_lets_nobody_in(house: World) -> None:
    open_portal()
    dee, portal = browser_of(house.dee), Portal()
    assert "It would be believed" in dee.post(PAGE, {"do": "look", "token": portal.token("any")}).content.decode()
    wrong = dee.post(PAGE, {"do": "look", "token": portal.token("any", aud="x")}).content.decode()
    assert "handover.wrong_audience" in wrong
    assert not queries.portal_failures()


def test_failures_stand_on_the_page(house: World) -> None:
    open_portal()
    portal = Portal()
    portal.hand_over(iss="https://evil.example")
    shown = browser_of(house.dee).get(PAGE).content.decode()
    assert "handover.wrong_issuer" in shown


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"issuer": ""},
        {"start_url": ""},
        {"start_url": "http://portal.acme.example"},
        {"start_url": "javascript:alert(1)"},
        {"start_url": "https://somebody@portal.acme.example"},
    ],
)
def test_what_cannot_be_a_portal(house: World, changes: dict[str, str]) -> None:
    assert browser_of(house.dee).post(PAGE, {**SAID, **changes}).status_code == 422
    assert queries.vendor_portal() is None


def test_who_may_not(house: World) -> None:
    lead = admit(house.dee.partner_id, "Lee", "lee@acme.example", clock.now(), roles=("programme_lead",))
    ben = admit(house.ana.partner_id, "Ben", "ben@nordwind.example", clock.now(), roles=("partner_admin",))
    for somebody in (house.ana, ben, lead):
        assert browser_of(somebody).get(PAGE).status_code == 403
        assert browser_of(somebody).post(PAGE, SAID).status_code == 403
    with scopes.one(house.ana.partner_id), pytest.raises(NotFound):  # nor in a scope that is not the host's
        actions.set_portal(name="Evil", issuer=ISSUER, start_url=START, actor=ME, now=clock.now())
    assert queries.vendor_portal() is None


# ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "{}", "[]", "7", '{"keys": []}', '{"kty": "oct"}', '{"kty": "RSA", "n": "AQAB", "e": "AQAB"}',
        '{"keys": [{"kty": "RSA", "use": "enc"}]}', "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", '{"kty": "EC", "crv": "secp256k1"}',
        json.dumps({**json.loads(public()), "alg": "HS256"}), json.dumps({**json.loads(public()), "alg": "ES256"}),
        json.dumps({**json.loads(public("ec", "P-256")), "alg": "ES512"}),
    ],
)  # fmt: skip
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(Invalid):
        read_keys(text)


def test_a_private_key_is_sent_back(house: World) -> None:
    whole = key("one").as_dict(private=True)
    for text in (json.dumps(whole), json.dumps({"keys": [whole]}), key("one").as_pem(private=True).decode()):
        with pytest.raises(PrivateKey):
            read_keys(text)
    with pytest.raises(PrivateKey):
        read_keys('{"kty": "oct", "k": "c2VjcmV0"}')


def test_two_keys_at_most(house: World) -> None:
    open_portal(public(), public("two"))
    dee = browser_of(house.dee)
    assert dee.post(PAGE, {"do": "add_key", "key": public("three")}).status_code == 422
    assert dee.post(PAGE, {"do": "close_key", "kid": "one"}).status_code == 302
    assert dee.post(PAGE, {"do": "add_key", "key": public("two")}).status_code == 422  # is there
    assert dee.post(PAGE, {"do": "add_key", "key": certificate(clock.now() - timedelta(days=1))}).status_code == 422


def test_a_certificate_that_runs_out_is_told_once_a_step(house: World) -> None:
    until = datetime(2027, 3, 1, 12, tzinfo=UTC)
    open_portal(certificate(until))
    for days, told in ((61, 0), (59, 1), (58, 1), (29, 2), (6, 3), (-1, 3)):
        watch_expiry_at(until - timedelta(days=days))
        assert len(letters("identity.portal_key")) == told, days
    assert "runs out" in letters("identity.portal_key")[-1].text
    host_key = queries.portal_keys(queries.open_portal().id)[0]
    assert host_key.soon(until - timedelta(days=60))
    assert not host_key.soon(until - timedelta(days=61))


# ── commands ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_by_command(house: World, tmp_path: Path, capsys: Any) -> None:
    cli.set_(name="Acme Portal", issuer=ISSUER, start_url=START)
    (tmp_path / "key").write_text(public())
    cli.key(tmp_path / "key")
    cli.state(ConnectionState.ACTIVE)
    cli.name_(partner="nordwind", email=house.ana.email, subject="4711")
    with scopes.one(house.ana.partner_id):
        assert person_elsewhere(SOURCE, "4711") == house.ana.id
    portal = Portal()
    assert portal.hand_over(email=None).status_code == 302
    (tmp_path / "token").write_text(portal.token("any"))
    capsys.readouterr()
    cli.test(tmp_path / "token")
    assert "nordwind, 4711" in capsys.readouterr().out
    (tmp_path / "token").write_text(portal.token("any", sub=None))
    with pytest.raises(typer.Exit):
        cli.test(tmp_path / "token")
    assert "handover.no_subject" in capsys.readouterr().err
    cli.show(as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["state"], told["keys"][0]["kid"]) == ("active", "one")
    cli.state(ConnectionState.OFF)
    cli.close_key("one")
    cli.show()
    assert "Open keys: none" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        cli.name_(partner="suedstern", email=house.ana.email, subject="4711")
