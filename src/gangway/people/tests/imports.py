"""What the tests about files of people share: reading one, by a page or not, and the people's tables as one value to
compare."""

import io
from typing import Any
from uuid import UUID

from gangway.kernel import clock, worker
from gangway.kernel.sheets import Result, read_csv
from gangway.kernel.tenancy import scopes
from gangway.people import actions
from gangway.people.actions import ImportReport
from gangway.people.models import ExternalId, Grant, Group, GroupMember, Mailbox, Person
from gangway.people.rules import ALIASES, COLUMNS
from gangway.people.tests.conftest import ME, NOW

TABLES = (Person, Mailbox, ExternalId, Group, GroupMember, Grant)


def read(text: str, partner_id: UUID | None, **options: Any) -> ImportReport:
    lines = read_csv(io.BytesIO(text.encode()), COLUMNS, ALIASES, bare="email")
    said = {"file_name": "team.csv", "actor": ME, "now": NOW, **options}
    return actions.import_people(lines=lines, partner_id=partner_id, **said)


def words(answer: Any) -> str:
    """A page as it was sent."""
    return str(answer.content.decode())


def rest() -> None:
    """Let the worker do all that waits."""
    while worker.turn("test", clock.now()):
        pass


def counts(report: ImportReport) -> tuple[int, ...]:
    return tuple(report.counts[result] for result in Result)


def undo(partner_id: UUID, run_id: UUID, **options: Any) -> actions.UndoReport:
    with scopes.one(partner_id):
        return actions.undo_import(run_id=run_id, actor=ME, now=NOW, **options)


def tables(partner_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """Every row of the people's tables of a partner. Without the access epoch, which only ever grows."""
    found = {}
    with scopes.one(partner_id):
        for table in TABLES:
            rows = table.objects.filter(partner_id=partner_id).order_by("pk").values()
            found[table.__name__] = [
                {name: value for name, value in row.items() if name != "access_epoch" and not _own(table, name)}
                for row in rows
            ]
            found[table.__name__].sort(key=repr)
    return found


def _own(table: Any, name: str) -> bool:
    """The key of a mailbox's row: it moves by being made anew."""
    return table is Mailbox and name == "id"


def meaning(partner_id: UUID) -> list[tuple[Any, ...]]:
    """The people of a partner as words, without ids: what two imports of one file have in common."""
    with scopes.one(partner_id):
        ids, grants, groups = ({}, {}, {})  # type: ignore[var-annotated]
        for row in ExternalId.objects.all():
            ids.setdefault(row.person_id, []).append((row.source, row.value))
        for grant in Grant.objects.filter(until=None):
            grants.setdefault(grant.person_id, []).append((grant.role, grant.reach))
        for member in GroupMember.objects.select_related("group"):
            groups.setdefault(member.person_id, []).append(member.group.key)
        boxes = dict(Mailbox.objects.filter(partner_id=partner_id).values_list("person_id", "email_key"))
        return sorted(
            (
                person.email or "", person.name, person.state, person.locale, person.zone, person.sort_key,
                sorted(ids.get(person.id, ())), sorted(grants.get(person.id, ())), sorted(groups.get(person.id, ())),
                boxes.get(person.id, ""),
            )
            for person in Person.objects.all()
        )  # fmt: skip
