"""The sentence that stands before every figure. Never the name of an estimator; always how many people it rests on."""

from gangway.insights.rules.definitions import MINIMUM_N, Kind, Kpi, Unit
from gangway.insights.rules.figures import Figure
from gangway.insights.rules.journeys import Funnel
from gangway.kernel.said import N_, Said, said

NOBODY = N_("Nobody has been invited in a launch yet.")
TOO_FEW = N_("Not measurable yet: {n} invited so far, and {minimum} are the fewest that say anything.")
SO_FAR = {
    "activation": N_("{done} of the {n} whom the mail could reach came in: {share} %, between {low} and {high}."),
    "certification": N_("{done} of {n} hold a certificate: {share} %, between {low} and {high}."),
}
BY_HORIZON = N_("{done} of {n} finished within {day} days: {share} %, between {low} and {high}.")
EXPECTED = N_("We expect {share} % by day {day}, between {low} and {high}; {done} of {n} have finished so far.")
TOO_EARLY = N_("Not measurable yet: {done} of {n} have finished so far, and {waiting} have not had their {day} days.")
UNSEEN = N_("Not measurable yet: {done} of {n} have finished, and too few of the others stayed {day} days.")
MEDIAN = N_(
    "Half of the people hold their first certificate within {days} days, between {low} and {high} ({n} people)."
)
MEDIAN_OPEN = N_(
    "Half of the people hold their first certificate within {days} days ({n} people; too early for a range)."
)
NO_HALF = N_("Not measurable yet: {done} of {n} hold a certificate, which is not yet half.")


def sentence(figure: Figure) -> Said:
    """One sentence for one figure."""
    kpi = figure.kpi
    if figure.n == 0:
        return said(NOBODY)
    if figure.n < MINIMUM_N:
        return said(TOO_FEW, n=figure.n, minimum=MINIMUM_N)
    if kpi.unit is Unit.DAYS:
        return _days(figure)
    return _share(kpi, figure)


def _share(kpi: Kpi, figure: Figure) -> Said:
    values = {"done": figure.numerator, "n": figure.n, "day": kpi.settles_days, "waiting": figure.waiting}
    if figure.value is None or figure.interval is None:
        return said(TOO_EARLY if figure.waiting else UNSEEN, **values)
    low, high = percent(figure.interval.low), percent(figure.interval.high)
    values |= {"share": percent(figure.value), "low": low, "high": high}
    if kpi.kind is Kind.SO_FAR:
        return said(SO_FAR[kpi.key], **values)
    return said(EXPECTED if figure.estimated else BY_HORIZON, **values)


def _days(figure: Figure) -> Said:
    values = {"done": figure.numerator, "n": figure.n}
    if figure.value is None:
        return said(NO_HALF, **values)
    values |= {"days": round(figure.value)}
    if figure.interval is None:
        return said(MEDIAN_OPEN, **values)
    return said(MEDIAN, **(values | {"low": round(figure.interval.low), "high": round(figure.interval.high)}))


def percent(share: float) -> int:
    return round(share * 100)


def funnel_sentences(funnel: Funnel) -> list[Said]:
    """ "29 of 41 came in; 7 never got the mail; 5 have not looked" as its parts; parts of nobody are left out."""
    if funnel.invited == 0:
        return [said(N_("Nobody has been invited yet."))]
    parts = [
        (funnel.came_in, N_("{came_in} of {invited} came in"), True),
        (funnel.bounced, N_("{bounced} never got the mail"), False),
        (funnel.unknown, N_("{unknown} have not looked"), False),
        (funnel.unsent, N_("{unsent} letters have not left this house"), False),
        (funnel.left, N_("{left} left before they came in"), False),
    ]
    return [said(text, **funnel.counts()) for n, text, always in parts if n or always]


def funnel_words(funnel: Funnel) -> str:
    return "; ".join(funnel_sentences(funnel))
