"""Scenarios of what people hold beside their mailbox."""

from typing import Any

import pyotp
from django.conf import settings

from gangway.identity import actions as identity
from gangway.identity.rules.factors import Factor, Policy
from gangway.identity.tests.authenticator import ORIGIN, Authenticator
from tests.crash.scenario import NOW, Stage, scenario
from tests.crash.scenarios.doors import come_in, link, signed_in
from tests.crash.scenarios.ground import OPERATOR, as_ana, as_dee, at_nordwind


def of_ana(stage: Stage) -> dict[str, Any]:
    return {"person_id": stage["ana"], "session_id": None, "actor": as_ana(stage), "now": NOW}


# ── The authenticator app and the codes ─────────────────────────────────────────────────────────────────────────────


@scenario("begin an app", kind="once")
def begin_app(stage: Stage) -> None:
    with at_nordwind(stage):
        stage["key"] = identity.begin_app(**of_ana(stage))


@scenario("confirm an app", prepare=begin_app)
def confirm_app(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.confirm_app(code=pyotp.TOTP(stage["key"]).at(NOW), **of_ana(stage))


def _app_there(stage: Stage) -> None:
    begin_app(stage)
    confirm_app(stage)


@scenario("remove an app", prepare=_app_there)
def remove_app(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.remove_app(**of_ana(stage))


@scenario("recovery codes", kind="once", prepare=_app_there)
def recovery_codes(stage: Stage) -> None:
    with at_nordwind(stage):
        stage["codes"] = identity.make_recovery_codes(**of_ana(stage))


@scenario("reset factors", prepare=_app_there)
def reset_factors(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.reset_factors(person_id=stage["ana"], actor=as_dee(stage), now=NOW)


@scenario("reset factors by the operator", prepare=_app_there)
def reset_by_operator(stage: Stage) -> None:
    identity.reset_by_operator(address="ana@nordwind.example", partner_slug="nordwind", actor=OPERATOR, now=NOW)


@scenario("rule for admins", kind="once")
def rule_for_admins(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.set_admin_policy(policy=Policy.REQUIRED, actor=OPERATOR, now=NOW)


def _mailbox_proven(stage: Stage) -> None:
    """Ana holds an app and codes, and stands before the second proof."""
    _app_there(stage)
    recovery_codes(stage)
    link(stage)
    come_in(stage)


@scenario("come in with a factor", prepare=_mailbox_proven)
def prove_factor(stage: Stage) -> None:
    identity.prove_factor(browser="b", factor=Factor.RECOVERY, answer=stage["codes"][0], actor=OPERATOR, now=NOW)


# ── Passkeys: the phone signs while the scene is set, since its key cannot travel to the process that dies ──────────


@scenario("ask for a new passkey", kind="once", prepare=signed_in)
def ask_to_add(stage: Stage) -> None:
    settings.BASE_URL = ORIGIN
    with at_nordwind(stage):
        of_session = {**of_ana(stage), "session_id": stage["session"]}
        stage["asked"] = identity.ask_to_add(**of_session)


def _made(stage: Stage) -> Authenticator:
    signed_in(stage)
    ask_to_add(stage)
    phone = Authenticator(count=None)
    stage["answer"] = phone.make(stage["asked"])
    return phone


def _made_by_phone(stage: Stage) -> None:
    _made(stage)


@scenario("add a passkey", prepare=_made_by_phone)
def add_passkey(stage: Stage) -> None:
    settings.BASE_URL = ORIGIN
    with at_nordwind(stage):
        given = {**of_ana(stage), "session_id": stage["session"]}
        stage["passkey"] = identity.add_passkey(answer=stage["answer"], name="Phone", **given)


def _passkey_there(stage: Stage) -> None:
    _made(stage)
    add_passkey(stage)


@scenario("remove a passkey", prepare=_passkey_there)
def remove_passkey(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.remove_passkey(passkey_id=stage["passkey"], **of_ana(stage))


@scenario("ask any passkey", kind="once")
def ask_to_come_in(stage: Stage) -> None:
    settings.BASE_URL = ORIGIN
    stage["asked"] = identity.ask_to_come_in(browser="b", actor=OPERATOR, now=NOW)


def _signed(stage: Stage) -> None:
    phone = _made(stage)
    add_passkey(stage)
    ask_to_come_in(stage)
    stage["answer"] = phone.sign(stage["asked"])


@scenario("come in with a passkey", prepare=_signed)
def sign_in_by_passkey(stage: Stage) -> None:
    settings.BASE_URL = ORIGIN
    identity.sign_in_by_passkey(browser="b", answer=stage["answer"], actor=OPERATOR, now=NOW)


def _before_the_second_proof(stage: Stage) -> None:
    _passkey_there(stage)
    link(stage)
    come_in(stage)


@scenario("ask for the passkey after the mailbox", kind="once", prepare=_before_the_second_proof)
def ask_for_factor(stage: Stage) -> None:
    settings.BASE_URL = ORIGIN
    identity.ask_for_factor(browser="b", actor=OPERATOR, now=NOW)
