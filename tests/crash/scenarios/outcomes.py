"""Scenarios of what learning leads to: certificates and figures."""

from datetime import date, timedelta

from gangway.credentials import actions as credentials
from gangway.credentials import queries as awards
from gangway.credentials.models import Award
from gangway.credentials.rules import NOTICES, PROVE, RevokeReason
from gangway.insights import actions as insights
from gangway.kernel import secrets, worker
from gangway.messaging.models import Message
from tests.crash.scenario import NOW, Stage, scenario
from tests.crash.scenarios.ground import OPERATOR, as_ana, as_dee, at_host, at_nordwind
from tests.crash.scenarios.learning import answered, submit


@scenario("define credential")
def define(stage: Stage) -> None:
    with at_host(stage):
        credentials.define_credential(
            key="extra", course_id=stage["course"], title="Extra", valid_months=12, actor=OPERATOR, now=NOW
        )


def _awarded(stage: Stage) -> None:
    """Ana has passed, and her award was issued."""
    answered(stage)
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


@scenario("renew award", prepare=_awarded, kind="once")
def renew_award(stage: Stage) -> None:
    with at_nordwind(stage):
        award = Award.objects.get(pk=stage["award"])
        assert award.expires_at is not None
        credentials.renew_award(
            number=award.number, person_id=stage["ana"], actor=as_ana(stage), now=award.expires_at - timedelta(days=1)
        )


@scenario("reminders of an end", prepare=_awarded)
def remind_of_ending(stage: Stage) -> None:
    with at_nordwind(stage):
        ends = Award.objects.get(pk=stage["award"]).expires_at
        assert ends is not None
        now = ends - timedelta(days=40)
        due = awards.ending_awards(NOTICES[0], now)
        assert [award.award_id for award in due] == [stage["award"]]
        credentials.remind_of_ending(notice=NOTICES[0], awards=due, actor=OPERATOR, now=now)


@scenario("agree to one's name", prepare=_awarded, kind="once")
def agree(stage: Stage) -> None:
    with at_nordwind(stage):
        credentials.agree_to_name(person_id=stage["ana"], agreed=True, locale="en", actor=as_ana(stage), now=NOW)


def _code_sent(stage: Stage) -> None:
    _awarded(stage)
    with at_nordwind(stage):
        ask_to_keep(stage)
        letter = Message.objects.get(letter_key=PROVE)
        stage["code"] = secrets.unseal(letter.secret)


@scenario("code to a private mailbox", prepare=_awarded, kind="once")
def code_to_mailbox(stage: Stage) -> None:
    with at_nordwind(stage):
        ask_to_keep(stage)


def ask_to_keep(stage: Stage) -> None:
    credentials.ask_to_keep(person_id=stage["ana"], address="ana@home.example", actor=as_ana(stage), now=NOW)


@scenario("keep by a private mailbox", prepare=_code_sent)
def prove_mailbox(stage: Stage) -> None:
    with at_nordwind(stage):
        credentials.prove_mailbox(person_id=stage["ana"], code=stage["code"], actor=as_ana(stage), now=NOW)


def _kept(stage: Stage) -> None:
    _code_sent(stage)
    prove_mailbox(stage)


@scenario("let a private mailbox go", prepare=_kept)
def let_mailbox_go(stage: Stage) -> None:
    with at_nordwind(stage):
        credentials.let_mailbox_go(person_id=stage["ana"], actor=as_ana(stage), now=NOW)


@scenario("ask for what is kept", prepare=_kept, kind="once")
def ask_for_kept(stage: Stage) -> None:
    credentials.ask_for_kept(address="ana@home.example", actor=OPERATOR, now=NOW)


def _asked_for(stage: Stage) -> None:
    _kept(stage)
    ask_for_kept(stage)


@scenario("write the link to what is kept", prepare=_asked_for, kind="worker")
def write_kept_letter(stage: Stage) -> None:
    for ask_id in awards.asks_to_write(10):
        credentials.write_kept_letter(ask_id=ask_id, actor=OPERATOR, now=NOW)


@scenario("forget what was asked for", prepare=_asked_for)
def forget_asks(stage: Stage) -> None:
    credentials.forget_asks(actor=OPERATOR, now=NOW + timedelta(days=3))


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
