"""Whom the rows of a chunk mean, and what they change: judged for all of them by a handful of statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from gangway.kernel.refusal import Refusal
from gangway.kernel.said import together
from gangway.kernel.sheets import Outcome, Result
from gangway.partners.queries import PartnerRow
from gangway.people.actions.imports.ahead import Ahead
from gangway.people.models import ExternalId, Grant, GroupMember, Person, PersonMerge
from gangway.people.rules import GONE, Known, PersonSpec, State, Verdict, judge

Row = tuple[int, PersonSpec]


@dataclass(frozen=True, slots=True)
class Judgement:
    """A row and what it means. `keys`: everything by which another row could mean the same person, or be in its way."""

    row: Row
    verdict: Verdict | Refusal
    keys: frozenset[object]

    @property
    def writes(self) -> bool:
        return isinstance(self.verdict, Verdict) and (self.verdict.person is None or bool(self.verdict.changes))


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows, judged, and the people that were found, by id."""

    rows: list[Judgement]
    people: Mapping[UUID, Person]

    def verdicts(self) -> list[tuple[PersonSpec, Verdict]]:
        return [(one.row[1], one.verdict) for one in self.rows if isinstance(one.verdict, Verdict)]

    def new(self) -> list[PersonSpec]:
        return [spec for spec, verdict in self.verdicts() if verdict.person is None]

    def changed(self) -> list[tuple[Person, Known, Verdict]]:
        return [
            (self.people[verdict.person.id], verdict.person, verdict)
            for _, verdict in self.verdicts()
            if verdict.person is not None and verdict.changes
        ]

    def outcomes(self) -> list[Outcome]:
        return [outcome(one.row, one.verdict) for one in self.rows]

    def until_they_meet(self) -> tuple["Judged", list[Row]]:
        """What may be written at once, and the rows that must be judged again behind it.

        Those touch a mailbox, an id or a person that an earlier row changes. So a file means the same however it is
        cut into chunks: what its rows mean one after the other.
        """
        touched: set[object] = set()
        now: list[Judgement] = []
        later: list[Row] = []
        for one in self.rows:
            meets = not touched.isdisjoint(one.keys)
            if meets:
                later.append(one.row)
            else:
                now.append(one)
            if meets or one.writes:
                touched |= one.keys
        return Judged(now, self.people), later


def _keys(spec: PersonSpec, *meant: Known | None) -> frozenset[object]:
    keys: set[object] = {("mail", spec.email_key), ("id", spec.external_id)}
    for person in meant:
        if person is not None:
            keys |= {("mail", person.email_key), ("id", person.external_id), person.id}
    return frozenset(keys - {("mail", None), ("id", None)})


def judge_all(
    rows: Sequence[Row], partner: PartnerRow, source: str, *, ahead: Ahead | None = None, lock: bool = False
) -> Judged:
    """At most eight statements for any number of rows. `lock`: whom it found stays as is until the transaction ends.

    `ahead`: what the rows of a rehearsal before these would have written.
    """
    people, by_external_id, by_mailbox = _known([spec for _, spec in rows], source, ahead or Ahead(), lock)
    judged: list[Judgement] = []
    for row in rows:
        spec = row[1]
        person = by_external_id.get(spec.external_id or "")
        mailbox = by_mailbox.get(spec.email_key or (person and person.email_key) or "")
        try:
            verdict: Verdict | Refusal = judge(spec, person, mailbox, source, partner.kind)
        except Refusal as refusal:
            verdict = refusal
        judged.append(Judgement(row, verdict, _keys(spec, person, mailbox)))
    return Judged(judged, people)


def rehearse(rows: Sequence[Row], partner: PartnerRow, source: str, ahead: Ahead) -> list[Outcome]:
    """What writing the rows would say, in their order; `ahead` goes along from chunk to chunk."""
    outcomes: list[Outcome] = []
    waiting = list(rows)
    while waiting:
        judged, waiting = judge_all(waiting, partner, source, ahead=ahead).until_they_meet()
        for spec, verdict in judged.verdicts():
            ahead.take(spec, verdict)
        outcomes += judged.outcomes()
    return sorted(outcomes, key=lambda one: one.line)


def mailboxes_of_leavers(source: str) -> frozenset[str]:
    """The addresses of those who left and may be brought back by the external id of this source."""
    named = ExternalId.objects.filter(source=source, person__state=State.LEFT, person__email_key__isnull=False)
    return frozenset(named.values_list("person__email_key", flat=True))


def _known(
    specs: Sequence[PersonSpec], source: str, ahead: Ahead, lock: bool
) -> tuple[Mapping[UUID, Person], Mapping[str, Known], Mapping[str, Known]]:
    """Those people of the scope's partner whom the rows may mean: by external id, and by mailbox among who is here."""
    values = [spec.external_id for spec in specs if spec.external_id]
    ids = dict(ExternalId.objects.filter(source=source, value__in=values).values_list("person_id", "value"))
    left = Person.objects.filter(pk__in=list(ids), state__in=GONE).values_list("email_key", flat=True) if ids else ()
    keys = {spec.email_key for spec in specs if spec.email_key} | {key for key in left if key}
    here = Person.objects.filter(email_key__in=keys).exclude(state__in=GONE) if keys else Person.objects.none()
    # first by mailbox, then by key: one condition with "or" has SQLite look at every person of the partner
    found = Person.objects.filter(pk__in={*ids, *ahead.now_at(keys), *here.values_list("pk", flat=True)})
    people = {person.id: person for person in (found.select_for_update().order_by("pk") if lock else found)}
    if people:
        ids |= dict(ExternalId.objects.filter(source=source, person__in=people).values_list("person_id", "value"))
    roles = _roles(people) if people and any(spec.roles for spec in specs) else {}
    groups = _groups(people) if people and any(spec.groups for spec in specs) else {}
    merged = _merged(person.id for person in people.values() if person.state == State.LEFT)
    known = [
        ahead.applied(
            _as_known(
                person,
                ids.get(key),
                roles.get(key, frozenset()),
                groups.get(key, frozenset()),
                merged=key in merged,
            )
        )
        for key, person in people.items()
    ]
    known += ahead.newcomers(keys)
    return (
        people,
        {person.external_id: person for person in known if person.external_id},
        {person.email_key: person for person in known if person.email_key and person.state not in GONE},
    )


def _merged(people: Iterable[UUID]) -> frozenset[UUID]:
    """Those who did not leave but are a way to another account."""
    left = list(people)
    rows = PersonMerge.objects.filter(gone__in=left, undone_at__isnull=True) if left else PersonMerge.objects.none()
    return frozenset(rows.values_list("gone_id", flat=True))


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


def _as_known(
    person: Person, external_id: str | None, roles: frozenset[str], groups: frozenset[str], *, merged: bool
) -> Known:
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
        merged=merged,
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
