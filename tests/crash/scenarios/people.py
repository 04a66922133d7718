"""Scenarios of people: the team, its groups and roles, and the files that bring it."""

from gangway.kernel import worker
from gangway.kernel.models import Job
from gangway.kernel.sheets import Line
from gangway.people import actions as people
from gangway.people.queries import import_run
from gangway.portal import actions as portal
from tests.crash.scenario import NOW, Stage, scenario
from tests.crash.scenarios.ground import OPERATOR, as_ana, as_ben, at_nordwind, at_own

PEOPLE = [
    Line(n, {"name": f"Person {n}", "email": f"person{n}@nordwind.example", "external_id": str(n)}) for n in range(2, 7)
]


@scenario("admit")
def admit(stage: Stage) -> None:
    with at_nordwind(stage):
        people.admit_person(
            name="Fay", email="fay@nordwind.example", external_id="f1", roles=["partner_it"], actor=OPERATOR, now=NOW
        )


def _newcomer(stage: Stage) -> None:
    with at_nordwind(stage):
        stage["fay"] = people.admit_person(name="Fay", email="fay@nordwind.example", actor=OPERATOR, now=NOW)


@scenario("activate", prepare=_newcomer)
def activate(stage: Stage) -> None:
    with at_nordwind(stage):
        people.activate_person(person_id=stage["fay"], actor=OPERATOR, now=NOW)


@scenario("profile")
def profile(stage: Stage) -> None:
    with at_nordwind(stage):
        people.set_profile(person_id=stage["ana"], name="Ana Maria", locale="de", actor=as_ana(stage), now=NOW)


@scenario("grant role")
def grant(stage: Stage) -> None:
    with at_nordwind(stage):
        people.grant_role(person_id=stage["ana"], role="partner_it", actor=OPERATOR, now=NOW)


@scenario("revoke role")
def revoke(stage: Stage) -> None:
    with at_nordwind(stage):
        people.revoke_role(person_id=stage["ben"], role="partner_admin", actor=OPERATOR, now=NOW)


@scenario("suspend")
def suspend(stage: Stage) -> None:
    with at_nordwind(stage):
        people.suspend_person(person_id=stage["ana"], actor=OPERATOR, now=NOW)


@scenario("resume", prepare=suspend)
def resume(stage: Stage) -> None:
    with at_nordwind(stage):
        people.resume_person(person_id=stage["ana"], actor=OPERATOR, now=NOW)


@scenario("leave")
def leave(stage: Stage) -> None:
    with at_nordwind(stage):
        people.person_leaves(person_id=stage["ana"], actor=OPERATOR, now=NOW)


def _twin(stage: Stage) -> None:
    with at_nordwind(stage):
        stage["twin"] = people.admit_person(name="Ana", email="ana@private.example", actor=OPERATOR, now=NOW)
        group = people.make_group(key="twins", name="Twins", actor=OPERATOR, now=NOW)
        people.join_group(group_id=group, person_ids=[stage["ana"]], actor=OPERATOR, now=NOW)


@scenario("merge two accounts", kind="once", prepare=_twin)
def merge_accounts(stage: Stage) -> None:
    with at_nordwind(stage):
        people.merge_persons(stays_id=stage["twin"], gone_id=stage["ana"], actor=OPERATOR, now=NOW)


def _merged(stage: Stage) -> None:
    _twin(stage)
    merge_accounts(stage)


@scenario("undo a merge", kind="once", prepare=_merged)
def unmerge_accounts(stage: Stage) -> None:
    with at_nordwind(stage):
        people.unmerge_person(gone_id=stage["ana"], actor=OPERATOR, now=NOW)


@scenario("erase")
def erase(stage: Stage) -> None:
    with at_nordwind(stage):
        portal.erase(person_id=stage["ana"], actor=OPERATOR, now=NOW)


@scenario("leave with a receipt", kind="once")
def leave_with_receipt(stage: Stage) -> None:
    with at_nordwind(stage):
        portal.leave(person_id=stage["ana"], actor=OPERATOR, now=NOW)


@scenario("make a group", kind="once")
def make_group(stage: Stage) -> None:
    with at_nordwind(stage):
        stage["group"] = people.make_group(key="sales", name="Sales", actor=OPERATOR, now=NOW)


@scenario("rename a group", prepare=make_group)
def rename_group(stage: Stage) -> None:
    with at_nordwind(stage):
        people.rename_group(group_id=stage["group"], name="Sales people", actor=OPERATOR, now=NOW)


@scenario("join a group", prepare=make_group)
def join_group(stage: Stage) -> None:
    with at_nordwind(stage):
        people.join_group(group_id=stage["group"], person_ids=[stage["ana"], stage["ben"]], actor=OPERATOR, now=NOW)


def _joined(stage: Stage) -> None:
    make_group(stage)
    join_group(stage)


@scenario("quit a group", prepare=_joined)
def quit_group(stage: Stage) -> None:
    with at_nordwind(stage):
        people.quit_group(group_id=stage["group"], person_ids=[stage["ana"]], actor=OPERATOR, now=NOW)


@scenario("delete a group", prepare=make_group, kind="once")
def delete_group(stage: Stage) -> None:
    with at_nordwind(stage):
        people.delete_group(group_id=stage["group"], actor=OPERATOR, now=NOW)


@scenario("person import", kind="steps", aside=("people.ImportRun", "kernel.AuditEntry"))
def person_import(stage: Stage) -> None:
    stage["run"] = people.import_people(
        lines=[*PEOPLE, Line(7, {"name": "Ana Lima", "email": "ana@nordwind.example", "groups": "north"})],
        partner_id=stage["nordwind"],
        file_name="people.csv",
        digest="of people.csv",
        actor=OPERATOR,
        now=NOW,
    ).runs["nordwind"]


@scenario("undo import", kind="steps", aside=("people.ImportRun", "kernel.AuditEntry"), prepare=person_import)
def undo_import(stage: Stage) -> None:
    with at_nordwind(stage):
        if import_run(stage["run"]).state != "undone":
            people.undo_import(run_id=stage["run"], actor=OPERATOR, now=NOW)


def _brought(stage: Stage) -> None:
    """Ben brings a file for his team, and it was looked at."""
    body = b"name,email\nEva,eva@nordwind.example\nMax,max@nordwind.example\n"
    with at_nordwind(stage):
        stage["sheet"] = people.bring_sheet(
            body=[body],
            file_name="team.csv",
            target_id=stage["nordwind"],
            place="desk",
            brought_by=stage["ben"],
            actor=as_ben(stage),
            now=NOW,
        )
        people.check_sheet(sheet_id=stage["sheet"], within=at_own(stage), actor=as_ben(stage), now=NOW)


@scenario("forget a file", prepare=_brought)
def forget_file(stage: Stage) -> None:
    with at_nordwind(stage):
        people.forget_sheet(sheet_id=stage["sheet"], actor=OPERATOR, now=NOW)


@scenario("start a file", kind="once", prepare=_brought)
def start_file(stage: Stage) -> None:
    with at_nordwind(stage):
        people.start_sheet(sheet_id=stage["sheet"], letters=True, actor=as_ben(stage), now=NOW)


def _file_started(stage: Stage) -> None:
    _brought(stage)
    start_file(stage)


def _file_stopped(stage: Stage) -> None:
    """The worker of a started file gave up."""
    _file_started(stage)
    Job.objects.filter(task="gangway.people.jobs.read_sheet").update(state="failed")


@scenario("go on with a file", kind="once", prepare=_file_stopped)
def go_on_with_file(stage: Stage) -> None:
    with at_nordwind(stage):
        people.go_on(sheet_id=stage["sheet"], actor=as_ben(stage), now=NOW)


@scenario("stop a file", kind="once", prepare=_file_stopped)
def stop_file(stage: Stage) -> None:
    with at_nordwind(stage):
        people.stop_sheet(sheet_id=stage["sheet"], actor=as_ben(stage), now=NOW)


@scenario("a started file and the worker", kind="worker", prepare=_file_started)
def read_file(stage: Stage) -> None:
    while worker.turn("doomed", NOW):
        pass


@scenario("ask for an undo", prepare=person_import)
def ask_undo(stage: Stage) -> None:
    with at_nordwind(stage):
        people.ask_undo(run_id=stage["run"], by=stage["ben"], actor=as_ben(stage), now=NOW)


@scenario("forget an undo", kind="once", prepare=person_import)
def forget_undo(stage: Stage) -> None:
    with at_nordwind(stage):
        people.forget_undo(run_id=stage["run"], actor=OPERATOR, now=NOW)
