"""Events: each has an example that reads, somebody who says it, and somebody who hears it or a reason why not."""

import re
import types
import typing
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

import pytest

from gangway.config.reference import consumers, event_types
from gangway.config.wiring import REACTIONS, UNREAD
from gangway.kernel.outbox.codec import dump, load
from tests.architecture.source import sources

NAME = re.compile(r"(?P<context>[a-z]+)(\.[a-z_]+){2}\.v\d+")
PLAIN = {UUID, int, float, bool, date, datetime, str, type(None)}
PERSONAL = {"name", "first_name", "last_name", "email", "mailbox", "phone", "address", "text", "ip"}

EVENTS = event_types()


def faults(event: Any) -> list[str]:
    """What is wrong with the declaration of an event."""
    found = []
    match = NAME.fullmatch(event.name)
    if match is None or match["context"] not in event.__module__.split("."):
        found.append(f"{event.name}: not named context.noun.verb.v1 of its own context")
    if not (is_dataclass(event) and event.__dataclass_params__.frozen):  # type: ignore[attr-defined]
        found.append(f"{event.name}: not a frozen dataclass")
    hints = typing.get_type_hints(event)
    for field in fields(event):
        if field.name in PERSONAL:
            found.append(f"{event.name}.{field.name}: personal data")
        if not _kinds(hints[field.name]) <= PLAIN:
            found.append(f"{event.name}.{field.name}: {hints[field.name]} is no id, code, number or time")
    return found


def _kinds(hint: Any) -> set[Any]:
    """The plain types a hint is made of; a tuple or list counts as what it holds."""
    if typing.get_origin(hint) in (types.UnionType, typing.Union, tuple, list):
        return {kind for inner in typing.get_args(hint) if inner is not Ellipsis for kind in _kinds(inner)}
    return {hint}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_an_event_is_well_declared(event: Any) -> None:
    assert faults(event) == []
    made_by_dataclass = (event.__doc__ or event.__name__).startswith(f"{event.__name__}(")
    assert not made_by_dataclass, "say what the fact means"


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_its_example_can_be_read_and_written_again(event: Any) -> None:
    assert dump(load(event, event.example)) == event.example
    assert set(event.example) == {field.name for field in fields(event)}


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_its_own_context_says_it(event: Any) -> None:
    own = event.__module__.removesuffix(".events").split(".events")[0]
    said = [
        module.module
        for module in sources()
        if module.module.startswith(own + ".") and module.room != "events" and f"{event.__name__}(" in module.text
    ]
    assert said, f"nobody in {own} publishes {event.name}"


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_somebody_hears_it_or_the_wiring_says_why_nobody_does(event: Any) -> None:
    heard, reason = consumers(event), UNREAD.get(event, "")
    assert bool(heard) != bool(reason), f"{event.name}: heard by {heard}, and UNREAD says {reason!r}"


def test_every_reaction_is_to_an_event_of_the_house() -> None:
    assert {reaction.event for reaction in REACTIONS} <= set(EVENTS)
    assert len(EVENTS) > 10


def test_badly_declared_events_are_found() -> None:
    @dataclass
    class Loose:
        name: ClassVar[str] = "somebody.left"
        example: ClassVar[dict[str, Any]] = {}
        email: str
        extra: dict[str, str]

    Loose.__module__ = "gangway.people.events"
    assert [fault.split(": ")[1] for fault in faults(Loose)] == [
        "not named context.noun.verb.v1 of its own context",
        "not a frozen dataclass",
        "personal data",
        "dict[str, str] is no id, code, number or time",
    ]
