"""Scenarios of courses and of learning them."""

from dataclasses import replace
from datetime import date

from gangway.catalog import actions as catalog
from gangway.catalog.markdown.read import read_held
from gangway.catalog.markdown.source import HeldSource
from gangway.catalog.queries import working_copy, working_files
from gangway.catalog.rules import Assign, FileChange, PathStep
from gangway.catalog.tests.samples import RIGHT
from gangway.learning import actions as learning
from gangway.learning import queries as learned
from gangway.learning.models import AttemptItem
from gangway.learning.rules import Change, DueNotice, ReasonKind, Whom
from tests.crash.scenario import NOW, Stage, scenario
from tests.crash.scenarios.ground import OPERATOR, as_ana, as_ben, as_dee, at_host, at_nordwind, course


@scenario("course import")
def course_import(stage: Stage) -> None:
    with at_host(stage):
        changed = course("Say hello differently.")
        catalog.import_course(draft=changed, actor=OPERATOR, now=NOW)


def _unpublished(stage: Stage) -> None:
    with at_host(stage):
        changed = course("Say hello differently.")
        stage["version"] = catalog.import_course(draft=changed, publish_it=False, actor=OPERATOR, now=NOW).version_id


@scenario("publish", prepare=_unpublished)
def publish(stage: Stage) -> None:
    with at_host(stage):
        catalog.publish_version(version_id=stage["version"], actor=OPERATOR, now=NOW)


@scenario("working copy begin")
def working_copy_begin(stage: Stage) -> None:
    with at_host(stage):
        catalog.begin_working_copy(key="first-steps", actor=as_dee(stage), now=NOW)


@scenario("working copy new", kind="once")
def working_copy_new(stage: Stage) -> None:
    with at_host(stage):
        files = {"course.yaml": b"key: new\ntitle: New\n", "1.md": b"# One\n\nA first lesson."}
        catalog.new_working_copy(key="new", files=files, actor=as_dee(stage), now=NOW)


@scenario("working copy change", prepare=working_copy_begin)
def working_copy_change(stage: Stage) -> None:
    with at_host(stage):
        changes = [FileChange(path="1-hello.md", data=b"# Hello\n\nAnew."), FileChange(path="card.md", data=None)]
        catalog.change_files(key="first-steps", changes=changes, actor=as_dee(stage), now=NOW)


def _changed(stage: Stage) -> None:
    working_copy_begin(stage)
    with at_host(stage):
        changes = [FileChange(path="1-hello.md", data=b"# Hello\n\nAnew.")]
        catalog.change_files(key="first-steps", changes=changes, actor=as_dee(stage), now=NOW)


def _overtaken(stage: Stage) -> None:
    _changed(stage)
    course_import(stage)


@scenario("working copy catch up", prepare=_overtaken)
def working_copy_catch_up(stage: Stage) -> None:
    with at_host(stage):
        catalog.catch_up(key="first-steps", actor=as_dee(stage), now=NOW)


@scenario("working copy discard", kind="once", prepare=_changed)
def working_copy_discard(stage: Stage) -> None:
    with at_host(stage):
        catalog.discard_working_copy(key="first-steps", actor=as_dee(stage), now=NOW)


@scenario("working copy publish", kind="once", prepare=_changed)
def working_copy_publish(stage: Stage) -> None:
    with at_host(stage):
        copy = working_copy("first-steps", owner_id=stage["host"])
        draft = read_held(HeldSource(working_files(copy)))
        catalog.publish_working_copy(key="first-steps", draft=draft, actor=as_dee(stage), now=NOW)


@scenario("enrol")
def enrol(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.enrol(
            person_id=stage["ben"], course_id=stage["course"], reason=ReasonKind.MANUAL, actor=OPERATOR, now=NOW
        )


@scenario("withdraw rule")
def withdraw_rule(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.withdraw_rule(course_id=stage["course"], actor=OPERATOR, now=NOW)


@scenario("enrol many", prepare=withdraw_rule)
def enrol_many(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.enrol_people(
            course_id=stage["course"], person_ids=[stage["ana"], stage["ben"]], actor=OPERATOR, now=NOW
        )


@scenario("open lesson")
def open_lesson(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.open_lesson(enrolment_id=stage["enrolment"], lesson_key="hello", actor=as_ana(stage), now=NOW)


@scenario("finish lesson")
def finish_lesson(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.finish_lesson(enrolment_id=stage["enrolment"], lesson_key="hello", actor=as_ana(stage), now=NOW)


def _lessons_done(stage: Stage) -> None:
    with at_nordwind(stage):
        for key in ("hello", "goodbye"):
            learning.finish_lesson(enrolment_id=stage["enrolment"], lesson_key=key, actor=as_ana(stage), now=NOW)


@scenario("start attempt", prepare=_lessons_done)
def start_attempt(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.start_attempt(enrolment_id=stage["enrolment"], actor=as_ana(stage), now=NOW)


def _started(stage: Stage) -> None:
    _lessons_done(stage)
    with at_nordwind(stage):
        started = learning.start_attempt(enrolment_id=stage["enrolment"], actor=as_ana(stage), now=NOW)
        stage["attempt"] = started.attempt_id


@scenario("answer", prepare=_started)
def answer(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.save_answer(attempt_id=stage["attempt"], position=1, answer=["a"], actor=as_ana(stage), now=NOW)


def answered(stage: Stage) -> None:
    """Every question answered rightly."""
    _started(stage)
    with at_nordwind(stage):
        for item in AttemptItem.objects.filter(attempt_id=stage["attempt"]).select_related(
            "question_version__question"
        ):
            learning.save_answer(
                attempt_id=stage["attempt"],
                position=item.position,
                answer=RIGHT[item.question_version.question.key],
                actor=as_ana(stage),
                now=NOW,
            )


@scenario("submit", prepare=answered)
def submit(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.submit_attempt(attempt_id=stage["attempt"], actor=as_ana(stage), now=NOW)


def _submitted(stage: Stage) -> None:
    answered(stage)
    with at_nordwind(stage):
        learning.submit_attempt(attempt_id=stage["attempt"], actor=as_ana(stage), now=NOW)


@scenario("renew", prepare=_submitted)
def renew(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.renew(person_id=stage["ana"], course_id=stage["course"], actor=OPERATOR, now=NOW)


def _begun(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.open_lesson(enrolment_id=stage["enrolment"], lesson_key="hello", actor=as_ana(stage), now=NOW)


def _taken_out(stage: Stage) -> None:
    """Ben is enrolled by the rule; somebody took him out."""
    with at_nordwind(stage):
        (mine,) = learned.enrolments_of(stage["ben"], NOW.date())
        learning.withdraw(enrolment_id=mine.id, actor=as_dee(stage), now=NOW)


@scenario("enrol by hand", kind="once", prepare=_taken_out)
def enrol_by_hand(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.enrol_by_hand(person_id=stage["ben"], course_id=stage["course"], actor=as_dee(stage), now=NOW)


@scenario("set due date")
def set_due(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.set_due(enrolment_id=stage["enrolment"], due_on=date(2026, 4, 1), actor=as_ben(stage), now=NOW)


def _used_up(stage: Stage) -> None:
    """The check allows one try, and Ana handed in an empty one."""
    with at_host(stage):
        strict = course("Say hello differently.")
        assert strict.check is not None
        catalog.import_course(draft=replace(strict, check=replace(strict.check, max_tries=1)), actor=OPERATOR, now=NOW)
    _started(stage)
    with at_nordwind(stage):
        learning.submit_attempt(attempt_id=stage["attempt"], actor=as_ana(stage), now=NOW)


@scenario("allow a try", kind="once", prepare=_used_up)
def allow_try(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.allow_try(enrolment_id=stage["enrolment"], actor=as_ben(stage), now=NOW)


@scenario("begin again", kind="once", prepare=_begun)
def begin_again(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.reset(enrolment_id=stage["enrolment"], actor=as_ben(stage), now=NOW)


@scenario("mark complete", kind="once")
def mark_complete(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.mark_complete(
            enrolment_id=stage["enrolment"], reason="Taught it herself.", actor=as_ben(stage), now=NOW
        )


@scenario("withdraw", kind="once")
def withdraw(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.withdraw(enrolment_id=stage["enrolment"], actor=as_ben(stage), now=NOW)


def _rule(stage: Stage) -> None:
    """A rule that names everybody, switched off."""
    with at_host(stage):
        spec = learning.RuleSpec(name="Everybody", course_id=stage["course"], whom=Whom(), due_days=30)
        stage["rule"] = learning.make_rule(spec=spec, actor=as_dee(stage), now=NOW)


def _rule_on(stage: Stage) -> None:
    _rule(stage)
    with at_host(stage):
        learning.switch_rule(rule_id=stage["rule"], on=True, actor=as_dee(stage), now=NOW)


@scenario("make a rule", kind="once")
def make_rule(stage: Stage) -> None:
    _rule(stage)


@scenario("change a rule", prepare=_rule_on)
def change_rule(stage: Stage) -> None:
    with at_host(stage):
        spec = learning.RuleSpec(name="Sellers", course_id=stage["course"], whom=Whom(groups=frozenset({"sales"})))
        learning.change_rule(rule_id=stage["rule"], spec=spec, actor=as_dee(stage), now=NOW)


@scenario("switch a rule", prepare=_rule)
def switch_rule(stage: Stage) -> None:
    with at_host(stage):
        learning.switch_rule(rule_id=stage["rule"], on=True, actor=as_dee(stage), now=NOW)


@scenario("follow the rules", kind="steps", prepare=_rule)
def follow_rules(stage: Stage) -> None:
    """Right after the switch: once the worker has followed the rule, nothing is left to do."""
    switch_rule(stage)
    with at_nordwind(stage):
        learning.follow_rules(person_ids=[stage["ana"], stage["ben"]], actor=OPERATOR, now=NOW)


@scenario("reminders of a due date")
def remind_of_due(stage: Stage) -> None:
    with at_nordwind(stage):
        rows = [learned.DueRow(stage["enrolment"], stage["ana"], date(2026, 3, 9))]
        learning.remind_of_due(notice=DueNotice.BEFORE, rows=rows, actor=OPERATOR, now=NOW)


@scenario("change many", prepare=_taken_out)
def change_many(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.change_many(
            change=Change.ENROL,
            person_ids=[stage["ana"], stage["ben"]],
            course_id=stage["course"],
            actor=as_dee(stage),
            now=NOW,
        )


def _second(stage: Stage) -> None:
    """A second course, for nobody yet."""
    with at_host(stage):
        draft = replace(course(), key="second-steps", assign=Assign.NOBODY)
        stage["second"] = catalog.import_course(draft=draft, actor=OPERATOR, now=NOW).course_id


@scenario("make a path", kind="once", prepare=_second)
def make_path(stage: Stage) -> None:
    with at_host(stage):
        steps = (PathStep(stage["course"]), PathStep(stage["second"], frozenset({stage["course"]})))
        spec = catalog.PathSpec(name="The path", steps=steps)
        stage["path"] = catalog.make_path(spec=spec, actor=as_dee(stage), now=NOW)


def a_path(stage: Stage) -> None:
    _second(stage)
    make_path(stage)


@scenario("change a path", prepare=a_path)
def change_path(stage: Stage) -> None:
    with at_host(stage):
        spec = catalog.PathSpec(name="The path", steps=(PathStep(stage["second"]),))
        catalog.change_path(path_id=stage["path"], spec=spec, actor=as_dee(stage), now=NOW)


@scenario("join a path", kind="once", prepare=a_path)
def join_path(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.join_path(person_id=stage["ben"], path_id=stage["path"], actor=as_dee(stage), now=NOW)


def _joined(stage: Stage) -> None:
    a_path(stage)
    join_path(stage)


@scenario("leave a path", kind="once", prepare=_joined)
def leave_path(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.leave_path(person_id=stage["ben"], path_id=stage["path"], actor=as_dee(stage), now=NOW)


def _begun_path(stage: Stage) -> None:
    a_path(stage)
    with at_nordwind(stage):
        own = {"reason": learning.ReasonKind.SELF, "actor": OPERATOR, "now": NOW}
        learning.join_path(person_id=stage["ben"], path_id=stage["path"], **own)


@scenario("leave an own path", kind="once", prepare=_begun_path)
def leave_own_path(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.leave_own_path(person_id=stage["ben"], path_id=stage["path"], actor=OPERATOR, now=NOW)


@scenario("follow the paths", kind="steps", prepare=_joined)
def follow_paths(stage: Stage) -> None:
    """Right after the change: once the worker has followed the path, nothing is left to do."""
    change_path(stage)
    with at_nordwind(stage):
        learning.follow_paths(person_ids=[stage["ana"], stage["ben"]], actor=OPERATOR, now=NOW)
