"""Letters through a real SMTP server, and what each answer does to them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gangway.kernel import installation, secrets
from gangway.kernel.models import Installation, OutboxEvent
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions, queries
from gangway.messaging.jobs import send_due
from gangway.messaging.models import Message, Suppression
from gangway.messaging.rules import SENT, State
from gangway.messaging.tests.conftest import ME, NOW, People, Sink, Someone, admit
from gangway.people.actions import person_leaves, resume_person, suspend_person

pytestmark = pytest.mark.django_db


def queue(person: Someone, dedupe: str = "one", **options: object) -> UUID:
    with scopes.one(person.partner_id):
        return actions.queue_message(
            person_id=person.id,
            letter_key="identity.launch",
            dedupe_key=dedupe,
            secret="the-token",
            actor=ME,
            now=NOW,
            **options,
        )


def found(message_id: UUID) -> Message:
    with scopes.host():
        return Message.objects.get(pk=message_id)


def events(name: str) -> list[dict[str, object]]:
    return [row.payload for row in OutboxEvent.objects.filter(name=name)]


def test_a_letter_goes_out_once_and_forgets_its_secret(sending: Sink, people: People) -> None:
    message = queue(people.ana)
    assert send_due(NOW) == 1
    assert send_due(NOW) == 0

    (mail,) = sending.mails
    row = found(message)
    assert (row.state, row.sent_at, row.secret, row.attempts) == (State.SENT, NOW, "", 1)
    assert str(mail["To"]) == "Ana López <ana@nordwind.example>"
    assert str(mail["From"]) == "Acme Cloud <learn@acme.example>"
    assert str(mail["Message-ID"]) == row.header == f"<{message.hex}@acme.example>"
    assert str(mail["Subject"]) == "The Acme Cloud partner portal is live, and your account is ready"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "/invitation/the-token" in text
    assert "/invitation/the-token" in html
    assert "Nordwind" in html
    (event,) = events("messaging.message.sent.v1")
    assert event == {
        "message_id": str(message),
        "person_id": str(people.ana.id),
        "letter_key": "identity.launch",
        "state": "sent",
    }


def test_the_same_cause_is_one_letter(people: People) -> None:
    assert queue(people.ana, "launch:ana") == queue(people.ana, "launch:ana")
    assert queue(people.ana, "launch:ana") != queue(people.caz, "launch:ana")


def test_a_mailbox_that_does_not_exist_bounces_with_the_reason_and_is_left_alone(sending: Sink, people: People) -> None:
    sending.at_rcpt[people.ana.email] = "550 5.1.1 No such user here"
    message = queue(people.ana)
    send_due(NOW)

    row = found(message)
    assert (row.state, row.last_error, row.secret) == (State.BOUNCED, "550 5.1.1 No such user here", "")
    assert [event["code"] for event in events("messaging.message.bounced.v1")] == [550]
    assert Suppression.objects.count() == 1

    del sending.at_rcpt[people.ana.email]
    second = queue(people.ana, "two")
    send_due(NOW)
    assert found(second).state == State.BOUNCED
    assert sending.mails == []

    assert actions.allow_mailbox(address="ANA@Nordwind.example", actor=ME, now=NOW)
    third = queue(people.ana, "three")
    send_due(NOW)
    assert found(third).state == State.SENT


def test_a_letter_refused_for_its_content_does_not_condemn_the_mailbox(sending: Sink, people: People) -> None:
    sending.at_data[people.ana.email] = "554 5.6.0 looks like spam"
    message = queue(people.ana)
    send_due(NOW)
    assert found(message).state == State.BOUNCED
    assert not Suppression.objects.exists()


def test_not_now_is_tried_again_later_under_the_same_message_id(sending: Sink, people: People) -> None:
    sending.at_rcpt[people.ana.email] = "451 4.7.1 greylisted"
    message = queue(people.ana)
    assert send_due(NOW) == 1
    row = found(message)
    assert (row.state, row.last_error) == (State.QUEUED, "451 4.7.1 greylisted")
    assert timedelta(minutes=1) <= row.not_before - NOW < timedelta(minutes=2), "a slow answer comes later in the round"
    assert row.secret
    assert send_due(NOW + timedelta(seconds=59)) == 0

    del sending.at_rcpt[people.ana.email]
    assert send_due(row.not_before) == 1
    assert [str(mail["Message-ID"]) for mail in sending.mails] == [row.header]
    assert found(message).state == State.SENT


def test_one_refused_recipient_does_not_stop_the_next(sending: Sink, people: People) -> None:
    sending.at_rcpt[people.ana.email] = "550 5.1.1 gone"
    queue(people.ana)
    queue(people.caz)
    assert send_due(NOW) == 2
    assert [str(mail["To"]) for mail in sending.mails] == ["Caz O'Brien <caz@suedstern.example>"]


def test_a_dead_mail_server_loses_nothing(sending: Sink, people: People, settings: object) -> None:
    live = sending.url
    settings.EMAIL_URL = "smtp://127.0.0.1:9"  # type: ignore[attr-defined]
    message = queue(people.ana)
    send_due(NOW)
    row = found(message)
    assert row.state == State.QUEUED
    assert row.last_error.startswith("No answer from the mail server")
    settings.EMAIL_URL = live  # type: ignore[attr-defined]
    send_due(row.not_before)
    assert found(message).state == State.SENT


def test_a_worker_that_died_between_sending_and_recording_is_followed_by_a_second_copy(
    sending: Sink, people: People
) -> None:
    """At least once: never lost; and the same Message-ID lets the mail program show one."""
    message = queue(people.ana)
    with scopes.one(people.ana.partner_id):
        (first,) = actions.claim(message_ids=[message], actor=ME, now=NOW)
        assert actions.claim(message_ids=[message], actor=ME, now=NOW) == []
    assert send_due(NOW + timedelta(minutes=1)) == 0
    assert send_due(NOW + timedelta(minutes=3)) == 1
    assert found(message).state == State.SENT

    with scopes.one(people.ana.partner_id):  # the first worker wakes up after all
        late = actions.record_delivery(message_id=message, lease=first.lease, outcome=SENT, actor=ME, now=NOW)
    assert late is State.SENT
    assert len(events("messaging.message.sent.v1")) == 1


def suspend_and_resume(**who: Any) -> None:
    """Let in again, but what was on its way before stays void."""
    suspend_person(**who)
    resume_person(**who)


@pytest.mark.parametrize("shut_out", [person_leaves, suspend_person, suspend_and_resume])
def test_a_leavers_queued_mail_is_cancelled(sending: Sink, people: People, shut_out: object) -> None:
    message = queue(people.ana)
    with scopes.one(people.ana.partner_id):
        shut_out(person_id=people.ana.id, actor=ME, now=NOW)  # type: ignore[operator]
    send_due(NOW)
    row = found(message)
    assert (row.state, row.secret) == (State.CANCELLED, "")
    assert sending.mails == []


def test_what_is_useless_by_now_is_not_sent(sending: Sink, people: People) -> None:
    message = queue(people.ana, not_after=NOW + timedelta(minutes=10))
    send_due(NOW + timedelta(minutes=10))
    assert found(message).state == State.CANCELLED
    assert sending.mails == []


def test_the_urgent_waits_for_no_other(sending: Sink, people: People) -> None:
    """The server is still busy with the other letter when it takes the urgent one."""
    queue(people.ana, "bulk", priority=90)
    queue(people.caz, "code", priority=0)
    sending.after = {people.ana.email: people.caz.email}
    send_due(NOW)
    assert [str(mail["To"].addresses[0].username) for mail in sending.mails] == ["caz", "ana"]


@pytest.mark.parametrize("state", ["no server", "sandbox", "a copy run as sandbox", "unarmed"])
def test_an_installation_that_may_not_write_keeps_its_mail(
    sending: Sink, people: People, settings: object, state: str
) -> None:
    if state == "no server":
        settings.EMAIL_URL = ""  # type: ignore[attr-defined]
    if state == "sandbox":
        Installation.objects.all().delete()
        installation.ensure("sandbox", NOW)
    if state == "a copy run as sandbox":  # its row came along, and says production and armed
        settings.GANGWAY_ENVIRONMENT = "sandbox"  # type: ignore[attr-defined]
        assert Installation.objects.filter(environment="production", armed=True).exists()
    if state == "unarmed":
        Installation.objects.update(armed=False)
    message = queue(people.ana)
    send_due(NOW)

    row = found(message)
    assert (row.state, row.sent_at) == (State.KEPT, None)
    assert secrets.unseal(row.secret) == "the-token"
    assert sending.mails == []
    assert events("messaging.message.sent.v1") == []
    with scopes.host():
        (shown,) = queries.messages(words=True)
    assert "/invitation/the-token" in shown.text


def test_figures_per_partner(sending: Sink, people: People) -> None:
    sending.at_rcpt[people.caz.email] = "550 5.1.1 gone"
    queue(people.ana)
    queue(people.caz)
    later = admit("nordwind", "Ada", "ada@nordwind.example")
    queue(later, "later", not_before=NOW + timedelta(days=1))
    send_due(NOW)
    with scopes.host():
        rows = {row.partner_id: row for row in queries.letters_of_partners("identity.launch")}
    nordwind, suedstern = rows[people.ana.partner_id], rows[people.caz.partner_id]
    assert (nordwind.sent, nordwind.queued, nordwind.bounced, nordwind.first_sent_at) == (1, 1, 0, NOW)
    assert (suedstern.sent, suedstern.bounced, suedstern.first_sent_at) == (0, 1, None)
    with scopes.one(people.caz.partner_id):
        assert [row.partner_id for row in queries.letters_of_partners("identity.launch")] == [people.caz.partner_id]
    assert queries.counts_by_state()["sent"] == 1
