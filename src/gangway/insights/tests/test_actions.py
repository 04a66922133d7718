"""Journeys from facts, in any order and more than once; counts that follow them; baselines and observations."""

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from math import nan
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from gangway.credentials.events import AwardIssued, AwardRevoked
from gangway.credentials.tests.house import ME, House, Someone, admit
from gangway.identity.events import PersonSignedIn
from gangway.insights import actions, handlers, queries
from gangway.insights.models import Baseline, CohortBin, CohortSize, FunnelCount, Journey, Observation
from gangway.insights.rules.definitions import KPIS
from gangway.kernel.models import OutboxEvent
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.kernel.wiring import Fact
from gangway.learning.events import AttemptSubmitted, CourseCompleted, EnrolmentCreated, LessonFinished
from gangway.messaging.events import MessageBounced, MessageSent
from gangway.partners.actions import set_launched
from gangway.partners.events import PartnerLaunched
from gangway.partners.models import Partner
from gangway.people.events import PersonAdmitted, PersonLeft

Told = tuple[Callable[[Any, Fact], None], Any, Someone, datetime]
CREDENTIAL = uuid4()


def tell(*facts: Told) -> None:
    for handler, event, person, at in facts:
        fact = Fact(uuid4(), person.partner_id, person.id, at, 1, ME)
        with scopes.one(person.partner_id), transaction.atomic():
            handler(event, fact)
            if isinstance(event, PersonAdmitted) and event.letter:  # identity writes at once, which is the launch
                set_launched(at=at, actor=ME, now=at)
                event = PartnerLaunched(partner_id=person.partner_id, launched_at=at)
                handlers.note_launched(event, fact)


def admitted(who: Someone, at: datetime, letter: bool = True) -> Told:
    return handlers.note_admitted, PersonAdmitted(person_id=who.id, letter=letter, source="csv"), who, at


def sent(who: Someone, at: datetime, letter: str = "identity.launch") -> Told:
    event = MessageSent(message_id=uuid4(), person_id=who.id, letter_key=letter, state="sent")
    return handlers.note_sent, event, who, at


def bounced(who: Someone, at: datetime) -> Told:
    event = MessageBounced(message_id=uuid4(), person_id=who.id, letter_key="identity.launch", state="bounced")
    return handlers.note_bounced, event, who, at


def came_in(who: Someone, at: datetime, method: str = "code", synthetic: bool = False) -> Told:
    event = PersonSignedIn(person_id=who.id, method=method, first=True, synthetic=synthetic)
    return handlers.note_came_in, event, who, at


def left(who: Someone, at: datetime) -> Told:
    return handlers.note_left, PersonLeft(person_id=who.id, source="csv"), who, at


def enrolled(house: House, who: Someone, at: datetime) -> Told:
    event = EnrolmentCreated(
        enrolment_id=uuid4(),
        person_id=who.id,
        course_id=house.course_id,
        course_key="partner-essentials",
        cycle=1,
        reason="rule",
        required=True,
    )
    return handlers.note_enrolled, event, who, at


def started(house: House, who: Someone, at: datetime) -> Told:
    event = LessonFinished(
        enrolment_id=uuid4(), person_id=who.id, course_id=house.course_id, lesson_key="one", finished=1, lessons=2
    )
    return handlers.note_started, event, who, at


def tried(house: House, who: Someone, at: datetime) -> Told:
    event = AttemptSubmitted(
        attempt_id=uuid4(),
        enrolment_id=uuid4(),
        person_id=who.id,
        course_id=house.course_id,
        assessment_version_id=uuid4(),
        attempt_n=1,
        points=1,
        points_max=8,
        passed=False,
    )
    return handlers.note_started, event, who, at


def completed(house: House, who: Someone, at: datetime, required: bool = True) -> Told:
    event = CourseCompleted(
        completion_id=uuid4(),
        enrolment_id=uuid4(),
        person_id=who.id,
        course_id=house.course_id,
        course_version_id=house.version_id,
        course_key="partner-essentials",
        cycle=1,
        required=required,
    )
    return handlers.note_completed, event, who, at


def certified(who: Someone, at: datetime, credential_id: UUID = CREDENTIAL) -> Told:
    event = AwardIssued(
        award_id=uuid4(),
        person_id=who.id,
        credential_id=credential_id,
        credential_key="partner-essentials",
        course_key="partner-essentials",
        cycle=1,
        issued_at=at,
    )
    return handlers.note_certified, event, who, at


def revoked(who: Someone, at: datetime, credential_id: UUID = CREDENTIAL) -> Told:
    event = AwardRevoked(
        award_id=uuid4(),
        person_id=who.id,
        credential_id=credential_id,
        credential_key="partner-essentials",
        cycle=1,
        reason="misconduct",
    )
    return handlers.note_revoked, event, who, at


def funnel(house: House, partner_id: UUID | None = None) -> dict[str, int]:
    with scopes.one(partner_id or house.nordwind_id):
        return {stage: n for stage, n in queries.funnel().counts().items() if n}


def counts() -> dict[str, dict[tuple[Any, ...], int]]:
    """Every count that is not zero, by its key."""
    tables = {
        CohortSize: ("scope", "measure", "version", "entry_on", "gone"),
        CohortBin: ("scope", "measure", "version", "entry_on", "age_days", "exit"),
        FunnelCount: ("scope", "stage", "entry_on"),
    }
    return {
        model.__name__: {tuple(row[:-1]): row[-1] for row in model.objects.exclude(n=0).values_list(*key, "n")}
        for model, key in tables.items()
    }


def story(house: House, now: datetime) -> list[Told]:
    """Ana does everything; Ben's mail bounces; Cleo looks and leaves; Drew is never written to; Caz is elsewhere."""
    cleo, drew = admit(house.nordwind_id, "Cleo"), admit(house.nordwind_id, "Drew")
    hour, day = timedelta(hours=1), timedelta(days=1)
    ana, ben, caz = house.ana, house.ben, house.caz
    return [
        *[admitted(who, now) for who in (ana, ben, cleo, drew, caz)],
        sent(ana, now + hour),
        sent(cleo, now + hour),
        bounced(ben, now + hour),
        came_in(ana, now + 2 * day),
        enrolled(house, ana, now),
        started(house, ana, now + 2 * day),
        tried(house, ana, now + 3 * day),
        completed(house, ana, now + 4 * day),
        certified(ana, now + 4 * day),
        came_in(cleo, now + day),
        left(cleo, now + 6 * day),
        sent(caz, now + 3 * day),
        came_in(caz, now + 3 * day + hour),
    ]


def test_a_story_as_a_funnel(house: House, now: datetime) -> None:
    tell(*story(house, now))
    assert funnel(house) == {
        "invited": 4,
        "came_in": 2,
        "bounced": 1,
        "unsent": 1,
        "sent": 2,
        "started": 1,
        "completed": 1,
        "certified": 1,
    }
    assert funnel(house, house.suedstern_id) == {"invited": 1, "came_in": 1, "sent": 1}
    with scopes.host():
        assert queries.funnel().invited == 5
        assert str(queries.figures(now).funnel_sentence) == (
            "3 of 5 came in; 1 never got the mail; 1 letters have not left this house"
        )


def test_told_twice_or_in_any_order_the_counts_are_the_same(house: House, now: datetime) -> None:
    facts = story(house, now)
    tell(*facts)
    once = counts()
    tell(*facts)
    assert counts() == once
    for seed in range(3):
        with transaction.atomic():
            for model in (CohortSize, CohortBin, FunnelCount):
                model.objects.all().delete()
            _forget(house)
            shuffled = facts[:]
            random.Random(seed).shuffle(shuffled)
            tell(*shuffled)
        assert counts() == once, seed


def _forget(house: House) -> None:
    from gangway.insights.models import JourneyItem

    for partner_id in (house.nordwind_id, house.suedstern_id):
        with scopes.one(partner_id):
            Partner.objects.update(launched_at=None)
            for model in (JourneyItem, Journey):
                model.objects.all().delete()


def test_the_clock_starts_with_the_launch_or_the_invitation(house: House, now: datetime) -> None:
    late = admit(house.nordwind_id, "Late")
    tell(admitted(house.ana, now, letter=False), admitted(house.ben, now, letter=False))
    with scopes.one(house.nordwind_id):
        assert Journey.objects.filter(clock_at__isnull=False).count() == 0
    launch, joins = now + timedelta(days=2), now + timedelta(days=9)
    tell(admitted(house.ana, launch), admitted(house.ben, launch), sent(house.ana, launch), admitted(late, joins))
    with scopes.one(house.nordwind_id):
        clocks = dict(Journey.objects.values_list("person_id", "clock_at"))
    assert clocks == {house.ana.id: launch, house.ben.id: launch, late.id: joins}


def test_who_never_counts(house: House, now: datetime) -> None:
    robot = admit(house.nordwind_id, "Robot", synthetic=True)
    tell(
        admitted(robot, now),
        sent(robot, now),
        came_in(robot, now, synthetic=True),
        admitted(house.dee, now),
        sent(house.dee, now),
        came_in(house.dee, now),
    )
    assert counts() == {"CohortSize": {}, "CohortBin": {}, "FunnelCount": {}}


def test_what_is_no_sign_in_of_a_human(house: House, now: datetime) -> None:
    tell(admitted(house.ana, now), sent(house.ana, now), came_in(house.ana, now, method="operator"))
    assert funnel(house) == {"invited": 1, "sent": 1, "unknown": 1}
    tell(came_in(house.ana, now, method="link"))
    assert funnel(house) == {"invited": 1, "sent": 1, "came_in": 1}


def test_other_letters_launch_nothing(house: House, now: datetime) -> None:
    tell(admitted(house.ana, now), sent(house.ana, now, letter="identity.sign_in"))
    assert funnel(house) == {"invited": 1, "unsent": 1}


def test_who_was_not_invited_is_in_no_cohort(house: House, now: datetime) -> None:
    tell(admitted(house.ana, now, letter=False), came_in(house.ana, now), completed(house, house.ana, now))
    assert counts()["CohortSize"] == {}
    assert funnel(house) == {}


def test_a_bounce_takes_out_and_a_new_letter_brings_back(house: House, now: datetime) -> None:
    hour = timedelta(hours=1)
    tell(admitted(house.ana, now), sent(house.ana, now))
    assert sum(counts()["CohortSize"].values()) == 3 * 4  # three measures; host, partner, type and tier
    tell(bounced(house.ana, now + hour))
    assert counts()["CohortSize"] == {}
    tell(sent(house.ana, now + 2 * hour))
    assert sum(counts()["CohortSize"].values()) == 3 * 4


def test_a_revoked_award_no_longer_counts_and_the_next_takes_its_place(house: House, now: datetime) -> None:
    other, day = uuid4(), timedelta(days=1)
    tell(admitted(house.ana, now), sent(house.ana, now), certified(house.ana, now + day))
    tell(certified(house.ana, now + 5 * day, other))
    tell(revoked(house.ana, now + 6 * day))
    ages = {key[4] for key in counts()["CohortBin"] if key[1] == "certification"}
    assert ages == {5}
    tell(revoked(house.ana, now + 7 * day, other))
    assert [key for key in counts()["CohortBin"] if key[1] == "certification"] == []


def test_who_comes_back_is_open_again(house: House, now: datetime) -> None:
    day = timedelta(days=1)
    tell(admitted(house.ana, now), sent(house.ana, now), left(house.ana, now + day))
    assert {key[-1] for key in counts()["CohortBin"]} == {"left"}
    tell(admitted(house.ana, now + 2 * day), left(house.ana, now + day))
    assert counts()["CohortBin"] == {}


def test_a_course_nobody_asked_for_is_no_completion(house: House, now: datetime) -> None:
    tell(admitted(house.ana, now), sent(house.ana, now), completed(house, house.ana, now, required=False))
    assert "completed" not in funnel(house)


# ---------------------------------------------------------------- values


def test_a_baseline_is_kept_and_told(house: House, now: datetime) -> None:
    with scopes.one(house.host_id):
        for value in (0.4, 0.41):
            actions.set_baseline(
                kpi_key="activation", value=value, taken_on=date(2026, 1, 31), source="Survey", actor=ME, now=now
            )
        with pytest.raises(DatabaseError), transaction.atomic():
            Baseline.objects.update(value=0.9)
    with scopes.host():
        assert {key: row.value for key, row in queries.baselines().items()} == {"activation": 0.41}
    with scopes.one(house.nordwind_id):
        assert queries.baselines() == {}
    assert OutboxEvent.objects.filter(name="insights.baseline.set.v1").count() == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kpi_key": "nps"}, "kpi"),
        ({"value": 41}, "value"),
        ({"value": -0.1}, "value"),
        ({"value": nan}, "value"),
        ({"taken_on": date(2026, 3, 3)}, "taken_on"),
        ({"source": " "}, "source"),
    ],
)
def test_what_is_no_baseline(house: House, now: datetime, change: dict[str, Any], field: str) -> None:
    said = {"kpi_key": "activation", "value": 0.41, "taken_on": date(2026, 1, 31), "source": "Survey", **change}
    with scopes.one(house.host_id), pytest.raises(Invalid) as refusal:
        actions.set_baseline(**said, actor=ME, now=now)
    assert refusal.value.field == field
    with scopes.host():
        assert queries.baselines() == {}


def test_an_observation_is_recorded_once(house: House, now: datetime) -> None:
    said: dict[str, Any] = {
        "measure": "deals",
        "value": 3.0,
        "observed_at": now,
        "source": "crm",
        "source_key": "006A",
        "actor": ME,
        "now": now,
    }
    with scopes.one(house.nordwind_id):
        assert actions.record_observation(**said)
        assert not actions.record_observation(**said)
        assert Observation.objects.count() == 1
        with pytest.raises(Invalid):
            actions.record_observation(**{**said, "value": nan})


# ---------------------------------------------------------------- figures


def test_figures_of_scopes(house: House, now: datetime) -> None:
    people = [admit(house.nordwind_id, f"P{n}") for n in range(10)]
    later = now + timedelta(days=40)
    tell(*[admitted(who, now) for who in people], *[sent(who, now) for who in people])
    tell(*[came_in(who, now + timedelta(days=1)) for who in people[:8]])
    tell(*[completed(house, who, now + timedelta(days=3)) for who in people[:4]])
    tell(admitted(house.caz, now), sent(house.caz, now))
    with scopes.one(house.nordwind_id):
        rows = {row.key: row for row in queries.kpis(later)}
    assert [row.kpi for row in rows.values()] == list(KPIS)
    assert (rows["activation"].numerator, rows["activation"].n, rows["activation"].verdict) == (8, 10, "met")
    assert (rows["completion-30"].value, rows["completion-30"].verdict) == (0.4, "at risk")
    assert rows["time-to-first-award"].value is None
    with scopes.host():
        assert queries.kpi("activation", later).n == 11
    with scopes.one(house.suedstern_id):
        assert queries.kpi("activation", later).verdict == "not measurable yet"
    with scopes.tree(house.nordwind_id):
        assert queries.kpi("activation", later).n == 10
    with scopes.host():
        assert {pid: f.invited for pid, f in queries.funnels_of_partners().items()} == {
            house.nordwind_id: 10,
            house.suedstern_id: 1,
        }


def test_figures_cost_the_same_for_one_and_for_thirty(house: House, now: datetime) -> None:
    statements = []
    for round_ in (1, 29):
        people = [admit(house.nordwind_id, f"P{round_} {n}") for n in range(round_)]
        tell(*[admitted(who, now) for who in people], *[sent(who, now) for who in people])
        with scopes.host(), CaptureQueriesContext(connection) as counted:
            found = queries.figures(now)
        statements.append(len(counted))
    assert found.funnel.invited == 30
    assert statements[0] == statements[1] <= 12


def test_the_document_says_everything_json_can_carry(house: House, now: datetime) -> None:
    import json

    from gangway.kernel.console import plain

    tell(*story(house, now))
    with scopes.host():
        document = json.loads(json.dumps(queries.document(queries.figures(now)), default=plain))
    assert [row["key"] for row in document["kpis"]] == [kpi.key for kpi in KPIS]
    assert document["funnel"]["invited"] == 5
    assert set(document["kpis"][0]) >= {
        "key",
        "version",
        "value",
        "numerator",
        "n",
        "interval",
        "target",
        "verdict",
        "sentence",
        "as_of",
    }
