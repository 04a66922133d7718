"""Rules that enrol: whom they name, what they leave alone, what they refuse, and their pages in the console."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gangway.kernel import clock
from gangway.kernel.jobs import runner
from gangway.kernel.models import AuditEntry, Job, OutboxEvent
from gangway.kernel.outbox import relay
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.learning import actions, jobs, queries
from gangway.learning.actions import RuleSpec
from gangway.learning.models import Enrolment, EnrolmentReason, EnrolmentRule
from gangway.learning.rules import EnrolmentState, ReasonKind, Traits, Whom, key_of, names
from gangway.learning.tests.conftest import START, Learner
from gangway.learning.tests.test_actions import JOB
from gangway.learning.tests.test_enrolment_pages import words
from gangway.people.actions import admit_person, grant_role

Admit = Callable[[str, str], Learner]
ALL = Whom()


def made(partners: dict[str, UUID], course: UUID, whom: Whom = ALL, *, on: bool = True, due: int | None = None) -> UUID:
    with scopes.one(partners["host"]):
        spec = RuleSpec(name="A rule", course_id=course, whom=whom, due_days=due)
        rule_id = actions.make_rule(spec=spec, actor=JOB, now=START)
        if on:
            actions.switch_rule(rule_id=rule_id, on=True, actor=JOB, now=START)
    return rule_id


def switched(partners: dict[str, UUID], rule_id: UUID, on: bool) -> bool:
    with scopes.one(partners["host"]):
        return actions.switch_rule(rule_id=rule_id, on=on, actor=JOB, now=START)


def followed(*people: Learner) -> tuple[int, int]:
    with scopes.one(people[0].partner_id):
        done = actions.follow_rules(person_ids=[one.id for one in people], actor=JOB, now=START)
    return done.enrolled, done.ended


def rest() -> None:
    while relay.turn(clock.now()) or runner._run_one("test", clock.now()):
        pass
    assert not Job.objects.exclude(state="done").exists()


def of(person: Learner) -> list[tuple[str, bool, date | None]]:
    with scopes.one(person.partner_id):
        rows = Enrolment.objects.filter(person=person.id).order_by("cycle")
        return [(row.state, row.required, row.due_on) for row in rows]


@pytest.mark.parametrize(
    ("whom", "named"),
    [
        (Whom(), True),
        (Whom(types=frozenset({"msp", "reseller"}), tiers=frozenset({"gold"})), True),
        (Whom(types=frozenset({"msp"})), False),
        (Whom(tiers=frozenset({"silver"})), False),
        (Whom(groups=frozenset({"sales", "none"}), languages=frozenset({"pt"})), True),
        (Whom(languages=frozenset({"pt-BR"})), True),
        (Whom(languages=frozenset({"pt-PT", "de"})), False),
        (Whom(groups=frozenset({"service"})), False),
    ],
)
def test_one_of_a_kind_will_do_and_all_kinds_must_fit(whom: Whom, named: bool) -> None:
    traits = Traits(type="reseller", tier="gold", language="pt-BR", groups=frozenset({"sales"}))
    assert names(whom, traits) is named


def test_a_key_comes_from_the_name() -> None:
    assert key_of("Gold: Größe zählt!", ()) == "gold-groe-zahlt"
    assert key_of("قاعدة", {"rule"}) == "rule-2"
    assert key_of("A", {"a", "a-2"}) == "a-3"


def test_a_rule_enrols_once_and_brings_a_due_date(partners: dict[str, UUID], admit: Admit, course: UUID) -> None:
    ana, ben = admit("ana", "nordwind"), admit("ben", "nordwind")
    rule_id = made(partners, course, on=False, due=30)
    assert followed(ana, ben) == (0, 0), "it is switched off"
    assert switched(partners, rule_id, on=True)
    assert not switched(partners, rule_id, on=True)
    assert followed(ana, ben) == (2, 0)
    assert followed(ana, ben) == (0, 0)
    assert of(ana) == [(EnrolmentState.ACTIVE, True, date(2026, 4, 1))]
    with scopes.one(ana.partner_id):
        assert [row.ref for row in EnrolmentReason.objects.filter(enrolment__person=ana.id)] == ["rule:a-rule"]
    told = OutboxEvent.objects.filter(name="learning.enrolment.created.v1")
    assert {row.payload["reason"] for row in told} == {"rule"}


def test_who_was_enrolled_by_hand_stays_and_who_was_taken_out_stays_out(
    partners: dict[str, UUID], admit: Admit, course: UUID
) -> None:
    hand, own, out, idle = (admit(name, "nordwind") for name in ("hand", "own", "out", "idle"))
    with scopes.one(hand.partner_id):
        actions.enrol_by_hand(person_id=hand.id, course_id=course, actor=JOB, now=START)
        actions.enrol(person_id=own.id, course_id=course, reason=ReasonKind.SELF, actor=JOB, now=START)
        gone = actions.enrol_by_hand(person_id=out.id, course_id=course, actor=JOB, now=START)
        actions.withdraw(enrolment_id=gone.enrolment_id, actor=JOB, now=START)
    rule_id = made(partners, course, due=7)
    assert followed(hand, own, out, idle) == (1, 0)
    assert of(hand) == of(own) == [(EnrolmentState.ACTIVE, True, None)], "their own dates stay"
    assert switched(partners, rule_id, on=False)
    assert followed(hand, own, out, idle) == (0, 1)
    assert [of(one)[0][0] for one in (hand, own, out, idle)] == ["active", "active", "withdrawn", "withdrawn"]
    told = OutboxEvent.objects.get(name="learning.enrolment.withdrawn.v1", payload__person_id=str(idle.id))
    assert told.payload["next_cycle"] is None
    assert switched(partners, rule_id, on=True)
    assert followed(hand, own, out, idle) == (1, 0), "who was idle comes back"


def test_the_vendors_own_people_learn_by_no_rule(partners: dict[str, UUID], admit: Admit, course: UUID) -> None:
    dee = admit("dee", "host")
    made(partners, course)
    assert followed(dee) == (0, 0)


def test_the_statements_do_not_grow_with_people_or_rules(partners: dict[str, UUID], admit: Admit, course: UUID) -> None:
    def cost(people: list[Learner]) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert followed(*people)[0] == len(people)
        return len(seen)

    made(partners, course)
    few = cost([admit("one", "nordwind")])
    for _ in range(2):
        made(partners, course)
    many = cost([admit(f"p{n}", "nordwind") for n in range(30)])
    print(f"follow: {few} statements for 1 person and 1 rule, {many} for 30 and 3")
    assert many == few


@pytest.mark.django_db(transaction=True)
def test_a_job_walks_everybody_and_a_second_one_changes_nothing(
    partners: dict[str, UUID], admit: Admit, course: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [admit(f"p{n}", slug) for n in range(4) for slug in ("nordwind", "suedstern")]
    rest()
    monkeypatch.setattr(jobs, "BATCH", 3)
    rule_id = made(partners, course, Whom(languages=frozenset({"en"})))
    assert jobs.follow_rule.func(rule_id=str(rule_id)) == 0, "everybody has the course already"
    with scopes.host():
        assert EnrolmentReason.objects.filter(ref="rule:a-rule", withdrawn_at=None).count() == len(people)
    before = AuditEntry.objects.count()
    assert jobs.follow_rule.func(rule_id=str(rule_id)) == 0
    assert jobs.follow_rule.func(rule_id=str(uuid4())) == 0
    assert AuditEntry.objects.count() == before


def test_what_a_rule_cannot_be(partners: dict[str, UUID], admit: Admit, course: UUID) -> None:
    def attempt(**said: Any) -> None:
        spec = RuleSpec(**({"name": "A rule", "course_id": course, "whom": Whom()} | said))
        actions.make_rule(spec=spec, actor=JOB, now=START)

    with scopes.one(partners["host"]):
        for wrong in (
            {"name": " "},
            {"course_id": uuid4()},
            {"due_days": 0},
            {"due_days": 4000},
            {"whom": Whom(types=frozenset({"none"}))},
            {"whom": Whom(tiers=frozenset({"none"}))},
        ):
            with pytest.raises(Invalid):
                attempt(**wrong)
        with pytest.raises(NotFound):
            actions.switch_rule(rule_id=uuid4(), on=True, actor=JOB, now=START)
    with scopes.one(partners["nordwind"]), pytest.raises(NotFound):
        attempt()
    rule_id = made(partners, course)
    with scopes.one(partners["nordwind"]), pytest.raises(NotFound):
        actions.switch_rule(rule_id=rule_id, on=False, actor=JOB, now=START)
    ana = admit("ana", "nordwind")
    with scopes.one(ana.partner_id), pytest.raises(ValueError, match="500"):
        actions.follow_rules(person_ids=[uuid4() for _ in range(501)], actor=JOB, now=START)


@pytest.fixture
def console(admit: Admit, sign_in: Callable[[Learner], Client]) -> Client:
    dee = admit("dee", "host")
    with scopes.one(dee.partner_id):
        grant_role(person_id=dee.id, role="programme_lead", actor=JOB, now=clock.now())
    return sign_in(dee)


@pytest.mark.django_db(transaction=True)
def test_from_who_would_get_this_to_enrolled_and_back(
    partners: dict[str, UUID], admit: Admit, course: UUID, console: Client
) -> None:
    ana, caz = admit("ana", "nordwind"), admit("caz", "suedstern")
    assert "No rules yet" in words(console.get("/console/rules"))
    form = {"name": "English learn it", "course": str(course), "languages": ["en"], "due_days": "30"}
    said = words(console.post("/console/rules/new", form | {"do": "look"}))
    assert "2 people would get this course; they are at 2 partners." in said
    assert "Nordwind" in said
    assert EnrolmentRule.objects.count() == 0
    assert "No course was chosen." in words(console.post("/console/rules/new", form | {"course": ""}), 422)
    assert "That is no number of days." in words(console.post("/console/rules/new", form | {"due_days": "x"}), 422)

    there = console.post("/console/rules/new", form | {"do": "save"})["Location"]
    said = words(console.get(there))
    assert "It is switched off" in said
    assert "ana" in said
    console.post(f"{there}/switch", {"on": "yes"})
    rest()
    assert of(ana)[0][0] == of(caz)[0][0] == EnrolmentState.ACTIVE
    said = words(console.get(there))
    assert "2 people get this course; they are at 2 partners; 2 are enrolled already." in said
    assert "1 rule enrols people." in words(console.get("/console/rules"))

    change = {"name": "Arabs learn it", "languages": ["ar"], "due_days": "", "course": str(uuid4())}
    assert "English learn it" in words(console.get(f"{there}/change"))
    assert "It names nobody who is here now." in words(console.post(f"{there}/change", change | {"do": "look"}))
    assert console.post(f"{there}/change", change | {"do": "save"}).status_code == 302
    console.post(f"{there}/switch", {"on": "no"})
    rest()
    with scopes.host():
        assert not EnrolmentReason.objects.filter(ref__startswith="rule:", withdrawn_at=None).exists()
    verbs = AuditEntry.objects.filter(object_type="rule").order_by("id").values_list("verb", flat=True)
    assert [verb.rsplit(".", 1)[1] for verb in verbs] == ["make", "switch", "change", "switch"]


def test_a_robot_of_a_rehearsal_is_nobody_who_would_get_it(
    partners: dict[str, UUID], admit: Admit, course: UUID
) -> None:
    admit("ana", "nordwind")
    with scopes.one(partners["nordwind"]):
        admit_person(name="Robo", email="r@nordwind.example", letter=False, synthetic=True, actor=JOB, now=START)
    with scopes.host():
        found = queries.named_by(Whom(), course_id=course)
        assert [row.name for row in found.rows()] == ["ana"]


def test_rules_are_for_those_who_reach_everybody(
    partners: dict[str, UUID], admit: Admit, course: UUID, sign_in: Callable[[Learner], Client]
) -> None:
    ana = admit("ana", "nordwind")
    rule_id = made(partners, course)
    with scopes.one(ana.partner_id):
        grant_role(person_id=ana.id, role="partner_admin", actor=JOB, now=clock.now())
    browser = sign_in(ana)
    for there in ("", "/new", f"/{rule_id}", f"/{rule_id}/change"):
        assert browser.get(f"/console/rules{there}").status_code == 403
    assert browser.post(f"/console/rules/{rule_id}/switch", {"on": "no"}).status_code == 403


def test_an_unknown_rule_is_no_page(console: Client) -> None:
    for method, there in (("get", ""), ("get", "/change"), ("post", "/switch")):
        assert getattr(console, method)(f"/console/rules/{uuid4()}{there}").status_code == 404
