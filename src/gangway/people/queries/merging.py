"""Which accounts were merged, what a merge and its undo would do, and whose account may be whose: likely twins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Value
from django.db.models.functions import Left, StrIndex

from gangway.kernel import moving
from gangway.kernel.moving import Back, Movable, Moves
from gangway.kernel.tenancy import scopes
from gangway.kernel.wiring import part
from gangway.people.models import Grant, Person, PersonMerge
from gangway.people.queries.roles import live
from gangway.people.queries.rows import PersonRow, person, person_row
from gangway.people.rules import COMES_IN, GONE
from gangway.people.rules.merging import Account, Late, late

AT_MOST = 50  # kinds of twins on a page


@dataclass(frozen=True, slots=True)
class MergeRow:
    """A merge that stands: `gone_id` is a way to `stays_id`. `moved`: table → what was carried over."""

    id: UUID
    stays_id: UUID
    gone_id: UUID
    merged_at: datetime
    undo_until: datetime
    moved: Mapping[str, Any]

    @classmethod
    def read(cls, row: PersonMerge) -> "MergeRow":
        return cls(row.id, row.stays_id, row.gone_id, row.merged_at, row.undo_until, row.moved)

    def moves(self, movable: Movable) -> Moves:
        """What was carried over of one table."""
        return Moves.read(self.moved[movable.label]) if movable.label in self.moved else Moves()


def account(found: Person | PersonRow) -> Account:
    """A person as the rules of merging see them."""
    return Account(found.id, found.state, found.managed_by, found.synthetic)


def merged_into(person_id: UUID) -> MergeRow | None:
    """The merge by which somebody of the scope went, if it stands."""
    row = PersonMerge.objects.filter(gone=person_id, undone_at__isnull=True).first()
    return MergeRow.read(row) if row is not None else None


def merged_accounts(person_id: UUID) -> tuple[MergeRow, ...]:
    """The merges by which other accounts became a way to somebody, the youngest first."""
    rows = PersonMerge.objects.filter(stays=person_id, undone_at__isnull=True).order_by("-merged_at", "-id")
    return tuple(MergeRow.read(row) for row in rows)


def whole(person_id: UUID) -> tuple[UUID, ...]:
    """Every account of one human in the scope's partner: the one who stays first, then all that are a way to it.

    No action makes a circle of merges; should rows ever say so, this still ends.
    """
    way = [person_id]
    while (merge := merged_into(way[-1])) is not None and merge.stays_id not in way:
        way.append(merge.stays_id)
    found = way[-1:]
    for one in found:  # grows while it is read: accounts merged into merged ones
        found += [merge.gone_id for merge in merged_accounts(one) if merge.gone_id not in found]
    return tuple(found)


# ── What would happen ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a merge does with one kind of thing (`words`, a msgid): how many move, change places, stay."""

    words: str
    moved: int
    swapped: int
    stay: int


def look_merge(*, stays_id: UUID, gone_id: UUID) -> tuple[Ahead, ...]:
    """What merging two people of the scope would do, by kind; kinds of which the one who goes has none are left out."""
    found = [(one.words, moving.look(one, theirs=gone_id, ours=stays_id)) for one in part("MERGES")]
    rows = [Ahead(words, len(moves.moved), len(moves.swapped), len(moves.stay)) for words, moves in found]
    return tuple(row for row in rows if row.moved or row.swapped or row.stay)


@dataclass(frozen=True, slots=True)
class Behind:
    """What undoing a merge does with one kind of thing: how many go back, and how many cannot."""

    words: str
    back: int
    kept: int


def look_unmerge(merge: MergeRow) -> tuple[Behind, ...]:
    """What undoing a merge would do, by kind, as things are now."""
    found = [(one.words, _back(one, merge)) for one in part("MERGES") if one.label in merge.moved]
    return tuple(Behind(words, len(back.moved) + len(back.swapped), len(back.kept)) for words, back in found)


def _back(movable: Movable, merge: MergeRow) -> Back:
    moves = merge.moves(movable)
    return moving.look_back(movable, moves, theirs=merge.gone_id, ours=merge.stays_id, since=merge.merged_at)


def too_late(merge: MergeRow, now: datetime) -> Late | None:
    """Why a merge is not undone any more; None where it may be."""
    stays, gone = person(merge.stays_id), person(merge.gone_id)
    key = Person.objects.values_list("email_key", flat=True).get(pk=gone.id)
    taken = bool(key) and Person.objects.filter(email_key=key).exclude(state__in=GONE).exists()
    return late(account(stays), account(gone), until=merge.undo_until, taken=taken, now=now)


def roles_that_end(person_id: UUID, now: datetime) -> tuple[str, ...]:
    """The roles somebody loses by going."""
    return tuple(Grant.objects.filter(live(now), person=person_id).order_by("role").values_list("role", flat=True))


# ── Likely twins ────────────────────────────────────────────────────────────────────────────────────────────────────


def _here() -> QuerySet[Any]:
    rows: QuerySet[Any] = Person.objects.filter(state__in=COMES_IN, synthetic=False)
    return rows


def twins_of(person_id: UUID) -> tuple[PersonRow, ...]:
    """Others at the same partner with the same name, or with the same word before the @ of their mail address."""
    found = Person.objects.get(pk=person_id)
    alike = Q(sort_key=found.sort_key)
    if found.email_key:
        alike |= Q(email_key__startswith=found.email_key.rpartition("@")[0] + "@")
    with scopes.one(found.partner_id):
        rows = _here().filter(alike).exclude(pk=person_id).order_by("sort_key", "id")[:AT_MOST]
        return tuple(person_row(row) for row in rows)


@dataclass(frozen=True, slots=True)
class Twins:
    """People of one partner who may be one human: called the same (`by_name`), or their addresses begin the same."""

    by_name: bool
    people: tuple[PersonRow, ...]


def likely_twins() -> tuple[tuple[Twins, ...], bool]:
    """Those whom the scope reaches, staff left out, and whether there are more than a page of them. Four statements."""
    local = {"local": Left(F("email_key"), StrIndex(F("email_key"), Value("@")) - 1)}
    people = _here().exclude(partner__kind="host")
    named, more_named = _groups(people, "sort_key", by_name=True)
    mailed, more_mailed = _groups(people.filter(email_key__isnull=False).annotate(**local), "local", by_name=False)
    told = {frozenset(one.id for one in twins.people) for twins in named}
    fresh = [twins for twins in mailed if frozenset(one.id for one in twins.people) not in told]
    return (*named, *fresh), more_named or more_mailed


def _groups(rows: QuerySet[Any], column: str, *, by_name: bool) -> tuple[Sequence[Twins], bool]:
    counted = rows.exclude(**{column: ""}).values("partner_id", column).annotate(n=Count("id")).filter(n__gt=1)
    keys = list(counted.order_by(column, "partner_id").values_list("partner_id", column)[: AT_MOST + 1])
    shown = keys[:AT_MOST]
    among = rows.filter(**{"partner__in": {key[0] for key in shown}, f"{column}__in": {key[1] for key in shown}})
    found: dict[tuple[UUID, str], list[PersonRow]] = {key: [] for key in shown}
    for row in among.order_by("sort_key", "id"):
        found.get((row.partner_id, getattr(row, column)), []).append(person_row(row))
    return [Twins(by_name, tuple(people)) for people in found.values() if len(people) > 1], len(keys) > AT_MOST
