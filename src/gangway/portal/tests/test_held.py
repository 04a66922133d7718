"""What is held of somebody: words on the page, in every language; in the file as it is stored."""

import re
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils.html import strip_tags
from tests.crash.scenario import NOW, Stage, settle
from tests.crash.scenarios import doors, factors, ground, learning, letters, outcomes, people, rollout
from tests.world import Someone

from gangway.identity.rules import Method, RequestState, Step
from gangway.insights.rules.journeys import ItemKind
from gangway.kernel.access import HOST_ROLES, PARTNER_ROLES, Reach
from gangway.kernel.actions import ACTIONS
from gangway.kernel.tenancy import scopes
from gangway.learning.rules import EnrolmentState
from gangway.messaging.rules import Category
from gangway.messaging.rules import State as Letter
from gangway.people.actions import set_profile
from gangway.people.rules import State
from gangway.portal.views.held import VERBS
from gangway.rollout.plans.rules.gates import Choice

pytestmark = pytest.mark.django_db
STORED = frozenset[str]().union(
    *(State, Reach, Letter, Category, Method, Step, RequestState, EnrolmentState, ItemKind, Choice),
    HOST_ROLES,
    PARTNER_ROLES,
)
MACHINE = re.compile(
    r"[{}\[\]]|\d{4}-\d\d-\d\dT|[0-9a-f]{8}-[0-9a-f]{4}|\b(true|false|null)\b"
    r"|\b[a-z]+_[a-z_]+\b|\b[a-z]+\.[a-z_]+\.[a-z_]+\b"
)


@pytest.fixture
def stage() -> Any:
    """Ana learned, was certified, held a code app, was stuck at the door, and more; Dee vouched and decided."""
    with time_machine.travel(NOW, tick=False):
        stage = ground.base()
        for act in (learning.answered, learning.submit):
            act(stage)
        settle()
        for act in (
            outcomes.agree, people.profile, people.grant, people.make_group, people.join_group, people.suspend,
            people.resume, letters.decline, doors.ask, doors.begin, factors.begin_app, factors.confirm_app,
            rollout.set_raci, rollout.attest, rollout.decide,
        ):  # fmt: skip
            act(stage)
        settle()
        yield stage


def reader(stage: Stage, name: str, locale: str) -> Someone:
    where = stage["host" if name == "dee" else "nordwind"]
    with scopes.one(where):
        set_profile(person_id=stage[name], locale=locale, actor=ground.OPERATOR, now=NOW)
    return Someone(stage[name], where, name, "")


def cells(page: str) -> list[str]:
    """Every value that the page shows."""
    found = re.findall(r'<(?:td|dd|th scope="row")[^>]*>(.*?)</(?:td|dd|th)>', page, re.DOTALL)
    return [strip_tags(inner).strip() for inner in found]


def test_the_page_says_nothing_as_machines_store_it(stage: Stage, client_of: Any) -> None:
    for locale in ("en", "de", "ar"):
        shown = []
        for name in ("ana", "dee"):
            page = client_of(reader(stage, name, locale)).get(reverse("portal:my_data")).content.decode()
            shown += cells(page)
        assert len(shown) > 150, "void: hardly anything is held"
        assert [text for text in shown if MACHINE.search(text)] == [], locale
        if locale != "en":  # some English words are stored just as they are said
            assert STORED.intersection(shown) == set(), locale
            assert {"Launch letter", "Code app"}.isdisjoint(shown), locale


@pytest.mark.parametrize(
    "text",
    ["partner_it", "people.person.admit", '{"a": 1}', "[2]", "2026-03-02T09:00", "true", "01a224c7-587f-7766-b579-0b"],
)
def test_a_word_of_machines_would_be_found(text: str) -> None:
    assert cells(f"<table><tr><td data-label='x'>{text}</td></tr></table>") == [text]
    assert MACHINE.search(text)


def test_the_file_keeps_what_is_stored(stage: Stage, client_of: Any) -> None:
    file = client_of(reader(stage, "ana", "de")).get(reverse("portal:my_data"), {"as": "json"}).json()
    held = {section["title"]: section["rows"] for section in file["sections"]}
    account = held["Account"][0]
    assert (account["State"], account["Language"], account["Managed by"]) == ("active", "de", "")
    assert [row["Role"] for row in held["Roles"]] == ["partner_it"]
    assert {
        "When": NOW.isoformat(),
        "What": "people.person.set_profile",
        "Changes": {"locale": "de", "name": "Ana Maria"},
    } in held["Changes, from the audit log"]
    assert held["Courses"][0]["Course"] == "first-steps"
    assert ["a"] in [row["Answer"] for row in held["Answers"]]


def test_every_change_of_a_person_has_words() -> None:
    changes = {verb for verb in ACTIONS if verb.startswith(("people.person.", "people.role."))}
    assert changes - set(VERBS) == set()
