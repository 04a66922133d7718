"""Paths under everything that may happen around them, in any order (Hypothesis), against a model of a few sets.

Whatever the order: once the worker rests, whoever is on a path is enrolled in its courses and has its reason, whoever
is off it is out of what they had not begun and nobody else asked for; and a course is begun exactly when nothing that
it waits for is missing.
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

from gangway.catalog import actions as catalog
from gangway.catalog.actions import PathSpec
from gangway.catalog.queries import paths_by_id
from gangway.catalog.rules import Assign, CourseDraft, PathStep
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.jobs import runner
from gangway.kernel.models import Failure, Job
from gangway.kernel.outbox import relay
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.learning import actions, jobs, queries
from gangway.learning.actions import RuleSpec, subject
from gangway.learning.actions.paths import NotOnPath, OnPathAlready
from gangway.learning.actions.subject import WaitsForOthers
from gangway.learning.models import Enrolment, EnrolmentReason
from gangway.learning.rules import EnrolmentState, ReasonKind, Step, Whom
from gangway.learning.tests.conftest import START
from gangway.people import actions as people

EXAMPLES, STEPS = (int(os.environ.get("GANGWAY_MODEL_RUNS", "10")), 25)
OPERATOR = Actor.operator()
WHO, COURSE, PATH = st.integers(0, 1), st.integers(0, 2), st.integers(0, 1)
WAITS = st.dictionaries(COURSE, st.frozensets(COURSE, max_size=2), min_size=1)
Place = tuple[UUID, UUID]  # person, course or path


class Paths(RuleBasedStateMachine):
    """Two people, three courses, two paths and a rule that puts everybody on the first; each run is rolled back."""

    partners: dict[str, UUID]
    courses: list[UUID]

    def __init__(self) -> None:
        super().__init__()
        self.run = transaction.atomic()
        self.run.__enter__()
        self.ruled = False
        self.put, self.off = set[Place](), set[Place]()  # on a path by somebody; taken off it by somebody
        self.hand, self.out = set[Place](), set[Place]()  # the same of courses
        self.begun, self.done = set[Place](), set[Place]()
        one, two, three = self.courses
        with scopes.one(self.partners["host"]):
            ordered = (PathStep(one), PathStep(two, frozenset({one})))
            self.steps = {self.make(*ordered): ordered, self.make(PathStep(three)): (PathStep(three),)}
            self.paths = list(self.steps)
            spec = RuleSpec(name="All", path_id=self.paths[0], whom=Whom())
            self.rule_id = actions.make_rule(spec=spec, actor=OPERATOR, now=START)
        self.people = []
        with scopes.one(self.partners["nordwind"]):
            for name in ("ana", "bea"):
                address = f"{name}@x.example"
                who = people.admit_person(name=name, email=address, letter=False, actor=OPERATOR, now=START)
                self.people.append(who)

    def make(self, *steps: PathStep) -> UUID:
        return catalog.make_path(spec=PathSpec(name="A path", steps=steps), actor=OPERATOR, now=START)

    def teardown(self) -> None:
        try:
            self.rest()
        finally:
            transaction.set_rollback(True)
            self.run.__exit__(None, None, None)

    # ---------------------------------------------------------------- the model

    def on(self, who: UUID) -> set[UUID]:
        return {
            path
            for path in self.paths
            if (who, path) in self.put or (self.ruled and path == self.paths[0] and (who, path) not in self.off)
        }

    def asked(self, who: UUID, course: UUID) -> set[UUID]:
        """The paths that ask for somebody in a course."""
        if (who, course) in self.out:
            return set()
        return {path for path in self.on(who) if course in {step.course_id for step in self.steps[path]}}

    def waits(self, who: UUID, course: UUID) -> bool:
        wanted = {
            other
            for path in self.asked(who, course)
            for step in self.steps[path]
            if step.course_id == course
            for other in step.waits_for
        }
        return any((who, other) not in self.done for other in wanted)

    def goes_on(self, who: UUID, course: UUID) -> bool:
        begun = (who, course) in self.begun and (who, course) not in self.out
        return begun or (who, course) in self.hand or bool(self.asked(who, course))

    # ---------------------------------------------------------------- what people do

    @rule(who=WHO, course=COURSE, finish=st.booleans())
    def learn(self, who: int, course: int, finish: bool) -> None:
        person_id, course_id = self.people[who], self.courses[course]
        place = (person_id, course_id)
        with scopes.one(self.partners["nordwind"]):
            row = Enrolment.objects.filter(person=person_id, course=course_id, state=EnrolmentState.ACTIVE).first()
            if row is None:
                return
            verb: Any = actions.finish_lesson if finish else actions.open_lesson
            try:
                verb(enrolment_id=row.pk, lesson_key="hello", actor=OPERATOR, now=START)
                let_in = True
            except WaitsForOthers:
                let_in = False
        assert let_in == (place in self.begun or not self.waits(*place))
        if let_in:
            self.begun.add(place)
            self.done |= {place} if finish else set()

    @rule(who=WHO, path=PATH, own=st.booleans())
    def join(self, who: int, path: int, own: bool) -> None:
        person_id, path_id = self.people[who], self.paths[path]
        was_on = path_id in self.on(person_id)
        reason = ReasonKind.SELF if own else ReasonKind.MANUAL
        with scopes.one(self.partners["nordwind"]):
            try:
                actions.join_path(person_id=person_id, path_id=path_id, reason=reason, actor=OPERATOR, now=START)
            except OnPathAlready:
                assert was_on
        if not was_on:
            self.put.add((person_id, path_id))
            self.off.discard((person_id, path_id))
            self.out -= {(person_id, step.course_id) for step in self.steps[path_id]}
        self.rest()

    # ---------------------------------------------------------------- what those who look after them do

    @rule(who=WHO, path=PATH)
    def leave(self, who: int, path: int) -> None:
        person_id, path_id = self.people[who], self.paths[path]
        was_on = path_id in self.on(person_id)
        with scopes.one(self.partners["nordwind"]):
            try:
                actions.leave_path(person_id=person_id, path_id=path_id, actor=OPERATOR, now=START)
            except NotOnPath:
                assert not was_on
        if was_on:
            self.put.discard((person_id, path_id))
            self.off.add((person_id, path_id))
        self.rest()

    @rule(who=WHO, course=COURSE, gives=st.booleans())
    def by_hand(self, who: int, course: int, gives: bool) -> None:
        place = person_id, course_id = self.people[who], self.courses[course]
        with scopes.one(self.partners["nordwind"]), suppress(Refusal):
            if gives:
                actions.enrol_by_hand(person_id=person_id, course_id=course_id, actor=OPERATOR, now=START)
                self.hand.add(place)
                self.out.discard(place)
                actions.follow_paths(person_ids=[person_id], actor=OPERATOR, now=START)
            for row in (
                Enrolment.objects.filter(person=person_id, course=course_id, state="active") if not gives else ()
            ):
                actions.withdraw(enrolment_id=row.pk, actor=OPERATOR, now=START)
                self.hand.discard(place)
                self.out.add(place)
        self.rest()

    @rule(on=st.booleans())
    def switch(self, on: bool) -> None:
        with scopes.one(self.partners["host"]):
            actions.switch_rule(rule_id=self.rule_id, on=on, actor=OPERATOR, now=START)
        self.ruled = on
        self.rest()

    @rule(path=PATH, waits=WAITS)
    def change(self, path: int, waits: dict[int, frozenset[int]]) -> None:
        """Other courses, in another order, waiting for others; a ring or a stranger is refused and changes nothing."""
        chosen = [PathStep(self.courses[n], frozenset(self.courses[m] for m in found)) for n, found in waits.items()]
        spec = PathSpec(name="A path", steps=tuple(chosen))
        with scopes.one(self.partners["host"]), suppress(Refusal):
            catalog.change_path(path_id=self.paths[path], spec=spec, actor=OPERATOR, now=START)
            self.steps[self.paths[path]] = tuple(chosen)
        self.rest()

    # ---------------------------------------------------------------- what must be true of it

    def rest(self) -> None:
        """The worker does what waits; then everything is as the model says."""
        while relay.turn(START) or runner._run_one("model", clock.now()):
            pass
        assert not Failure.objects.exists()
        assert not Job.objects.exclude(state="done").exists()
        with scopes.one(self.partners["nordwind"]):
            rows = {(row.person_id, row.course_id): row.state for row in Enrolment.objects.all()}
            given = EnrolmentReason.objects.filter(kind=ReasonKind.PATH, withdrawn_at=None)
            reasons = set(given.values_list("enrolment__person_id", "enrolment__course_id", "ref"))
            for who in self.people:
                self.home(who, rows)
        refs = {row.id: f"path:{row.key}" for row in paths_by_id(self.paths).values()}
        places = [(who, course) for who in self.people for course in self.courses]
        assert reasons == {(*place, refs[path]) for place in places for path in self.asked(*place)}
        for place in places:
            if place in self.done:
                assert rows[place] == EnrolmentState.COMPLETED
            else:
                assert (rows.get(place) == EnrolmentState.ACTIVE) == self.goes_on(*place)

    def home(self, who: UUID, rows: dict[Place, str]) -> None:
        """The one next thing may be begun, wherever anything may."""
        following = queries.next_action(who, START)
        alive = [course for (one, course), state in rows.items() if one == who and state == EnrolmentState.ACTIVE]
        free = [course for course in alive if (who, course) in self.begun or not self.waits(who, course)]
        assert (following is None) == (not alive)
        if following is not None:
            assert (following.step is not Step.BLOCKED) == bool(free)
            assert not free or following.course.course_id in free


def run(partners: Any, publish: Any, draft: CourseDraft, **options: Any) -> None:
    lesson = (draft.lessons[0],)
    drafts = [replace(draft, key=key, check=None, lessons=lesson, assign=Assign.NOBODY) for key in ("a", "b", "c")]
    Paths.partners, Paths.courses = partners, [publish(one) for one in drafts]
    usual = {"stateful_step_count": STEPS, "deadline": None, "suppress_health_check": list(HealthCheck)}
    run_state_machine_as_test(Paths, settings=settings(**usual, **options))


@pytest.mark.django_db
def test_what_paths_ask_for_is_what_people_have(partners: Any, publish: Any, draft: CourseDraft) -> None:
    run(partners, publish, draft, max_examples=EXAMPLES, phases=[Phase.explicit, Phase.generate, Phase.shrink])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("where", "name", "found_in"), [(subject, "refuse_waiting", {"learn", "home"}), (jobs, "_follow_path", {"rest"})]
)
def test_a_door_that_stands_open_and_a_change_that_nobody_follows_are_found(
    where: Any,
    name: str,
    found_in: set[str],
    partners: Any,
    publish: Any,
    draft: CourseDraft,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(where, name, lambda _anything: 0)
    with pytest.raises(AssertionError) as found:
        run(partners, publish, draft, max_examples=100, derandomize=True, phases=[Phase.generate])
    assert found.traceback[-1].name in found_in, "the run looks once more when it ends"
