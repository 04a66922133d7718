"""One import and its undo at a partner, and how the tables stood before, between and after."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from gangway.kernel.pace import Pace
from gangway.kernel.sheets import Line, Outcome, Result
from gangway.kernel.tenancy import scopes
from gangway.people import actions
from gangway.people.actions import NothingToUndo, UndoReport
from gangway.people.models import ExternalId, Grant, GroupMember, Person
from gangway.people.rules import GONE, Known, State, judge
from gangway.people.tests.conftest import ME, NOW
from gangway.people.tests.deeds import erase
from gangway.people.tests.register import GROUPS, SOURCE, File, Read, Register, Rule

LATEST = NOW + timedelta(hours=2)
Facets = dict[tuple[Any, ...], Any]  # of one person: what is said of them → how it stands
COLUMNS = ("name", "email", "email_key", "locale", "zone", "state", "left_at", "activated_at", "managed_by")


def settle(people: tuple[Known, ...], partner_id: UUID) -> None:
    """Make these people at a partner, as its actions make them; who left or was erased comes first."""
    with scopes.one(partner_id):
        groups = {key: actions.make_group(key=key, name=key.title(), actor=ME, now=NOW) for key in GROUPS[:1]}
        for person in sorted(people, key=lambda one: one.state not in GONE):
            made = actions.admit_person(
                name=person.name or "Erased",
                email=person.email,
                external_id=person.external_id,
                locale=person.locale,
                zone=person.zone,
                roles=sorted(person.roles),
                source=SOURCE,
                managed_by=person.managed_by,
                actor=ME,
                now=NOW,
            )
            for key in person.groups & groups.keys():
                actions.join_group(group_id=groups[key], person_ids=[made], actor=ME, now=NOW)
            _come_to(made, person.state, person.managed_by)


def _come_to(person_id: UUID, state: str, managed_by: str) -> None:
    """By whoever looks after them: nobody else may."""
    said: dict[str, Any] = {"person_id": person_id, "actor": ME, "now": NOW}
    match state:
        case State.ACTIVE:
            actions.activate_person(**said)
        case State.SUSPENDED:
            actions.suspend_person(**said, managed_by=managed_by)
        case State.LEFT:
            actions.person_leaves(**said, source=managed_by or "desk")
        case State.ERASED:
            erase(person_id)


def facets(partner_id: UUID) -> dict[UUID, Facets]:
    """Everything that people hold of each person but what only ever grows, piece by piece."""
    with scopes.one(partner_id):
        found: dict[UUID, Facets] = {
            person.id: {(name,): getattr(person, name) for name in COLUMNS} for person in Person.objects.all()
        }
        for row in ExternalId.objects.all():
            found[row.person_id]["id", row.source, row.value] = True
        for grant in Grant.objects.all():
            found[grant.person_id]["grant", grant.id] = str(grant.until)
        for member in GroupMember.objects.all():
            found[member.person_id]["group", member.group_id] = True
    return found


def differing(one: Facets, other: Facets) -> set[tuple[Any, ...]]:
    return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}


def known(partner_id: UUID, rule: Rule = judge) -> Register:
    """The partner's people as the diff sees them."""
    with scopes.one(partner_id):
        ids = dict(ExternalId.objects.filter(source=SOURCE).values_list("person_id", "value"))
        roles = list(Grant.objects.filter(until=None).values_list("person_id", "role"))
        groups = list(GroupMember.objects.values_list("person_id", "group__key"))
        columns = ("id", "state", "name", "email", "email_key", "locale", "zone", "managed_by")
        people = [
            Known(
                **row,
                external_id=ids.get(row["id"]),
                roles=frozenset(role for one, role in roles if one == row["id"]),
                groups=frozenset(key for one, key in groups if one == row["id"]),
            )
            for row in Person.objects.values(*columns)
        ]
    return Register({person.id: person for person in people}, rule=rule, locale="de", zone="Europe/Berlin")


@dataclass
class Trial:
    """One import and its undo at a partner, and how the tables stood at each step."""

    partner_id: UUID
    file: File
    pace: int = 500
    rule: Rule = judge
    undo: Callable[..., UndoReport] = actions.undo_import
    read: list[Read] = field(default_factory=list)
    steps: list[dict[UUID, Facets]] = field(default_factory=list)

    def look(self) -> None:
        self.steps.append(facets(self.partner_id))

    def bring(self) -> UUID:
        """The import says of each row what the register says, also when it is rehearsed, however it is cut."""
        expected = known(self.partner_id, self.rule)
        self.read = expected.read(self.file.rows)
        self.look()
        rehearsed, done = self._import(dry_run=True), self._import()
        assert _said(done.outcomes) == _said([one.outcome for one in self.read])
        assert _said(rehearsed.outcomes) == _said(done.outcomes)
        assert known(self.partner_id).meaning() == expected.meaning()
        self.look()
        (run_id,) = done.runs.values()
        return run_id

    def _import(self, *, dry_run: bool = False) -> actions.ImportReport:
        lines = [Line(number, cells) for number, cells in self.file.rows]
        said: dict[str, Any] = {"partner_id": self.partner_id, "actor": ME, "now": NOW, "source": SOURCE}
        return actions.import_people(lines=lines, dry_run=dry_run, pace=Pace(most=self.pace), **said)

    def take_back(self, run_id: UUID) -> UndoReport:
        """The undo does what its rehearsal says, and only once."""
        with scopes.one(self.partner_id):
            said: dict[str, Any] = {"run_id": run_id, "actor": ME, "now": LATEST}
            try:
                rehearsed = self.undo(dry_run=True, **said)
            except NothingToUndo:
                assert self.steps[0] == self.steps[1], "it changed something, and cannot be undone"
                self.look()
                return UndoReport(False)
            report = self.undo(**said)
            with pytest.raises(NothingToUndo):
                self.undo(**said)
        self.look()
        assert _counted(rehearsed) == _counted(report)
        return report


def _said(outcomes: list[Outcome]) -> list[tuple[Any, ...]]:
    return [(one.line, one.result, one.fields, one.reason) for one in outcomes if one.result is not Result.UNCHANGED]


def _counted(report: UndoReport) -> tuple[Any, ...]:
    return report.removed, report.restored, report.left, sorted(report.kept)
