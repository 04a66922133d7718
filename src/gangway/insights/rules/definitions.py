"""The KPIs: key, version, words, unit and target, said once. A changed meaning is a new version, never an edit."""

from dataclasses import dataclass
from enum import StrEnum

from gangway.kernel.said import N_

MINIMUM_N = 5  # fewer people than this say nothing about a programme


class Unit(StrEnum):
    SHARE = "share"  # 0…1
    DAYS = "days"


class Kind(StrEnum):
    """How the value is worked out of a cohort."""

    SO_FAR = "so_far"  # the share that has done it until now
    BY_HORIZON = "by_horizon"  # the share that has done it `horizon_days` after its clock started
    MEDIAN = "median"  # days until half of the people have done it


class Measure(StrEnum):
    """What a person does once; each has its own bins, so that figures are read without touching a person's row."""

    ACTIVATION = "activation"
    COMPLETION = "completion-30"
    CERTIFICATION = "certification"


@dataclass(frozen=True, slots=True)
class Kpi:
    """One definition. `target` is to be exceeded. `settles_days`: how long a person gets before silence counts."""

    key: str
    version: int
    title: str
    words: str
    unit: Unit
    kind: Kind
    measure: Measure
    settles_days: int
    target: float | None = None


_PEOPLE = N_(
    "Counted are people invited in a launch whose mail is not known to have bounced; people of the host and robots "
    "never count. A person's clock starts with the launch of their partner or their invitation, whichever is later."
)

ACTIVATION = Kpi(
    key="activation",
    version=1,
    title=N_("Activation"),
    words=N_("The share of people who signed in themselves at least once."),
    unit=Unit.SHARE,
    kind=Kind.SO_FAR,
    measure=Measure.ACTIVATION,
    settles_days=14,
    target=0.70,
)
COMPLETION = Kpi(
    key="completion-30",
    version=1,
    title=N_("Completion within 30 days"),
    words=N_("The share of people who completed their first required course within 30 days of their clock."),
    unit=Unit.SHARE,
    kind=Kind.BY_HORIZON,
    measure=Measure.COMPLETION,
    settles_days=30,
    target=0.40,
)
CERTIFICATION = Kpi(
    key="certification",
    version=1,
    title=N_("Certification attainment"),
    words=N_("The share of people who hold at least one award that was not revoked."),
    unit=Unit.SHARE,
    kind=Kind.SO_FAR,
    measure=Measure.CERTIFICATION,
    settles_days=60,
)
TIME_TO_AWARD = Kpi(
    key="time-to-first-award",
    version=1,
    title=N_("Time to first award"),
    words=N_("The days from a person's clock until half of the people hold their first award."),
    unit=Unit.DAYS,
    kind=Kind.MEDIAN,
    measure=Measure.CERTIFICATION,
    settles_days=60,
)

KPIS: tuple[Kpi, ...] = (ACTIVATION, COMPLETION, CERTIFICATION, TIME_TO_AWARD)
BY_KEY: dict[str, Kpi] = {kpi.key: kpi for kpi in KPIS}
WHO_COUNTS = _PEOPLE

VERSION_OF: dict[Measure, int] = {
    Measure.ACTIVATION: ACTIVATION.version,
    Measure.COMPLETION: COMPLETION.version,
    Measure.CERTIFICATION: CERTIFICATION.version,
}
"""The version whose meaning the bins of a measure hold; raising one asks for a rebuild."""
