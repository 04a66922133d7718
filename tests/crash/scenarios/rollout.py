"""Scenarios of the plan and of launches."""

from datetime import date, timedelta

from gangway.identity.actions.sessions import begin_session
from gangway.identity.rules import Method
from gangway.kernel import worker
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partner_queries
from gangway.people import actions as people
from gangway.rollout.launches import actions as launches
from gangway.rollout.launches.rules.nudges import Nudge
from gangway.rollout.plans import actions as plans
from gangway.rollout.plans import queries as plan_queries
from tests.crash.scenario import NOW, Stage, scenario
from tests.crash.scenarios.ground import OPERATOR, as_dee, at_host, at_nordwind

AFTER_KICKOFF = NOW + timedelta(hours=1)


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
