"""Scenarios of getting in: sessions, letters asked for, looking with somebody's eyes."""

from typing import Any

from gangway.identity import actions as identity
from gangway.identity import queries as identity_queries
from gangway.identity.actions.sessions import begin_session
from gangway.identity.queries import open_sessions
from gangway.identity.rules import Answer, Method
from gangway.kernel import lists
from tests.crash.scenario import NOW, Stage, scenario
from tests.crash.scenarios.ground import OPERATOR, as_ana, as_dee, at_host, at_nordwind


@scenario("begin session", kind="once")
def begin(stage: Stage) -> None:
    with at_nordwind(stage):
        stage["cookie"] = begin_session(
            person_id=stage["ana"], method=Method.CODE, device="", actor=as_ana(stage), now=NOW
        ).cookie


def signed_in(stage: Stage) -> None:
    begin(stage)
    with at_nordwind(stage):
        stage["session"] = open_sessions(stage["ana"], 0, NOW)[0].id


@scenario("end session", prepare=signed_in)
def end(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.end_session(session_id=stage["session"], actor=as_ana(stage), now=NOW)


def _in_twice(stage: Stage) -> None:
    signed_in(stage)
    begin(stage)


@scenario("end other sessions", prepare=_in_twice)
def end_others(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.end_other_sessions(session_id=stage["session"], actor=as_ana(stage), now=NOW)


@scenario("end somebody's sessions", prepare=signed_in)
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


@scenario("welcome", prepare=signed_in)
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
