"""Joining, decided without a database: codes as they are typed, what became of one, and which doors are open."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from gangway.identity.rules import NUMBER_SIGNS
from gangway.identity.rules.joining import (
    RANDOM_SIGNS,
    By,
    CodeState,
    check_sign,
    code_state,
    found,
    shown_access_code,
    typed_access_code,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SIGNS = st.text(NUMBER_SIGNS, min_size=RANDOM_SIGNS, max_size=RANDOM_SIGNS)
PARTNERS = [UUID(int=number) for number in range(1, 5)]
SOME = st.sets(st.sampled_from(PARTNERS))


@given(SIGNS)
def test_a_code_is_read_as_it_is_shown_and_said(signs: str) -> None:
    code = signs + check_sign(signs)
    assert typed_access_code(shown_access_code(code)) == code
    assert typed_access_code(shown_access_code(code).lower().replace("0", "o").replace("1", "l")) == code


@given(SIGNS, st.integers(0, RANDOM_SIGNS - 1), st.integers(1, 30))
def test_one_wrong_sign_is_nearly_always_seen(signs: str, at: int, by: int) -> None:
    """The check is modulo 31, a prime: one wrong sign among the first 31 signs of 32 is always seen."""
    was = NUMBER_SIGNS.index(signs[at])
    other = (was + by) % 31
    if was == 31 or other == was:
        return
    wrong = signs[:at] + NUMBER_SIGNS[other] + signs[at + 1 :]
    assert typed_access_code(wrong + check_sign(signs)) == ""


@given(st.text(max_size=30))
def test_what_is_no_code_is_none(text: str) -> None:
    found_code = typed_access_code(text)
    assert found_code == "" or check_sign(found_code[:-1]) == found_code[-1]
    assert typed_access_code(f"{text}!") == ""


@given(st.integers(1, 20), st.integers(0, 30), st.booleans(), st.booleans())
def test_what_became_of_a_code(seats: int, used: int, ended: bool, closed: bool) -> None:
    state = code_state(
        seats=seats,
        used=used,
        expires_at=NOW - timedelta(seconds=1) if ended else NOW + timedelta(days=1),
        closed_at=NOW if closed else None,
        now=NOW,
    )
    if closed:
        assert state is CodeState.CLOSED
    elif ended:
        assert state is CodeState.EXPIRED
    else:
        assert (state is CodeState.OPEN) == (used < seats)


@given(st.sampled_from([None, *CodeState]), st.sampled_from([None, *PARTNERS]), SOME, SOME, SOME)
def test_no_door_opens_without_its_reason(
    code: CodeState | None, code_partner: UUID | None, holders: set[UUID], let_in: set[UUID], known_at: set[UUID]
) -> None:
    ways = found(code=code, code_partner=code_partner, holders=holders, let_in=let_in, known_at=known_at)
    for partner, by in ways.doors.items():
        assert partner not in known_at
        if by is By.DOMAIN:
            assert partner in holders & let_in
        else:
            assert partner == code_partner
            assert code is CodeState.OPEN
    expected = (holders & let_in) - known_at
    if code is CodeState.OPEN and code_partner is not None and code_partner not in known_at:
        expected |= {code_partner}
    assert set(ways.doors) == expected
    assert ways.asks in {None, code_partner, *holders}
    if code_partner is None:
        assert (ways.asks is None) == (len(holders) != 1)
