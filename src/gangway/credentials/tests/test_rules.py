"""The number, the time and the seal of an award, without a database."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gangway.credentials.rules import (
    ALPHABET,
    Facts,
    Status,
    expires,
    months_later,
    number_digest,
    number_from,
    read_number,
    renewable,
    status,
    term_begins,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
randoms = st.binary(min_size=10, max_size=10)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
FACTS = Facts(
    number="GW-7K3M-92QF-0HTX-B4WZ",
    title="Partner Essentials",
    course_key="partner-essentials",
    credential_key="partner-essentials",
    issuer="Acme Cloud",
    cycle=1,
    issued_at=NOW,
    expires_at=NOW + timedelta(days=730),
    points=7,
    points_max=8,
)


@settings(deadline=None)
@given(randoms)
def test_a_number_reads_as_itself(random: bytes) -> None:
    number = number_from(random)
    assert read_number(number) == number
    assert len(number) == 22
    assert set(number[3:]) <= set(ALPHABET) | {"-"}


@settings(deadline=None)
@given(randoms, randoms)
def test_different_bytes_are_different_numbers(one: bytes, other: bytes) -> None:
    assert (number_from(one) == number_from(other)) == (one == other)
    assert (number_digest(number_from(one)) == number_digest(number_from(other))) == (one == other)


@settings(deadline=None)
@given(randoms, st.sampled_from([" ", "", "-", " - ", "–"]), st.booleans(), st.booleans())
def test_people_may_type_it_as_they_like(random: bytes, joint: str, prefix: bool, lower: bool) -> None:
    number = number_from(random)
    groups = number.split("-") if prefix else number.split("-")[1:]
    typed = joint.join(groups).replace("0", "O").replace("1", "l")
    assert read_number(typed.lower() if lower else typed) == number


@settings(deadline=None)
@given(st.text(max_size=80))
def test_whatever_is_typed_is_a_number_or_nothing(typed: str) -> None:
    number = read_number(typed)
    assert number is None or read_number(number) == number


@pytest.mark.parametrize("typed", ["", "GW", "GW-7K3M-92QF-0HTX", "GW-7K3M-92QF-0HTX-B4WU", "7" * 17, "\x00" * 16])
def test_what_cannot_be_a_number(typed: str) -> None:
    assert read_number(typed) is None


@settings(deadline=None)
@given(instants, st.integers(1, 240))
def test_months_keep_the_day_or_take_the_last(at: datetime, months: int) -> None:
    later = months_later(at, months)
    assert (later.year * 12 + later.month) - (at.year * 12 + at.month) == months
    assert later.day == at.day or (later.day < at.day and (later + timedelta(days=1)).day == 1)
    assert later.timetz() == at.timetz()


def test_the_29th_of_february() -> None:
    leap = datetime(2028, 2, 29, 12, 0, tzinfo=UTC)
    assert expires(leap, 12) == datetime(2029, 2, 28, 12, 0, tzinfo=UTC)
    assert expires(leap, 48) == datetime(2032, 2, 29, 12, 0, tzinfo=UTC)
    assert expires(leap, None) is None


@pytest.mark.parametrize(
    ("expires_at", "revoked_at", "expected"),
    [
        (None, None, Status.VALID),
        (NOW + timedelta(seconds=1), None, Status.VALID),
        (NOW, None, Status.EXPIRED),
        (NOW, NOW, Status.REVOKED),
        (None, NOW, Status.REVOKED),
    ],
)
def test_status(expires_at: datetime | None, revoked_at: datetime | None, expected: Status) -> None:
    assert status(expires_at=expires_at, revoked_at=revoked_at, now=NOW) is expected


@pytest.mark.parametrize("field", [field.name for field in fields(Facts)])
def test_every_fact_is_under_the_seal(field: str) -> None:
    value = getattr(FACTS, field)
    other = (
        value + 1 if isinstance(value, int) else value + timedelta(1) if isinstance(value, datetime) else value + "x"
    )
    assert replace(FACTS, **{field: other}).seal() != FACTS.seal()


def test_the_seal_is_spelled_once_and_for_all() -> None:
    """A changed spelling would break the seal of every award ever issued: then FACTS_VERSION must rise."""
    assert FACTS.seal() == "fb10b8afa9938b7bae4aa568e0782602583ab26f4131fa5657ca0a202844cfc8"


@given(st.integers(-400, 400), st.booleans())
def test_what_can_be_renewed_and_from_when_its_term_counts(days: int, revoked: bool) -> None:
    ends = NOW + timedelta(days=days)
    assert renewable(expires_at=ends, revoked_at=NOW if revoked else None, now=NOW) == (days <= 90 and not revoked)
    assert not renewable(expires_at=None, revoked_at=None, now=NOW)
    assert term_begins(NOW, ends) == (ends if 0 < days <= 90 else NOW)
    assert term_begins(NOW, None) == NOW
