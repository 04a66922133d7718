"""Whose sign-in an assertion is, and when a code by mail opens beside it. No database."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.identity.rules.connections import (
    FALLBACK_LIFE,
    WS_CLAIMS,
    Asserted,
    ConnectionKind,
    Fallback,
    Verdict,
    Whose,
    mail_opens,
    narrowed,
    whose,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANA, EVA, IDA = (uuid4() for _ in range(3))
PEOPLE = st.sampled_from([None, ANA, EVA, IDA])
FACTS = st.fixed_dictionaries(
    {
        "known": PEOPLE,
        "joined": PEOPLE,
        "by_mailbox": PEOPLE,
        "taken": st.frozensets(st.sampled_from([ANA, EVA, IDA])),
        "domain_proven": st.booleans(),
        "admits": st.booleans(),
    }
)
NOTHING: dict[str, object] = {
    "known": None,
    "joined": None,
    "by_mailbox": None,
    "taken": frozenset(),
    "domain_proven": False,
    "admits": False,
}


@given(FACTS)
def test_a_mailbox_alone_lets_nobody_in(facts: dict[str, object]) -> None:
    """Danger 1: who is found by the address alone comes in past a proof, of the domain or of the mailbox."""
    verdict = whose(**facts)  # type: ignore[arg-type]
    if facts["known"] is None and facts["joined"] is None and not facts["domain_proven"]:
        assert verdict.whose in (Whose.PROVE, Whose.NEW, Whose.NOBODY)


@given(FACTS)
def test_a_known_subject_is_nobody_else_whatever_else_is_claimed(facts: dict[str, object]) -> None:
    verdict = whose(**facts)  # type: ignore[arg-type]
    if facts["known"] is not None:
        assert verdict == Verdict(Whose.KNOWN, facts["known"])  # type: ignore[arg-type]
    elif verdict.person is not None:
        assert verdict.person not in facts["taken"]  # type: ignore[operator]


@given(FACTS)
def test_somebody_new_is_made_only_where_nobody_is_meant(facts: dict[str, object]) -> None:
    verdict = whose(**facts)  # type: ignore[arg-type]
    if verdict.whose is Whose.NEW:
        assert facts["admits"]
        assert (facts["known"], facts["joined"], facts["by_mailbox"]) == (None, None, None)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"joined": EVA, "by_mailbox": ANA}, Verdict(Whose.JOINED, EVA)),
        ({"joined": EVA, "taken": {EVA}}, Verdict(Whose.NOBODY)),
        ({"by_mailbox": ANA, "domain_proven": True}, Verdict(Whose.LINKED, ANA)),
        ({"by_mailbox": ANA}, Verdict(Whose.PROVE, ANA)),
        ({"by_mailbox": ANA, "taken": {ANA}, "domain_proven": True, "admits": True}, Verdict(Whose.NOBODY)),
        ({"admits": True}, Verdict(Whose.NEW)),
        ({}, Verdict(Whose.NOBODY)),
    ],
)
def test_whose(facts: dict[str, object], expected: Verdict) -> None:
    assert whose(**{**NOTHING, **facts}) == expected  # type: ignore[arg-type]


WITHIN = st.timedeltas(timedelta(0), FALLBACK_LIFE - timedelta(seconds=1))
LONG_AGO = st.timedeltas(FALLBACK_LIFE, timedelta(days=30))
AGES = st.none() | WITHIN | LONG_AGO


def lately(age: timedelta | None) -> bool:
    return age is not None and age < FALLBACK_LIFE


@given(st.sampled_from(Fallback), AGES, AGES)
def test_a_code_by_mail_opens(fallback: Fallback, broken: timedelta | None, refused: timedelta | None) -> None:
    opens = mail_opens(
        fallback,
        broken_at=None if broken is None else NOW - broken,
        refused_at=None if refused is None else NOW - refused,
        now=NOW,
    )
    if lately(refused) or fallback is Fallback.NEVER:
        assert not opens
    else:
        assert opens == (fallback is Fallback.OPEN or lately(broken))


@given(st.sampled_from(Fallback), st.booleans(), AGES)
def test_a_partner_narrows_what_its_type_proposes_and_never_widens_it(
    chosen: Fallback, proposed: bool, broken: timedelta | None
) -> None:
    broken_at = None if broken is None else NOW - broken
    opens = [
        mail_opens(fallback, broken_at=broken_at, refused_at=None, now=NOW)
        for fallback in (chosen, narrowed(chosen, proposed=proposed))
    ]
    assert opens[1] == (opens[0] and proposed)


def test_what_is_said_of_a_person() -> None:
    said = Asserted(
        "s", {"mail": ("ana@x.example", "other@x.example"), "givenName": ("Ana",), "sn": ("Lima",), "n": ()}
    )
    assert said.tells("email", {}) == "ana@x.example"
    assert said.tells("email", {"email": "upn"}) == ""  # the connection names the claim, and no other stands in for it
    assert said.name({}) == "Ana Lima"
    assert Asserted("s", {"name": ("Ana",)}).name({}) == "Ana"
    assert said.first("n", "nothing") == ""


def test_who_signs_in_and_who_brings() -> None:
    assert [kind for kind in ConnectionKind if not kind.signs_in] == [ConnectionKind.SCIM]


@given(st.text(max_size=40))
def test_a_name_to_log_in_by_is_a_name_unless_it_is_an_address(logs_in: str) -> None:
    said = Asserted("s", {f"{WS_CLAIMS}name": (logs_in,)}).name({})
    assert said == ("" if "@" in logs_in else logs_in)
    assert Asserted("s", {f"{WS_CLAIMS}name": (logs_in,), "name": ("Ana",)}).name({}) == "Ana"
