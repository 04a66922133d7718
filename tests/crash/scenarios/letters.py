"""Scenarios of letters: declined, taken back, returned, sent again."""

from datetime import timedelta

from gangway.identity import actions as identity
from gangway.kernel import clock, worker
from gangway.messaging import actions as messaging
from gangway.messaging.rules import SENT, Category, Kind, Position, Returned
from gangway.messaging.rules import Answer as MailAnswer
from gangway.partners import actions as partners
from gangway.people import actions as people
from tests.crash.scenario import NOW, Stage, scenario
from tests.crash.scenarios.ground import OPERATOR, as_ana, at_nordwind
from tests.crash.scenarios.people import admit


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
