"""Scenarios of joining: what a partner says, and strangers who come in or wait."""

from datetime import timedelta

from django.db import transaction

from gangway.identity import actions as identity
from gangway.identity.models import Challenge, JoinRequest
from gangway.identity.queries.doors import browser_digest
from gangway.identity.queries.joining import Stranger
from gangway.kernel.ids import new_id
from gangway.learning import actions as learning
from tests.crash.scenario import NOW, Stage, scenario
from tests.crash.scenarios.ground import OPERATOR, at_nordwind
from tests.crash.scenarios.learning import a_path

BROWSER = "a-strangers-browser"


@scenario("set join policy")
def set_policy(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.set_join_policy(by_domain=True, actor=OPERATOR, now=NOW)


@scenario("make access code", kind="once")
def make(stage: Stage) -> None:
    with at_nordwind(stage):
        made = identity.make_access_code(label="Class", seats=2, days=9, actor=OPERATOR, now=NOW)
    stage["code_id"], stage["access_code"] = made.id, made.code


@scenario("close access code", prepare=make)
def close(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.close_access_code(code_id=stage["code_id"], actor=OPERATOR, now=NOW)


@scenario("write to a stranger", kind="once")
def greet(stage: Stage) -> None:
    """Noted and written in one transaction here: between the two, the worker writes it a moment later."""
    word = identity.word_of_stranger(name="Nora", email="nora@home.example", code="", locale="en", now=NOW)
    with transaction.atomic():
        identity.note_asking(
            address="nora@home.example", browser=BROWSER, next_path="/", joining=word, actor=OPERATOR, now=NOW
        )
        row = Challenge.objects.get(browser=browser_digest(BROWSER))
        identity.write_letter(challenge_id=row.pk, actor=OPERATOR, now=NOW)


def _proven(stage: Stage) -> None:
    """A browser has proven a stranger's mailbox, and typed the code."""
    make(stage)
    said = Stranger(name="Nora", address="nora@home.example", locale="en", code=stage["access_code"])
    Challenge.objects.create(
        kind="mail",
        link=new_id().bytes,
        browser=browser_digest(BROWSER),
        mailbox=new_id().bytes,
        joining=said.sealed(),
        asked_at=NOW,
        expires_at=NOW,
        proven_at=NOW,
        proven_by="code",
    )


@scenario("join by access code", prepare=_proven, kind="once")
def join(stage: Stage) -> None:
    identity.join(browser=BROWSER, partner_id=stage["nordwind"], actor=OPERATOR, now=NOW)


@scenario("wait to be let in", prepare=_proven, kind="once")
def wait(stage: Stage) -> None:
    identity.wait_to_join(browser=BROWSER, actor=OPERATOR, now=NOW)


def _waiting(stage: Stage) -> None:
    _proven(stage)
    wait(stage)
    stage["request"] = JoinRequest.objects.get().pk


@scenario("let somebody in who waits", prepare=_waiting, kind="once")
def admit(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.admit_stranger(request_id=stage["request"], actor=OPERATOR, now=NOW)


@scenario("decline somebody who waits", prepare=_waiting, kind="once")
def decline(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.decline_stranger(request_id=stage["request"], actor=OPERATOR, now=NOW)


@scenario("forget who waits in vain", prepare=_waiting)
def forget(stage: Stage) -> None:
    identity.forget_joining(actor=OPERATOR, now=NOW + timedelta(days=91))


def _leading(stage: Stage) -> None:
    """A code of Nordwind's, and a path that it may lead to."""
    a_path(stage)
    make(stage)


@scenario("say what a code leads to", prepare=_leading)
def aim(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.aim_joining(code_id=stage["code_id"], path_id=stage["path"], actor=OPERATOR, now=NOW)


def _led(stage: Stage) -> None:
    _leading(stage)
    aim(stage)


@scenario("enrol who joined by a code", prepare=_led)
def enrol_joined(stage: Stage) -> None:
    with at_nordwind(stage):
        learning.enrol_joined(person_id=stage["ben"], code_id=stage["code_id"], actor=OPERATOR, now=NOW)
