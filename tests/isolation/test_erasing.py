"""Somebody with a marked name and address walks through the whole story and is erased: the mark is nowhere after."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client

from gangway.config import wiring
from gangway.credentials import actions as credentials
from gangway.credentials.queries import verify
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import NotFound
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.kernel.tenancy.models import Table
from gangway.messaging.actions import queue_message
from gangway.people.actions import import_people
from gangway.people.queries import person
from gangway.portal import actions
from gangway.portal.queries import document
from tests.isolation.story import MARKS, NOW, OPERATOR, PARTNER_OF, tell
from tests.isolation.world import World
from tests.planting import unfiltered

LATER = NOW + timedelta(days=1)
# Where the mark may stay, and why.
STAYS = {
    "people.ExternalId.value": "so that no file brings them back",
    "kernel.Job.last_error": "the story's own mark of a failed job, which knows no person; addresses are searched for",
}
LEARNER, STAFF = "kollege", "host"


@pytest.fixture(scope="module")
def told(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        world = World()
        tell(world)
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def story(told: World, django_db_blocker: Any) -> Iterator[World]:
    """Each test erases for itself."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield told
        transaction.set_rollback(True)


def where(mark: str) -> set[str]:
    """Every column of every table in which a mark stands."""
    found = set()
    with scopes.unscoped(scopes.Reason.INVARIANTS):
        for model in apps.get_models():
            if not issubclass(model, Table):
                continue
            names = [field.attname for field in model._meta.concrete_fields]
            for row in unfiltered(model).values_list(*names):
                found |= {
                    f"{model._meta.label}.{name}"
                    for name, value in zip(names, row, strict=True)
                    if mark in repr(value).upper().replace(f"{mark}.CSV", "")  # a file's name is no person's
                }
    return found


def who(world: World, owner: str) -> Any:
    return world.row(owner, "people.Person").pk


def grow(world: World, owner: str) -> None:
    """What the story leaves out: a kept code, the name shown to strangers, a staff member's decision on a line."""
    with scopes.one(world.partners[PARTNER_OF[owner]]):
        me = Actor.person(who(world, owner))
        credentials.agree_to_name(person_id=who(world, owner), agreed=True, locale="en", actor=me, now=NOW)
        queue_message(
            person_id=who(world, owner),
            letter_key="identity.launch",
            payload={"invitation": str(who(world, owner))},
            dedupe_key=f"again:{owner}",
            secret=f"{MARKS[owner]}-secret",
            actor=OPERATOR,
            now=NOW,
        )


def erase(world: World, owner: str) -> None:
    with scopes.one(world.partners[PARTNER_OF[owner]]):
        actions.erase(person_id=who(world, owner), actor=OPERATOR, now=LATER)


@pytest.mark.parametrize("owner", [LEARNER, STAFF])
def test_the_mark_is_nowhere_after_erasing(story: World, owner: str) -> None:
    grow(story, owner)
    before = where(MARKS[owner])
    assert {"people.Person.name", "people.Mailbox.email_key", "kernel.AuditEntry.changes_personal"} <= before
    erase(story, owner)
    assert where(MARKS[owner]) - set(STAYS) == set()


def test_who_vouched_and_decided_is_forgotten_with_their_words(story: World) -> None:
    assert {"plans.Attestation.reason", "plans.RaciContest.reason"} <= where(MARKS[STAFF])


@pytest.mark.parametrize(
    ("room", "owner", "column"),
    [
        ("people", LEARNER, "people.Person.name"),
        ("kernel", LEARNER, "kernel.AuditEntry.changes_personal"),
        ("identity", LEARNER, "identity.Session.device"),
        ("rollout.plans", STAFF, "plans.Attestation.reason"),
    ],
)
def test_a_room_that_is_left_out_is_found(story: World, room: str, owner: str, column: str) -> None:
    """Negative control: without one context's erasing the mark stays where that context holds it."""
    rooms = tuple(one for one in wiring.PRIVACY if one.context != room)
    with scopes.one(story.partners[PARTNER_OF[owner]]):
        subject_id = who(story, owner)
        actions.forget(person_id=subject_id, rooms=rooms, actor=OPERATOR, now=LATER)
    assert column in where(MARKS[owner])


def test_other_people_keep_what_is_theirs(story: World) -> None:
    others = {owner: where(mark) for owner, mark in MARKS.items() if owner != LEARNER}
    erase(story, LEARNER)
    assert {owner: where(MARKS[owner]) for owner in others} == others


def test_an_award_survives_without_a_name(story: World) -> None:
    grow(story, LEARNER)
    number = story.named[LEARNER, "number"]
    assert verify(number, LATER).name == f"{MARKS[LEARNER]} Person"
    erase(story, LEARNER)
    verified = verify(number, LATER)
    assert (verified.name, verified.award.intact) == ("", True)
    page = Client().get(f"/verify/{number}")
    assert page.status_code == 200
    assert MARKS[LEARNER] not in page.content.decode().upper()


def test_nobody_comes_back(story: World) -> None:
    """Neither by an old link, nor by a file that names the same number."""
    link = story.named[LEARNER, "link"]
    erase(story, LEARNER)
    assert Client().get(f"/sign-in/link/{link}").status_code >= 400
    with scopes.one(story.partners["nordwind"]):
        assert not person(who(story, LEARNER)).may_come_in
    row = {"name": "Somebody", "email": "new@example.org", "external_id": f"{MARKS[LEARNER]}-1"}
    report = import_people(
        lines=[Line(2, row)],
        partner_id=story.partners["nordwind"],
        source="desk",
        file_name="again.csv",
        actor=OPERATOR,
        now=LATER,
    )
    assert "erased" in report.outcomes[0].reason


def test_the_document_holds_the_whole_person_and_an_employers_none_of_the_attempts(story: World) -> None:
    with scopes.one(story.partners["nordwind"]):
        whole = document(who(story, LEARNER), LATER, private=True)
        part = document(who(story, LEARNER), LATER, private=False)
    contexts = {section["context"] for section in whole["sections"]}
    assert contexts == {room.context for room in wiring.PRIVACY}
    rows = {section["title"]: section["rows"] for section in whole["sections"]}
    assert rows["Account"][0]["Name"] == f"{MARKS[LEARNER]} Person"
    assert rows["Attempts"]
    assert rows["Answers"]
    assert "Attempts" not in {section["title"] for section in part["sections"]}
    assert MARKS["caz"] not in str(whole).upper()


def test_somebody_elses_document_is_not_found(story: World) -> None:
    with scopes.one(story.partners["suedstern"]), pytest.raises(NotFound):
        document(who(story, LEARNER), LATER, private=True)


def test_nobody_erases_themselves(story: World) -> None:
    from gangway.people.actions import OwnAccess

    with scopes.one(story.partners["nordwind"]), pytest.raises(OwnAccess):
        actions.erase(person_id=who(story, LEARNER), actor=Actor.person(who(story, LEARNER)), now=LATER)
