"""A configuration is promoted into this installation, and taken back: one transaction each, wholly or not at all.

Nothing is written here behind the rooms' backs: each part is applied by the ordinary actions of its room, with their
refusals, audit entries and events (kernel/configured.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.configured import Change, Part, Unfit
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.said import pack, said
from gangway.kernel.tenancy import scopes
from gangway.kernel.turns import try_turn
from gangway.partners import queries as partners
from gangway.rollout.operations import queries
from gangway.rollout.operations.events import ConfigurationPromoted
from gangway.rollout.operations.models import Promotion
from gangway.rollout.operations.rules import (
    Configuration,
    Difference,
    Export,
    check_fields,
    differences,
    digest_of,
    moved,
    place,
    steps,
)

NAMED = 5  # places that a refusal names


class NothingToPromote(Refusal):
    code = "operations.nothing_to_promote"
    message = "Nothing that promoting could set differs from the file."
    next_step = "Look at what is left to be done by hand: `gangway config diff FILE`."


class AlreadyPromoting(Refusal):
    code = "operations.already_promoting"
    message = "Another promotion or its undoing is under way."
    next_step = "Wait until it is over, then look at the differences again."


class MovedMeanwhile(Refusal):
    code = "operations.moved_meanwhile"
    message = "The configuration here has changed since its differences were looked at."
    next_step = "Look at the differences again. Nothing was changed."


class CannotPromote(Refusal):
    code = "operations.cannot_promote"
    message = "{where} cannot be set: {why}"
    next_step = "{mend} Nothing was changed."


class NothingToUndo(Refusal):
    code = "operations.nothing_to_undo"
    message = "There is no promotion that could be taken back."
    next_step = "List what is configured: `gangway config export`."


class AlreadyUndone(Refusal):
    code = "operations.already_undone"
    message = "This promotion was taken back already."
    next_step = "Look at the latest ones on the page “Connections out”."


class ChangedSince(Refusal):
    code = "operations.changed_since"
    message = "Changed since it was promoted: {places}."
    next_step = "Set it back by hand, or promote an export that says what is right. Nothing was changed."


@action("operations.configuration.promote", scoped=False)
def promote(
    *, export: Export, source: str, seen: str, dry_run: bool = False, actor: Actor, now: datetime
) -> UUID | None:
    """Make this installation say what an export says, as far as its rooms can; the promotion's id, by which it is
    taken back. Nothing is ever taken away that is here and not in the file.

    seen: digest of the configuration here as its differences were looked at. dry_run: everything is done, refused
    where it would be, and thrown away; then the answer is None. Invalid, NothingToPromote,
    AlreadyPromoting, MovedMeanwhile; CannotPromote names what a room refused. Then nothing was changed.
    """
    host_id = partners.host_id()
    parts = queries.parts()
    check_fields(export.configuration, parts)
    here = _taken(host_id, seen)
    chosen = [step for step in steps(here, export.configuration, parts) if not step.by_hand]
    if not chosen:
        raise NothingToPromote
    for part in parts:
        _put(part, [one for one in chosen if one.part == part.name], actor, now)
    _check(differences(here, queries.configured()), chosen)
    changes = [Difference(*one.place, one.was, one.now) for one in chosen]
    with scopes.one(host_id):
        row = Promotion.objects.create(
            actor_kind=actor.kind,
            actor_id=actor.id,
            source=source[:200],
            environment=export.environment,
            digest=export.digest,
            changes=[asdict(change) for change in changes],
            promoted_at=now,
        )
        told = {"environment": export.environment, "digest": export.digest, "changes": len(changes)}
        _note(row, "operations.configuration.promote", told, undone=False, actor=actor, now=now)
    made: UUID = row.pk
    if dry_run:
        transaction.set_rollback(True)
        return None
    return made


def _taken(host_id: UUID, seen: str | None) -> Configuration:
    """What is configured here, once it is this transaction's turn."""
    with scopes.one(host_id):
        if not try_turn("operations.promote"):
            raise AlreadyPromoting
    here = queries.configured()
    if seen is not None and digest_of(here) != seen:
        raise MovedMeanwhile
    return here


def _put(part: Part, chosen: Sequence[Difference], actor: Actor, now: datetime) -> None:
    if not chosen or part.put is None:
        return
    fields: dict[str, dict[str, Any]] = {}
    born = {one.key for one in chosen if not one.field}
    for one in chosen:
        fields.setdefault(one.key, {}).update({one.field: one.now} if one.field else one.now)
    changes = [Change(key, told, key in born) for key, told in fields.items()]
    try:
        part.put(changes=changes, actor=actor, now=now)
    except Unfit as unfit:
        raise _refused(place(part.name, unfit.key, unfit.why.field or ""), unfit.why) from unfit
    except Refusal as refusal:
        raise _refused(place(part.name, changes[0].key, refusal.field or ""), refusal) from refusal


def _refused(where: str, why: Refusal) -> CannotPromote:
    return CannotPromote(where=where, why=why.said, mend=why.step)


def _check(changed: Sequence[Difference], wanted: Sequence[Difference]) -> None:
    """Exactly what was asked has changed, and nothing beside: else somebody else was at work, or a room made something
    else of it; then all of it goes back."""
    became = {one.place: one.now for one in changed}
    for one in wanted:
        now = became.pop(one.place, None)
        if not _is(now, one.now):
            raise CannotPromote(where=place(*one.place), why=said("it did not become what was asked."), mend="")
    if became:
        raise MovedMeanwhile


def _is(now: Any, wanted: Any) -> bool:
    """A new entry has fields of its own beside those that were put."""
    if isinstance(now, dict) and isinstance(wanted, dict):
        return all(now.get(name) == value for name, value in wanted.items())
    return bool(now == wanted)


# ---------------------------------------------------------------- taking it back


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking a promotion back did. `stays`: what something names by now, in words."""

    promotion_id: UUID
    changes: tuple[Difference, ...]
    stays: tuple[str, ...]


@action("operations.configuration.undo", scoped=False)
def undo_promotion(*, promotion_id: UUID | None = None, dry_run: bool = False, actor: Actor, now: datetime) -> Undone:
    """Put back what a promotion changed (the latest that stands, unless one is named), by the values kept of it.
    dry_run: everything is done, refused where it would be, and thrown away.

    Types and tiers it made stay where something names them by now. NothingToUndo, AlreadyUndone, AlreadyPromoting;
    ChangedSince names what is no more as it was promoted; CannotPromote names what a room refused. Then nothing was
    changed. NotFound: no such promotion.
    """
    host_id = partners.host_id()
    here = _taken(host_id, None)
    with scopes.one(host_id):
        row = _standing(promotion_id)
    changes = [Difference(**change) for change in row.changes]
    if places := moved(here, changes):
        raise ChangedSince(places=list(places[:NAMED]))
    stays = _take_back(changes, actor, now)
    restored = [Difference(*one.place, one.now, one.was) for one in changes if one.field]
    if places := moved(queries.configured(), restored):
        raise CannotPromote(where=places[0], why=said("it did not become what was asked."), mend="")
    with scopes.one(host_id):
        row.undone_at, row.stays = now, [pack(one.said) for one in stays]
        row.save(update_fields=["undone_at", "stays"])
        told = {"changes": len(changes), "stays": len(stays)}
        _note(row, "operations.configuration.undo", told, undone=True, actor=actor, now=now)
    if dry_run:
        transaction.set_rollback(True)
    return Undone(row.pk, tuple(changes), tuple(one.said for one in stays))


def _standing(promotion_id: UUID | None) -> Promotion:
    rows = Promotion.objects.select_for_update().order_by("-promoted_at", "-id")
    if promotion_id is None:
        latest: Promotion | None = rows.filter(undone_at=None).first()
        if latest is None:
            raise NothingToUndo
        return latest
    row: Promotion | None = rows.filter(pk=promotion_id).first()
    if row is None:
        raise NotFound
    if row.undone_at is not None:
        raise AlreadyUndone
    return row


@dataclass(frozen=True, slots=True)
class _Task:
    """One thing to take back; `words`: it may stay where something names it by now."""

    where: str
    carry_out: Callable[[], None]
    words: bool = False


def _take_back(changes: Sequence[Difference], actor: Actor, now: datetime) -> list[Refusal]:
    """Fields go back, then what was new is taken away, the last part first. One may hold another (a partner holds the
    tier it goes back from, a new tier the rank of an old one), so that what is refused is tried again behind the rest.
    What stays of types and tiers."""
    tasks = _tasks(changes, actor, now)
    while tasks:
        refused = [(task, why) for task in tasks if (why := _tried(task)) is not None]
        if len(refused) == len(tasks):
            for task, why in refused:
                if not task.words:
                    raise why if isinstance(why, CannotPromote) else _refused(task.where, why)
            return [why for _, why in refused]
        tasks = [task for task, _ in refused]
    return []


def _tasks(changes: Sequence[Difference], actor: Actor, now: datetime) -> list[_Task]:
    found: list[_Task] = []
    for part in queries.parts():
        mine = [one for one in changes if one.part == part.name]
        if back := [Difference(*one.place, one.now, one.was) for one in mine if one.field]:
            found.append(_Task(part.name, partial(_put, part, back, actor, now)))
    for part in reversed(queries.parts()):
        for one in changes:
            if one.part == part.name and not one.field and part.remove is not None:
                away = partial(part.remove, key=one.key, actor=actor, now=now)
                found.append(_Task(place(part.name, one.key), away, part.words_stay))
    return found


def _tried(task: _Task) -> Refusal | None:
    try:
        with transaction.atomic():
            task.carry_out()
    except Refusal as refusal:
        return refusal
    return None


def _note(row: Promotion, verb: str, told: dict[str, Any], *, undone: bool, actor: Actor, now: datetime) -> None:
    audit.record(actor=actor, verb=verb, object_type="operations.promotion", object_id=row.pk, changes=told, now=now)
    event = ConfigurationPromoted(promotion_id=row.pk, changes=len(row.changes), undone=undone)
    publish(event, subject_id=row.pk, now=now, actor=actor)
