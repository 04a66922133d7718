"""Codes and their time steps, recovery codes, who must hold a factor, whom passkeys are made for. No database."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pyotp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gangway.identity.rules import passkeys
from gangway.identity.rules.factors import (
    FACTOR_LIFE,
    FACTOR_TRIES,
    FACTOR_TRIES_PER_DAY,
    STEP,
    Asking,
    Party,
    Policy,
    Standing,
    accepted_step,
    app_address,
    count_went_back,
    handle_of,
    in_groups,
    must_hold,
    owner_of,
    party_of,
    random_secret,
    recovery_code,
    standing_of,
    step_at,
    typed_recovery_code,
)
from gangway.identity.tests.authenticator import ORIGIN, Authenticator, raw, text

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PARTY = Party("learn.acme.example", ORIGIN, "Acme Cloud")
keys = st.binary(min_size=20, max_size=20).map(random_secret)
instants = st.datetimes(datetime(2025, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))


# ---------------------------------------------------------------- an app's codes


@given(keys, instants, st.integers(-6, 6))
def test_a_code_counts_one_step_around_its_own_and_no_further(secret: str, now: datetime, away: int) -> None:
    app = pyotp.TOTP(secret)
    code, near = app.generate_otp(step_at(now) + away), [step_at(now) + n for n in (-1, 0, 1)]
    fitting = [step for step in near if app.generate_otp(step) == code]  # two of a million codes may be the same
    assert accepted_step(code, secret, None, now) == (fitting[0] if fitting else None)
    assert bool(fitting) >= (abs(away) <= 1)


@given(keys, instants, st.lists(st.integers(-90, 90), min_size=1, max_size=12))
def test_no_step_is_accepted_twice_and_none_before_the_last(secret: str, start: datetime, seconds: list[int]) -> None:
    """Whatever is typed whenever, on a clock that only goes on: accepted steps grow strictly."""
    last, accepted, now = None, [], start
    for drift in seconds:
        now += timedelta(seconds=abs(drift) // 3)
        code = pyotp.TOTP(secret).generate_otp(step_at(now + timedelta(seconds=drift)))
        step = accepted_step(code, secret, last, now)
        if step is not None:
            accepted.append(step)
            last = step
    assert accepted == sorted(set(accepted))


@given(keys, instants)
def test_the_same_code_is_not_taken_again_within_its_window(secret: str, now: datetime) -> None:
    code = pyotp.TOTP(secret).at(now)
    step = accepted_step(code, secret, None, now)
    assert step is not None
    later = [now + timedelta(seconds=second) for second in (0, 1, STEP - 1, STEP, 2 * STEP)]
    again = [accepted_step(code, secret, step, moment) for moment in later]
    assert all(other is None or other > step for other in again)


def test_a_look_that_forgets_the_last_step_would_be_seen() -> None:
    """Negative control: without the memory the very same code is taken again."""
    secret = random_secret(bytes(range(20)))
    code = pyotp.TOTP(secret).at(NOW)
    step = accepted_step(code, secret, None, NOW)
    assert accepted_step(code, secret, None, NOW) == step
    assert accepted_step(code, secret, step, NOW) is None


@given(keys, instants, st.text(max_size=8))
def test_what_is_no_code_is_not_accepted(secret: str, now: datetime, typed: str) -> None:
    shown = {pyotp.TOTP(secret).generate_otp(step_at(now) + n) for n in (-1, 0, 1)}
    if typed not in shown:
        assert accepted_step(typed, secret, None, now) is None


def test_the_key_reaches_the_app_as_picture_and_in_words() -> None:
    secret = random_secret(bytes(range(20)))
    assert in_groups(secret).replace(" ", "") == secret
    read = pyotp.parse_uri(app_address(secret, person="ana@nordwind.example", vendor="Acme: Cloud"))
    assert (read.secret, read.name, read.issuer) == (secret, "ana@nordwind.example", "Acme  Cloud")


# ---------------------------------------------------------------- recovery codes


@given(st.binary(min_size=7, max_size=7))
def test_a_recovery_code_is_read_however_it_is_typed(random: bytes) -> None:
    code = recovery_code(random)
    assert len(code) == 11
    for typed in (code, code.upper(), code.replace("-", " "), f"  {code} ", code.replace("0", "O").replace("1", "l")):
        assert typed_recovery_code(typed) == code


@given(st.text(max_size=30))
def test_a_typed_recovery_code_is_one_or_none(typed: str) -> None:
    read = typed_recovery_code(typed)
    assert read is None or (len(read) == 11 and typed_recovery_code(read) == read)


# ---------------------------------------------------------------- tries, policy, owners


@given(st.integers(0, 9), st.integers(0, 40), st.integers(-5, 30), st.booleans())
def test_an_asking_is_open_only_while_young_unused_and_little_tried(
    tries: int, today: int, minutes: int, used: bool
) -> None:
    asked = Asking(NOW, tries, max(tries, today), NOW if used else None)
    standing = standing_of(asked, NOW + timedelta(minutes=minutes))
    fine = not used and timedelta(minutes=minutes) < FACTOR_LIFE
    few = tries < FACTOR_TRIES and max(tries, today) < FACTOR_TRIES_PER_DAY
    assert standing is (Standing.OVER if not fine else Standing.OPEN if few else Standing.LOCKED)


def test_nobody_is_open_who_was_never_asked() -> None:
    assert standing_of(Asking(None, 0, 0, None), NOW) is Standing.OVER


@pytest.mark.parametrize(
    "staff, roles, for_staff, for_admins, must",
    [
        (True, {"platform_admin"}, Policy.REQUIRED, Policy.OFFERED, True),
        (True, {"platform_admin"}, Policy.OFFERED, Policy.REQUIRED, False),
        (False, {"partner_admin"}, Policy.REQUIRED, Policy.OFFERED, False),
        (False, {"partner_admin"}, Policy.OFFERED, Policy.REQUIRED, True),
        (False, {"partner_it"}, Policy.OFFERED, Policy.REQUIRED, True),
        (False, {"learner"}, Policy.REQUIRED, Policy.REQUIRED, False),
        (False, set(), Policy.REQUIRED, Policy.REQUIRED, False),
    ],
)
def test_who_must_hold_a_factor(
    staff: bool, roles: set[str], for_staff: Policy, for_admins: Policy, must: bool
) -> None:
    assert must_hold(staff=staff, roles=roles, for_staff=for_staff, for_admins=for_admins) is must


@given(st.uuids(), st.uuids(), st.binary(max_size=64))
def test_a_handle_names_its_owner_and_nothing_else_does(partner: object, person: object, other: bytes) -> None:
    assert owner_of(handle_of(partner, person)) == (partner, person)  # type: ignore[arg-type]
    assert (owner_of(other) is None) == (len(other) != 32)


@pytest.mark.parametrize(
    "address, expected",
    [
        ("https://learn.acme.example", ("learn.acme.example", "https://learn.acme.example")),
        ("https://Learn.Acme.example:443/x", ("learn.acme.example", "https://learn.acme.example")),
        ("https://learn.acme.example:8443", ("learn.acme.example", "https://learn.acme.example:8443")),
        ("http://localhost:8000", ("localhost", "http://localhost:8000")),
        ("http://learn.acme.example", None),
        ("http://127.0.0.1:8000", None),
        ("https://127.0.0.1", None),
        ("https://[::1]:8000", None),
        ("", None),
    ],
)
def test_whom_passkeys_are_made_for(address: str, expected: tuple[str, str] | None) -> None:
    party = party_of(address, "Acme")
    assert (party and (party.id, party.origin)) == expected


@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_a_count_goes_on_or_is_not_kept(stored: int, shown: int) -> None:
    assert count_went_back(stored, shown) is (not (stored == shown == 0) and shown <= stored)


# ---------------------------------------------------------------- answers of authenticators


def _made() -> tuple[Authenticator, bytes]:
    phone = Authenticator()
    handle = handle_of(uuid4(), uuid4())
    question = passkeys.to_add(PARTY, b"n" * 32, handle=handle, address="a@b.example", name="Ana", known=())
    return phone, passkeys.added(PARTY, b"n" * 32, phone.make(question)).public_key


def test_a_good_answer_holds_and_says_whose_it_is() -> None:
    phone, public = _made()
    answer = phone.sign(passkeys.to_prove(PARTY, b"m" * 32, known=(), verified=True))
    assert passkeys.proven(PARTY, b"m" * 32, answer, public_key=public, verified=True).sign_count == 1
    assert passkeys.claim_of(answer).handle == phone.handle


FORGED = {
    "another question": {"challenge": "bm90LXRoaXMtb25lLW5vdC10aGlzLW9uZS0hISEhISE"},
    "another origin": {"origin": "https://learn.acme.example.evil.example"},
    "another port": {"origin": "https://learn.acme.example:444"},
    "plain http": {"origin": "http://learn.acme.example"},
    "another party": {"rp": "acme.example"},
    "a ceremony of adding": {"kind": "create"},
    "nobody there": {"present": False},
}


@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_answer_does_not_hold(forged: str) -> None:
    phone, public = _made()
    answer = phone.sign(passkeys.to_prove(PARTY, b"m" * 32, known=(), verified=False), **FORGED[forged])
    with pytest.raises(passkeys.Unproven):
        passkeys.proven(PARTY, b"m" * 32, answer, public_key=public, verified=False)


def test_another_key_does_not_hold_and_the_user_must_be_verified_where_asked() -> None:
    phone, public = _made()
    stranger, _ = _made()
    question = passkeys.to_prove(PARTY, b"m" * 32, known=(), verified=True)
    with pytest.raises(passkeys.Unproven):
        passkeys.proven(PARTY, b"m" * 32, stranger.sign(question), public_key=public, verified=False)
    phone.verifies = False
    answer = phone.sign(question)
    with pytest.raises(passkeys.Unproven):
        passkeys.proven(PARTY, b"m" * 32, answer, public_key=public, verified=True)
    assert not passkeys.proven(PARTY, b"m" * 32, answer, public_key=public, verified=False).verified


def _leaves(value: object) -> list[tuple[str, ...]]:
    """Every place in a JSON object."""
    if not isinstance(value, dict):
        return [()]
    return [(name, *rest) for name, inner in value.items() for rest in [(), *_leaves(inner)]]


JUNK = st.none() | st.booleans() | st.integers() | st.text(max_size=40) | st.lists(st.integers(), max_size=3)
PHONE, PUBLIC = _made()
QUESTION = passkeys.to_add(PARTY, b"n" * 32, handle=b"h" * 32, address="a@b.example", name="Ana", known=())
GOOD = (PHONE.make(QUESTION), PHONE.sign(passkeys.to_prove(PARTY, b"m" * 32, known=(), verified=False)))


def every_check(answer: str) -> None:
    """Whatever an answer holds, each look at it ends in a value or in Unproven."""
    with suppress(passkeys.Unproven):
        passkeys.added(PARTY, b"n" * 32, answer)
    with suppress(passkeys.Unproven):
        passkeys.proven(PARTY, b"m" * 32, answer, public_key=PUBLIC, verified=True)
    with suppress(passkeys.Unproven):
        passkeys.claim_of(answer)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(GOOD), st.data())
def test_an_answer_with_one_broken_value_is_no_error(good: str, data: st.DataObject) -> None:
    read = json.loads(good)
    *way, last = data.draw(st.sampled_from([path for path in _leaves(read) if path]))
    place = read
    for name in way:
        place = place[name]
    before = place[last]
    cut = st.integers(0, 60).map(lambda n: before[:n]) if isinstance(before, str) else JUNK
    place[last] = data.draw(JUNK | cut)
    every_check(json.dumps(read))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(GOOD), st.sampled_from(["attestationObject", "authenticatorData", "clientDataJSON"]), st.data())
def test_an_answer_with_one_broken_byte_is_no_error(good: str, part: str, data: st.DataObject) -> None:
    read = json.loads(good)
    inner = bytearray(raw(read["response"].get(part) or read["response"]["clientDataJSON"]))
    inner[data.draw(st.integers(0, len(inner) - 1))] = data.draw(st.integers(0, 255))
    read["response"][part] = text(bytes(inner))
    every_check(json.dumps(read))


@pytest.mark.parametrize(
    "answer", ["", "null", "7", "[]", "{}", "[" * 5_000, "{" * 20_000, '{"response":{}}', "\ud800"]
)
def test_what_is_no_answer_at_all_is_unproven(answer: str) -> None:
    every_check(answer)
