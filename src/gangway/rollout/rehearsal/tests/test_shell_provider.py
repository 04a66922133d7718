"""The shell's provider signs what the house takes, its mailbox keeps what arrives, its browser is one."""

import base64
import smtplib
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from gangway.identity.oidc.tokens import header_of, verified
from gangway.identity.rules.oidc import key_for, provider_of
from gangway.identity.rules.saml import Expected, NotProven, service_provider
from gangway.identity.saml.requests import sign_in_address
from gangway.identity.saml.verification import verify
from gangway.rollout.rehearsal.shell.browser import Browser
from gangway.rollout.rehearsal.shell.keys import Keys, make_keys
from gangway.rollout.rehearsal.shell.mailbox import Mailbox
from gangway.rollout.rehearsal.shell.oidc import CLIENT, ISSUER, NoGrant, OpenId
from gangway.rollout.rehearsal.shell.provider import Provider
from gangway.rollout.rehearsal.shell.saml import ENTITY_ID, NoRequest, Saml
from gangway.rollout.rehearsal.shell.steps import Unexpected

US = service_provider("http://127.0.0.1:1", "route")
VERIFIER = "v" * 43
CHALLENGE = create_s256_code_challenge(VERIFIER)


@pytest.fixture(scope="module")
def keys() -> Keys:
    return make_keys()


@pytest.fixture
def openid(keys: Keys) -> OpenId:
    made = OpenId("http://127.0.0.1:9", keys)
    made.user = {"sub": "one"}
    return made


def client(openid: OpenId) -> str:
    return "Basic " + base64.b64encode(f"{CLIENT}:{openid.secret}".encode()).decode()


def code_of(openid: OpenId) -> dict[str, str]:
    asked = {"redirect_uri": "http://x/back", "state": "s", "nonce": "n", "code_challenge": CHALLENGE}
    return dict(parse_qsl(urlsplit(openid.authorize(f"/authorize?{urlencode(asked)}")).query))


def test_the_house_can_use_its_document_and_its_keys_sign(openid: OpenId) -> None:
    provider = provider_of(openid.document(), issuer=ISSUER, inside=[("127.0.0.1", 9)])
    assert provider.token_endpoint == "http://127.0.0.1:9/token"
    form = {"code": code_of(openid)["code"], "code_verifier": VERIFIER, "redirect_uri": "http://x/back"}
    token = str(openid.tokens(client(openid), form)["id_token"])
    found = key_for(header_of(token), "RS256", openid.keys()["keys"])
    claims = verified(token, found, "RS256")
    assert (claims["iss"], claims["aud"], claims["nonce"], claims["sub"]) == (ISSUER, CLIENT, "n", "one")
    assert not {"d", "p", "q"} & set(openid.keys()["keys"][0])


@pytest.mark.parametrize("wrong", [{"code_verifier": "w" * 43}, {"redirect_uri": "http://y"}, {"code": "none"}])
def test_a_code_is_for_who_asked(openid: OpenId, wrong: dict[str, str]) -> None:
    form = {"code": code_of(openid)["code"], "code_verifier": VERIFIER, "redirect_uri": "http://x/back", **wrong}
    with pytest.raises(NoGrant, match="invalid_grant"):
        openid.tokens(client(openid), form)


@pytest.mark.parametrize("shown", ["", "Basic !", "Basic " + base64.b64encode(b"gangway:no").decode()])
def test_tokens_are_for_the_client_alone(openid: OpenId, shown: str) -> None:
    with pytest.raises(NoGrant, match="invalid_client"):
        openid.tokens(shown, {})


def saml_answer(saml: Saml) -> tuple[str, dict[str, str]]:
    return saml.answer(sign_in_address(saml.sso, US, "_request", persistent=True, now=datetime.now(UTC)))


def test_the_house_takes_its_assertion_and_no_changed_one(keys: Keys) -> None:
    saml = Saml("http://127.0.0.1:9/saml", keys)
    saml.subject = "two & more"
    acs, fields = saml_answer(saml)
    assert (acs, fields["RelayState"]) == (US.acs_url, "_request")
    expected = Expected(ENTITY_ID, (keys.certificate,), US, "_request")
    proven = verify(fields["SAMLResponse"], expected, datetime.now(UTC))
    assert proven.asserted.subject == "two & more"
    changed = base64.b64decode(fields["SAMLResponse"]).replace(b"two &amp; more", b"one &amp; more")
    with pytest.raises(NotProven):
        verify(base64.b64encode(changed).decode(), expected, datetime.now(UTC))


@pytest.mark.parametrize("request_", ["", "!!", base64.b64encode(b"<x/>").decode()])
def test_what_is_no_request_gets_no_answer(keys: Keys, request_: str) -> None:
    with pytest.raises(NoRequest):
        Saml("http://x/saml", keys).answer(f"/saml?{urlencode({'SAMLRequest': request_})}")


@pytest.fixture
def robot() -> Any:
    browser = Browser()
    yield browser
    browser.close()


def test_it_answers_on_loopback_and_fails_when_told(keys: Keys, robot: Browser) -> None:
    with Provider(keys) as provider:
        base = provider.openid.base
        assert robot.get(f"{base}/keys").answer.json() == provider.openid.keys()
        assert robot.get(f"{base}/authorize?redirect_uri=http://x/&state=s").onward.startswith("http://x/?code=")
        assert [robot.get(f"{base}/saml").status, robot.get(f"{base}/no").status] == [400, 404]
        sent = sign_in_address(provider.saml.sso, US, "_request", persistent=True, now=datetime.now(UTC))
        page = robot.get(sent)
        assert {"SAMLResponse", "RelayState"} == set(page.hidden())
        assert robot.post(f"{base}/token", {"code": "no"}).status == 401
        assert robot.post(f"{base}/no", {}).status == 404
        provider.broken = True
        assert robot.post(f"{base}/token", {"code": "no"}).status == 503
    with pytest.raises(Unexpected, match="ConnectError"):
        robot.get(f"{base}/keys")
    assert robot.last is not None
    assert (robot.last.path, robot.last.status) == ("/keys", 0)


def test_the_mailbox_keeps_what_arrives_by_smtp() -> None:
    with Mailbox() as mailbox:
        assert mailbox.wait("one@x.invalid", 1, 0) == []
        with smtplib.SMTP("127.0.0.1", mailbox.port, timeout=10) as smtp:
            smtp.sendmail("us@x", ["one@x.invalid"], "Subject: Hello\r\nContent-Type: text/plain\r\n\r\nCome in\r\n")
        (letter,) = mailbox.wait("one@x.invalid", 1, 10)
        assert (letter.subject, letter.text.strip()) == ("Hello", "Come in")
        assert mailbox.letters("two@x.invalid") == []
