"""OpenID Connect without a network: what a provider may say of itself, and what must hold of what it signed."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.world import MONDAY

from gangway.identity.rules import Step, oidc
from gangway.identity.rules.oidc import Fault, Reason, SecretBy

ISSUER = "https://id.nordwind.example"
INSIDE = frozenset({("127.0.0.1", 18130), ("10.0.0.5", 443), ("::1", 80)})
DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
    "userinfo_endpoint": f"{ISSUER}/userinfo",
    "response_types_supported": ["code", "id_token"],
    "id_token_signing_alg_values_supported": ["none", "HS256", "ES256", "RS256"],
}
LEMON = Path(__file__).parent / "data" / "oidc-discovery-lemonldap-2.16.1.json"


def reason(call: Any, *args: Any, **options: Any) -> Reason | None:
    try:
        call(*args, **options)
    except Fault as fault:
        return fault.reason if fault.detail.endswith(".") else None
    return None


# ── Discovery ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_document_that_can_be_used() -> None:
    provider = oidc.provider_of(DOCUMENT, issuer=ISSUER)
    assert provider.token_endpoint == f"{ISSUER}/token"
    assert provider.algorithms == ("ES256", "RS256")
    assert provider.secret_by is SecretBy.BASIC
    assert not provider.sends_iss


def test_lemonldap_as_it_was_recorded() -> None:
    document = json.loads(LEMON.read_text())
    provider = oidc.provider_of(document, issuer="http://localhost:18130/", inside=INSIDE)
    assert provider.algorithms == ("RS256", "RS384", "RS512")
    assert provider.secret_by is SecretBy.BASIC
    assert reason(oidc.provider_of, document, issuer="http://localhost:18130/") is Reason.ADDRESS
    assert reason(oidc.provider_of, document, issuer="http://localhost:18130", inside=INSIDE) is Reason.ISSUER


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"issuer": ISSUER + "/"}, Reason.ISSUER),
        ({"issuer": "https://ID.nordwind.example"}, Reason.ISSUER),
        ({"issuer": None}, Reason.ISSUER),
        ({"issuer": [ISSUER]}, Reason.ISSUER),
        ({"token_endpoint": None}, Reason.ADDRESS),
        ({"token_endpoint": "http://id.nordwind.example/token"}, Reason.ADDRESS),
        ({"jwks_uri": "http://127.0.0.1:9/keys"}, Reason.ADDRESS),
        ({"authorization_endpoint": "javascript:alert(1)"}, Reason.ADDRESS),
        ({"userinfo_endpoint": "ftp://id.nordwind.example"}, Reason.ADDRESS),
        ({"response_types_supported": ["token"]}, Reason.UNSUPPORTED),
        ({"response_types_supported": "code"}, Reason.UNSUPPORTED),
        ({"response_modes_supported": ["fragment"]}, Reason.UNSUPPORTED),
        ({"grant_types_supported": ["implicit"]}, Reason.UNSUPPORTED),
        ({"code_challenge_methods_supported": ["plain"]}, Reason.UNSUPPORTED),
        ({"id_token_signing_alg_values_supported": ["none", "HS256", 7]}, Reason.UNSUPPORTED),
        ({"id_token_signing_alg_values_supported": []}, Reason.UNSUPPORTED),
        ({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}, Reason.UNSUPPORTED),
    ],
)
def test_a_document_that_cannot(changes: dict[str, Any], expected: Reason) -> None:
    assert reason(oidc.provider_of, {**DOCUMENT, **changes}, issuer=ISSUER) is expected


@pytest.mark.parametrize(
    "changes",
    [
        {"token_endpoint_auth_methods_supported": ["client_secret_post"]},
        {"authorization_endpoint": f"{ISSUER}/authorize?tenant=7"},
        {"code_challenge_methods_supported": ["S256"], "response_modes_supported": ["query"]},
    ],
)
def test_a_document_with_more_to_say(changes: dict[str, Any]) -> None:
    assert oidc.provider_of({**DOCUMENT, **changes}, issuer=ISSUER)


def test_what_is_not_said_is_what_the_standard_supposes() -> None:
    few = {name: DOCUMENT[name] for name in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")}
    provider = oidc.provider_of(few, issuer=ISSUER)
    assert (provider.algorithms, provider.secret_by, provider.userinfo_endpoint) == (("RS256",), SecretBy.BASIC, "")


@pytest.mark.parametrize(
    "url",
    ["https://a.example/x?y=1", "https://a.example:8443", "http://127.0.0.1:18130/x", "http://localhost:18130", "http://[::1]/"],
)  # fmt: skip
def test_addresses_of_providers(url: str) -> None:
    assert oidc.wrong_address(url, INSIDE) == ""


NO_ADDRESS = [
    *("", None, 7, ["https://a.example"], "https://", "https:///x", "a.example", "//a.example", "https://a b.example"),
    *("http://a.example", "http://10.0.0.5:443/", "http://127.0.0.1:1", "HTTP://127.1:18130", "file:///etc/passwd"),
    *("https://u:p@a.example", "https://u@a.example", "https://a.example/#x", "https://a.example:99999"),
    *("https://[::1", "https://ä.example", "https://a.example/\n", "https://a.example\\@b.example"),
    "https://a.example/" + "x" * 1000,
]


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_address_of_a_provider(url: object) -> None:
    assert oidc.wrong_address(url, INSIDE) != ""


def test_an_issuer_has_no_query() -> None:
    assert oidc.wrong_address("https://a.example/?x", INSIDE, plain_path=True)
    assert not oidc.wrong_address("https://a.example/x", INSIDE, plain_path=True)
    assert oidc.discovery_address("https://a.example/x/") == "https://a.example/x/.well-known/openid-configuration"


@given(st.text())
def test_no_text_breaks_the_question(text: str) -> None:
    wrong = oidc.wrong_address(text, INSIDE)
    assert wrong or text.lower().startswith(("https://", "http://"))


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"7", b"<html>", b'{"a": NaN}', b'{"a": 1e999}', b'{"a": "\\u0000"}', b'{"a": "\\ud800"}'),
        *(b"\xff", b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"),
    ],
)
def test_bodies_that_are_not_kept(body: bytes) -> None:
    assert reason(oidc.read_json, body, "It") is Reason.UNREADABLE


def test_a_body_that_is() -> None:
    assert oidc.read_json('{"a": "ä"}'.encode(), "It") == {"a": "ä"}


def test_keys_that_can_sign() -> None:
    rsa, other = {"kty": "RSA", "kid": "1"}, {"kty": "oct", "k": "x"}
    assert oidc.keys_of({"keys": [rsa, other, 7, {"kty": "EC", "use": "enc"}]}) == [rsa]
    for nothing in ({}, {"keys": []}, {"keys": 7}, {"keys": [other]}):
        assert reason(oidc.keys_of, nothing) is Reason.KEYS


# ── The answer of the browser ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"code": ["c"], "iss": [ISSUER]}, None),
        ({"code": ["c"]}, Reason.ISS_MISSING),
        ({"code": ["c"], "iss": ["https://other.example"]}, Reason.ISSUER),
        ({"code": ["c", "d"], "iss": [ISSUER]}, Reason.CODE_MISSING),
        ({"code": ["c" * 5000], "iss": [ISSUER]}, Reason.CODE_MISSING),
        ({"iss": [ISSUER]}, Reason.CODE_MISSING),
        ({"error": ["access_denied"], "iss": [ISSUER]}, Reason.DENIED),
        ({"error": ["server_error"], "iss": [ISSUER]}, Reason.ERROR),
        ({"error": ["<script>"], "iss": [ISSUER]}, Reason.DENIED),
        ({"error": ["server_error"], "iss": ["https://other.example"]}, Reason.ISSUER),
    ],
)
def test_what_the_browser_brings_back(answer: dict[str, list[str]], expected: Reason | None) -> None:
    assert reason(oidc.code_of, answer, issuer=ISSUER, sends_iss=True) is expected


def test_who_does_not_announce_iss_may_leave_it_out() -> None:
    assert oidc.code_of({"code": ["c"]}, issuer=ISSUER, sends_iss=False) == "c"
    assert reason(oidc.code_of, {"code": ["c"], "iss": ["x"]}, issuer=ISSUER, sends_iss=False) is Reason.ISSUER


def test_a_refused_code_is_not_our_secret() -> None:
    assert oidc.token_refusal(400, "invalid_grant").reason is Reason.CODE_MISSING
    assert oidc.token_refusal(401, "invalid_client").reason is Reason.TOKEN_REFUSED
    assert "no reason" in oidc.token_refusal(500, {"a": 1}).detail
    assert "no reason" in oidc.token_refusal(500, "Ana is <b>not</b> allowed").detail


def test_only_trouble_of_theirs_is_broken() -> None:
    """Broken opens another way in; a no, or a token that does not hold, must not."""
    broken = {reason for reason in Reason if oidc.step_of(reason) is Step.PROVIDER_BROKEN}
    assert broken == {Reason.NOT_SET_UP, Reason.NO_ANSWER, Reason.STATUS, Reason.TOKEN_REFUSED, Reason.KEYS}
    assert oidc.step_of(Reason.DENIED) is Step.PROVIDER_REFUSED
    assert oidc.step_of(Reason.SIGNATURE) is Step.PROVIDER_FOREIGN


# ── The ID token ────────────────────────────────────────────────────────────────────────────────────────────────────

RSA = {"kty": "RSA", "kid": "1"}
EC = {"kty": "EC", "kid": "2", "crv": "P-256"}
ED = {"kty": "OKP", "kid": "3", "crv": "Ed25519", "alg": "EdDSA"}


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ({"alg": "RS256"}, None),
        ({"alg": "RS256", "jku": "https://evil.example"}, None),  # not read, so it changes nothing
        ({"alg": "none"}, Reason.ALGORITHM),
        ({"alg": "HS256"}, Reason.ALGORITHM),
        ({"alg": "ES256"}, Reason.ALGORITHM),
        ({"alg": ["RS256"]}, Reason.ALGORITHM),
        ({}, Reason.ALGORITHM),
        ({"alg": "RS256", "crit": ["b64"], "b64": True}, Reason.CRITICAL),
    ],
)
def test_algorithms(header: dict[str, Any], expected: Reason | None) -> None:
    assert reason(oidc.algorithm_of, header, ("RS256", "HS256", "none")) is expected


@pytest.mark.parametrize(
    ("header", "algorithm", "keys", "expected"),
    [
        ({"kid": "1"}, "RS256", [RSA, EC], RSA),
        ({"kid": "2"}, "ES256", [RSA, EC], EC),
        ({"kid": "3"}, "EdDSA", [ED], ED),
        ({"kid": "3"}, "Ed25519", [ED], ED),
        ({}, "RS256", [RSA, EC], RSA),
        ({}, "RS256", [RSA, {**RSA, "kid": "9"}], Reason.KEY_UNKNOWN),
        ({}, "RS256", [], Reason.KEY_UNKNOWN),
        ({"kid": "7"}, "RS256", [RSA], Reason.KEY_UNKNOWN),
        ({"kid": "2"}, "RS256", [RSA, EC], Reason.KEY_UNFIT),
        ({"kid": "2"}, "ES384", [EC], Reason.KEY_UNFIT),
        ({"kid": "1"}, "RS256", [{**RSA, "alg": "PS256"}], Reason.KEY_UNFIT),
        ({"kid": "1"}, "RS256", [{**RSA, "key_ops": ["sign"]}], Reason.KEY_UNFIT),
        ({"kid": "1"}, "RS256", [{**RSA, "key_ops": 7}], Reason.KEY_UNFIT),
        ({"kid": "1"}, "RS256", [RSA, RSA], Reason.KEY_UNFIT),
    ],
)
def test_which_key(header: dict[str, Any], algorithm: str, keys: list[dict[str, Any]], expected: Any) -> None:
    if isinstance(expected, Reason):
        assert reason(oidc.key_for, header, algorithm, keys) is expected
    else:
        assert oidc.key_for(header, algorithm, keys) == expected


NOW = int(MONDAY.timestamp())
CLAIMS = {"iss": ISSUER, "aud": "me", "exp": NOW + 300, "iat": NOW, "nonce": "n", "sub": "u-1"}


def checked(access_token: str = "access", **changes: Any) -> Reason | None:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value != "gone"}
    return reason(
        oidc.check_claims, claims, issuer=ISSUER, client_id="me", nonce="n", algorithm="RS256",
        access_token=access_token, now=MONDAY,
    )  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"aud": ["me"]},
        {"aud": ["me", "you"], "azp": "me"},
        {"azp": "me"},
        {"exp": NOW - 59},
        {"iat": NOW + 59, "nbf": NOW + 59},
        {"exp": NOW + 0.5},
        {"at_hash": oidc.half_hash("access", "RS256")},
    ],
)
def test_claims_that_hold(changes: dict[str, Any]) -> None:
    assert checked(**changes) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"iss": ISSUER + "/"}, Reason.ISSUER),
        ({"iss": "gone"}, Reason.ISSUER),
        ({"aud": "you"}, Reason.AUDIENCE),
        ({"aud": "mean"}, Reason.AUDIENCE),
        ({"aud": []}, Reason.AUDIENCE),
        ({"aud": {"me": 1}}, Reason.AUDIENCE),
        ({"aud": "gone"}, Reason.AUDIENCE),
        ({"aud": ["me", "you"]}, Reason.PARTY),
        ({"aud": ["me", "you"], "azp": "you"}, Reason.PARTY),
        ({"azp": "you"}, Reason.PARTY),
        ({"exp": "gone"}, Reason.TIME),
        ({"iat": "gone"}, Reason.TIME),
        ({"exp": str(NOW + 300)}, Reason.TIME),
        ({"exp": True}, Reason.TIME),
        ({"exp": 10**30}, Reason.TIME),
        ({"exp": NOW - 60}, Reason.EXPIRED),
        ({"iat": NOW + 61}, Reason.TIME),
        ({"nbf": NOW + 61}, Reason.TIME),
        ({"nonce": "m"}, Reason.NONCE),
        ({"nonce": "gone"}, Reason.NONCE),
        ({"at_hash": "x"}, Reason.ACCESS_TOKEN),
        ({"at_hash": None}, Reason.ACCESS_TOKEN),
    ],
)
def test_claims_that_do_not(changes: dict[str, Any], expected: Reason) -> None:
    assert checked(**changes) is expected


def test_the_half_hash_is_the_one_of_the_standard() -> None:
    """Core, appendix A.3: the access token and at_hash of the example."""
    assert oidc.half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", "RS256") == "77QmUPtjPfzWtF2AnpK9RQ"


@given(st.dictionaries(st.sampled_from(["iss", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash"]), st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.text()))))  # fmt: skip
def test_whatever_is_claimed_is_taken_or_a_fault(claims: dict[str, Any]) -> None:
    """Nothing a provider may sign breaks the check, and without its own issuer nothing passes."""
    assert checked(**claims) is not None or all(
        claims.get(name, CLAIMS[name]) == CLAIMS[name] for name in ("iss", "nonce")
    )


# ── Whom it names ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_claims_become_words() -> None:
    claims = {
        **CLAIMS,
        "groups": ["sales", "tech", None],
        "email_verified": True,
        "realm_access": {"roles": ["a"], "more": {"x": 1}},
        "nothing": None,
    }
    made = oidc.asserted(claims, {"sub": "u-1", "name": "Ana", "nonce": "other"})
    assert made.subject == "u-1"
    assert made.claims["groups"] == ("sales", "tech")
    assert made.claims["email_verified"] == ("true",)
    assert made.claims["realm_access.roles"] == ("a",)
    assert made.claims["realm_access.more.x"] == ("1",)
    assert made.claims["nothing"] == ()
    assert made.first("name") == "Ana"
    assert made.first("nonce") == "n", "what was signed wins"


@pytest.mark.parametrize(
    ("said", "doubted"), [({}, False), ({"email_verified": True}, False), ({"email_verified": "false"}, True)]
)
def test_an_address_that_the_provider_doubts(said: dict[str, Any], doubted: bool) -> None:
    assert oidc.asserted({**CLAIMS, **said}).mailbox_doubted is doubted


def test_what_a_connection_asks_for_must_be_said() -> None:
    claims = {**CLAIMS, "hd": "nordwind.example", "groups": ["a", "b"]}
    assert reason(oidc.check_said, claims, {}) is None
    assert reason(oidc.check_said, claims, {"hd": "nordwind.example", "groups": "b"}) is None
    for wanted in ({"hd": "other.example"}, {"tid": "x"}, {"groups": "c"}, {"hd": "nordwind.example", "tid": "x"}):
        assert reason(oidc.check_said, claims, wanted) is Reason.CLAIM


@pytest.mark.parametrize("sub", ["", "x" * 256, None, 7, ["u-1"], "a\nb", "a\x00b", "a\ud800"])
def test_subjects_that_are_none(sub: object) -> None:
    assert reason(oidc.asserted, {**CLAIMS, "sub": sub}) is Reason.SUBJECT


def test_the_longest_subject() -> None:
    assert oidc.asserted({**CLAIMS, "sub": "x" * 255}).subject == "x" * 255


@pytest.mark.parametrize("more", [{}, {"sub": "u-2"}, {"sub": "u-1 "}, {"sub": None}])
def test_userinfo_of_somebody_else(more: dict[str, Any]) -> None:
    assert reason(oidc.asserted, CLAIMS, more) is Reason.SUBJECT


def test_no_more_claims_than_are_kept() -> None:
    many = {f"c{n}": "x" for n in range(1000)}
    assert len(oidc.asserted({**CLAIMS, **many}).claims) == oidc.MOST_CLAIMS


def test_times_are_about_the_leeway() -> None:
    assert timedelta(0) < oidc.LEEWAY <= timedelta(minutes=2)
