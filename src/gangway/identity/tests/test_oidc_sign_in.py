"""Experiment 6: who comes in by OpenID Connect, and who does not, whatever the provider or the browser says.

Every case is a whole sign-in over HTTP against a provider on loopback: `/sso/…`, its authorization endpoint, the
callback, its token endpoint. A session is the only measure. The controls at the end take a check away and must fail.
"""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from joserfc import jwk

from gangway.identity import actions
from gangway.identity.models import Departure, Identity, OidcSettings, Session
from gangway.identity.oidc import tokens
from gangway.identity.rules import oidc as rules
from gangway.identity.rules.connections import ConnectionKind, ConnectionState
from gangway.identity.rules.oidc import Reason
from gangway.identity.tests.conftest import ME, Browser, World
from gangway.identity.tests.connections import connect
from gangway.identity.tests.oidc_way import Way, last_failure, tell, way
from gangway.identity.tests.openid import CLIENT, SECRET, OpenIdProvider, b64, key, said, signed
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes

pytestmark = pytest.mark.django_db
__all__ = ["way"]
FAULTS = {reason.value for reason in Reason}


# ── Who comes in ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_there_and_back(way: Way, house: World) -> None:
    address = way.leave("/account/sessions")
    assert address.startswith(f"{way.provider.issuer}/authorize?tenant=nordwind&response_type=code&")
    answer = way.back(way.provider.authorize(address))
    assert answer.status_code == 302
    assert "/account/sessions" in answer["Location"] or "%2Faccount%2Fsessions" in answer["Location"]
    session = Session.objects.get()
    assert (session.person_id, session.method) == (house.ana.id, "oidc")
    with scopes.host():
        assert Identity.objects.get().subject == "u-1"


def two(provider: OpenIdProvider) -> None:
    provider.keys = [key("one"), key("two")]


def es256(provider: OpenIdProvider) -> None:
    provider.keys = [key("one"), key("ec", "P-256")]
    provider.key, provider.algorithm = provider.keys[1], "ES256"


def eddsa(provider: OpenIdProvider) -> None:
    provider.keys = [key("ed", "Ed25519")]
    provider.key, provider.algorithm = provider.keys[0], "EdDSA"


def ps256(provider: OpenIdProvider) -> None:
    provider.algorithm = "PS256"


def no_kid(provider: OpenIdProvider) -> None:
    provider.token = lambda claims: signed(claims, provider.key, kid=None)


def header(**more: Any) -> Callable[[OpenIdProvider], None]:
    def change(provider: OpenIdProvider) -> None:
        provider.token = lambda claims: signed(claims, provider.key, **more)

    return change


def claims(**more: Any) -> Callable[[OpenIdProvider], None]:
    def change(provider: OpenIdProvider) -> None:
        now = int(clock.now().timestamp())
        provider.claims = {name: now + value[0] if isinstance(value, tuple) else value for name, value in more.items()}

    return change


def says(**more: Any) -> Callable[[OpenIdProvider], None]:
    return lambda provider: provider.says.update(more)


def answers(**more: Any) -> Callable[[OpenIdProvider], None]:
    return lambda provider: provider.answer.update(more)


EVIL = "https://evil.example/keys"
CHAIN = ["A" * 3000]
GOOD: dict[str, Callable[[OpenIdProvider], Any]] = {
    "as it should be": lambda provider: None,
    "two keys": two,
    "ES256": es256,
    "EdDSA": eddsa,
    "PS256": ps256,
    "no kid, one key": no_kid,
    "other names in the header": header(x5t="abc", nonce="from Entra"),
    "jku of the provider itself": lambda provider: header(jku=f"{provider.issuer}/jwks")(provider),
    "jwk of the provider itself": header(jwk=key("one").as_dict(private=False)),
    "a long chain, as it is listed": lambda provider: (
        header(x5c=CHAIN)(provider),
        provider.replies.update({"/jwks": said({"keys": [{**key("one").as_dict(private=False), "x5c": CHAIN}]})}),
    ),
    "audience as a list": claims(aud=[CLIENT]),
    "several audiences and azp": claims(aud=[CLIENT, "other"], azp=CLIENT),
    "no at_hash": claims(at_hash=None),
    "expired within the leeway": claims(exp=(-30,)),
    "their clock is ahead": claims(iat=(30,), nbf=(30,), exp=(300,)),
    "no iss where none is announced": lambda provider: (
        says(authorization_response_iss_parameter_supported=None)(provider),
        answers(iss=None)(provider),
    ),
    "secret in the form": says(token_endpoint_auth_methods_supported=["client_secret_post"]),
    "nothing said of how": says(token_endpoint_auth_methods_supported=None),
    "nothing said of PKCE": says(code_challenge_methods_supported=None),
    "a session_state beside the code": answers(session_state="x"),
    "groups and nested claims": claims(groups=["a", "b"], realm_access={"roles": ["x"]}),
    "an encryption key beside": lambda provider: provider.replies.update(
        {"/jwks": said({"keys": [{**key("two").as_dict(private=False), "use": "enc"}, key("one").as_dict(False)]})}
    ),
}


@pytest.mark.parametrize("case", GOOD)
def test_no_wrong_rejects(way: Way, case: str) -> None:
    GOOD[case](way.provider)
    tell(way.connection, way.provider)
    way.sign_in()
    assert way.browser.signed_in


# ── Who does not ────────────────────────────────────────────────────────────────────────────────────────────────────


def unsigned(provider: OpenIdProvider) -> None:
    def forge(claims: dict[str, Any]) -> str:
        head = {"alg": "none", "kid": "one"}
        return f"{b64(json.dumps(head).encode())}.{b64(json.dumps(claims).encode())}."

    provider.token = forge


def as_jwk() -> bytes:
    return json.dumps(key("one").as_dict(private=False)).encode()


def by_hmac(secret: Callable[[], bytes]) -> Callable[[OpenIdProvider], None]:
    def change(provider: OpenIdProvider) -> None:
        provider.token = lambda claims: signed(claims, secret(), "HS256")

    return change


def wrong_key(**more: Any) -> Callable[[OpenIdProvider], None]:
    """The right kid, and somebody else's key; `more`: where a careless client would find it."""

    def change(provider: OpenIdProvider) -> None:
        provider.token = lambda claims: signed(claims, key("evil"), **{"kid": "one", **more})

    return change


def tampered(provider: OpenIdProvider) -> None:
    def forge(claims: dict[str, Any]) -> str:
        head, _, signature = provider.sign(claims).split(".")
        return f"{head}.{b64(json.dumps({**claims, 'sub': 'admin'}).encode())}.{signature}"

    provider.token = forge


def token(text: str) -> Callable[[OpenIdProvider], None]:
    def change(provider: OpenIdProvider) -> None:
        provider.token = lambda claims: text

    return change


def headed(head: str) -> Callable[[OpenIdProvider], None]:
    return token(f"{b64(head.encode())}.{b64(b'{}')}.AAAA")


def short_key(provider: OpenIdProvider) -> None:
    small = jwk.RSAKey.generate_key(1024, {"kid": "small"})
    provider.keys, provider.key = [small], small


def key_for_another(provider: OpenIdProvider) -> None:
    provider.keys = [key("ec", "P-256")]
    provider.token = lambda claims: signed(claims, key("one"), kid="ec")


def no_key(provider: OpenIdProvider) -> None:
    provider.replies["/jwks"] = said({"keys": [{"kty": "RSA", "kid": "new", "n": "!", "e": "AQAB"}]})
    provider.token = lambda claims: signed(claims, key("one"), kid="new")


NO_CLIENT = said({"error": "invalid_client"}, 401)
BAD: dict[str, tuple[Callable[[OpenIdProvider], Any], str]] = {
    "alg none": (unsigned, "algorithm"),
    "alg NONE": (headed('{"alg": "NONE"}'), "algorithm"),
    "HS256 with the public key as PEM": (by_hmac(lambda: key("one").as_pem(private=False)), "algorithm"),
    "HS256 with the public key as JWK": (by_hmac(as_jwk), "algorithm"),
    "HS256 with the client secret": (by_hmac(SECRET.encode), "algorithm"),
    "an algorithm not announced": (header(algorithm="RS512"), "algorithm"),
    "right kid, wrong key": (wrong_key(), "signature"),
    "wrong key, by jku": (wrong_key(jku=EVIL), "key_in_token"),
    "wrong key, by x5u": (wrong_key(x5u=EVIL), "key_in_token"),
    "wrong key, by jwk": (wrong_key(jwk=key("evil").as_dict(private=False)), "key_in_token"),
    "wrong key, by x5c": (wrong_key(x5c=CHAIN), "key_in_token"),
    "right key, and a jku elsewhere": (header(jku=EVIL), "key_in_token"),
    "right key, and an x5u": (header(x5u=EVIL), "key_in_token"),
    "right key, and another as jwk": (header(jwk=key("evil").as_dict(private=False)), "key_in_token"),
    "right key, and a jwk that is none": (header(jwk="no key"), "key_in_token"),
    "right key, and a chain": (header(x5c=CHAIN), "key_in_token"),
    "unknown kid": (wrong_key(kid="nobody"), "key_unknown"),
    "unknown kid, by jwk": (wrong_key(kid="evil", jwk=key("evil").as_dict(private=False)), "key_unknown"),
    "kid as a path": (wrong_key(kid="../../dev/null"), "key_unknown"),
    "crit": (header(crit=["exp"], exp=1), "critical"),
    "crit b64": (header(crit=["b64"], b64=True), "critical"),
    "changed after signing": (tampered, "signature"),
    "key of 1024 bits": (short_key, "key_unfit"),
    "the key is for something else": (key_for_another, "key_unfit"),
    "the key is none": (no_key, "key_unfit"),
    "no token": (token(""), "unreadable"),
    "no JWS": (token("a.b"), "unreadable"),
    "header is no object": (headed('"alg"'), "unreadable"),
    "header is a list": (headed('["alg"]'), "unreadable"),
    "encrypted": (token("a.b.c.d.e"), "unreadable"),
    "too long": (token("a." + "b" * 200_000 + ".c"), "unreadable"),
    "another issuer": (claims(iss="https://other.example"), "issuer"),
    "issuer with a slash more": (lambda p: claims(iss=p.issuer + "/")(p), "issuer"),
    "no issuer": (claims(iss=None), "issuer"),
    "another audience": (claims(aud="another client"), "audience"),
    "audience that begins alike": (claims(aud=CLIENT + "2"), "audience"),
    "no audience": (claims(aud=None), "audience"),
    "several audiences, no azp": (claims(aud=[CLIENT, "other"]), "party"),
    "azp of another": (claims(azp="other"), "party"),
    "expired": (claims(exp=(-90,)), "expired"),
    "no exp": (claims(exp=None), "time"),
    "exp as text": (claims(exp="2099-01-01"), "time"),
    "issued tomorrow": (claims(iat=(86_400,), exp=(90_000,)), "time"),
    "not yet": (claims(nbf=(120,)), "time"),
    "another nonce": (claims(nonce="another"), "nonce"),
    "no nonce": (claims(nonce=None), "nonce"),
    "at_hash of another token": (claims(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), "access_token"),
    "no subject": (claims(sub=None), "subject"),
    "empty subject": (claims(sub=""), "subject"),
    "subject of 256 signs": (claims(sub="x" * 256), "subject"),
    "subject as a number": (claims(sub=7), "subject"),
    "NUL in a claim": (claims(name="a\x00b"), "unreadable"),
    "half a surrogate in a claim": (claims(name="a\ud800"), "unreadable"),
    "iss of another provider": (answers(iss="https://other.example"), "issuer"),
    "iss announced and not sent": (answers(iss=None), "iss_missing"),
    "iss twice": (answers(iss=["x", "y"]), "code_missing"),
    "code twice": (answers(code=["code-0", "code-1"]), "code_missing"),
    "no code": (answers(code=None), "code_missing"),
    "a code nobody gave": (answers(code="made-up"), "code_missing"),
    "they said no": (answers(code=None, error="access_denied"), "denied"),
    "they said no, and a code": (answers(error="access_denied"), "denied"),
    "their trouble": (answers(code=None, error="server_error"), "error"),
    "token endpoint down": (lambda p: p.replies.update({"/token": (500, {}, b"<html>")}), "status"),
    "token endpoint leads on": (lambda p: p.replies.update({"/token": (307, {"Location": EVIL}, b"")}), "status"),
    "token endpoint says nonsense": (lambda p: p.replies.update({"/token": (200, {}, b"<html>")}), "unreadable"),
    "our secret ran out": (lambda p: p.replies.update({"/token": NO_CLIENT}), "token_refused"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_no_wrong_accepts(way: Way, case: str) -> None:
    change, expected = BAD[case]
    change(way.provider)
    answer = way.sign_in()
    assert not way.browser.signed_in
    assert Session.objects.count() == 0
    assert (answer.status_code, last_failure()) == (502 if expected in BROKEN else 403, expected)
    assert b"Traceback" not in answer.content


BROKEN = ("status", "token_refused")


def test_every_way_to_fail_has_a_case() -> None:
    seen = {expected for _, expected in BAD.values()}
    assert {*seen, "claim", "not_set_up", "no_answer", "keys", "unsupported", "address"} == FAULTS
    assert len(BAD) + len(GOOD) >= 75


# ── State, browser, code: each once ─────────────────────────────────────────────────────────────────────────────────


def test_a_code_is_good_once(way: Way) -> None:
    address = way.provider.authorize(way.leave())
    assert way.back(address).status_code == 302
    assert way.browser.signed_in
    before = Session.objects.count()
    again = way.back(address)
    assert (again.status_code, again["Location"]) == (302, way.door), "a sign-in of its own begins"
    assert Session.objects.count() == before


def test_a_state_of_another_browser_signs_nobody_in(way: Way, other_browser: Browser) -> None:
    """Somebody sends their own callback to Ana: she must not land in their account."""
    address = way.provider.authorize(way.leave())
    assert way.back(address, other_browser).status_code == 403
    assert last_failure() == "state"
    other_browser.get(way.door)
    assert way.back(address, other_browser)["Location"] == way.door
    assert Session.objects.count() == 0
    assert way.provider.seen["/token"] == 0


def test_a_code_put_into_another_sign_in_does_not_fit(way: Way) -> None:
    """Code injection: the verifier is of the other sign-in (PKCE)."""
    way.provider.authorize(way.leave())
    way.provider.answer = {"code": "code-0"}
    assert way.sign_in().status_code == 403
    assert last_failure() == "code_missing"


def test_an_id_token_put_into_another_sign_in_does_not_fit(way: Way) -> None:
    kept: list[str] = []
    way.provider.token = lambda claims: kept.append(way.provider.sign(claims)) or kept[0]
    assert way.sign_in().status_code == 302
    way.browser = Browser()
    assert way.sign_in().status_code == 403
    assert last_failure() == "nonce"


def test_a_state_of_another_connection_is_none(way: Way, house: World) -> None:
    other = connect(house.caz.partner_id)
    tell(other, way.provider)
    address = way.provider.authorize(way.leave()).replace(way.connection.route, other.route)
    assert way.back(address)["Location"] == f"/sso/{other.route}"
    assert Session.objects.count() == 0


def test_a_state_runs_out(way: Way) -> None:
    address = way.provider.authorize(way.leave())
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        assert way.back(address)["Location"] == way.door
    assert Session.objects.count() == 0


@pytest.mark.parametrize("query", ["", "?state=x", "?state=%00", "?code=a&state=" + "x" * 5000, "?error=access_denied"])
def test_whoever_comes_unasked_is_told_so(way: Way, query: str) -> None:
    answer = way.browser.get(f"{way.door}/callback{query}")
    assert answer.status_code == 403
    way.leave()
    assert way.browser.get(f"{way.door}/callback{query}")["Location"] == way.door


def test_two_windows_of_one_browser(way: Way) -> None:
    first, second = (way.provider.authorize(way.leave()) for _ in range(2))
    assert way.back(second).status_code == way.back(first).status_code == 302
    assert Departure.objects.filter(used_at=None).count() == 0


def test_states_nonces_and_verifiers_are_never_the_same(way: Way) -> None:
    asked = [way.leave() for _ in range(3)]
    for name in ("state", "nonce", "code_challenge"):
        assert len({address.split(f"{name}=")[1].split("&")[0] for address in asked}) == 3


# ── What the connection is told ─────────────────────────────────────────────────────────────────────────────────────


def test_a_connection_that_was_told_nothing_says_so(house: World, browser: Browser) -> None:
    connection = connect(house.ana.partner_id)
    assert browser.get(f"/sso/{connection.route}").status_code == 502
    assert last_failure() == "not_set_up"


def test_another_issuer_meanwhile(way: Way) -> None:
    address = way.provider.authorize(way.leave())
    with scopes.one(way.connection.partner_id):
        actions.set_oidc(
            connection_id=way.connection.id,
            issuer="https://other.example",
            client_id=CLIENT,
            client_secret=SECRET,
            actor=ME,
            now=clock.now(),
        )
        OidcSettings.objects.update(document={**way.provider.document(), "issuer": "https://other.example"})
    assert way.back(address).status_code == 403
    assert last_failure() == "issuer"


@pytest.mark.parametrize(("more", "comes_in"), [({}, True), ({"sub": "u-2"}, False), ({"sub": None}, False)])
def test_userinfo_counts_for_the_same_subject(way: Way, house: World, more: dict[str, Any], comes_in: bool) -> None:
    tell(way.connection, way.provider, asks_userinfo=True)
    way.provider.userinfo = more
    way.sign_in()
    assert way.browser.signed_in is comes_in
    assert way.provider.seen["/userinfo"] == 1


@pytest.mark.parametrize(("hd", "comes_in"), [("nordwind.example", True), ("other.example", False), (None, False)])
def test_an_issuer_of_many_companies_speaks_for_one(way: Way, hd: str | None, comes_in: bool) -> None:
    tell(way.connection, way.provider, must_say={"hd": "nordwind.example"}, asks_userinfo=True)
    way.provider.userinfo = {"hd": "nordwind.example"}  # which nobody signed
    way.provider.claims = {"hd": hd}
    way.sign_in()
    assert way.browser.signed_in is comes_in


def test_an_address_that_the_provider_doubts_links_nobody(way: Way) -> None:
    way.provider.claims = {"email_verified": False}
    assert way.sign_in()["Location"] == "/sign-in/code"
    assert Session.objects.count() == 0


def test_an_access_token_that_is_no_text_asks_nobody(way: Way) -> None:
    tell(way.connection, way.provider, asks_userinfo=True)
    way.provider.access_token = "access\r\nX-Evil: 1"
    way.sign_in()
    assert last_failure() == "unreadable"
    assert way.provider.seen["/userinfo"] == 0


def test_the_callback_of_a_closed_connection_is_nobody(way: Way, house: World) -> None:
    address = way.provider.authorize(way.leave())
    with scopes.one(way.connection.partner_id):
        actions.set_connection_state(
            connection_id=way.connection.id, state=ConnectionState.OFF, actor=ME, now=clock.now()
        )
    assert way.back(address).status_code == 404
    assert way.browser.get("/sso/never-existed/callback").status_code == 404
    saml = connect(house.caz.partner_id, ConnectionKind.SAML)
    assert way.browser.get(f"/sso/{saml.route}/callback").status_code == 404


def test_a_provider_inside_is_not_asked_at_the_callback(way: Way, settings: Any) -> None:
    """The operator takes the permission back: the document it was given with is no longer usable."""
    address = way.provider.authorize(way.leave())
    settings.PROVIDERS_INSIDE = frozenset()
    way.back(address)
    assert last_failure() == "address"
    assert way.provider.seen["/token"] == 0


# ── Controls: with a check taken away, somebody comes in ────────────────────────────────────────────────────────────


def test_control_without_the_signature(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens.jws, "validate_compact", lambda *args, **options: True)
    wrong_key()(way.provider)
    way.sign_in()
    assert way.browser.signed_in


def test_control_without_the_claims(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "check_claims", lambda *args, **options: None)
    claims(nonce="another", aud="another", iss="https://other.example", exp=(-9000,))(way.provider)
    way.sign_in()
    assert way.browser.signed_in


def test_control_with_keys_from_the_token(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "key_for", lambda header, algorithm, keys: header["jwk"])
    monkeypatch.setattr(rules, "refuse_other_keys", lambda *args, **options: None)
    wrong_key(jwk=key("evil").as_dict(private=False))(way.provider)
    way.sign_in()
    assert way.browser.signed_in


def test_control_the_peer_itself_refuses_a_wrong_verifier(provider: OpenIdProvider) -> None:
    """PKCE is checked over there: a peer that forgot it would prove nothing."""
    code = "code-0"
    provider.codes[code] = {"code_challenge": "x", "redirect_uri": "y"}
    pair = base64.b64encode(b"gangway+at+nordwind:s3cret+%26+with+signs%3A+%25%2B%2F").decode()
    form = f"code={code}&code_verifier=z&redirect_uri=y"
    assert provider.post("/token", {"Authorization": f"Basic {pair}"}, form)[0] == 400
