"""Scenarios of mail domains: claimed, looked at, proven by a letter, given up."""

from gangway.identity import actions as identity
from gangway.identity import queries as identity_queries
from gangway.kernel import secrets
from gangway.kernel.actor import Actor
from gangway.messaging.models import Message
from tests.crash.scenario import NOW, Stage, scenario
from tests.crash.scenarios.ground import OPERATOR, at_nordwind


def _claimed(stage: Stage) -> None:
    with at_nordwind(stage):
        stage["claim"] = identity.claim_domain(name="nordwind.example", actor=OPERATOR, now=NOW)


@scenario("claim domain")
def claim(stage: Stage) -> None:
    _claimed(stage)


def _look(stage: Stage) -> None:
    with at_nordwind(stage):
        value = identity_queries.domain_claim(stage["claim"], NOW).value
        identity.note_look(claim_id=stage["claim"], texts=[value], actor=OPERATOR, now=NOW)


@scenario("prove domain by DNS", prepare=_claimed)
def look(stage: Stage) -> None:
    _look(stage)


@scenario("send domain code", prepare=_claimed, kind="once")
def send(stage: Stage) -> None:
    with at_nordwind(stage):
        ben = Actor.person(stage["ben"])
        identity.send_domain_code(claim_id=stage["claim"], master="postmaster", actor=ben, now=NOW)


def _sent(stage: Stage) -> None:
    _claimed(stage)
    send(stage)
    with at_nordwind(stage):
        letter = Message.objects.get(letter_key="identity.domain_code")
        stage["code"] = secrets.unseal(letter.secret).split()[0]


@scenario("prove domain by code", prepare=_sent, kind="once")
def type_code(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.type_domain_code(claim_id=stage["claim"], typed=stage["code"], actor=OPERATOR, now=NOW)


def _proven(stage: Stage) -> None:
    _claimed(stage)
    _look(stage)


@scenario("give up domain", prepare=_proven)
def give_up(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.give_up_domain(claim_id=stage["claim"], actor=OPERATOR, now=NOW)
