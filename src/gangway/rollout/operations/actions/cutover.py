"""A cutover is begun, its steps are noted, it ends."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.said import said
from gangway.kernel.tenancy import scopes
from gangway.kernel.turns import take_turn
from gangway.kernel.values import clean_line
from gangway.partners import queries as partners
from gangway.rollout.operations import queries
from gangway.rollout.operations.events import CutoverEnded
from gangway.rollout.operations.models import Cutover
from gangway.rollout.operations.rules import MOST_WORDS, Note, Proof, next_act, proven, since, taken_back, until

NOT_SEEN = {
    Proof.COMPARED: said("no export was compared with this installation"),
    Proof.PROMOTED: said("nothing was promoted that stands"),
    Proof.REHEARSED: said("no rehearsal passed"),
}


class CutoverUnderWay(Refusal):
    code = "operations.cutover_under_way"
    message = "A cutover is under way already."
    next_step = "Carry it on, or end it."


class CutoverOver(Refusal):
    code = "operations.cutover_over"
    message = "This cutover has ended."
    next_step = "Begin another one on the page “Connections out”."


class NotNext(Refusal):
    code = "operations.not_next"
    message = "This step's turn has not come, or is over."
    next_step = "Look at the page again: steps are carried out in their order."


class NotSeen(Refusal):
    code = "operations.not_seen"
    message = "Gangway has not seen this step: since the one before it {what}."
    next_step = "Carry it out, then note it."


class TakenBack(Refusal):
    code = "operations.taken_back"
    message = "What this cutover promoted was taken back."
    next_step = "End this cutover, and begin another one."


@action("operations.cutover.begin", scoped=False)
def begin_cutover(*, actor: Actor, now: datetime) -> UUID:
    """Carry the runbook out from now on; the cutover's id. CutoverUnderWay: one is. NotFound: there is no vendor."""
    host_id = partners.host_id()
    with scopes.one(host_id):
        take_turn("operations.cutover")
        if Cutover.objects.filter(ended_at=None).exists():
            raise CutoverUnderWay
        row = Cutover.objects.create(actor_kind=actor.kind, actor_id=actor.id, begun_at=now)
        _record(row, "operations.cutover.begin", {}, actor, now)
    made: UUID = row.pk
    return made


@action("operations.cutover.note", scoped=False)
def note_step(*, cutover_id: UUID, key: str, as_expected: bool, words: str, actor: Actor, now: datetime) -> bool:
    """Note what came of the step whose turn it is; whether that ended the cutover.

    What the system sees of a step counts from when it was seen; of other steps, and of what went otherwise, `words`
    say what was seen: up to 500 signs. Invalid: they are missing or too long. CutoverOver, NotNext; NotSeen: the
    system must see this step and has not; TakenBack: what was promoted stands no more. NotFound: no such cutover.
    """
    host_id = partners.host_id()
    with scopes.one(host_id):
        row = _open(cutover_id)
        notes = queries.notes_of(row.notes)
        act = next_act(notes)
        if act is None or act.key != key:
            raise NotNext
        seen = queries.seen_since(row.begun_at, row.rehearsed_at)
        at = proven(act, seen, since(row.begun_at, notes)) if as_expected else None
        if as_expected:
            if taken_back(notes, seen):
                raise TakenBack
            if at is None and act.proof and not act.word:
                raise NotSeen(what=NOT_SEEN[act.proof])
        words = _words(words, needed=at is None, field="words")
        note = Note(key, at or now, as_expected, at is not None, words, str(actor.kind), actor.id)
        row.notes = [*row.notes, {**asdict(note), "at": note.at.isoformat()}]
        done = [*notes, note]
        whole = next_act(done) is None
        told = {"step": key, "as_expected": as_expected, "proven": note.proven}
        _record(row, "operations.cutover.note", told, actor, now)
        if whole:
            _end(row, whole=True, at=until(row.begun_at, done), actor=actor, now=now)
        row.save()
    return whole


@action("operations.cutover.end", scoped=False)
def end_cutover(*, cutover_id: UUID, why: str, actor: Actor, now: datetime) -> None:
    """End it before every step went as expected, and say why in up to 500 signs. Invalid, CutoverOver, NotFound."""
    host_id = partners.host_id()
    with scopes.one(host_id):
        row = _open(cutover_id)
        row.why = _words(why, needed=True, field="why")
        _record(row, "operations.cutover.end", {}, actor, now)
        _end(row, whole=False, at=now, actor=actor, now=now)
        row.save()


@action("operations.cutover.rehearsed", scoped=False)
def note_rehearsal(*, at: datetime, actor: Actor, now: datetime) -> None:
    """A rehearsal passed: a cutover that is under way may rely on it."""
    with scopes.one(partners.host_id()):
        Cutover.objects.filter(ended_at=None).update(rehearsed_at=at)


def _open(cutover_id: UUID) -> Cutover:
    row: Cutover | None = Cutover.objects.select_for_update().filter(pk=cutover_id).first()
    if row is None:
        raise NotFound
    if row.ended_at is not None:
        raise CutoverOver
    return row


def _words(text: str, *, needed: bool, field: str) -> str:
    if text.strip():
        return clean_line(text, field, MOST_WORDS)
    if needed:
        raise Invalid(field=field, problem="Nothing is said.", mend="Say in a few words what you saw.")
    return ""


def _end(row: Cutover, *, whole: bool, at: datetime, actor: Actor, now: datetime) -> None:
    row.ended_at, row.whole = at, whole
    seconds = max(0, round((at - row.begun_at).total_seconds()))
    publish(CutoverEnded(cutover_id=row.pk, whole=whole, seconds=seconds), subject_id=row.pk, now=now, actor=actor)


def _record(row: Cutover, verb: str, told: dict[str, object], actor: Actor, now: datetime) -> None:
    audit.record(actor=actor, verb=verb, object_type="operations.cutover", object_id=row.pk, changes=told, now=now)
