"""Which accounts were merged, and what a merge and its undo would do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.kernel import moving
from gangway.kernel.moving import Back, Movable, Moves
from gangway.kernel.wiring import part
from gangway.people.models import Grant, Person, PersonMerge
from gangway.people.queries.roles import live
from gangway.people.queries.rows import PersonRow, person
from gangway.people.rules import GONE
from gangway.people.rules.merging import Account, Late, late


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
