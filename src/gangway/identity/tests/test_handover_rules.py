"""The pure rules of a hand-over: where it may lead, which key counts, what a token must say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.identity.rules.handover import (
    LEEWAY,
    PAGES,
    TOKEN_LIFE,
    NotHanded,
    PortalReason,
    PublicKey,
    handed_over,
    key_of,
    own_page,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOST = "learn.acme.example"
ISSUER, AUDIENCE = "https://portal.acme.example", "https://learn.acme.example/handover"


def claims(**changes: Any) -> dict[str, Any]:
    at = int(NOW.timestamp())
    honest = {
        "iss": ISSUER, "aud": AUDIENCE, "iat": at, "exp": at + 120, "jti": "t-1", "nonce": "n-1",
        "partner": "nordwind", "sub": "4711", "email": "ana@nordwind.example", "return_to": "/courses/first-steps",
    }  # fmt: skip
    return {name: value for name, value in {**honest, **changes}.items() if value is not None}


def reason_of(**changes: Any) -> PortalReason | None:
    try:
        handed_over(claims(**changes), issuer=ISSUER, audience=AUDIENCE, now=NOW)
    except NotHanded as found:
        return found.reason
    return None


def seconds(by: int) -> int:
    return int(NOW.timestamp()) + by


# ── where it may lead ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path", ["/courses", "/courses/first-steps", "/desk/team?q=ana", "/library", "/account", "/paths/a-path#top"]
)
def test_pages_on_the_list(path: str) -> None:
    assert own_page(path) == path


EVIL = (
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https://evil.example/courses",
    "javascript:alert(1)",
    "data:text/html,x",
    "/%2fevil.example",
    "/%5cevil.example",
    "/%252f%252fevil.example",
    "/courses/%2f%2fevil.example",
    "/courses//evil.example",
    "/courses/../sign-out",
    "/courses/%2e%2e/sign-out",
    "/courses/%252e%252e/console",
    "/courses/..;/console",
    "/courses\r\nSet-Cookie: a=b",
    "/courses\t",
    "/coursesX",
    "/sign-out",
    "/console/people",
    "/handover/start",
    "/sso/x",
    "@evil.example",
    ".evil.example",
    "/.evil.example",
    "",
)


@pytest.mark.parametrize("path", EVIL)
def test_everything_else_leads_home(path: str) -> None:
    assert own_page(path) in ("/", "/courses/..;/console")  # `..;` is a segment like any other to us and to browsers
    assert (
        urlsplit(urljoin("https://learn.acme.example/handover/arrive", own_page(path))).netloc == "learn.acme.example"
    )


def host_of(path: str) -> str:
    return urlsplit(urljoin(f"https://{HOST}/handover/arrive", path)).netloc


def naive(path: str) -> str:
    """The control: the check that many a portal makes."""
    return path if path.startswith("/") else "/"


def test_the_control_is_fooled() -> None:
    fooled = [
        path
        for path in EVIL
        if urlsplit(urljoin("https://learn.acme.example/", naive(path))).netloc != "learn.acme.example"
    ]
    assert "//evil.example" in fooled


@given(
    st.one_of(
        st.text(), st.lists(st.sampled_from([*"/\\.%:@?#;2f5ce", "courses", "evil.example", "https:"])).map("".join)
    )
)
def test_no_text_leads_away(text: str) -> None:
    path = own_page(text)
    there = urlsplit(urljoin(f"https://{HOST}/handover/arrive", path))
    assert there.netloc == HOST
    assert there.path == "/" or there.path.startswith(PAGES)
    assert ".." not in unquote(there.path).split("/")


# ── what a token must say ───────────────────────────────────────────────────────────────────────────────────────────


def test_an_honest_token() -> None:
    found = handed_over(claims(), issuer=ISSUER, audience=AUDIENCE, now=NOW)
    assert (found.partner, found.subject, found.return_to) == ("nordwind", "4711", "/courses/first-steps")
    assert handed_over(claims(return_to="//evil.example"), issuer=ISSUER, audience=AUDIENCE, now=NOW).return_to == "/"
    assert handed_over(claims(email=["a"]), issuer=ISSUER, audience=AUDIENCE, now=NOW).email == ""


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"iss": ISSUER + "/"}, PortalReason.ISSUER),
        ({"iss": None}, PortalReason.ISSUER),
        ({"aud": "https://learn.acme.example"}, PortalReason.AUDIENCE),
        ({"aud": [AUDIENCE, "https://elsewhere.example"]}, PortalReason.AUDIENCE),
        ({"aud": [AUDIENCE]}, None),
        ({"aud": []}, PortalReason.AUDIENCE),
        ({"iat": None}, PortalReason.TIME),
        ({"exp": None}, PortalReason.TIME),
        ({"exp": "soon"}, PortalReason.TIME),
        ({"exp": True}, PortalReason.TIME),
        ({"exp": float("nan")}, PortalReason.TIME),
        ({"exp": 1e300}, PortalReason.TIME),
        ({"nbf": "x"}, PortalReason.TIME),
        ({"exp": seconds(301)}, PortalReason.TOO_LONG),
        ({"exp": seconds(300)}, None),
        ({"iat": seconds(61), "exp": seconds(120)}, PortalReason.EARLY),
        ({"nbf": seconds(61)}, PortalReason.EARLY),
        ({"iat": seconds(-200), "exp": seconds(-60)}, PortalReason.LATE),
        ({"iat": seconds(-200), "exp": seconds(-59)}, None),
        ({"jti": None}, PortalReason.TOKEN_ID),
        ({"jti": 7}, PortalReason.TOKEN_ID),
        ({"nonce": None}, PortalReason.NONCE),
        ({"nonce": "n" * 201}, PortalReason.NONCE),
        ({"partner": None}, PortalReason.PARTNER),
        ({"partner": ["nordwind"]}, PortalReason.PARTNER),
        ({"sub": None}, PortalReason.SUBJECT),
        ({"sub": ""}, PortalReason.SUBJECT),
        ({"sub": "4711 "}, PortalReason.SUBJECT),
        ({"sub": "47\x0011"}, PortalReason.SUBJECT),
        ({"sub": 4711}, PortalReason.SUBJECT),
    ],
)
def test_the_first_rule_that_fails(changes: dict[str, Any], expected: PortalReason | None) -> None:
    assert reason_of(**changes) is expected


@given(issued=st.integers(-2000, 2000), life=st.integers(-2000, 2000))
def test_a_token_holds_a_few_minutes_at_most(issued: int, life: int) -> None:
    good = reason_of(iat=seconds(issued), exp=seconds(issued + life)) is None
    leeway, most = LEEWAY.seconds, TOKEN_LIFE.seconds
    assert good == (life <= most and issued <= leeway and issued + life > -leeway)


@given(st.dictionaries(st.sampled_from(sorted(claims())), st.none() | st.integers() | st.text() | st.lists(st.text())))
def test_no_claim_breaks_the_question(changes: dict[str, Any]) -> None:
    assert reason_of(**changes) is None or isinstance(reason_of(**changes), PortalReason)


# ── which key ───────────────────────────────────────────────────────────────────────────────────────────────────────

ONE, TWO = PublicKey("one", "RS256", {}), PublicKey("two", "ES256", {})


@pytest.mark.parametrize(
    ("header", "keys", "expected"),
    [
        ({"alg": "RS256", "kid": "one"}, (ONE, TWO), ONE),
        ({"alg": "ES256", "kid": "two"}, (ONE, TWO), TWO),
        ({"alg": "RS256"}, (ONE,), ONE),
        ({"alg": "RS256"}, (ONE, TWO), PortalReason.KEY_UNKNOWN),
        ({"alg": "RS256", "kid": "three"}, (ONE, TWO), PortalReason.KEY_UNKNOWN),
        ({"alg": "RS256", "kid": ["one"]}, (ONE, TWO), PortalReason.KEY_UNKNOWN),
        ({"alg": "RS256", "kid": "one"}, (), PortalReason.KEY_UNKNOWN),
        ({"alg": "none", "kid": "one"}, (ONE,), PortalReason.ALGORITHM),
        ({"alg": "HS256", "kid": "one"}, (ONE,), PortalReason.ALGORITHM),
        ({"alg": "PS256", "kid": "one"}, (ONE,), PortalReason.ALGORITHM),
        ({"kid": "one"}, (ONE,), PortalReason.ALGORITHM),
        ({"alg": "RS256", "kid": "one", "crit": ["b64"]}, (ONE,), PortalReason.CRITICAL),
        ({"alg": "RS256", "kid": "one"}, (replace(ONE, not_after=NOW - timedelta(days=1)),), PortalReason.KEY_OVER),
    ],
)
def test_which_key(header: dict[str, Any], keys: tuple[PublicKey, ...], expected: Any) -> None:
    try:
        found: Any = key_of(header, keys, NOW)
    except NotHanded as reason:
        found = reason.reason
    assert found == expected
