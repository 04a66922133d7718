"""The scenarios of the house: each action, by the door that people, the worker or the operator use."""

import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from gangway.catalog import actions as catalog
from gangway.catalog.markdown.read import read_course
from gangway.catalog.tests.samples import RIGHT, write_course
from gangway.credentials import actions as credentials
from gangway.credentials.models import Award
from gangway.credentials.rules import RevokeReason
from gangway.identity import actions as identity
from gangway.identity import queries as identity_queries
from gangway.identity.actions.sessions import begin_session
from gangway.identity.queries import open_sessions
from gangway.identity.rules import Answer, Method
from gangway.insights import actions as insights
from gangway.kernel import clock, lists, worker
from gangway.kernel.actor import Actor
from gangway.kernel.jobs import actions as job_actions
from gangway.kernel.models import Failure, Job, OutboxEvent
from gangway.kernel.outbox import actions as outbox_actions
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.learning import actions as learning
from gangway.learning.models import AttemptItem
from gangway.learning.rules import ReasonKind
from gangway.messaging import actions as messaging
from gangway.messaging.rules import SENT, Category, Kind, Position, Returned
from gangway.messaging.rules import Answer as MailAnswer
from gangway.partners import actions as partners
from gangway.partners import queries as partner_queries
from gangway.partners.rules import State, TierSpec, TypeSpec
from gangway.people import actions as people
from gangway.people.queries import import_run
from gangway.portal import actions as portal
from gangway.rollout.launches import actions as launches
from gangway.rollout.launches.rules.nudges import Nudge
from gangway.rollout.plans import actions as plans
from gangway.rollout.plans import queries as plan_queries
from tests.crash.scenario import NOW, Stage, scenario, settle

OPERATOR = Actor.operator()
PARTNERS = [
    Line(2, {"slug": "nordwind", "name": "Nordwind", "type": "reseller", "tier": "silver"}),
    Line(3, {"slug": "nordlicht", "name": "Nordlicht", "parent": "nordwind"}),
]
PEOPLE = [
    Line(n, {"name": f"Person {n}", "email": f"person{n}@nordwind.example", "external_id": str(n)}) for n in range(2, 7)
]
AFTER_KICKOFF = NOW + timedelta(hours=1)


def course(greeting: str = "Say hello *first*.") -> Any:
    """The small course as a draft, read from files."""
    with tempfile.TemporaryDirectory() as anywhere:
        folder = write_course(Path(anywhere) / "course")
        (folder / "1-hello.md").write_text(f"# Hello\n\n{greeting}\n")
        return read_course(folder)


def base() -> Stage:
    """A vendor with Dee on its staff, Nordwind with Ana and Ben, a course that Ana learns, and a plan."""
    stage: Stage = {}
    partners.apply_partners(rows=PARTNERS, actor=OPERATOR, now=NOW)
    host = partner_queries.host_partner()
    assert host is not None
    stage["host"] = host.id
    stage["nordwind"] = partner_queries.find_partner("nordwind").id
    with scopes.one(stage["host"]):
        stage["dee"] = admitted("Dee", "acme", roles=["platform_admin", "programme_lead"])
        stage["course"] = catalog.import_course(draft=course(), actor=OPERATOR, now=NOW).course_id
        stage["plan"] = plans.new_plan(
            definition=plan_queries.shipped_template("essential"),
            kickoff_on=date(2026, 3, 2),
            zone="UTC",
            actor=OPERATOR,
            now=NOW,
        )
    with scopes.one(stage["nordwind"]):
        stage["ana"] = admitted("Ana", "nordwind")
        stage["ben"] = admitted("Ben", "nordwind", roles=["partner_admin"])
        stage["enrolment"] = learning.enrol(
            person_id=stage["ana"], course_id=stage["course"], reason=ReasonKind.MANUAL, actor=OPERATOR, now=NOW
        ).enrolment_id
    settle()
    return stage


def admitted(name: str, where: str, roles: list[str] = []) -> Any:  # noqa: B006  read only
    person = people.admit_person(
        name=name, email=f"{name.lower()}@{where}.example", roles=roles, actor=OPERATOR, now=NOW
    )
    people.activate_person(person_id=person, actor=OPERATOR, now=NOW)
    return person


def at_nordwind(stage: Stage) -> Any:
    return scopes.one(stage["nordwind"])


def at_host(stage: Stage) -> Any:
    return scopes.one(stage["host"])


def as_ana(stage: Stage) -> Actor:
    return Actor.person(stage["ana"])


def as_dee(stage: Stage) -> Actor:
    return Actor.person(stage["dee"])


# ── Partners ────────────────────────────────────────────────────────────────────────────────────────────────────────


@scenario("partner apply", kind="steps", aside=("partners.ApplyRun", "partners.ApplyRow", "kernel.AuditEntry"))
def partner_apply(stage: Stage) -> None:
    more = [Line(4, {"slug": "suedstern", "name": "Südstern", "contact_email": "kim@suedstern.example"})]
    rows = [*PARTNERS[:1], *more, Line(5, {"slug": "nordwind", "name": "Nordwind GmbH"})][1:]
    partners.apply_partners(rows=rows, actor=OPERATOR, now=NOW)


def _applied(stage: Stage) -> None:
    """A file that changes one partner, makes another and defines a tier."""
    rows = [
        Line(2, {"slug": "nordwind", "name": "Nordwind GmbH", "tier": "gold"}),
        Line(3, {"slug": "suedstern", "name": "Südstern", "tier": "platinum"}),
    ]
    tiers = [TierSpec("platinum", "Platinum", 9)]
    stage["run"] = partners.apply_partners(rows=rows, tiers=tiers, actor=OPERATOR, now=NOW).run


@scenario("partner undo", kind="steps", prepare=_applied)
def partner_undo(stage: Stage) -> None:
    partners.undo_run(run_id=stage["run"], actor=OPERATOR, now=NOW)


@scenario("partner edit")
def partner_edit(stage: Stage) -> None:
    with at_nordwind(stage):
        partners.edit_partner(said={"name": "Nordwind SE", "tier": "gold"}, reason="Earned", actor=OPERATOR, now=NOW)


@scenario("session length")
def session_length(stage: Stage) -> None:
    with at_nordwind(stage):
        partners.limit_sessions(hours="12", actor=OPERATOR, now=NOW)


def _contact(stage: Stage) -> None:
    with at_nordwind(stage):
        stage["contact"] = partners.add_contact(name="Ben", email="ben@nordwind.example", actor=OPERATOR, now=NOW)


@scenario("add contact", kind="once")
def add_contact(stage: Stage) -> None:
    _contact(stage)


@scenario("change contact", prepare=_contact, kind="once")
def change_contact(stage: Stage) -> None:
    with at_nordwind(stage):
        partners.change_contact(
            contact_id=stage["contact"], name="Benno", email="benno@nordwind.example", actor=OPERATOR, now=NOW
        )


@scenario("remove contact", prepare=_contact, kind="once")
def remove_contact(stage: Stage) -> None:
    with at_nordwind(stage):
        partners.remove_contact(contact_id=stage["contact"], actor=OPERATOR, now=NOW)


@scenario("remove type", kind="once")
def remove_type(stage: Stage) -> None:
    with at_host(stage):
        partners.remove_type(key="distributor", actor=OPERATOR, now=NOW)


@scenario("remove tier", kind="once")
def remove_tier(stage: Stage) -> None:
    with at_host(stage):
        partners.remove_tier(key="registered", actor=OPERATOR, now=NOW)


@scenario("vocabulary")
def vocabulary(stage: Stage) -> None:
    with at_host(stage):
        partners.define_types_and_tiers(
            types=[TypeSpec("scout", "Scout")], tiers=[TierSpec("platinum", "Platinum", 9)], actor=OPERATOR, now=NOW
        )


@scenario("tier")
def tier(stage: Stage) -> None:
    with at_nordwind(stage):
        partners.set_tier(tier="gold", reason="Earned", actor=OPERATOR, now=NOW)


@scenario("brand", kind="once")
def brand(stage: Stage) -> None:
    with at_nordwind(stage):
        partners.set_brand(accent="#123456", actor=OPERATOR, now=NOW)


@scenario("partner state")
def partner_state(stage: Stage) -> None:
    with at_nordwind(stage):
        partners.set_state(state=State.SUSPENDED, actor=OPERATOR, now=NOW)


@scenario("portfolio", kind="once")
def portfolio(stage: Stage) -> None:
    with at_nordwind(stage):
        partners.set_portfolio(person_id=stage["dee"], looked_after=True, actor=OPERATOR, now=NOW)


@scenario("give a partner", kind="once")
def give_partner(stage: Stage) -> None:
    with at_nordwind(stage):
        people.give_to(person_id=stage["dee"], actor=OPERATOR, now=NOW)


# ── People ──────────────────────────────────────────────────────────────────────────────────────────────────────────


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


def as_ben(stage: Stage) -> Actor:
    return Actor.person(stage["ben"])


def at_own(stage: Stage) -> scopes.Scope:
    return scopes.Scope(scopes.Mode.ONE, partner_id=stage["nordwind"])


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


# ── Courses and learning ────────────────────────────────────────────────────────────────────────────────────────────


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


def _answered(stage: Stage) -> None:
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


@scenario("submit", prepare=_answered)
def submit(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.submit_attempt(attempt_id=stage["attempt"], actor=as_ana(stage), now=NOW)


# ── The worker ──────────────────────────────────────────────────────────────────────────────────────────────────────


@scenario("relay and jobs", kind="steps", prepare=_answered)
def everything(stage: Stage) -> None:
    """From handing in to rest: sequencer, relay, handlers, rounds and jobs, each turn of the worker."""
    submit(stage)
    while worker.turn("doomed", NOW):
        pass


# ── Staff mend ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _failed_job(stage: Stage) -> None:
    stage["job"] = Job.objects.create(
        task="gangway.rollout.plans.jobs.evaluate_nightly", state="failed", run_after=NOW, created_at=NOW, attempts=5
    ).pk


@scenario("retry job", prepare=_failed_job)
def retry_job(stage: Stage) -> None:
    job_actions.retry(job_id=stage["job"], actor=as_dee(stage), now=NOW)


def _parked(stage: Stage) -> None:
    event = OutboxEvent.objects.filter(name="people.person.admitted.v1").first()
    assert event is not None
    stage["failure"] = Failure.objects.create(
        group="identity", event=event, subject_id=event.subject_id, state="parked", attempts=12
    ).pk


# ── The plan ────────────────────────────────────────────────────────────────────────────────────────────────────────


@scenario("new plan", kind="once")
def new_plan(stage: Stage) -> None:
    with at_host(stage):
        plans.new_plan(
            definition=plan_queries.shipped_template("essential"),
            kickoff_on=date(2026, 3, 9),
            zone="UTC",
            replace=True,
            actor=as_dee(stage),
            now=NOW,
        )


@scenario("kickoff")
def kickoff(stage: Stage) -> None:
    with at_host(stage):
        plans.confirm_attendance(plan_id=stage["plan"], actor=as_dee(stage), now=AFTER_KICKOFF)


def _cell(stage: Stage) -> None:
    with at_host(stage):
        stage["cell"] = plans.set_raci_cell(
            plan_id=stage["plan"],
            row_key="sponsor",
            letter="A",
            holder="staff",
            person_id=stage["dee"],
            actor=as_dee(stage),
            now=NOW,
        )


@scenario("set RACI", kind="once")
def set_raci(stage: Stage) -> None:
    _cell(stage)


@scenario("remove RACI", prepare=_cell)
def remove_raci(stage: Stage) -> None:
    with at_host(stage):
        plans.remove_raci_cell(plan_id=stage["plan"], cell_id=stage["cell"], actor=as_dee(stage), now=NOW)


@scenario("contest", kind="once")
def contest(stage: Stage) -> None:
    with at_host(stage):
        stage["contest"] = plans.contest_row(
            plan_id=stage["plan"], row_key="sponsor", reason="It is somebody else by now.", actor=as_dee(stage), now=NOW
        )


@scenario("settle", prepare=contest)
def settle_contest(stage: Stage) -> None:
    with at_host(stage):
        plans.settle_contest(
            plan_id=stage["plan"],
            contest_id=stage["contest"],
            decision="It stays as it was agreed.",
            actor=as_dee(stage),
            now=NOW,
        )


@scenario("attest", kind="once")
def attest(stage: Stage) -> None:
    with at_host(stage):
        plans.attest(
            plan_id=stage["plan"],
            key="inventory",
            reason="The list lies on the shared drive.",
            actor=as_dee(stage),
            now=NOW,
        )


@scenario("withdraw", prepare=attest)
def withdraw(stage: Stage) -> None:
    with at_host(stage):
        plans.withdraw(plan_id=stage["plan"], key="inventory", actor=as_dee(stage), now=NOW)


@scenario("decide", kind="once", prepare=_cell)
def decide(stage: Stage) -> None:
    with at_host(stage):
        plans.decide_gate(
            plan_id=stage["plan"],
            gate="kickoff",
            choice="hold",
            reason="We wait for the contract.",
            actor=as_dee(stage),
            now=NOW,
        )


@scenario("replay parked", prepare=_parked)
def replay_parked(stage: Stage) -> None:
    outbox_actions.replay(failure_id=stage["failure"], actor=as_dee(stage), now=NOW)


# ── Launches ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _team_waits(stage: Stage) -> None:
    """Ben agreed and came in by mail; two people of Nordwind wait for their letter, in a wave that was not sent."""
    with at_nordwind(stage):
        begin_session(person_id=stage["ben"], method=Method.CODE, device="", actor=OPERATOR, now=NOW)
        for name in ("Gil", "Hua"):
            stage[name] = people.admit_person(
                name=name, email=f"{name.lower()}@nordwind.example", letter=False, actor=OPERATOR, now=NOW
            )
    _empty_wave(stage)
    with at_nordwind(stage):
        launches.add_partner(wave_id=stage["wave"], actor=as_dee(stage), now=NOW)


def _empty_wave(stage: Stage) -> None:
    stage["wave"] = launches.create_wave(name="Wave 1", actor=as_dee(stage), now=NOW)


@scenario("new wave", kind="once")
def new_wave(stage: Stage) -> None:
    _empty_wave(stage)


@scenario("change wave", prepare=_empty_wave)
def change_wave(stage: Stage) -> None:
    launches.change_wave(wave_id=stage["wave"], name="Top tier", nudges=False, actor=as_dee(stage), now=NOW)


@scenario("add to wave", prepare=_empty_wave)
def add_to_wave(stage: Stage) -> None:
    with at_nordwind(stage):
        launches.add_partner(wave_id=stage["wave"], actor=as_dee(stage), now=NOW)


@scenario("take out of wave", kind="once", prepare=_team_waits)
def take_out(stage: Stage) -> None:
    with at_nordwind(stage):
        launches.remove_partner(wave_id=stage["wave"], actor=as_dee(stage), now=NOW)


@scenario("hold", kind="once", prepare=_team_waits)
def hold_launch(stage: Stage) -> None:
    with at_nordwind(stage):
        launches.hold(wave_id=stage["wave"], reason="Their fair is on.", actor=as_dee(stage), now=NOW)


def _held(stage: Stage) -> None:
    _team_waits(stage)
    hold_launch(stage)


@scenario("let go", kind="once", prepare=_held)
def let_go(stage: Stage) -> None:
    with at_nordwind(stage):
        launches.let_go(wave_id=stage["wave"], reason="The fair is over.", actor=as_dee(stage), now=NOW)


@scenario("send wave", kind="once", prepare=_team_waits)
def send_wave(stage: Stage) -> None:
    launches.send_wave(wave_id=stage["wave"], actor=as_dee(stage), now=NOW)


def _queued(stage: Stage) -> None:
    _team_waits(stage)
    send_wave(stage)
    while worker.turn("scene", NOW):
        pass


@scenario("undo wave", kind="once", prepare=_queued)
def undo_wave(stage: Stage) -> None:
    launches.undo_wave(wave_id=stage["wave"], actor=as_dee(stage), now=NOW + timedelta(minutes=1))


def _window_over(stage: Stage) -> None:
    _team_waits(stage)
    launches.send_wave(wave_id=stage["wave"], window=timedelta(), actor=as_dee(stage), now=NOW)


@scenario("a wave and the worker", kind="worker", prepare=_window_over)
def wave_goes(stage: Stage) -> None:
    """From sending to the confirmed launch: invitations, letters, figures, each piece in a turn of the worker."""
    while worker.turn("doomed", NOW):
        pass


# The plan is looked at again after a restart, between the launch and its letter: one look more stays in its history.
@scenario("a first letter and the worker", kind="steps", aside=("plans.Evaluation",))
def first_letter(stage: Stage) -> None:
    """A letter at once to somebody of a partner that was not launched launches it: invitation, launch, clocks."""
    with scopes.one(partner_queries.find_partner("nordlicht").id):
        people.admit_person(
            name="Ida", email="ida@nordlicht.example", external_id="i1", letter=True, actor=OPERATOR, now=NOW
        )
    while worker.turn("doomed", NOW):
        pass


@scenario("nudges", prepare=_team_waits)
def nudges(stage: Stage) -> None:
    with at_nordwind(stage):
        launches.queue_nudges(
            wave_id=stage["wave"], nudge=Nudge.COME_IN, person_ids=[stage["Gil"]], actor=OPERATOR, now=NOW
        )


# ── Getting in ──────────────────────────────────────────────────────────────────────────────────────────────────────


@scenario("begin session", kind="once")
def begin(stage: Stage) -> None:
    with at_nordwind(stage):
        stage["cookie"] = begin_session(
            person_id=stage["ana"], method=Method.CODE, device="", actor=as_ana(stage), now=NOW
        ).cookie


def _in(stage: Stage) -> None:
    begin(stage)
    with at_nordwind(stage):
        stage["session"] = open_sessions(stage["ana"], 0, NOW)[0].id


@scenario("end session", prepare=_in)
def end(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.end_session(session_id=stage["session"], actor=as_ana(stage), now=NOW)


def _in_twice(stage: Stage) -> None:
    _in(stage)
    begin(stage)


@scenario("end other sessions", prepare=_in_twice)
def end_others(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.end_other_sessions(session_id=stage["session"], actor=as_ana(stage), now=NOW)


@scenario("end somebody's sessions", prepare=_in)
def end_of_person(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.end_sessions_of(person_id=stage["ana"], actor=as_dee(stage), now=NOW)


def _dee_in(stage: Stage) -> None:
    with at_host(stage):
        begin_session(person_id=stage["dee"], method=Method.CODE, device="", actor=as_dee(stage), now=NOW)
        stage["session"] = open_sessions(stage["dee"], 0, NOW)[0].id


@scenario("see what somebody sees", prepare=_dee_in, kind="once")
def look(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.start_viewing(session_id=stage["session"], person_id=stage["ana"], actor=as_dee(stage), now=NOW)


def _looking(stage: Stage) -> None:
    _dee_in(stage)
    look(stage)


@scenario("be oneself again", prepare=_looking)
def stop_looking(stage: Stage) -> None:
    identity.stop_viewing(session_id=stage["session"], actor=as_dee(stage), now=NOW)


@scenario("welcome", prepare=_in)
def welcome(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.accept_welcome(
            person_id=stage["ana"], name="Ana Maria", locale="de", zone="Europe/Berlin", actor=as_ana(stage), now=NOW
        )


@scenario("ask for a letter", kind="once")
def ask(stage: Stage) -> None:
    identity.start_challenge(address="ana@nordwind.example", browser="b", next_path="/", actor=OPERATOR, now=NOW)


@scenario("report a link that opens nothing")
def report(stage: Stage) -> None:
    identity.report_stuck(link="never-was", actor=OPERATOR, now=NOW)


def _asked(stage: Stage) -> None:
    ask(stage)
    with at_nordwind(stage):
        stage["request"] = waiting_request()


def waiting_request() -> Any:
    (row,) = lists.page(identity_queries.requests(strangers=False, everything=False), {}).rows
    return row.cells["request"].id


@scenario("answer by a letter", prepare=_asked, kind="once")
def answer_by_letter(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.answer_request(request_id=stage["request"], answer=Answer.LETTER, actor=as_dee(stage), now=NOW)


@scenario("answer by an invitation", prepare=_asked, kind="once")
def answer_by_invitation(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.answer_request(request_id=stage["request"], answer=Answer.INVITATION, actor=as_dee(stage), now=NOW)


@scenario("operator link", kind="once")
def link(stage: Stage) -> None:
    stage["link"] = identity.operator_link(
        address="ana@nordwind.example", partner_slug="nordwind", actor=OPERATOR, now=NOW
    ).path.rsplit("/", 1)[1]


@scenario("come in by link", prepare=link)
def come_in(stage: Stage) -> None:
    identity.complete_challenge(browser="b", link=stage["link"], actor=OPERATOR, now=NOW)


# ── Certificates and figures ────────────────────────────────────────────────────────────────────────────────────────


@scenario("define credential")
def define(stage: Stage) -> None:
    with at_host(stage):
        credentials.define_credential(
            key="extra", course_id=stage["course"], title="Extra", valid_months=12, actor=OPERATOR, now=NOW
        )


def _awarded(stage: Stage) -> None:
    """Ana has passed, and her award was issued."""
    _answered(stage)
    submit(stage)
    while worker.turn("scene", NOW):
        pass
    with at_nordwind(stage):
        stage["award"] = Award.objects.get(person_id=stage["ana"]).pk


@scenario("revoke award", prepare=_awarded)
def revoke_award(stage: Stage) -> None:
    with at_nordwind(stage):
        credentials.revoke_award(
            award_id=stage["award"], reason=RevokeReason.HOLDER_ASKED, actor=as_dee(stage), now=NOW
        )


@scenario("agree to one's name", prepare=_awarded, kind="once")
def agree(stage: Stage) -> None:
    with at_nordwind(stage):
        credentials.agree_to_name(person_id=stage["ana"], agreed=True, locale="en", actor=as_ana(stage), now=NOW)


@scenario("baseline", kind="once")
def baseline(stage: Stage) -> None:
    with at_host(stage):
        insights.set_baseline(
            kpi_key="activation",
            value=0.41,
            taken_on=date(2026, 2, 1),
            source="Last year",
            actor=as_dee(stage),
            now=NOW,
        )


@scenario("observation")
def observation(stage: Stage) -> None:
    with at_nordwind(stage):
        insights.record_observation(
            measure="leads", value=3.0, observed_at=NOW, source="crm", source_key="1", actor=OPERATOR, now=NOW
        )


# ── Letters ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@scenario("decline letters")
def decline(stage: Stage) -> None:
    with at_nordwind(stage):
        messaging.decline(person_id=stage["ana"], category=Category.NUDGE, actor=as_ana(stage), now=NOW)


@scenario("letters of one cause taken back", kind="steps")
def letters_taken_back(stage: Stage) -> None:
    later = NOW + timedelta(minutes=10)
    drafts = [messaging.Draft(person_id=stage[who], dedupe_key=f"wave:{who}") for who in ("ana", "ben")]
    cause = stage["course"]  # any id groups letters
    with at_nordwind(stage):
        messaging.queue_messages(
            drafts=drafts, letter_key="identity.launch", cause=cause, not_before=later, actor=OPERATOR, now=NOW
        )
        messaging.cancel_letters(cause=cause, actor=OPERATOR, now=NOW)


@scenario("accept letters again", prepare=decline)
def accept(stage: Stage) -> None:
    with at_nordwind(stage):
        messaging.accept(person_id=stage["ana"], category=Category.NUDGE, actor=as_ana(stage), now=NOW)


def _letter_out(stage: Stage) -> None:
    """A mail server took a letter to Ana."""
    with at_nordwind(stage):
        letter = messaging.queue_message(
            person_id=stage["ana"], letter_key="identity.launch", dedupe_key="back", actor=OPERATOR, now=NOW
        )
        for claimed in messaging.claim(message_ids=[letter], actor=OPERATOR, now=NOW):
            messaging.record_delivery(message_id=letter, lease=claimed.lease, outcome=SENT, actor=OPERATOR, now=NOW)
    stage["letter"] = letter


@scenario("a letter that comes back, and an answer", kind="steps", prepare=_letter_out, aside=("plans.Evaluation",))
def letter_comes_back(stage: Stage) -> None:
    letter = stage["letter"]
    box = messaging.look_into(box="returns", actor=OPERATOR, now=clock.now())  # its lease runs out
    report = Returned(Kind.BOUNCED, (letter,), "ana@nordwind.example", "550 5.1.1 gone", proven=True)
    messaging.take_return(returned=report, actor=OPERATOR, now=NOW)
    answer = MailAnswer((letter,), "ana@nordwind.example", "<answer@nordwind.example>", "Yes.")
    messaging.keep_reply(answer=answer, actor=OPERATOR, now=NOW)
    if box is not None:
        messaging.note_read(box="returns", position=Position(1, 2), more=False, actor=OPERATOR, now=clock.now())


def _nils(stage: Stage) -> None:
    """Somebody at a partner that was launched, to whom nobody has written."""
    with at_nordwind(stage):
        partners.set_launched(at=NOW, actor=OPERATOR, now=NOW)
        stage["nils"] = people.admit_person(
            name="Nils", email="nils@nordwind.example", letter=False, actor=OPERATOR, now=NOW
        )


@scenario("an address mended, and the invitation there", prepare=_nils, kind="once")
def mended(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.mend_address(person_id=stage["nils"], email="nils.holm@nordwind.example", actor=OPERATOR, now=NOW)


@scenario("an invitation sent again", prepare=_nils, kind="once")
def sent_again(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.send_again(person_id=stage["nils"], actor=OPERATOR, now=NOW)


@scenario("a newcomer and the worker", kind="steps")
def newcomer(stage: Stage) -> None:
    """From admission to the kept letter: invitation, enrolment, journey, message, each in a turn of the worker."""
    admit(stage)
    while worker.turn("doomed", NOW):
        pass
