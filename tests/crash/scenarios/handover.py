"""Scenarios of the vendor's portal, and of what it hands over."""

from dataclasses import replace
from datetime import timedelta

from gangway.identity import actions as identity
from gangway.identity.rules.connections import ConnectionState
from gangway.identity.rules.handover import HandedOver, NotHanded, PortalReason, PublicKey
from gangway.people import actions as people
from tests.crash.scenario import NOW, Stage, scenario
from tests.crash.scenarios.ground import OPERATOR, at_host, at_nordwind

KEY = PublicKey("one", "RS256", {"kty": "RSA"})


@scenario("say what the vendor's portal is", kind="once")
def say(stage: Stage) -> None:
    with at_host(stage):
        identity.set_portal(
            name="Acme Portal",
            issuer="https://portal.acme.example",
            start_url="https://portal.acme.example/learn",
            actor=OPERATOR,
            now=NOW,
        )


@scenario("add a key of the vendor's portal", kind="once", prepare=say)
def add_key(stage: Stage) -> None:
    with at_host(stage):
        identity.add_portal_key(key=KEY, actor=OPERATOR, now=NOW)


def _with_key(stage: Stage) -> None:
    say(stage)
    add_key(stage)


@scenario("close a key of the vendor's portal", kind="once", prepare=_with_key)
def close_key(stage: Stage) -> None:
    with at_host(stage):
        identity.close_portal_key(kid="one", actor=OPERATOR, now=NOW)


@scenario("open the vendor's portal", prepare=_with_key)
def open_it(stage: Stage) -> None:
    with at_host(stage):
        identity.set_portal_state(state=ConnectionState.ACTIVE, actor=OPERATOR, now=NOW)


def _running_out(stage: Stage) -> None:
    say(stage)
    with at_host(stage):
        key = replace(KEY, not_after=NOW + timedelta(days=20))
        identity.add_portal_key(key=key, actor=OPERATOR, now=NOW)
        identity.set_portal_state(state=ConnectionState.ACTIVE, actor=OPERATOR, now=NOW)


@scenario("tell that a key of the vendor's portal runs out", prepare=_running_out)
def tell(stage: Stage) -> None:
    with at_host(stage):
        identity.tell_portal_keys(actor=OPERATOR, now=NOW)


def _open(stage: Stage) -> None:
    _with_key(stage)
    open_it(stage)
    with at_nordwind(stage):
        people.name_elsewhere(person_id=stage["ana"], source="portal", value="4711", actor=OPERATOR, now=NOW)


@scenario("say by which name a portal knows somebody")
def name(stage: Stage) -> None:
    with at_nordwind(stage):
        people.name_elsewhere(person_id=stage["ana"], source="portal", value="4711", actor=OPERATOR, now=NOW)


@scenario("send a browser to the vendor's portal", kind="once", prepare=_open)
def send(stage: Stage) -> None:
    stage["nonce"] = identity.start_handover(browser="the-browser", next_path="/", actor=OPERATOR, now=NOW)


def _sent(stage: Stage) -> None:
    _open(stage)
    send(stage)


def _handed(stage: Stage) -> HandedOver:
    return HandedOver("4711", "nordwind", stage["nonce"], "t-1")


@scenario("take what the vendor's portal signed", kind="once", prepare=_sent)
def take(stage: Stage) -> None:
    stage["handle"] = identity.take_handover(handed=_handed(stage), kid="one", actor=OPERATOR, now=NOW)


@scenario("keep why what the vendor's portal sent proves nothing", kind="once", prepare=_sent)
def refuse(stage: Stage) -> None:
    found = NotHanded(PortalReason.LATE)
    identity.refuse_handover(nonce=stage["nonce"], found=found, actor=OPERATOR, now=NOW)


def _taken(stage: Stage) -> None:
    _sent(stage)
    take(stage)


@scenario("fetch what the vendor's portal sent", kind="once", prepare=_taken)
def fetch(stage: Stage) -> None:
    identity.fetch_handover(handle=stage["handle"], browser="the-browser", actor=OPERATOR, now=NOW)


@scenario("come in from the vendor's portal", kind="once", prepare=_sent)
def enter(stage: Stage) -> None:
    identity.enter_by_portal(handed=_handed(stage), browser="the-browser", actor=OPERATOR, now=NOW)


@scenario("keep a hand-over that failed", kind="once")
def fail(stage: Stage) -> None:
    identity.note_handover_failure(reason=PortalReason.LATE, actor=OPERATOR, now=NOW)


@scenario("forget hand-overs", prepare=_sent)
def forget(stage: Stage) -> None:
    identity.forget_handovers(actor=OPERATOR, now=NOW + timedelta(days=2))
