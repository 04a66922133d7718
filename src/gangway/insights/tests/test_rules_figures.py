"""Verdicts and sentences by example, and the laws that no example may break."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gangway.insights.rules.definitions import ACTIVATION, CERTIFICATION, COMPLETION, KPIS, TIME_TO_AWARD, Kpi
from gangway.insights.rules.figures import Verdict, figure, judge
from gangway.insights.rules.journeys import Funnel
from gangway.insights.rules.survival import Ages
from gangway.insights.rules.words import funnel_words, sentence

counts = st.dictionaries(st.integers(0, 45), st.integers(1, 20), max_size=6)
cohorts = st.builds(Ages, done=counts, left=counts, open=counts)


@pytest.mark.parametrize(
    ("kpi", "ages", "verdict"),
    [
        (ACTIVATION, Ages(), Verdict.NOT_MEASURABLE),
        (ACTIVATION, Ages(done={0: 4}), Verdict.NOT_MEASURABLE),
        (ACTIVATION, Ages(done={1: 29}, open={20: 5}), Verdict.MET),
        (ACTIVATION, Ages(done={1: 7}, open={20: 3}), Verdict.AT_RISK),  # 70 % is not more than 70 %
        (ACTIVATION, Ages(done={0: 2}, open={1: 39}), Verdict.NOT_MEASURABLE),  # the launch was yesterday
        (ACTIVATION, Ages(done={1: 10, 5: 60}, open={20: 10, 3: 40}), Verdict.ON_TRACK),
        (COMPLETION, Ages(done={4: 1}, open={21: 40}), Verdict.NOT_MEASURABLE),  # 21 days cannot fail a KPI of 30
        (COMPLETION, Ages(done={4: 20}, open={21: 20}), Verdict.MET),  # but they can meet it
        (COMPLETION, Ages(done={4: 16, 25: 5}, open={31: 20, 6: 20}), Verdict.ON_TRACK),
        (COMPLETION, Ages(done={4: 4}, open={31: 20, 6: 20}), Verdict.AT_RISK),
        (COMPLETION, Ages(done={4: 4, 33: 36}), Verdict.AT_RISK),  # day 33 is too late
        (CERTIFICATION, Ages(done={4: 40}), None),  # no target, no verdict
        (TIME_TO_AWARD, Ages(done={4: 40}), None),
    ],
)
def test_verdicts(kpi: Kpi, ages: Ages, verdict: Verdict | None) -> None:
    assert judge(kpi, ages) is verdict


@pytest.mark.parametrize(
    ("kpi", "ages", "words"),
    [
        (ACTIVATION, Ages(), "Nobody has been invited in a launch yet."),
        (
            ACTIVATION,
            Ages(done={0: 3}),
            "Not measurable yet: 3 invited so far, and 5 are the fewest that say anything.",
        ),
        (
            ACTIVATION,
            Ages(done={1: 29}, open={20: 5}),
            "29 of the 34 whom the mail could reach came in: 85 %, between 70 and 94.",
        ),
        (
            COMPLETION,
            Ages(done={4: 16, 25: 5}, open={31: 20, 6: 20}),
            "We expect 41 % by day 30, between 28 and 56; 21 of 61 have finished so far.",
        ),
        (COMPLETION, Ages(done={4: 18}, open={40: 23}), "18 of 41 finished within 30 days: 44 %, between 30 and 59."),
        (
            COMPLETION,
            Ages(done={4: 12}, open={21: 29}),
            "Not measurable yet: 12 of 41 have finished so far, and 29 have not had their 30 days.",
        ),
        (
            COMPLETION,
            Ages(done={4: 1}, left={1: 50}),
            "Not measurable yet: 1 of 51 have finished, and too few of the others stayed 30 days.",
        ),
        (CERTIFICATION, Ages(done={4: 11}, open={9: 23}), "11 of 34 hold a certificate: 32 %, between 19 and 49."),
        (
            TIME_TO_AWARD,
            Ages(done={4: 11}, open={9: 23}),
            "Not measurable yet: 11 of 34 hold a certificate, which is not yet half.",
        ),
        (
            TIME_TO_AWARD,
            Ages(done={4: 10, 9: 20, 20: 10}),
            "Half of the people hold their first certificate within 9 days, between 9 and 9 (40 people).",
        ),
        (
            TIME_TO_AWARD,
            Ages(done={4: 11, 8: 6}, open={9: 16}),
            "Half of the people hold their first certificate within 8 days (33 people; too early for a range).",
        ),
    ],
)
def test_sentences(kpi: Kpi, ages: Ages, words: str) -> None:
    assert str(sentence(figure(kpi, ages))) == words


@settings(deadline=None)
@given(st.sampled_from(KPIS), cohorts)
def test_no_value_without_an_interval_or_a_reason(kpi: Kpi, ages: Ages) -> None:
    reading = figure(kpi, ages)
    assert reading.n == ages.n
    assert (reading.value is None) == (
        "ot " in str(sentence(reading)) and "Not measurable" in str(sentence(reading))
    ) or (ages.n == 0)
    if reading.interval is not None:
        assert reading.value is not None
        assert reading.interval.low <= reading.value + 1e-9
        assert reading.value - 1e-9 <= reading.interval.high


@settings(deadline=None)
@given(st.sampled_from([ACTIVATION, COMPLETION]), cohorts)
def test_a_green_verdict_rests_on_enough_people(kpi: Kpi, ages: Ages) -> None:
    reading = figure(kpi, ages)
    if reading.verdict in (Verdict.MET, Verdict.ON_TRACK):
        assert reading.n >= 5
    if reading.verdict is Verdict.AT_RISK:
        assert ages.watched(kpi.settles_days) + ages.done_by(kpi.settles_days) >= 5


@settings(deadline=None)
@given(cohorts, st.integers(0, 30), st.integers(1, 10))
def test_met_for_good_means_that_waiting_cannot_undo_it(ages: Ages, at: int, more: int) -> None:
    """When some open people do it after all, a verdict that was met by counting stays met."""
    done, n = ages.done_by(30), ages.n
    if judge(COMPLETION, ages) is not Verdict.MET or done <= 0.4 * n:
        return
    moved = min(more, ages.open.get(at, 0))
    after = Ages(
        done={**ages.done, at: ages.done.get(at, 0) + moved},
        left=ages.left,
        open={**ages.open, at: ages.open.get(at, 0) - moved},
    )
    assert judge(COMPLETION, after) is Verdict.MET


def test_the_funnel_speaks() -> None:
    assert (
        funnel_words(Funnel(invited=41, came_in=29, bounced=7, unknown=5, sent=34))
        == "29 of 41 came in; 7 never got the mail; 5 have not looked"
    )
    assert funnel_words(Funnel(invited=3, unsent=3)) == "0 of 3 came in; 3 letters have not left this house"
    assert funnel_words(Funnel()) == "Nobody has been invited yet."
