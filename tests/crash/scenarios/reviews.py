"""Scenarios of the access list."""

from gangway.identity import actions as identity
from gangway.identity.queries import access_holders
from gangway.identity.rules.reviews import digest_of, text_of
from gangway.partners import actions as partners
from tests.crash.scenario import NOW, Stage, scenario
from tests.crash.scenarios.ground import OPERATOR, as_ben, at_nordwind


def _launched(stage: Stage) -> None:
    with at_nordwind(stage):
        partners.set_launched(at=NOW, actor=OPERATOR, now=NOW)


@scenario("ask who sees a partner's data", kind="worker", prepare=_launched)
def ask(stage: Stage) -> None:
    identity.ask_access_review(partner_id=stage["nordwind"], actor=OPERATOR, now=NOW)


def _asked(stage: Stage) -> None:
    _launched(stage)
    ask(stage)


@scenario("confirm who sees a partner's data", kind="once", prepare=_asked)
def confirm(stage: Stage) -> None:
    with at_nordwind(stage):
        digest = digest_of(text_of(access_holders(NOW)))
        identity.confirm_access(digest=digest, ends=(stage["dee"],), actor=as_ben(stage), now=NOW)


def _confirmed(stage: Stage) -> None:
    _asked(stage)
    confirm(stage)


@scenario("ask now who sees a partner's data", kind="once", prepare=_confirmed)
def ask_now(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.ask_access_now(actor=OPERATOR, now=NOW)
