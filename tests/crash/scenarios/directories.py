"""Scenarios of directories (SCIM): people and groups that a connection brings, changes and takes away."""

from datetime import timedelta
from typing import Any

from gangway.identity import actions as identity
from gangway.identity.actions import scim
from gangway.identity.queries.scim import holds
from gangway.identity.rules.connections import ConnectionKind
from gangway.identity.rules.scim import Did, HoldKind, HoldState, Told
from gangway.kernel.actor import Actor, ActorKind
from tests.crash.scenario import NOW, Stage, scenario
from tests.crash.scenarios.ground import OPERATOR, at_nordwind

FAY = Told("fay@nordwind.example", "f-1", attributes={"emails": [{"type": "work", "value": "fay@nordwind.example"}]})
ANA = Told("ana@nordwind.example", "a-1", attributes={"displayName": "Ana Albers", "title": "Engineer"})


def _by(stage: Stage) -> dict[str, Any]:
    actor = Actor(ActorKind.CONNECTION, str(stage["directory"]), "scim")
    return {"connection_id": stage["directory"], "actor": actor, "now": NOW}


def _connection(stage: Stage) -> None:
    with at_nordwind(stage):
        stage["directory"] = identity.add_connection(
            kind=ConnectionKind.SCIM, key="scim", name="Directory", active=True, actor=OPERATOR, now=NOW
        )


def _fay(stage: Stage) -> None:
    _connection(stage)
    with at_nordwind(stage):
        stage["fay"] = scim.create_user(told=FAY, **_by(stage))


def _left(stage: Stage) -> None:
    _fay(stage)
    with at_nordwind(stage):
        scim.delete_user(person_id=stage["fay"], **_by(stage))


def _group(stage: Stage) -> None:
    _fay(stage)
    with at_nordwind(stage):
        stage["group"] = scim.create_group(display_name="Team", members=[stage["fay"]], **_by(stage))


def _hold(stage: Stage) -> None:
    _connection(stage)
    with at_nordwind(stage):
        scim.open_hold(kind=HoldKind.REMOVALS, seen=6, allowed=5, **_by(stage))
        stage["hold"] = holds(stage["directory"])[0].id


@scenario("scim: bring", kind="once", prepare=_connection)
def bring(stage: Stage) -> None:
    with at_nordwind(stage):
        scim.create_user(told=FAY, **_by(stage))


@scenario("scim: adopt", kind="once", prepare=_connection)
def adopt(stage: Stage) -> None:
    with at_nordwind(stage):
        scim.create_user(told=ANA, **_by(stage))


@scenario("scim: let in again", kind="once", prepare=_left)
def readmit(stage: Stage) -> None:
    with at_nordwind(stage):
        scim.create_user(told=FAY, **_by(stage))


@scenario("scim: shut out", prepare=_fay)
def shut_out(stage: Stage) -> None:
    with at_nordwind(stage):
        told = Told(FAY.user_name, FAY.external_id, False, True, {"title": "Was here"})
        scim.change_user(person_id=stage["fay"], told=told, version=None, **_by(stage))


@scenario("scim: take away", kind="once", prepare=_group)
def take_away(stage: Stage) -> None:
    with at_nordwind(stage):
        scim.delete_user(person_id=stage["fay"], **_by(stage))


@scenario("scim: a group", kind="once", prepare=_fay)
def group(stage: Stage) -> None:
    with at_nordwind(stage):
        scim.create_group(display_name="Team", members=[stage["fay"]], **_by(stage))


@scenario("scim: a membership", prepare=_group)
def membership(stage: Stage) -> None:
    with at_nordwind(stage):
        change = scim.Change(display_name="Crew", whole=frozenset())
        scim.change_group(group_id=stage["group"], change=change, version=None, **_by(stage))


@scenario("scim: a group goes", kind="once", prepare=_group)
def group_goes(stage: Stage) -> None:
    with at_nordwind(stage):
        scim.delete_group(group_id=stage["group"], **_by(stage))


@scenario("scim: a breaker opens", prepare=_connection)
def breaker(stage: Stage) -> None:
    with at_nordwind(stage):
        scim.open_hold(kind=HoldKind.REMOVALS, seen=6, allowed=5, **_by(stage))


@scenario("scim: a human decides", kind="once", prepare=_hold)
def decided(stage: Stage) -> None:
    with at_nordwind(stage):
        scim.decide_hold(hold_id=stage["hold"], state=HoldState.PASSED, actor=OPERATOR, now=NOW)


@scenario("scim: a line of the log", kind="once", prepare=_connection)
def line(stage: Stage) -> None:
    with at_nordwind(stage):
        scim.note_exchange(method="POST", path="/Users", status=409, did=Did.REFUSED, **_by(stage))


def _line(stage: Stage) -> None:
    _connection(stage)
    line(stage)


@scenario("scim: the log forgets", prepare=_line)
def forgets(stage: Stage) -> None:
    scim.forget_exchanges(
        partner_id=stage["nordwind"],
        connection_id=stage["directory"],
        actor=OPERATOR,
        now=NOW + timedelta(days=31),
    )


@scenario("scim: lead a group to a role", prepare=_group)
def lead(stage: Stage) -> None:
    with at_nordwind(stage):
        scim.lead_group(
            connection_id=stage["directory"], group_id=stage["group"], role="partner_it", actor=OPERATOR, now=NOW
        )
