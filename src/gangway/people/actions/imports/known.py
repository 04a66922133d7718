"""Whom the rows of a chunk mean, and what they change: judged for all of them by a handful of statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from gangway.kernel.refusal import Refusal
from gangway.kernel.said import together
from gangway.kernel.sheets import Outcome, Result
from gangway.partners.queries import PartnerRow
from gangway.people.models import ExternalId, Grant, GroupMember, Person
from gangway.people.rules import GONE, Known, PersonSpec, Verdict, judge

Row = tuple[int, PersonSpec]


@dataclass(frozen=True, slots=True)
class Judged:
    """Each row with its verdict, and the people that were found, by id."""

    rows: list[tuple[Row, Verdict | Refusal]]
    people: Mapping[UUID, Person]

    def new(self) -> list[PersonSpec]:
        return [row[1] for row, verdict in self.rows if isinstance(verdict, Verdict) and verdict.person is None]

    def changed(self) -> list[tuple[Person, Known, Verdict]]:
        return [
            (self.people[verdict.person.id], verdict.person, verdict)
            for _, verdict in self.rows
            if isinstance(verdict, Verdict) and verdict.person is not None and verdict.changes
        ]

    def outcomes(self) -> list[Outcome]:
        return [outcome(row, verdict) for row, verdict in self.rows]

    def until_they_meet(self) -> tuple["Judged", list[Row]]:
        """What may be written at once, and the rows that must be judged again behind it.

        Those touch a mailbox, an id or a person that an earlier row changes. So a file means the same however it is
        cut into chunks: what its rows mean one after the other.
        """
        touched: set[object] = set()
        now: list[tuple[Row, Verdict | Refusal]] = []
        later: list[Row] = []
        for row, verdict in self.rows:
            keys = _keys(row[1], verdict)
            if not touched.isdisjoint(keys):
                later.append(row)
                touched |= keys
                continue
            now.append((row, verdict))
            if isinstance(verdict, Verdict) and (verdict.person is None or verdict.changes):
                touched |= keys
        return Judged(now, self.people), later


def _keys(spec: PersonSpec, verdict: Verdict | Refusal) -> set[object]:
    """Everything by which another row could mean the same person, before or after this one."""
    keys: set[object] = {("mail", spec.email_key), ("id", spec.external_id)}
    if isinstance(verdict, Verdict) and verdict.person is not None:
        person = verdict.person
        keys |= {("mail", person.email_key), ("id", person.external_id), person.id}
    return keys - {("mail", None), ("id", None)}


def judge_all(rows: Sequence[Row], partner: PartnerRow, source: str, *, lock: bool = False) -> Judged:
    """At most six statements for any number of rows. `lock`: whom it found stays as is until the transaction ends."""
    people, by_external_id, by_mailbox = _known([spec for _, spec in rows], source, lock)
    judged: list[tuple[Row, Verdict | Refusal]] = []
    for row in rows:
        spec = row[1]
        person = by_external_id.get(spec.external_id or "")
        mailbox = spec.email_key or (person.email_key if person else None)
        try:
            verdict: Verdict | Refusal = judge(spec, person, by_mailbox.get(mailbox or ""), source, partner.kind)
        except Refusal as refusal:
            verdict = refusal
        judged.append((row, verdict))
    return Judged(judged, people)


def _known(
    specs: Sequence[PersonSpec], source: str, lock: bool
) -> tuple[Mapping[UUID, Person], Mapping[str, Known], Mapping[str, Known]]:
    """Those people of the scope's partner whom the rows may mean: by external id, and by mailbox among who is here."""
    values = [spec.external_id for spec in specs if spec.external_id]
    ids = dict(ExternalId.objects.filter(source=source, value__in=values).values_list("person_id", "value"))
    left = Person.objects.filter(pk__in=list(ids), state__in=GONE).values_list("email_key", flat=True) if ids else ()
    keys = {spec.email_key for spec in specs if spec.email_key} | {key for key in left if key}
    here = Q(email_key__in=keys) & ~Q(state__in=GONE)
    found = Person.objects.filter(Q(pk__in=list(ids)) | here if ids else here)
    people = {person.id: person for person in (found.select_for_update().order_by("pk") if lock else found)}
    if people:
        ids |= dict(ExternalId.objects.filter(source=source, person__in=people).values_list("person_id", "value"))
    roles = _roles(people) if people and any(spec.roles for spec in specs) else {}
    groups = _groups(people) if people and any(spec.groups for spec in specs) else {}
    known = [
        _as_known(person, ids.get(key), roles.get(key, frozenset()), groups.get(key, frozenset()))
        for key, person in people.items()
    ]
    return (
        people,
        {person.external_id: person for person in known if person.external_id},
        {person.email_key: person for person in known if person.email_key and person.state not in GONE},
    )


def _roles(people: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    live = Grant.objects.filter(person__in=list(people), until__isnull=True)
    return _by_person(live.values_list("person_id", "role"))


def _groups(people: Iterable[UUID]) -> dict[UUID, frozenset[str]]:
    return _by_person(GroupMember.objects.filter(person__in=list(people)).values_list("person_id", "group__key"))


def _by_person(pairs: Iterable[tuple[UUID, str]]) -> dict[UUID, frozenset[str]]:
    found: dict[UUID, frozenset[str]] = {}
    for person_id, value in pairs:
        found[person_id] = found.get(person_id, frozenset()) | {value}
    return found


def _as_known(person: Person, external_id: str | None, roles: frozenset[str], groups: frozenset[str]) -> Known:
    return Known(
        id=person.id,
        state=person.state,
        name=person.name,
        email=person.email,
        email_key=person.email_key,
        locale=person.locale,
        zone=person.zone,
        managed_by=person.managed_by,
        external_id=external_id,
        roles=roles,
        groups=groups,
    )


def outcome(row: Row, verdict: Verdict | Refusal) -> Outcome:
    """What becomes of a row, for people."""
    line, spec = row
    whom = spec.email or spec.external_id or ""
    if isinstance(verdict, Refusal):
        return Outcome(line, whom, Result.REFUSED, reason=together(verdict.said, verdict.step))
    if verdict.person is None:
        return Outcome(line, whom, Result.NEW)
    fields = tuple(field for field in verdict.changes if field != "email_key")
    return Outcome(line, whom, Result.CHANGED if verdict.changes else Result.UNCHANGED, fields)
