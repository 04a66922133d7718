"""Letters of one launch: queued together, held by night and by turn, counted, shown beforehand, taken back."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gangway.kernel.ids import new_id
from gangway.kernel.models import AuditEntry
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions, queries
from gangway.messaging.actions import Draft
from gangway.messaging.jobs import send_due
from gangway.messaging.models import Message
from gangway.messaging.queries import letters as rendering
from gangway.messaging.rules import State
from gangway.messaging.tests import sample_wiring
from gangway.messaging.tests.conftest import ME, NOW, People, Sink, Someone, admit

pytestmark = pytest.mark.django_db
CAUSE = UUID("019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0aff")
EVENING = NOW.replace(hour=21)
MORNING = (NOW + timedelta(days=1)).replace(hour=8)


@pytest.fixture
def samples(settings: Any) -> Iterator[None]:
    """A house with a reminder and a report, whose readers are all in want of them until said otherwise."""
    settings.WIRING = "gangway.messaging.tests.sample_wiring"
    rendering._letters.cache_clear()
    yield
    sample_wiring.ACTED.clear()
    rendering._letters.cache_clear()


def queue(person: Someone, letter_key: str = "identity.launch", now: datetime = NOW, **options: Any) -> UUID:
    options.setdefault("dedupe_key", str(new_id()))
    with scopes.one(person.partner_id):
        return actions.queue_message(person_id=person.id, letter_key=letter_key, actor=ME, now=now, **options)


def found(message_id: UUID) -> Message:
    with scopes.host():
        return Message.objects.get(pk=message_id)


# ---------------------------------------------------------------- many at once


def drafts(*people: Someone) -> list[Draft]:
    return [Draft(person_id=one.id, dedupe_key=f"launch:{one.id}", secret="s3cret") for one in people]


def test_many_are_queued_in_few_statements_and_each_has_its_entry(people: People) -> None:
    team = [admit("nordwind", f"Colleague {n}", f"c{n}@nordwind.example") for n in range(40)]
    before = AuditEntry.objects.count()
    with (
        scopes.one(people.ana.partner_id),
        CaptureQueriesContext(
            connection,
        ) as spent,
    ):
        ids = actions.queue_messages(
            drafts=drafts(people.ana, *team), letter_key="identity.launch", cause=CAUSE, actor=ME, now=NOW
        )
    assert len(set(ids)) == 41
    assert sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE")) for query in spent) <= 5
    assert AuditEntry.objects.count() - before == 41
    assert {found(one).header for one in ids} == {f"<{one.hex}@{actions.sender_domain()}>" for one in ids}


def test_the_same_cause_is_one_letter_in_bulk_too(people: People) -> None:
    with scopes.one(people.ana.partner_id):
        options: dict[str, Any] = {"letter_key": "identity.launch", "actor": ME, "now": NOW}
        (first,) = actions.queue_messages(drafts=drafts(people.ana), **options)
        other = admit("nordwind", "Ada", "ada@nordwind.example")
        again, second = actions.queue_messages(drafts=drafts(people.ana, other), **options)
        twice = actions.queue_messages(drafts=[*drafts(people.ana), *drafts(people.ana)], **options)
    assert again == first
    assert second != first
    assert twice == [first, first]


def test_somebody_elses_person_stops_all_of_them(people: People) -> None:
    with scopes.one(people.ana.partner_id), pytest.raises(NotFound):
        actions.queue_messages(drafts=drafts(people.ana, people.caz), letter_key="identity.launch", actor=ME, now=NOW)
    with scopes.host():
        assert not Message.objects.exists()


# ---------------------------------------------------------------- by day, and in turn


@pytest.mark.parametrize("letter_key, quiet, held", [
    ("identity.sign_in", False, False), ("identity.launch", False, False),
    ("identity.launch", True, True), ("sample.reminder", False, True),
])  # fmt: skip
def test_who_is_not_asked_is_not_woken(
    sending: Sink, people: People, samples: None, letter_key: str, quiet: bool, held: bool
) -> None:
    message = queue(people.ana, letter_key, now=EVENING, quiet=quiet)
    assert found(message).not_before == (MORNING if held else EVENING)
    send_due(EVENING)
    assert len(sending.mails) == (0 if held else 1)
    send_due(MORNING)
    assert len(sending.mails) == 1


def test_a_letter_that_comes_up_late_is_held_when_it_is_claimed(sending: Sink, people: People, samples: None) -> None:
    message = queue(people.ana, "sample.reminder")
    assert send_due(EVENING) == 1
    row = found(message)
    assert (row.state, row.not_before, row.attempts) == (State.QUEUED, MORNING, 0)
    assert "waits for the morning" in row.last_error
    send_due(MORNING)
    assert found(message).state == State.SENT


def test_the_second_reminder_waits_two_days_and_the_useless_one_is_cancelled(
    sending: Sink, people: People, samples: None
) -> None:
    queue(people.ana, "sample.reminder")
    second = queue(people.ana, "sample.reminder")
    third = queue(people.ana, "sample.reminder", not_after=NOW + timedelta(days=1))
    send_due(NOW)
    assert len(sending.mails) == 1
    turn = found(second).not_before
    assert timedelta(days=2) <= turn - NOW < timedelta(days=2, minutes=1), "a slow answer comes later in the round"
    assert "waits for its turn" in found(second).last_error
    send_due(NOW + timedelta(days=1))
    assert found(third).state == State.CANCELLED
    send_due(turn)
    assert len(sending.mails) == 2


def test_no_more_than_three_letters_in_a_week_that_nobody_asked_for(
    sending: Sink, people: People, samples: None
) -> None:
    for _ in range(4):
        queue(people.ana, "sample.report")
    queue(people.ana)
    send_due(NOW)
    assert len(sending.mails) == 4, "three reports and the launch letter"
    send_due(NOW + timedelta(days=6, hours=23))
    assert len(sending.mails) == 4
    send_due(NOW + timedelta(days=7, minutes=1))
    assert len(sending.mails) == 5


def test_others_letters_do_not_count(sending: Sink, people: People, samples: None) -> None:
    other = admit("nordwind", "Ada", "ada@nordwind.example")
    for person in (people.ana, other, people.caz):
        queue(person, "sample.reminder")
    send_due(NOW)
    assert len(sending.mails) == 3


# ---------------------------------------------------------------- acted meanwhile, taken back


@pytest.mark.parametrize("server", ["there", "none"])
def test_whoever_acted_meanwhile_gets_no_letter(
    sending: Sink, people: People, samples: None, settings: Any, server: str
) -> None:
    if server == "none":
        settings.EMAIL_URL = ""
    message = queue(people.ana, "sample.reminder")
    sample_wiring.ACTED.add(people.ana.id)
    send_due(NOW)
    row = found(message)
    assert (row.state, row.last_error) == (
        State.CANCELLED,
        "They acted meanwhile; the letter is no longer needed.",
    )
    assert sending.mails == []


def test_what_waits_of_one_cause_at_one_partner_is_taken_back(sending: Sink, people: People) -> None:
    gone = queue(people.ana, cause=CAUSE)
    send_due(NOW)
    later = NOW + timedelta(minutes=10)
    waits = queue(people.ana, cause=CAUSE, not_before=later, secret="s3cret")
    other = queue(people.ana, not_before=later)
    elsewhere = queue(people.caz, cause=CAUSE, not_before=later)
    with scopes.one(people.ana.partner_id):
        assert actions.cancel_letters(cause=CAUSE, actor=ME, now=NOW) == 1
        assert actions.cancel_letters(cause=CAUSE, actor=ME, now=NOW) == 0
    assert [found(one).state for one in (gone, waits, other, elsewhere)] == ["sent", "cancelled", "queued", "queued"]
    assert found(waits).secret == ""
    assert AuditEntry.objects.filter(verb="messaging.letters.cancel").count() == 1


# ---------------------------------------------------------------- reads for those who launch


def test_figures_of_one_cause_by_partner(sending: Sink, people: People) -> None:
    sending.at_rcpt[people.caz.email] = "550 5.1.1 gone"
    queue(people.ana, cause=CAUSE)
    queue(people.caz, cause=CAUSE)
    queue(people.ana, cause=new_id())
    queue(people.ana, cause=CAUSE, not_before=NOW + timedelta(days=1))
    send_due(NOW)
    with scopes.host(), CaptureQueriesContext(connection) as spent:
        rows = {row.partner_id: row for row in queries.letters_of_cause(CAUSE)}
    assert len(spent) == 1
    nordwind, suedstern = rows[people.ana.partner_id], rows[people.caz.partner_id]
    assert (nordwind.all, nordwind.sent, nordwind.queued) == (2, 1, 1)
    assert (suedstern.all, suedstern.bounced) == (1, 1)
    with scopes.one(people.caz.partner_id):
        assert [row.partner_id for row in queries.letters_of_cause(CAUSE)] == [people.caz.partner_id]


def test_the_last_letter_of_each_person(sending: Sink, people: People) -> None:
    other = admit("nordwind", "Ada", "ada@nordwind.example")
    sending.at_rcpt[people.ana.email] = "550 5.1.1 gone"
    queue(people.ana)
    send_due(NOW)
    last = queue(people.ana, now=NOW + timedelta(days=1), not_before=NOW + timedelta(days=9))
    queue(people.ana, "identity.sign_in", now=NOW + timedelta(days=2))
    ids = [people.ana.id, people.caz.id, other.id]
    with scopes.one(people.ana.partner_id), CaptureQueriesContext(connection) as spent:
        states = queries.letter_states(ids, ["identity.launch"])
    assert len(spent) == 1
    assert {person: (row.message_id, row.state) for person, row in states.items()} == {
        people.ana.id: (last, State.QUEUED)
    }
    queue(people.caz)
    with scopes.one(people.ana.partner_id):
        assert people.caz.id not in queries.letter_states(ids, ["identity.launch"])


@pytest.mark.parametrize("locale", [code for code, _ in django_settings.LANGUAGES])
def test_a_letter_is_shown_in_each_language_without_being_queued(people: People, locale: str) -> None:
    with scopes.one(people.ana.partner_id):
        shown = queries.preview("identity.launch", locale=locale, now=NOW)
        hers = queries.preview("identity.launch", person_id=people.ana.id, locale=locale, now=NOW)
        assert not Message.objects.exists()
    assert f'lang="{locale}"' in shown.html
    assert shown.subject == hers.subject
    assert "Ana López" in shown.text + shown.html
    with scopes.one(people.caz.partner_id), pytest.raises(NotFound):
        queries.preview("identity.launch", person_id=people.ana.id, locale=locale, now=NOW)
