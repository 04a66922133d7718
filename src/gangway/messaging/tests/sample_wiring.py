"""Wiring with two more letters: a reminder, which stops when its reader acts, and a report."""

from importlib import import_module
from typing import Any
from uuid import UUID

from gangway.messaging.letters import Category, Letter

HOUSE = import_module("gangway.config.wiring")
ACTED: set[UUID] = set()


def sample(key: str, category: Category) -> Letter:
    return Letter(
        key=key,
        title=key,
        category=category,
        words="identity/mail/launch",
        context=lambda letter: {"link": letter.url("/"), "orientation_url": ""},
        wanted=lambda letter: letter.person_id not in ACTED,
    )


LETTERS: tuple[Letter, ...] = (
    *HOUSE.LETTERS,
    sample("sample.reminder", Category.NUDGE),
    sample("sample.report", Category.REPORT),
)


def __getattr__(name: str) -> Any:
    return getattr(HOUSE, name)
