"""Rules of getting in: no database, no clock."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gangway.identity.rules import (
    ASK_WINDOW,
    ASKS_PER_DAY,
    ASKS_PER_WINDOW,
    INVITED_PER_DAY,
    INVITED_PER_WINDOW,
    TRIES,
    ChallengeFacts,
    Kind,
    Method,
    Proof,
    State,
    device,
    link_needs,
    masked,
    method_of,
    next_ask_at,
    safe_next,
    session_life,
    state_of,
    typed_code,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def facts(**changes):
    return ChallengeFacts(
        **{
            "kind": Kind.MAIL,
            "expires_at": NOW + timedelta(minutes=10),
            "wrong_tries": 0,
            "used_at": None,
            **changes,
        }
    )


@pytest.mark.parametrize(
    "given_facts, state",
    [
        (None, State.UNKNOWN),
        (facts(), State.OPEN),
        (facts(expires_at=NOW), State.EXPIRED),
        (facts(expires_at=NOW + timedelta(microseconds=1)), State.OPEN),
        (facts(wrong_tries=TRIES - 1), State.OPEN),
        (facts(wrong_tries=TRIES), State.LOCKED),
        (facts(used_at=NOW), State.USED),
        (facts(used_at=NOW, expires_at=NOW, wrong_tries=TRIES), State.USED),
    ],
)
def test_the_state_of_a_challenge(given_facts, state):
    assert state_of(given_facts, NOW) is state


def test_a_link_alone_is_enough_only_where_the_browser_asked_or_the_operator_vouches():
    assert link_needs(Kind.MAIL, same_browser=True) is Proof.PRESS
    assert link_needs(Kind.MAIL, same_browser=False) is Proof.CODE
    assert link_needs(Kind.OPERATOR, same_browser=False) is Proof.PRESS


def test_only_mail_proves_a_mailbox():
    assert method_of(Kind.MAIL, by_link=True) is Method.LINK
    assert method_of(Kind.MAIL, by_link=False) is Method.CODE
    assert method_of(Kind.OPERATOR, by_link=True) is Method.OPERATOR
    assert method_of(Kind.SETUP, by_link=True) is Method.SETUP
    assert [method for method in Method if method.proves_mailbox] == [Method.CODE, Method.LINK]


def test_staff_sessions_are_shorter():
    assert session_life(staff=True) < session_life(staff=False)
    assert session_life(staff=False, partner_hours=8) == timedelta(hours=8)
    assert session_life(staff=True, partner_hours=720) == session_life(staff=True)


# ---------------------------------------------------------------- limits


def test_the_first_letters_of_a_window_go_and_the_next_waits_for_its_end():
    asked = [NOW - timedelta(minutes=i) for i in range(ASKS_PER_WINDOW - 1)]
    assert next_ask_at(asked, NOW) is None
    asked.append(NOW - timedelta(minutes=ASKS_PER_WINDOW - 1))
    assert next_ask_at(asked, NOW) == min(asked) + ASK_WINDOW


@given(st.lists(st.integers(0, 3 * 86400), max_size=80))
def test_whoever_waits_as_told_may_ask(ages):
    asked = [NOW - timedelta(seconds=age) for age in ages]
    told = next_ask_at(asked, NOW)
    if told is not None:
        assert told > NOW
        assert next_ask_at(asked, told) is None or next_ask_at(asked, told) > told


@pytest.mark.parametrize(
    "limit",
    [{"window": ASKS_PER_WINDOW, "a_day": ASKS_PER_DAY}, {"window": INVITED_PER_WINDOW, "a_day": INVITED_PER_DAY}],
    ids=["of a mailbox", "of an invitation"],
)
@given(gaps=st.lists(st.integers(1, 3600), min_size=200, max_size=200))
def test_no_patience_gets_more_letters_than_the_limits(gaps, limit):
    """A greedy guesser who asks at every chance stays under both limits in every window."""
    moment, asked = NOW, []
    for gap in gaps:
        moment += timedelta(seconds=gap)
        if next_ask_at(asked, moment, **limit) is None:
            asked.append(moment)
    for at in asked:
        assert sum(at <= other < at + ASK_WINDOW for other in asked) <= limit["window"]
        assert sum(at <= other < at + timedelta(days=1) for other in asked) <= limit["a_day"]


# ---------------------------------------------------------------- typed codes


@pytest.mark.parametrize("typed", ["123456", " 123 456 ", "123-456", "١٢٣٤٥٦", "１２３４５６", "1 2 3 4 5 6"])
def test_a_code_is_read_however_it_is_written(typed):
    assert typed_code(typed) == "123456"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "½23456", "----------", "\x00" * 6])
def test_what_is_no_code_is_no_try(typed):
    assert typed_code(typed) is None


@given(st.text())
def test_any_text_gives_six_ascii_digits_or_nothing(text):
    code = typed_code(text)
    assert code is None or (len(code) == 6 and code.isascii() and code.isdigit())


# ---------------------------------------------------------------- next


@pytest.mark.parametrize(
    "good", ["/", "/courses/x?tab=1#part", "/a/b", "/ö", "/search?q=a%2Fb", "/x?next=https://a.example"]
)
def test_local_paths_stay(good):
    assert safe_next(good) == good


@pytest.mark.parametrize(
    "bad",
    [
        None,
        "",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%2Fevil.example",
        "/%5Cevil.example",
        "/%252Fevil.example",
        "/%25252Fevil.example",
        "javascript:alert(1)",
        "/\tevil",
        "/x\r\nSet-Cookie: a=b",
        "/%0d%0aSet-Cookie:%20a=b",
        " /x",
        "/" * 2,
        "/" + "a" * 2001,
    ],
)
def test_everything_else_leads_home(bad):
    assert safe_next(bad) == "/"


PIECES = st.sampled_from(
    [
        "/",
        "\\",
        "//",
        ":",
        "@",
        "%2f",
        "%5c",
        "%252f",
        "%09",
        "\t",
        "\n",
        " ",
        "http",
        "https://",
        "evil.example",
        "?",
        "#",
        "..",
        "x",
    ]
)


@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=10).map("".join)))
@example("/\t/evil.example")
@example("/..//evil.example")
def test_no_input_leaves_the_host(value):
    """Resolved as a browser does (WHATWG: backslash is slash; tab and newline vanish), it stays on our host."""
    answer = safe_next(value)
    assert answer.startswith("/")
    as_browser = answer.replace("\t", "").replace("\n", "").replace("\r", "").replace("\\", "/")
    target = urlsplit(urljoin("https://portal.example/sign-in", as_browser))
    assert (target.scheme, target.netloc) == ("https", "portal.example")


# ---------------------------------------------------------------- masks and devices


@given(st.emails())
def test_a_masked_address_shows_one_letter_and_the_domain(address):
    local, _, domain = address.rpartition("@")
    assert masked(address) == f"{local[0]}…@{domain}"


def test_a_masked_nothing_is_nothing():
    assert masked("no address") == "…"


@pytest.mark.parametrize(
    "agent, words",
    [
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", "Chrome on Android"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605 Version/18.0 Mobile Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"),
        ("curl/8.0", ""),
    ],
)
def test_a_device_in_words(agent, words):
    assert device(agent) == words
