"""No page of the demo world says an unmarked English word, to whoever reads it; German and Arabic pages stand."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from gangway.config.demo import world as demo
from gangway.identity.actions.sessions import begin_session
from gangway.identity.rules import Method
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes
from gangway.partners.rules import COLUMNS as PARTNER_COLUMNS
from gangway.people.actions import set_profile
from gangway.people.queries import persons_of_mailbox
from tests.journeys.pages import walk
from tests.journeys.test_axe_pages import PEOPLE
from tests.words import pseudo

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite_only]  # words do not hang on the database

STRANGER = ("/sign-in", "/sign-in/code", "/verify")
# Words that may stand outside of our own sentences, and why.
ALLOWED = {
    r"Gangway|Nordwind|Acme.*|Firefox": "names",
    "Without Address": "the name of somebody in a file of the demo world, who is not a row yet",
    r"English|Deutsch": "languages in their own spelling",
    r"Englisch|Arabisch": "the language of a text in the reader's words, which CLDR knows",
    r"[A-Z]\w+/[\w/+-]+|UTC|GMT": "time zones by their names",
    r"\d+\. \w{3,4}\.?( \d{4})?|\d\d:\d\d \w+|[A-Z][a-z]{2}( \d+)?|UTC[+−]\d.*|[A-Z]{3,4}": "dates and zones",
    r"RACI|KPI|CSV|QR|PDF|GB|URL": "the same in every language",
    r"[\w.+-]+@[\w.-]+|https?://\S+|[\w-]+\.[\w.-]+|/[\w/-]*": "addresses",
    r"\w+ \w+ [\w.+-]+@[\w.-]+": "somebody and their address",
    r"[A-Z]{2}": "the initials of a name",
    r"\{\w+\}": "what is filled in when the letter is sent",
    "|".join(PARTNER_COLUMNS): "columns of a file, as the file spells them",
    r"g \w": "a key and a letter",
    r"GW-[\w-]+|[\w]+-[\w-]+": "numbers and keys",
}
NOT_READ = {
    "ui:styleguide": "invented samples, read by designers",
    "portal:audit": "the audit log keeps to the words of the machine, whoever reads it",
}


@pytest.fixture
def demo_world() -> None:
    assert demo.load()


def client_of(mailbox: str, language: str) -> Client:
    [(partner_id, person_id)] = persons_of_mailbox(mailbox)
    with scopes.one(partner_id):
        set_profile(person_id=person_id, locale=language, actor=Actor.person(person_id), now=clock.now())
        session = begin_session(
            person_id=person_id, method=Method.CODE, device="Firefox", actor=Actor.person(person_id), now=clock.now()
        )
    client = Client()
    client.cookies[settings.SESSION_COOKIE] = session.cookie
    return client


def readers(language: str) -> Iterator[tuple[Client, tuple[str, ...]]]:
    for mailbox, starts in PEOPLE.items():
        yield client_of(mailbox, language), starts
    stranger = Client(headers={"accept-language": language})
    stranger.post("/sign-in", {"email": "ana@nordwind.example"})
    yield stranger, STRANGER


def test_nothing_is_said_outside_of_the_catalogues(demo_world: None, tmp_path: Path) -> None:
    found: dict[str, str] = {}
    seen: set[str] = set()
    with pseudo.spoken_as("de", tmp_path):
        for client, starts in readers("de"):
            for name, path in walk(client, starts).items():
                if name in NOT_READ:
                    continue
                seen.add(name)
                for text in pseudo.outside(client.get(path).content.decode()):
                    found.setdefault(text, f"{name} {path}")
        held = pseudo.data()
    allowed = re.compile("|".join(f"(?:{pattern})" for pattern in ALLOWED))
    unmarked = {
        text: where for text, where in found.items() if text.casefold() not in held and not allowed.fullmatch(text)
    }
    assert len(seen) >= 30
    assert unmarked == {}, "\n".join(f"{where}: {text}" for text, where in sorted(unmarked.items(), key=lambda i: i[1]))


@pytest.mark.parametrize(("language", "direction"), [("de", "ltr"), ("ar", "rtl")])
def test_every_page_stands_in_every_language(demo_world: None, language: str, direction: str) -> None:
    for client, starts in readers(language):
        for path in walk(client, starts).values():
            html = client.get(path).content.decode()
            assert f'<html lang="{language}" dir="{direction}"' in html, path
            assert "⟦" not in html


def test_the_marker_finds_what_nobody_marked() -> None:
    page = '<html lang="de"><p title="Hello there">⟦Guten Tag⟧ Ana <code>go</code></p><p lang="en">Course</p></html>'
    assert pseudo.outside(page) == {"Hello there", "Ana"}
    assert pseudo.bracketed("%(n)s of <b>{m}</b> here") == "%(n)s⟦ of ⟧<b>{m}</b>⟦ here⟧"
