"""Experiment 4: a directory's sync is killed again and again. Each process that serves it dies at a statement drawn by
chance, before or after it; every third one dies when all it wrote is committed and its answer is on the way. The
directory sends the request that was not answered once more, without looking first, as Okta and Entra do. Nobody is
lost, nobody is doubled, what was answered with a 2xx stands, and one more cycle changes nothing.

Control: without the look for the name and without the unique key, what was committed and not answered is there twice.
"""

import json
import os
import random
import signal
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from gangway.identity.actions.scim import users as scim_users
from gangway.identity.models import ScimGroup, ScimUser
from gangway.identity.tests.directory import Directory, connect, work_mail
from gangway.kernel.actor import Actor
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.partners.actions import apply_partners
from gangway.partners.queries import find_partner
from gangway.people.models import Person
from tests import proof
from tests.crash.killing import COPY, Ground, Point, forget_connections, in_child, killed_child
from tests.crash.scenario import NOW

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ASKED = "userName", "displayName"
LONGEST = 900  # statements that a process lives at most
STATEMENTS = 20  # of a request, about
Request = tuple[str, str, dict[str, Any]]


def cycle(people: int, groups: int) -> list[Request]:
    """What a directory sends in its first cycle. Every third person has neither an address nor a number of theirs."""
    sent: list[Request] = []
    for n in range(people):
        name = f"person{n}"
        known = {"externalId": f"x-{n}", "emails": work_mail(f"{name}@nordwind.example")} if n % 3 else {}
        sent.append(("POST", "/Users", {"schemas": [USER], "userName": name, **known}))
    sent += [("POST", "/Groups", {"schemas": [GROUP], "displayName": f"Group {n}"}) for n in range(groups)]
    return sent


class Sync:
    """A directory in the middle of its cycle, and the notes it keeps of what was answered."""

    def __init__(self, directory: Directory, sent: list[Request], notes: Path) -> None:
        self.directory, self.sent, self.notes = directory, sent, notes
        notes.touch()

    def answered(self) -> list[tuple[int, int, str]]:
        """(request, status, id) of everything that was answered, as it stands on the disk."""
        return [tuple(json.loads(line)) for line in self.notes.read_text().splitlines()]

    def go_on(self, unheard: int | None = None) -> None:
        """Send what was not answered yet, one after the other. `unheard`: after so many answers
        the process dies on the way of the next."""
        file, begun = os.open(self.notes, os.O_WRONLY | os.O_APPEND), len(self.answered())
        for number in range(begun, len(self.sent)):
            method, path, body = self.sent[number]
            answer = self.directory.ask(method, path, body)
            if number - begun == unheard:
                os.kill(os.getpid(), signal.SIGKILL)
            made = answer.json().get("id", "") if answer.status_code == 201 else self._theirs(path, body)
            os.write(file, f"{json.dumps([number, answer.status_code, made])}\n".encode())
        os.close(file)

    def _theirs(self, path: str, body: dict[str, Any]) -> str:
        """409: it is there already, so the directory looks for it."""
        name = next(name for name in ASKED if name in body)
        found = self.directory.find(f'filter={name} eq "{body[name]}"', path.strip("/"))["Resources"]
        return found[0]["id"] if found else ""


def rows(partner_id: Any) -> dict[str, list[str]]:
    with scopes.one(partner_id):
        return {
            "users": [str(one) for one in ScimUser.objects.order_by("user_name").values_list("person_id", flat=True)],
            "names": list(ScimUser.objects.order_by("user_name").values_list("user_name", flat=True)),
            "groups": [str(one) for one in ScimGroup.objects.values_list("group_id", flat=True)],
            "people": [str(one) for one in Person.objects.filter(managed_by="scim:scim").values_list("id", flat=True)],
        }


def begin() -> Directory:
    apply_partners(rows=[Line(2, {"slug": "nordwind", "name": "Nordwind"})], actor=Actor.operator(), now=NOW)
    return connect(find_partner("nordwind").id)


@pytest.fixture
def directory(django_db_setup: None, django_db_blocker: Any) -> Iterator[Directory]:
    """A connected directory in a database of its own; the tests around it get theirs back untouched."""
    ground = Ground()
    with django_db_blocker.unblock():
        yield in_child(begin, NOW)
        forget_connections()
        ground.database.clone(COPY)


def killed_sync(directory: Directory, notes: Path, *, people: int, groups: int, kills: int) -> dict[str, Any]:
    """One cycle with so many deaths, and one more; the figures. Lost, doubled and undone must be 0."""
    sync, dice = Sync(directory, cycle(people, groups), notes), random.Random(4)
    died, longest = 0, min(LONGEST, max(8, 40 * (people + groups) // kills))
    while died < kills and len(sync.answered()) < len(sync.sent):
        point = Point(dice.randrange(longest), dice.random() < 0.5)
        if died % 3 == 2:
            killed_child(partial(sync.go_on, unheard=point.step // STATEMENTS), NOW, Point(sys.maxsize, after=False))
        else:
            killed_child(sync.go_on, NOW, point)
        died += 1
    in_child(sync.go_on, NOW)
    answered, left = sync.answered(), in_child(lambda: rows(directory.connection.partner_id), NOW)
    again = Sync(directory, sync.sent, notes.with_suffix(".again"))
    in_child(again.go_on, NOW)
    after = in_child(lambda: rows(directory.connection.partner_id), NOW)
    stands = {*left["users"], *left["groups"]}
    return {
        "people": people,
        "groups": groups,
        "kills": died,
        "resent": sum(1 for _number, status, _made in answered if status == 409),
        "lost": people + groups - len({made for _number, _status, made in answered if made}),
        "undone": sum(1 for _number, _status, made in answered if made not in stands),
        "doubled": len(left["names"]) - len(set(left["names"])) + len(left["people"]) - len(set(left["users"])),
        "changed_by_one_more_cycle": int(after != left),
    }


def test_a_sync_that_dies_ten_times_loses_and_doubles_nobody(directory: Directory, tmp_path: Path) -> None:
    figures = killed_sync(directory, tmp_path / "notes", people=36, groups=4, kills=10)
    print(f"\nKilled sync: {figures}")
    assert figures["kills"] == 10
    assert figures["resent"] > 0, "void: no process died between the commit and the answer"
    assert [figures[name] for name in ("lost", "undone", "doubled", "changed_by_one_more_cycle")] == [0, 0, 0, 0]


@pytest.mark.prove
def test_a_sync_of_ten_thousand_that_dies_two_hundred_times(directory: Directory, tmp_path: Path) -> None:
    figures = killed_sync(directory, tmp_path / "notes", people=10_000, groups=200, kills=200)
    proof.write("4 SCIM sync", **figures, control="without the name's unique key, somebody is there twice")
    assert figures["kills"] == 200
    assert figures["resent"] > 0, "void: no process died between the commit and the answer"
    assert [figures[name] for name in ("lost", "undone", "doubled", "changed_by_one_more_cycle")] == [0, 0, 0, 0]


@pytest.mark.sqlite_only
def test_without_the_unique_key_somebody_is_doubled(
    directory: Directory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a process dies after the commit and before the answer; the same request makes a second person."""
    in_child(_drop_the_key, NOW)
    monkeypatch.setattr(scim_users, "_refuse_taken", lambda *about: None)
    monkeypatch.setattr(Directory, "ask", _dying_on_its_way(Directory.ask))
    sync = Sync(directory, cycle(1, 0), tmp_path / "notes")
    with pytest.raises(Exception, match="on its way"):
        in_child(sync.go_on, NOW)
    monkeypatch.undo()
    monkeypatch.setattr(scim_users, "_refuse_taken", lambda *about: None)
    in_child(sync.go_on, NOW)
    left = in_child(lambda: rows(directory.connection.partner_id), NOW)
    assert left["names"] == ["person0", "person0"]
    assert len(left["people"]) == 2


def _drop_the_key() -> None:
    (key,) = (one for one in ScimUser._meta.constraints if one.name == "identity_scim_one_name")
    with connection.cursor() as cursor:  # SQLite makes the table anew, and the walls' triggers name it
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{name}"')
    ScimUser._meta.constraints = [one for one in ScimUser._meta.constraints if one is not key]
    with connection.schema_editor() as editor:
        editor.remove_constraint(ScimUser, key)


def _dying_on_its_way(ask: Any) -> Any:
    def asked(*request: Any, **headers: str) -> Any:
        ask(*request, **headers)
        raise RuntimeError("the answer died on its way")

    return asked
