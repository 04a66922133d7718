"""The proof of a mail domain: what counts as the record, when one looks again, which domains nobody proves."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.identity.rules import NUMBER_SIGNS
from gangway.identity.rules.domains import (
    LOOKS,
    Looked,
    is_public,
    looked,
    next_look,
    record_name,
    record_value,
    shown_domain_code,
    typed_domain_code,
)

ASKED = datetime(2026, 3, 2, 9, tzinfo=UTC)
TOKENS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=16, max_size=30)


@given(TOKENS, st.lists(st.text(max_size=60), max_size=5), st.sampled_from(["{}", ' "{}" ', "  {}"]))
def test_the_record_is_found_among_others_and_in_quotes(token: str, others: list[str], form: str) -> None:
    assert looked([*others, form.format(record_value(token))], token) is Looked.FOUND


@given(TOKENS, st.lists(st.text(max_size=60), max_size=5))
def test_nothing_else_is_the_record(token: str, others: list[str]) -> None:
    """Neither chance texts, nor a part of the value, nor more than it, nor the value of another claim."""
    value = record_value(token)
    near = [value[:-1], value + "x", value.upper() + "!", record_value(token[::-1] + "x"), f"v=spf1 {value}"]
    assert looked([*others, *near], token) is Looked.OTHER
    assert (
        looked([text for text in others if not text.strip().strip('"').strip().startswith("gangway-verify")], token)
        is Looked.MISSING
    )


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=90)))
def test_looks_become_rarer_and_end(waited: timedelta) -> None:
    now = ASKED + waited
    following = next_look(ASKED, now)
    if waited >= LOOKS[-1][0]:
        assert following is None
        return
    assert following is not None
    assert timedelta(minutes=5) <= following - now <= timedelta(hours=12)
    later = next_look(ASKED, following)
    assert later is None or later - following >= following - now


def test_how_often_one_waiting_domain_is_asked_for() -> None:
    looks, at = 0, ASKED
    while (following := next_look(ASKED, at)) is not None:
        looks, at = looks + 1, following
    assert looks == 236


@pytest.mark.parametrize("domain", ["gmail.com", "outlook.com", "gmx.de", "mail.gmail.com", "qq.com", "hey.com"])
def test_public_mail_domains_and_what_is_below_them_are_known(domain: str) -> None:
    assert is_public(domain)


@pytest.mark.parametrize("domain", ["nordwind.example", "notgmail.com", "gmail.com.nordwind.example", "com", "co.uk"])
def test_others_are_not(domain: str) -> None:
    assert not is_public(domain)


def test_the_record_stands_below_the_domain() -> None:
    assert record_name("nordwind.example") == "_gangway.nordwind.example"


@given(st.text(NUMBER_SIGNS, min_size=10, max_size=10))
def test_a_code_is_read_as_it_is_shown_and_said(code: str) -> None:
    assert typed_domain_code(shown_domain_code(code)) == code
    assert typed_domain_code(f"  {code[:3].lower()} {code[3:]}".replace("0", "o")) == code


@given(st.text(max_size=12))
def test_what_is_no_code_is_none(text: str) -> None:
    assert typed_domain_code(text) in ("", typed_domain_code(text)[:10])
    assert typed_domain_code(text + "!") == ""
