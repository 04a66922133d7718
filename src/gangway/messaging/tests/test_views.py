"""The console's Mail, the command, and the page behind "no more of these"."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from gangway.kernel.tenancy import scopes
from gangway.messaging import actions, queries
from gangway.messaging.cli import allow, list_mail, show
from gangway.messaging.jobs import send_due
from gangway.messaging.queries import letters as rendering
from gangway.messaging.tests.conftest import ME, NOW, People, Sink, Someone

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(days=3)


def queue(person: Someone, letter_key: str = "identity.launch", dedupe: str = "one") -> None:
    with scopes.one(person.partner_id):
        actions.queue_message(
            person_id=person.id, letter_key=letter_key, dedupe_key=dedupe, secret="s3cret", actor=ME, now=NOW
        )


@pytest.fixture
def reminders(settings: Any) -> Iterator[None]:
    settings.WIRING = "gangway.messaging.tests.sample_wiring"
    rendering._letters.cache_clear()
    yield
    rendering._letters.cache_clear()


# ---------------------------------------------------------------- the command


def test_the_list_shows_kept_mail_with_its_words(people: People, capsys: pytest.CaptureFixture[str]) -> None:
    queue(people.ana)
    queue(people.caz)
    send_due(NOW)
    list_mail(partner="nordwind", as_json=True)
    (row,) = json.loads(capsys.readouterr().out)
    assert {key: row[key] for key in ("to", "state", "letter", "partner")} == {
        "to": "ana@nordwind.example",
        "state": "kept",
        "letter": "identity.launch",
        "partner": "nordwind",
    }
    assert "portal is live" in row["subject"]
    assert "/invitation/s3cret" in row["text"]

    list_mail(to="CAZ@Suedstern.example")
    said = capsys.readouterr().out
    assert "caz@suedstern.example" in said
    assert "ana@" not in said
    show(queries_id(people.caz), as_json=True)
    assert json.loads(capsys.readouterr().out)["has_secret"] is True
    list_mail(to="nobody@suedstern.example")
    assert "names none: list without --to" in capsys.readouterr().out


def test_letters_to_robots_are_listed_only_where_asked_for(people: People, capsys: pytest.CaptureFixture[str]) -> None:
    queue(people.ana)
    with scopes.one(people.caz.partner_id):
        apps.get_model("partners.Partner").objects.filter(pk=people.caz.partner_id).update(kind="shell")
    queue(people.caz)
    send_due(NOW)
    list_mail()
    said = capsys.readouterr().out
    assert "caz@" not in said
    assert "--robots lists them too" in said
    for asked in ({"robots": True}, {"partner": "suedstern"}):
        list_mail(**asked)
        assert "caz@suedstern.example" in capsys.readouterr().out


def queries_id(person: Someone) -> Any:
    with scopes.one(person.partner_id):
        (row,) = queries.messages()
    return row.id


def test_sent_mail_is_listed_without_its_words(
    sending: Sink, people: People, capsys: pytest.CaptureFixture[str]
) -> None:
    queue(people.ana)
    send_due(NOW)
    list_mail(as_json=True)
    (row,) = json.loads(capsys.readouterr().out)
    assert row["state"] == "sent"
    assert "text" not in row
    assert "s3cret" not in json.dumps(row)


def test_an_unknown_partner_is_a_sentence(people: People, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        list_mail(partner="atlantis")
    assert stopped.value.code == 1
    assert "atlantis" in capsys.readouterr().err


def test_allow_says_whether_it_was_needed(people: People, capsys: pytest.CaptureFixture[str]) -> None:
    allow("ana@nordwind.example", as_json=True)
    assert json.loads(capsys.readouterr().out) == {"address": "ana@nordwind.example", "was_held_back": False}


# ---------------------------------------------------------------- declining


def test_a_reminder_can_be_declined_by_its_reader_alone(sending: Sink, people: People, reminders: None) -> None:
    queue(people.ana, "sample.reminder")
    send_due(NOW)
    (mail,) = sending.mails
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.fullmatch(r"<http://[^/]+(/mail/decline/[^>]+)>", str(mail["List-Unsubscribe"]))
    assert found
    path = found[1]

    browser = Client(enforce_csrf_checks=True)  # a mail program has no cookie of ours
    assert browser.get(path).status_code == 200
    assert browser.head(path).status_code == 200
    queue(people.ana, "sample.reminder", "two")
    send_due(LATER)
    assert len(sending.mails) == 2

    assert browser.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert browser.post(path).status_code == 200
    queue(people.ana, "sample.reminder", "three")
    queue(people.ana, "identity.launch", "four")
    queue(people.caz, "sample.reminder", "five")
    send_due(LATER + timedelta(days=3))
    told = sorted(str(mail["To"].addresses[0].username) for mail in sending.mails[2:])  # two partners take turns
    assert told == ["ana", "caz"]
    with scopes.one(people.ana.partner_id):
        assert [row.reason for row in queries.messages(state="cancelled")] == [
            "The person declined letters of this kind."
        ]


def test_nobody_declines_for_another(sending: Sink, people: People, reminders: None) -> None:
    queue(people.ana, "sample.reminder")
    send_due(NOW)
    token = str(sending.mails[0]["List-Unsubscribe"]).strip("<>").rpartition("/")[2]
    forged = token.replace(people.ana.id.hex, people.caz.id.hex)
    assert forged != token
    for bad in (forged, token[:-1] + ("0" if token[-1] != "0" else "1"), "x", f"{token}:"):
        assert Client().post(f"/mail/decline/{bad}").status_code == 404


def test_letters_about_the_account_cannot_be_declined(sending: Sink, people: People) -> None:
    queue(people.ana)
    send_due(NOW)
    assert sending.mails[0]["List-Unsubscribe"] is None
    with scopes.one(people.ana.partner_id), pytest.raises(actions.NotDeclinable):
        actions.decline(person_id=people.ana.id, category=queries.letter("identity.launch").category, actor=ME, now=NOW)
