"""Rules under everything that may happen around them, in any order (Hypothesis), at two partners.

Whatever the order: once the worker rests, whoever a rule names has its reason, whoever it does not name has none, what
was not begun and nobody asked for is over, and what somebody asked for by hand or began is still there. What a rule
names is worked out anew from what is stored, by the condition that the console's list of people uses.
"""

import os
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from gangway.catalog.rules import Assign, CourseDraft
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.jobs import runner
from gangway.kernel.models import Failure, Job
from gangway.kernel.outbox import relay
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.learning import actions, handlers, queries
from gangway.learning.actions import RuleSpec
from gangway.learning.models import Enrolment, EnrolmentReason, EnrolmentRule
from gangway.learning.rules import EnrolmentState, RuleState, Whom
from gangway.learning.tests.conftest import START
from gangway.partners.actions import edit_partner, set_tier
from gangway.people import actions as people
from gangway.people.models import Person

EXAMPLES, STEPS = (int(os.environ.get("GANGWAY_MODEL_RUNS", "12")), 25)
OPERATOR = Actor.operator()
SLUGS = ("nordwind", "suedstern")
TYPES, TIERS, GROUPS, LANGUAGES = ("reseller", "msp"), ("silver", "gold"), ("sales", "service"), ("en", "de", "pt-BR")


def some(values: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), max_size=2)


WHOM = st.builds(Whom, types=some(TYPES), tiers=some(TIERS), groups=some(GROUPS), languages=some(("en", "de", "pt")))
WHO = st.integers(0, 5)


class Rules(RuleBasedStateMachine):
    """Two partners with three people each and two courses; each run is rolled back."""

    partners: dict[str, UUID]
    courses: list[UUID]

    def __init__(self) -> None:
        super().__init__()
        self.run = transaction.atomic()
        self.run.__enter__()
        self.rules, self.hand, self.out = list[UUID](), set[tuple[UUID, UUID]](), set[tuple[UUID, UUID]]()
        self.people, self.groups = list[tuple[UUID, UUID]](), dict[tuple[UUID, str], UUID]()
        for slug in SLUGS:
            with scopes.one(self.partners[slug]):
                for key in GROUPS:
                    made = people.make_group(key=key, name=key, actor=OPERATOR, now=START)
                    self.groups[self.partners[slug], key] = made
            for _ in range(3):
                self.admit(SLUGS.index(slug))

    def teardown(self) -> None:
        try:
            self.rest()
        finally:
            transaction.set_rollback(True)
            self.run.__exit__(None, None, None)

    def at(self, n: int) -> tuple[UUID, UUID]:
        return self.people[n % len(self.people)]

    # ---------------------------------------------------------------- what people do

    @rule(at=st.integers(0, 1))
    def admit(self, at: int) -> None:
        partner_id, name = self.partners[SLUGS[at]], f"p{len(self.people)}"
        with scopes.one(partner_id):
            self.people.append(
                (
                    partner_id,
                    people.admit_person(name=name, email=f"{name}@x.example", letter=False, actor=OPERATOR, now=START),
                )
            )

    @rule(who=WHO, key=st.sampled_from(GROUPS), joins=st.booleans())
    def regroup(self, who: int, key: str, joins: bool) -> None:
        partner_id, person_id = self.at(who)
        move = people.join_group if joins else people.quit_group
        with scopes.one(partner_id), suppress(Refusal):
            move(group_id=self.groups[partner_id, key], person_ids=[person_id], actor=OPERATOR, now=START)

    @rule(who=WHO, locale=st.sampled_from(LANGUAGES))
    def speak(self, who: int, locale: str) -> None:
        partner_id, person_id = self.at(who)
        with scopes.one(partner_id):
            people.set_profile(person_id=person_id, locale=locale, actor=OPERATOR, now=START)

    @rule(who=WHO)
    def leave(self, who: int) -> None:
        partner_id, person_id = self.at(who)
        with scopes.one(partner_id):
            people.person_leaves(person_id=person_id, actor=OPERATOR, now=START)

    @rule(at=st.integers(0, 1), kind=st.sampled_from(TYPES), tier=st.sampled_from((*TIERS, None)))
    def partner_moves(self, at: int, kind: str, tier: str | None) -> None:
        with scopes.one(self.partners[SLUGS[at]]):
            edit_partner(said={"type": kind}, actor=OPERATOR, now=START)
            set_tier(tier=tier, actor=OPERATOR, now=START)

    @rule(who=WHO, course=st.integers(0, 1))
    def begin(self, who: int, course: int) -> None:
        partner_id, person_id = self.at(who)
        with scopes.one(partner_id), suppress(Refusal):
            rows = Enrolment.objects.filter(person=person_id, course=self.courses[course])
            for row in rows.filter(state=EnrolmentState.ACTIVE):
                actions.open_lesson(enrolment_id=row.pk, lesson_key="hello", actor=OPERATOR, now=START)

    # ---------------------------------------------------------------- what those who look after them do

    @rule(who=WHO, course=st.integers(0, 1))
    def enrol_by_hand(self, who: int, course: int) -> None:
        partner_id, person_id = self.at(who)
        with scopes.one(partner_id), suppress(Refusal):
            course_id = self.courses[course]
            actions.enrol_by_hand(person_id=person_id, course_id=course_id, actor=OPERATOR, now=START)
            self.hand.add((person_id, course_id))
            self.out.discard((person_id, course_id))

    @rule(who=WHO, course=st.integers(0, 1))
    def take_out(self, who: int, course: int) -> None:
        partner_id, person_id = self.at(who)
        with scopes.one(partner_id):
            for row in Enrolment.objects.filter(person=person_id, course=self.courses[course], state="active"):
                actions.withdraw(enrolment_id=row.pk, actor=OPERATOR, now=START)
                self.hand.discard((person_id, row.course_id))
                self.out.add((person_id, row.course_id))

    @rule(whom=WHOM, course=st.integers(0, 1), due=st.sampled_from((None, 7, 30)))
    def make(self, whom: Whom, course: int, due: int | None) -> None:
        spec = RuleSpec(name="A rule", course_id=self.courses[course], whom=whom, due_days=due)
        with scopes.one(self.partners["host"]):
            rule_id = actions.make_rule(spec=spec, actor=OPERATOR, now=START)
            actions.switch_rule(rule_id=rule_id, on=True, actor=OPERATOR, now=START)
        self.rules.append(rule_id)

    @rule(n=st.integers(0, 9), whom=WHOM, on=st.booleans())
    def change(self, n: int, whom: Whom, on: bool) -> None:
        if self.rules:
            row = queries.rule(self.rules[n % len(self.rules)])
            with scopes.one(self.partners["host"]):
                spec = RuleSpec(name=row.name, course_id=row.course_id, whom=whom, due_days=row.due_days)
                actions.change_rule(rule_id=row.id, spec=spec, actor=OPERATOR, now=START)
                actions.switch_rule(rule_id=row.id, on=on, actor=OPERATOR, now=START)

    # ---------------------------------------------------------------- what must be true of it

    @rule()
    def rest(self) -> None:
        """The worker does what waits; then everything is as if it had been worked out at once."""
        while relay.turn(START) or runner._run_one("model", clock.now()):
            pass
        assert not Failure.objects.exists()
        assert not Job.objects.exclude(state="done").exists()
        with scopes.host():
            named = self.named()
            given = self.given()
            enrolments = list(Enrolment.objects.all())
        assert given == {one for one in named if one[:2] not in self.out}
        here = {person_id for _, person_id in self.people} & self.here()
        for row in enrolments:
            place = (row.person_id, row.course_id)
            asked = any(one[:2] == place for one in given) or place in self.hand
            if asked or (row.opened_at and place not in self.out):
                assert row.state == EnrolmentState.ACTIVE
            else:
                assert row.state == EnrolmentState.WITHDRAWN
        assert {one[:2] for one in given} <= {(row.person_id, row.course_id) for row in enrolments}
        assert {person_id for person_id, *_ in given} <= here

    def here(self) -> set[UUID]:
        with scopes.host():
            return set(Person.objects.exclude(state="left").values_list("pk", flat=True))

    def named(self) -> set[tuple[UUID, UUID, str]]:
        """(person, course, ref), by what the console's list of people says."""
        found = set()
        for row in EnrolmentRule.objects.filter(state=RuleState.ON):
            spec = queries.named_by(queries.rule(row.pk).whom, course_id=row.course_id)
            found |= {(pk, row.course_id, f"rule:{row.key}") for pk in spec.rows().values_list("pk", flat=True)}
        return found

    def given(self) -> set[tuple[UUID, UUID, str]]:
        rows = EnrolmentReason.objects.filter(kind="rule", withdrawn_at=None, ref__startswith="rule:")
        return set(rows.values_list("enrolment__person_id", "enrolment__course_id", "ref"))


@pytest.mark.django_db
def test_what_rules_name_is_what_people_have(partners: Any, publish: Any, draft: CourseDraft) -> None:
    Rules.partners = partners
    Rules.courses = [publish(replace(draft, key=key, assign=Assign.NOBODY)) for key in ("one", "two")]
    run_state_machine_as_test(
        Rules,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
        ),
    )


@pytest.mark.django_db
def test_a_change_that_nothing_follows_is_found(
    partners: Any, publish: Any, draft: CourseDraft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "NAMED_BY", frozenset({"state"}))
    Rules.partners = partners
    Rules.courses = [publish(replace(draft, key=key, assign=Assign.NOBODY)) for key in ("one", "two")]
    with pytest.raises(AssertionError) as found:
        run_state_machine_as_test(
            Rules,
            settings=settings(
                max_examples=100,
                stateful_step_count=STEPS,
                deadline=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    assert found.traceback[-1].name == "rest"
