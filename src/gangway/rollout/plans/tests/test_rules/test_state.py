"""A milestone's state: missing or thin evidence never passes, whatever else is true."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gangway.rollout.plans.rules.state import Result, State, Stored, count, judge, milestone_state, worth_storing

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
INSTANTS = st.one_of(
    st.none(), st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))
)
SOME_INSTANT = INSTANTS.filter(lambda at: at is not None)
RESULTS = st.lists(st.sampled_from(Result), max_size=5)


def judged(**changed: object) -> Result:
    facts: dict[str, object] = {"holds": True, "n": 5, "minimum_n": 3, "newest_at": NOW, "freshness": None, "now": NOW}
    return judge(**{**facts, **changed})  # type: ignore[arg-type]


@given(st.booleans(), st.integers(-5, 50), st.integers(-5, 50), INSTANTS)
def test_too_few_are_never_enough(holds: bool, n: int, minimum: int, newest: datetime | None) -> None:
    result = judged(holds=holds, n=n, minimum_n=minimum, newest_at=newest)
    if n < minimum or n < 1:
        assert result is Result.THIN
    else:
        assert result is (Result.MET if holds else Result.UNMET)


def test_a_predicate_over_nothing_holds_of_everything_and_proves_nothing() -> None:
    assert judged(holds=True, n=0, minimum_n=0) is Result.THIN


def test_a_fact_fades_at_its_freshness() -> None:
    week = timedelta(days=7)
    assert judged(freshness=week, newest_at=NOW - week) is Result.MET
    assert judged(freshness=week, newest_at=NOW - week - timedelta(seconds=1)) is Result.STALE
    assert judged(freshness=week, newest_at=None) is Result.STALE


@given(RESULTS, st.booleans(), INSTANTS, INSTANTS)
def test_green_needs_every_criterion_met(
    results: list[Result], may: bool, attested: datetime | None, proven: datetime | None
) -> None:
    state = milestone_state(results, may_attest=may, attested_at=attested, proven_at=proven)
    assert (state is State.PROVEN) == (bool(results) and set(results) == {Result.MET})


@given(RESULTS, INSTANTS, INSTANTS)
def test_a_word_counts_only_where_the_template_allows_it(
    results: list[Result], attested: datetime | None, proven: datetime | None
) -> None:
    state = milestone_state(results, may_attest=False, attested_at=attested, proven_at=proven)
    assert state is not State.ATTESTED


@given(RESULTS.filter(lambda results: set(results) != {Result.MET}), SOME_INSTANT, st.integers(1, 10**7))
def test_nobody_vouched_for_what_broke_later(results: list[Result], attested: datetime, seconds: int) -> None:
    proven_later = attested + timedelta(seconds=seconds)
    assert milestone_state(results, may_attest=True, attested_at=attested, proven_at=proven_later) is State.DECAYED
    assert milestone_state(results, may_attest=True, attested_at=proven_later, proven_at=attested) is State.ATTESTED


@given(RESULTS.filter(lambda results: set(results) != {Result.MET}), SOME_INSTANT)
def test_what_was_proven_once_is_decayed_and_not_new(results: list[Result], proven: datetime) -> None:
    assert milestone_state(results, may_attest=True, attested_at=None, proven_at=proven) is State.DECAYED
    assert milestone_state(results, may_attest=True, attested_at=None, proven_at=None) is State.UNPROVEN


def stored(**changed: object) -> Stored:
    facts: dict[str, object] = {"result": Result.MET, "value": 3, "n": 3, "definition": "1", "day": date(2026, 3, 2)}
    return Stored(**{**facts, **changed})  # type: ignore[arg-type]


def test_an_evaluation_is_stored_when_something_changed_and_once_a_day() -> None:
    assert worth_storing(None, stored())
    assert not worth_storing(stored(), stored())
    for change in ({"result": Result.UNMET}, {"value": 4}, {"n": 4}, {"definition": "2"}, {"day": date(2026, 3, 3)}):
        assert worth_storing(stored(), stored(**change)), change


@given(st.lists(st.sampled_from(State)))
def test_attested_is_never_counted_as_proven(states: list[State]) -> None:
    found = count(states)
    assert found.total == len(states)
    assert found.proven == sum(1 for state in states if state is State.PROVEN)
    assert ("attested" in found.words) == (State.ATTESTED in states)
