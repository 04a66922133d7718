"""Every letter can be written in every language of the house."""

import re

import pytest
from django.conf import settings

from gangway.config.wiring import LETTERS
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions
from gangway.messaging.letters import Letter
from gangway.messaging.models import Message
from gangway.messaging.queries.letters import render
from tests.world import MONDAY, OPERATOR, World

MAILBOX = "somebody@private.example"


@pytest.mark.django_db
@pytest.mark.parametrize("locale", [code for code, _ in settings.LANGUAGES])
@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter.key)
def test_a_letter_is_written_in_every_language(world: World, letter: Letter, locale: str) -> None:
    with scopes.one(world.nordwind):
        actions.queue_message(
            person_id=world.ana.id, letter_key=letter.key, payload={}, dedupe_key=f"{letter.key}:{locale}",
            secret="secret 123456", to=MAILBOX if letter.elsewhere else None, actor=OPERATOR, now=MONDAY,
        )  # fmt: skip
        message = Message.objects.get(dedupe_key=f"{letter.key}:{locale}")
        message.locale = locale
        words = render(message)
    assert words.subject
    assert "\n" not in words.subject
    assert len(words.text.split()) > 15
    assert "None" not in words.text
    assert "{{" not in words.text
    assert f'lang="{locale}"' in words.html
    assert ('dir="rtl"' in words.html) is (locale == "ar")
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//(?!localhost|127)[^\"]*\"|@import|url\(", words.html) == [], (
        "what is fetched from elsewhere tells that somebody reads, and when"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("letter", LETTERS, ids=lambda letter: letter.key)
def test_a_letter_differs_in_every_language(world: World, letter: Letter) -> None:
    """No sentence of a letter reads in German or Arabic as it does in English; names and addresses may."""
    lines: dict[str, set[str]] = {}
    for locale, _ in settings.LANGUAGES:
        with scopes.one(world.nordwind):
            actions.queue_message(
                person_id=world.ana.id, letter_key=letter.key, payload={}, dedupe_key=f"{letter.key}:{locale}",
                secret="secret 123456", to=MAILBOX if letter.elsewhere else None, actor=OPERATOR, now=MONDAY,
            )  # fmt: skip
            message = Message.objects.get(dedupe_key=f"{letter.key}:{locale}")
            message.locale = locale
            words = render(message)
        lines[locale] = {words.subject, *(line for line in words.text.splitlines() if len(line.split()) > 2)}
    assert lines["en"] & lines["de"] == set()
    assert lines["en"] & lines["ar"] == set()
    assert lines["de"] & lines["ar"] == set()


def test_each_letter_lives_in_the_context_its_key_names() -> None:
    for letter in LETTERS:
        context = letter.key.split(".")[0]
        for template in (letter.template, letter.text, letter.subject):
            assert template.startswith(f"{context}/mail/"), template
