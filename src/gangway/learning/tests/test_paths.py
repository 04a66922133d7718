"""Paths: who is on one is enrolled in its courses, begins them in order, and keeps what they began."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gangway.catalog import actions as catalog
from gangway.catalog.actions import PathSpec
from gangway.catalog.rules import Assign, CourseDraft, PathStep
from gangway.catalog.tests.samples import RIGHT
from gangway.kernel import clock
from gangway.kernel.models import AuditEntry, OutboxEvent
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.learning import actions, queries
from gangway.learning.actions import RuleSpec
from gangway.learning.actions.by_hand import DueInThePast, GoneAway
from gangway.learning.actions.many import WholePathsOnly
from gangway.learning.actions.paths import NotOnPath, OnPathAlready
from gangway.learning.actions.subject import WaitsForOthers
from gangway.learning.actions.untouched import alive, forget
from gangway.learning.models import Enrolment, EnrolmentReason, PathPlace, PathReason
from gangway.learning.rules import Change, EnrolmentState, ReasonKind, Step, Whom
from gangway.learning.tests.conftest import START, Learner
from gangway.learning.tests.test_actions import JOB, take
from gangway.learning.tests.test_enrolment_pages import words
from gangway.learning.tests.test_naming import followed, made, rest, switched
from gangway.people.actions import grant_role, person_leaves, revoke_role

Admit = Callable[[str, str], Learner]
SignIn = Callable[[Learner], Client]


@pytest.fixture
def courses(publish: Callable[[CourseDraft], UUID], draft: CourseDraft) -> list[UUID]:
    """Three courses of one lesson without a check: one, two, three."""
    lesson = (draft.lessons[0],)
    return [
        publish(replace(draft, key=key, title=key.title(), check=None, lessons=lesson, assign=Assign.NOBODY))
        for key in ("one", "two", "three")
    ]


def waiting(courses: list[UUID]) -> tuple[PathStep, ...]:
    """One, two, three; each waits for the one before."""
    one, two, three = courses
    return (PathStep(one), PathStep(two, frozenset({one})), PathStep(three, frozenset({two})))


@pytest.fixture
def path(partners: dict[str, UUID], courses: list[UUID]) -> UUID:
    with scopes.one(partners["host"]):
        spec = PathSpec(name="Engineer", summary="For who builds.", steps=waiting(courses))
        return catalog.make_path(spec=spec, actor=JOB, now=START)


def change_to(partners: dict[str, UUID], path: UUID, *steps: PathStep) -> None:
    with scopes.one(partners["host"]):
        spec = PathSpec(name="Engineer", summary="For who builds.", steps=steps)
        assert catalog.change_path(path_id=path, spec=spec, actor=JOB, now=START)


def join(person: Learner, path: UUID, **more: Any) -> int:
    with scopes.one(person.partner_id):
        return actions.join_path(person_id=person.id, path_id=path, actor=JOB, now=START, **more)


def leave(person: Learner, path: UUID) -> int:
    with scopes.one(person.partner_id):
        return actions.leave_path(person_id=person.id, path_id=path, actor=JOB, now=START)


def states(person: Learner) -> dict[str, str]:
    with scopes.one(person.partner_id):
        rows = Enrolment.objects.filter(person=person.id).order_by("cycle").select_related("course")
        return {row.course.key: row.state for row in rows}


def enrolment(person: Learner, key: str) -> UUID:
    with scopes.one(person.partner_id):
        found = Enrolment.objects.filter(person=person.id, course__key=key).order_by("-cycle").first()
        assert found is not None
        pk: UUID = found.pk
        return pk


def learn(person: Learner, key: str) -> None:
    with scopes.one(person.partner_id):
        actions.finish_lesson(enrolment_id=enrolment(person, key), lesson_key="hello", actor=person.actor, now=START)


ACTIVE, OUT, DONE = (one.value for one in (EnrolmentState.ACTIVE, EnrolmentState.WITHDRAWN, EnrolmentState.COMPLETED))


def test_who_joins_is_enrolled_in_every_course_because_of_the_path(admit: Admit, path: UUID) -> None:
    ana = admit("ana", "nordwind")
    assert join(ana, path, due_on=date(2026, 6, 1)) == 3
    assert states(ana) == {"one": ACTIVE, "two": ACTIVE, "three": ACTIVE}
    with scopes.one(ana.partner_id):
        reasons = EnrolmentReason.objects.filter(enrolment__person=ana.id)
        assert set(reasons.values_list("kind", "ref")) == {("path", "path:engineer")}
        assert set(Enrolment.objects.values_list("due_on", "required")) == {(date(2026, 6, 1), True)}
    told = OutboxEvent.objects.filter(name="learning.enrolment.created.v1")
    assert {row.payload["reason"] for row in told} == {"path"}
    joined = OutboxEvent.objects.get(name="learning.path.joined.v1").payload
    assert (joined["path_key"], joined["reason"], joined["due_on"]) == ("engineer", "manual", "2026-06-01")
    assert AuditEntry.objects.filter(verb="learning.path.join").count() == 1
    with pytest.raises(OnPathAlready):
        join(ana, path)
    assert join(ana, path, reason=ReasonKind.SELF) == 0, "whoever wants it twice is on it once"


@pytest.mark.parametrize("verb", ["open", "finish", "check", "self"])
def test_no_action_begins_what_waits(
    verb: str, admit: Admit, path: UUID, courses: list[UUID], publish: Any, draft: CourseDraft
) -> None:
    """Also not the check of a course that may be tested out of."""
    publish(replace(draft, key="two", title="Two", assign=Assign.NOBODY))
    ana = admit("ana", "nordwind")
    join(ana, path)
    two = enrolment(ana, "two")

    def begin() -> None:
        if verb == "open":
            actions.open_lesson(enrolment_id=two, lesson_key="hello", actor=ana.actor, now=START)
        elif verb == "finish":
            actions.finish_lesson(enrolment_id=two, lesson_key="hello", actor=ana.actor, now=START)
        elif verb == "check":
            actions.start_attempt(enrolment_id=two, actor=ana.actor, now=START)
        else:
            own = ReasonKind.SELF
            actions.enrol(person_id=ana.id, course_id=courses[1], reason=own, actor=ana.actor, now=START)

    with scopes.one(ana.partner_id):
        with pytest.raises(WaitsForOthers, match="One"):
            begin()
        assert Enrolment.objects.filter(opened_at__isnull=False).count() == 0
        learn(ana, "one")
        begin()


def test_the_check_of_the_test_finds_a_door_that_is_open(admit: Admit, courses: list[UUID]) -> None:
    """Control: without a path nothing waits."""
    ana = admit("ana", "nordwind")
    with scopes.one(ana.partner_id):
        for course in courses:
            actions.enrol_by_hand(person_id=ana.id, course_id=course, actor=JOB, now=START)
    learn(ana, "three")
    assert states(ana)["three"] == DONE


def test_home_shows_the_next_course_of_the_path_and_the_later_ones_what_they_wait_for(
    admit: Admit, path: UUID, courses: list[UUID]
) -> None:
    ana = admit("ana", "nordwind")
    join(ana, path)
    with scopes.one(ana.partner_id):
        for key in ("one", "two", "three"):
            following = queries.next_action(ana.id, START)
            assert following is not None
            assert (following.course.key, following.step) == (key, Step.START)
            learn(ana, key)
            cards = {card.course.key: card for card in queries.my_courses(ana.id, START)}
            if key == "one":
                assert [card.step for card in cards.values()].count(Step.BLOCKED) == 1
                way = cards["three"].way
                assert way is not None
                assert ([row.key for row in way.waits_for], way.position) == (["two"], 3)
        assert queries.next_action(ana.id, START) is None


def test_what_was_begun_or_completed_before_counts(admit: Admit, path: UUID, courses: list[UUID]) -> None:
    """Two was begun on its own, one completed and begun again; nobody is shut out of either."""
    ana = admit("ana", "nordwind")
    with scopes.one(ana.partner_id):
        for course in courses[:2]:
            actions.enrol_by_hand(person_id=ana.id, course_id=course, actor=JOB, now=START)
        actions.open_lesson(enrolment_id=enrolment(ana, "two"), lesson_key="hello", actor=ana.actor, now=START)
    join(ana, path)
    learn(ana, "two")
    assert states(ana) == {"one": ACTIVE, "two": DONE, "three": ACTIVE}
    learn(ana, "three")


def test_a_word_opens_what_waits_for_it(admit: Admit, path: UUID) -> None:
    ana = admit("ana", "nordwind")
    join(ana, path)
    with scopes.one(ana.partner_id):
        actions.mark_complete(enrolment_id=enrolment(ana, "one"), reason="Taught it.", actor=JOB, now=START)
        actions.reset(enrolment_id=enrolment(ana, "one"), actor=JOB, now=START)
    learn(ana, "two")


def test_leaving_takes_back_what_only_the_path_gave_and_was_not_begun(
    admit: Admit, path: UUID, courses: list[UUID]
) -> None:
    ana = admit("ana", "nordwind")
    with scopes.one(ana.partner_id):
        actions.enrol_by_hand(person_id=ana.id, course_id=courses[2], actor=JOB, now=START)
    join(ana, path)
    with scopes.one(ana.partner_id):
        actions.open_lesson(enrolment_id=enrolment(ana, "one"), lesson_key="hello", actor=ana.actor, now=START)
    assert leave(ana, path) == 1
    assert states(ana) == {"one": ACTIVE, "two": OUT, "three": ACTIVE}
    assert OutboxEvent.objects.filter(name="learning.path.left.v1").count() == 1
    assert AuditEntry.objects.filter(verb="learning.path.leave").count() == 1
    with pytest.raises(NotOnPath):
        leave(ana, path)
    learn(ana, "three")
    assert join(ana, path) == 1, "two comes back"


def test_who_was_taken_out_of_a_course_stays_out_until_they_join_again(
    admit: Admit, path: UUID, partners: dict[str, UUID], courses: list[UUID]
) -> None:
    ana = admit("ana", "nordwind")
    join(ana, path)
    with scopes.one(ana.partner_id):
        actions.withdraw(enrolment_id=enrolment(ana, "three"), actor=JOB, now=START)
        done = actions.follow_paths(person_ids=[ana.id], actor=JOB, now=START)
    assert (done.enrolled, done.ended, states(ana)["three"]) == (0, 0, OUT)
    leave(ana, path)
    assert join(ana, path) == 3


def test_what_was_completed_before_is_not_opened_again(admit: Admit, path: UUID, courses: list[UUID]) -> None:
    ana = admit("ana", "nordwind")
    with scopes.one(ana.partner_id):
        actions.enrol_by_hand(person_id=ana.id, course_id=courses[0], actor=JOB, now=START)
        learn(ana, "one")
        again = actions.renew(person_id=ana.id, course_id=courses[0], actor=JOB, now=START)
        actions.withdraw(enrolment_id=again.enrolment_id, actor=JOB, now=START)
    assert join(ana, path) == 2
    assert states(ana)["one"] == OUT
    learn(ana, "two")


def test_a_change_reaches_who_is_on_it_and_nobody_else(
    admit: Admit, path: UUID, partners: dict[str, UUID], courses: list[UUID], publish: Any, draft: CourseDraft
) -> None:
    four = publish(replace(draft, key="four", title="Four", check=None, assign=Assign.NOBODY))
    ana, bea, caz = admit("ana", "nordwind"), admit("bea", "nordwind"), admit("caz", "suedstern")
    join(ana, path)
    join(caz, path)
    learn(caz, "one")
    one, two, _three = waiting(courses)
    change_to(partners, path, two, one, PathStep(four))
    rest()
    assert states(ana) == {"one": ACTIVE, "two": ACTIVE, "three": OUT, "four": ACTIVE}
    assert states(caz) == {"one": DONE, "two": ACTIVE, "three": OUT, "four": ACTIVE}
    assert states(bea) == {}
    with scopes.one(ana.partner_id):
        again = actions.follow_paths(person_ids=[ana.id], path_id=path, actor=JOB, now=START)
    assert (again.enrolled, again.ended) == (0, 0)


@pytest.mark.parametrize(("days", "due"), [(9, date(2026, 3, 11)), (10, None)])
def test_a_course_that_comes_to_a_path_is_due_with_it_until_that_day_is_over(
    days: int, due: date | None, admit: Admit, path: UUID, partners: dict[str, UUID], courses: list[UUID]
) -> None:
    one, two, three = waiting(courses)
    change_to(partners, path, one)
    ana = admit("ana", "nordwind")
    join(ana, path, due_on=date(2026, 3, 11))
    change_to(partners, path, one, two, three)
    with scopes.one(ana.partner_id):
        later = START + timedelta(days=days)
        assert actions.follow_paths(person_ids=[ana.id], path_id=path, actor=JOB, now=later).enrolled == 2
        assert Enrolment.objects.get(course=two.course_id).due_on == due


def test_following_and_joining_cost_the_same_for_few_and_for_many(
    admit: Admit, path: UUID, partners: dict[str, UUID], courses: list[UUID]
) -> None:
    team = [admit(f"p{n}", "nordwind") for n in range(8)]
    costs = []
    for some in (team[:2], team[2:]):
        with scopes.one(some[0].partner_id), CaptureQueriesContext(connection) as spent:
            ids = [one.id for one in some]
            done = actions.change_many(change=Change.ENROL, person_ids=ids, path_id=path, actor=JOB, now=START)
            assert len(done.done) == len(some)
        costs.append(len(spent))
    assert costs[0] == costs[1]
    one, two, _three = courses
    change_to(partners, path, PathStep(two), PathStep(one))
    costs = []
    for some in (team[:2], team[2:]):
        with scopes.one(some[0].partner_id), CaptureQueriesContext(connection) as spent:
            ids = [one.id for one in some]
            assert actions.follow_paths(person_ids=ids, path_id=path, actor=JOB, now=START).ended == len(some)
        costs.append(len(spent))
    assert costs[0] == costs[1]
    assert states(team[0])["three"] == OUT
    with scopes.one(team[0].partner_id), pytest.raises(ValueError, match="500"):
        actions.follow_paths(person_ids=[uuid4()] * 501, actor=JOB, now=START)


def test_many_at_once_with_a_receipt(admit: Admit, path: UUID) -> None:
    ana, bea, cyd = (admit(name, "nordwind") for name in ("ana", "bea", "cyd"))
    join(ana, path)
    with scopes.one(ana.partner_id):
        person_leaves(person_id=cyd.id, actor=JOB, now=START)
        ids = [ana.id, bea.id, cyd.id]
        done = actions.change_many(change=Change.ENROL, person_ids=ids, path_id=path, actor=JOB, now=START)
        assert done.done == (bea.id,)
        assert {who: type(why) for who, why in done.refused} == {ana.id: OnPathAlready, cyd.id: GoneAway}
        off = actions.change_many(change=Change.WITHDRAW, person_ids=ids, path_id=path, actor=JOB, now=START)
        assert set(off.done) == {ana.id, bea.id}
        assert [type(why) for _who, why in off.refused] == [NotOnPath]
        for change in (Change.DUE, Change.AGAIN, Change.COMPLETE):
            with pytest.raises(WholePathsOnly):
                actions.change_many(change=change, person_ids=ids, path_id=path, actor=JOB, now=START)
        with pytest.raises(NotFound):
            actions.change_many(change=Change.ENROL, person_ids=ids, actor=JOB, now=START)
    assert states(bea) == {"one": OUT, "two": OUT, "three": OUT}


def test_a_rule_puts_people_on_a_path_and_takes_them_off(
    admit: Admit, path: UUID, partners: dict[str, UUID], courses: list[UUID]
) -> None:
    ana, own, out = (admit(name, "nordwind") for name in ("ana", "own", "out"))
    join(own, path, reason=ReasonKind.SELF)
    join(out, path)
    leave(out, path)
    with scopes.one(partners["host"]):
        spec = RuleSpec(name="Engineers", path_id=path, whom=Whom(), due_days=30)
        rule_id = actions.make_rule(spec=spec, actor=JOB, now=START)
    assert followed(ana, own, out) == (0, 0), "it is switched off"
    switched(partners, rule_id, on=True)
    assert followed(ana, own, out) == (3, 0)
    assert followed(ana, own, out) == (0, 0)
    with scopes.one(ana.partner_id):
        place = PathPlace.objects.get(person=ana.id)
        assert (place.due_on, place.required) == (START.date() + timedelta(days=30), True)
        assert PathPlace.objects.get(person=own.id).required, "somebody asks for it now"
        assert queries.concerns(rule_id)
    assert states(out) == {"one": OUT, "two": OUT, "three": OUT}
    switched(partners, rule_id, on=False)
    assert followed(ana, own, out) == (0, 3)
    assert set(states(own).values()) == {ACTIVE}
    assert set(states(ana).values()) == {OUT}


def test_a_rule_about_a_path_reaches_only_partners_that_see_all_of_it(
    admit: Admit, path: UUID, partners: dict[str, UUID], courses: list[UUID]
) -> None:
    ana, caz = admit("ana", "nordwind"), admit("caz", "suedstern")
    join(caz, path)
    apps.get_model("catalog", "CourseAudience").objects.filter(course=courses[2]).update(
        kind="partner", partner=partners["nordwind"]
    )
    with scopes.one(partners["host"]):
        spec = RuleSpec(name="Engineers", path_id=path, whom=Whom())
        actions.switch_rule(rule_id=actions.make_rule(spec=spec, actor=JOB, now=START), on=True, actor=JOB, now=START)
    with scopes.host():
        named = queries.named_by(Whom(), path_id=path)
        assert [row.name for row in named.rows()] == ["ana"]
    rest()
    assert set(states(ana).values()) == {ACTIVE}
    assert states(caz) == {"one": ACTIVE, "two": ACTIVE, "three": OUT}, "nothing asks for what they do not see"
    with pytest.raises(NotFound):
        join(admit("cid", "suedstern"), path)


def test_what_is_refused(admit: Admit, path: UUID, partners: dict[str, UUID], courses: list[UUID]) -> None:
    ana, caz = admit("ana", "nordwind"), admit("caz", "suedstern")
    with pytest.raises(DueInThePast):
        join(ana, path, due_on=date(2026, 1, 1))
    for verb in (actions.join_path, actions.leave_path):
        with scopes.one(ana.partner_id):
            with pytest.raises(NotFound):
                verb(person_id=caz.id, path_id=path, actor=JOB, now=START)
            with pytest.raises(NotFound):
                verb(person_id=ana.id, path_id=uuid4(), actor=JOB, now=START)
    with scopes.one(ana.partner_id):
        person_leaves(person_id=ana.id, actor=JOB, now=START)
    with pytest.raises(GoneAway):
        join(ana, path)
    for about in ({}, {"course_id": courses[0], "path_id": path}, {"path_id": uuid4()}):
        with scopes.one(partners["host"]), pytest.raises(Refusal):
            actions.make_rule(spec=RuleSpec(name="A rule", whom=Whom(), **about), actor=JOB, now=START)


def test_an_import_may_be_undone_unless_somebody_put_them_on_the_path(
    admit: Admit, path: UUID, partners: dict[str, UUID]
) -> None:
    ana, ben = admit("ana", "nordwind"), admit("ben", "nordwind")
    with scopes.one(partners["host"]):
        rule_id = actions.make_rule(spec=RuleSpec(name="All", path_id=path, whom=Whom()), actor=JOB, now=START)
        actions.switch_rule(rule_id=rule_id, on=True, actor=JOB, now=START)
    followed(ana)
    join(ben, path)
    with scopes.one(ana.partner_id):
        assert alive([ana.id, ben.id]) == {ben.id}
        forget([ana.id])
        assert set(PathPlace.objects.values_list("person_id", flat=True)) == {ben.id}
        assert PathReason.objects.count() == 1


def test_who_leaves_the_company_is_off_what_a_rule_gave(admit: Admit, path: UUID, partners: dict[str, UUID]) -> None:
    ana = admit("ana", "nordwind")
    with scopes.one(partners["host"]):
        rule_id = actions.make_rule(spec=RuleSpec(name="All", path_id=path, whom=Whom()), actor=JOB, now=START)
        actions.switch_rule(rule_id=rule_id, on=True, actor=JOB, now=START)
    rest()
    assert set(states(ana).values()) == {ACTIVE}
    with scopes.one(ana.partner_id):
        person_leaves(person_id=ana.id, actor=JOB, now=START)
    rest()
    assert set(states(ana).values()) == {OUT}


# ------------------------------------------------------------------------------------------------------------ pages


def test_a_learner_finds_begins_and_walks_a_path(admit: Admit, sign_in: SignIn, path: UUID) -> None:
    ana = admit("ana", "nordwind")
    browser = sign_in(ana)
    assert "1 path to begin" in words(browser.get("/library"))
    assert "3 courses" in words(browser.get("/paths/engineer"))
    assert browser.post("/paths/engineer/begin").headers["Location"] == "/paths/engineer"
    page = words(browser.get("/paths/engineer"))
    assert "0 of 3 courses are done" in page
    assert "Next: One" in page
    assert "Waits for One" in page
    with scopes.one(ana.partner_id):
        assert set(Enrolment.objects.values_list("required", flat=True)) == {False}, "they wanted it themselves"
    assert "on the path “Engineer”" in words(browser.get("/"))
    assert "Your paths" in words(browser.get("/courses"))
    assert "On your path, complete One first." in words(browser.get("/courses/two"))
    for shut in ("/courses/two/lessons/hello", "/courses/two/check"):
        for answer in (browser.get(shut), browser.post(shut)):
            assert answer.headers["Location"] == "/courses/two"
    assert browser.post("/courses/two/begin").headers["Location"] == "/courses/two"
    browser.post("/courses/one/lessons/hello")
    assert "1 of 3 courses are done" in words(browser.get("/paths/engineer"))
    assert browser.get("/courses/two/lessons/hello").status_code == 200
    assert "Course 2 of 3 on the path “Engineer”" in words(browser.get("/courses/two"))
    for key in ("two", "three"):
        browser.post(f"/courses/{key}/lessons/hello")
    assert "You have completed all of this path." in words(browser.get("/paths/engineer"))
    assert browser.get("/paths/nothing").status_code == 404
    assert browser.post("/paths/nothing/begin").status_code == 404
    assert browser.get("/paths/engineer/begin").status_code == 405


def test_who_began_a_path_may_leave_it_unless_somebody_else_wants_them_on_it(
    admit: Admit, sign_in: SignIn, path: UUID, partners: dict[str, UUID]
) -> None:
    ana = admit("ana", "nordwind")
    browser = sign_in(ana)
    assert browser.post("/paths/engineer/leave").status_code == 404
    browser.post("/paths/engineer/begin")
    learn(ana, "one")
    assert "Leave this path" in words(browser.get("/paths/engineer"))
    for _again in range(2):
        assert browser.post("/paths/engineer/leave").headers["Location"] == "/courses"
    assert states(ana) == {"one": DONE, "two": OUT, "three": OUT}
    with scopes.one(ana.partner_id):
        assert not PathPlace.objects.get().exempt, "a rule may bring them back"
        with pytest.raises(NotOnPath):
            actions.leave_own_path(person_id=ana.id, path_id=path, actor=ana.actor, now=START)
    browser.post("/paths/engineer/begin")
    with scopes.one(partners["host"]):
        rule_id = actions.make_rule(spec=RuleSpec(name="All", path_id=path, whom=Whom()), actor=JOB, now=START)
    switched(partners, rule_id, on=True)
    rest()
    assert "Leave this path" not in words(browser.get("/paths/engineer"))
    assert "Somebody else put you on this path." in words(browser.post("/paths/engineer/leave"), 409)
    switched(partners, rule_id, on=False)
    rest()
    browser.post("/paths/engineer/leave")
    assert states(ana) == {"one": DONE, "two": OUT, "three": OUT}


def test_the_result_of_a_check_leads_on_along_the_path(
    admit: Admit, sign_in: SignIn, partners: dict[str, UUID], course: UUID, courses: list[UUID]
) -> None:
    with scopes.one(partners["host"]):
        spec = PathSpec(name="Engineer", steps=(PathStep(course), PathStep(courses[0], frozenset({course}))))
        path = catalog.make_path(spec=spec, actor=JOB, now=START)
    ana = admit("ana", "nordwind")
    join(ana, path)
    with scopes.one(ana.partner_id):
        taken = Enrolment.objects.get(person=ana.id, course=course).pk
        result = f"/checks/{take(ana, taken, RIGHT).attempt_id}/result"
    browser = sign_in(ana)
    assert "Course 1 of 2 on the path “Engineer”" in words(browser.get(result))
    assert leave(ana, path) == 1
    assert "on the path" not in words(browser.get(result))


def test_where_nothing_can_begin_home_says_what_comes_first(
    admit: Admit, sign_in: SignIn, path: UUID, courses: list[UUID]
) -> None:
    """Somebody took Ana out of the first course: she may begin it on her own, and that opens the second."""
    ana = admit("ana", "nordwind")
    join(ana, path)
    with scopes.one(ana.partner_id):
        actions.withdraw(enrolment_id=enrolment(ana, "one"), actor=JOB, now=START)
    browser = sign_in(ana)
    page = words(browser.get("/"))
    assert "What is left waits for other courses." in page
    assert "Waits for One" in page
    assert browser.post("/courses/one/begin").headers["Location"] == "/courses/one/lessons/hello"
    learn(ana, "one")
    assert browser.get("/courses/two/lessons/hello").status_code == 200


def test_those_who_look_after_people_put_them_on_a_path_and_see_who_is_on_it(
    admit: Admit, sign_in: SignIn, path: UUID, partners: dict[str, UUID]
) -> None:
    dee, ana, ben = admit("dee", "host"), admit("ana", "nordwind"), admit("ben", "nordwind")
    with scopes.one(dee.partner_id):
        grant_role(person_id=dee.id, role="programme_lead", actor=JOB, now=clock.now())
    console = sign_in(dee)
    assert "Nobody is on it yet." in words(console.get(f"/console/paths/{path}/people"))
    assert "See who is on it" in words(console.get(f"/console/paths/{path}"))
    theirs = f"/console/people/{ana.id}/courses"
    assert "Path: Engineer" in words(console.get(theirs))
    chosen = {"course": f"path:{path}", "due_on": ""}
    assert "They are on the path now" in words(console.post(theirs, chosen, follow=True))
    assert "already" in words(console.post(theirs, chosen), 422)
    receipt = console.post("/console/people/courses", {"ids": [ana.id, ben.id], "do": "enrol"} | chosen)
    assert "1 person: done" in words(receipt)
    learn(ana, "one")
    page = words(console.get(f"/console/paths/{path}/people"))
    assert "2 people are on it" in page
    assert "0 have completed all of it" in page
    assert "They are off the path." in words(console.post(theirs, chosen | {"do": "leave"}, follow=True))
    rule = {"name": "All", "course": f"path:{path}", "do": "look"}
    assert "2 people would come onto this path" in words(console.post("/console/rules/new", rule))
    saved = console.post("/console/rules/new", rule | {"do": "save"})
    assert "Engineer" in words(console.get(saved.headers["Location"]))
    renamed = console.post(saved.headers["Location"] + "/change", {"name": "Everybody", "do": "save"})
    assert "Everybody" in words(console.get(renamed.headers["Location"]))
    with scopes.one(dee.partner_id):
        revoke_role(person_id=dee.id, role="programme_lead", actor=JOB, now=clock.now())
        grant_role(person_id=dee.id, role="trainer", actor=JOB, now=clock.now())
    assert "See who is on it" not in words(sign_in(dee).get(f"/console/paths/{path}"))
    stranger = sign_in(ana)
    assert stranger.get(f"/console/paths/{path}/people").status_code in (403, 404)


def test_rules_about_courses_are_as_they_were(partners: dict[str, UUID], admit: Admit, courses: list[UUID]) -> None:
    ana = admit("ana", "nordwind")
    made(partners, courses[0])
    assert followed(ana) == (1, 0)
    assert states(ana) == {"one": ACTIVE}
