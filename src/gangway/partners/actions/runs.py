"""What a partner file did, kept as a run, and taking it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F

from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.said import pack, said
from gangway.kernel.sheets import Outcome, Result
from gangway.kernel.tenancy import scopes
from gangway.partners import queries
from gangway.partners.actions import row as rows
from gangway.partners.actions.vocabulary import InUse, define_types_and_tiers, remove_tier, remove_type
from gangway.partners.events import PartnerRemoved
from gangway.partners.models import ApplyRow, ApplyRun, Brand, Contact, HostName, Partner, PartnerClosure
from gangway.partners.rules import USUAL_WAYS, Fallback, Kind, Primary, Register, TierSpec, TypeSpec, moved_on


class Stays(Refusal):
    """A row of a run that cannot be taken back, and why."""

    code = "partners.run.stays"
    message = "{why}"

    def __init__(self, why: str, **values: Any) -> None:
        super().__init__(why=said(why, **values))


@dataclass(frozen=True, slots=True)
class TakenBack:
    """One thing of a run: `result` is removed, restored, or stays with the reason."""

    key: str
    line: int
    result: str
    fields: tuple[str, ...] = ()
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {
            "line": self.line,
            "key": self.key,
            "result": self.result,
            "fields": list(self.fields),
            "reason": self.reason,
        }


REFUSALS_KEPT = 200
REMOVED, RESTORED, STAYS = "removed", "restored", "stays"


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What became of each row of a run, in the order of the file; types and tiers it defined last (line 0)."""

    run: UUID
    dry_run: bool
    outcomes: tuple[TakenBack, ...]

    def count(self, result: str) -> int:
        return sum(outcome.result == result for outcome in self.outcomes)

    def as_dict(self) -> dict[str, Any]:
        """For machines: counts first, then each row."""
        counts = {result: self.count(result) for result in (REMOVED, RESTORED, STAYS)}
        found = [outcome.as_dict() for outcome in self.outcomes]
        return {"run": str(self.run), "dry_run": self.dry_run, **counts, "rows": found}


# ── A run begins and ends ───────────────────────────────────────────────────────────────────────────────────────────


@action("partners.run.open", scoped=False)
def open_run(*, source: str, actor: Actor, now: datetime) -> UUID:
    """Note that a file begins to write."""
    host = queries.host_partner()
    if host is None:
        raise NotFound
    with scopes.one(host.id):
        run = ApplyRun.objects.create(
            owner_id=host.id, actor_kind=actor.kind, actor_id=actor.id, source=source[:200], started_at=now
        )
        _note(actor, "partners.run.open", run.id, {"source": run.source}, now)
    return run.id


@action("partners.run.close", scoped=False)
def close_run(*, run_id: UUID, outcomes: Sequence[Outcome], actor: Actor, now: datetime) -> None:
    """Note that the file was read to its end, and what became of its lines."""
    named = {str(result): sum(outcome.result is result for outcome in outcomes) for result in Result}
    refused = [[row.line, row.key, pack(row.reason)] for row in outcomes if row.result is Result.REFUSED]
    ApplyRun.objects.filter(pk=run_id).update(finished_at=now, refusals=refused[:REFUSALS_KEPT], **named)
    _note(actor, "partners.run.close", run_id, named, now)


@action("partners.run.vocabulary")
def remember_vocabulary(
    *, run_id: UUID, types: Sequence[TypeSpec], tiers: Sequence[TierSpec], actor: Actor, now: datetime
) -> None:
    """Keep what the types and tiers that a file defines were before; None: not there."""
    known = queries.register()
    kept = {
        "types": {kind.key: {"was": _said_of(kind.key, known), "now": _meant(kind, known)} for kind in types},
        "tiers": {tier.key: {"was": known.tiers.get(tier.key), "now": [tier.name, tier.rank]} for tier in tiers},
    }
    ApplyRun.objects.filter(pk=run_id).update(vocabulary=kept)
    _note(actor, "partners.run.vocabulary", run_id, kept, now)


def _said_of(key: str, register: Register) -> list[str] | None:
    """Name, primary and fallback of a type; None: there is none."""
    if key not in register.types:
        return None
    return [register.types[key], *map(str, register.ways.get(key, USUAL_WAYS))]


def _meant(kind: TypeSpec, register: Register) -> list[str]:
    """The same once a file has said what it says of it."""
    primary, fallback = register.ways.get(kind.key, USUAL_WAYS)
    return [kind.name, str(kind.primary or primary), str(kind.fallback or fallback)]


def _note(actor: Actor, verb: str, run_id: UUID, changes: Mapping[str, Any], now: datetime) -> None:
    audit.record(actor=actor, verb=verb, object_type="partner_run", object_id=run_id, changes=changes, now=now)


# ── Taking it back ──────────────────────────────────────────────────────────────────────────────────────────────────


def undo_run(*, run_id: UUID, dry_run: bool = False, actor: Actor, now: datetime) -> UndoReport:
    """Take back what a partner file wrote, the last thing first; each partner is its own transaction.

    Partners the run made are removed where nothing refers to them; changed columns go back to what they were. What was
    changed since, or is used by now, stays and is said. Tier changes of partners that stay are taken back by a further
    line of their history. Again takes back what stayed, if it can be by then. NotFound: no such run.
    """
    queries.run(run_id)
    register = queries.register()
    outcomes = [_take_back(row, register, dry_run, actor, now) for row in queries.rows_of_run(run_id)]
    words = _take_back_words(run_id, register, dry_run, actor, now)
    if not dry_run and any(word.result != STAYS for word in words):
        mark_undone(run_id=run_id, actor=actor, now=now)
    return UndoReport(run_id, dry_run, (*sorted(outcomes, key=lambda outcome: outcome.line), *words))


def _take_back(row: queries.RunLine, register: Register, dry_run: bool, actor: Actor, now: datetime) -> TakenBack:
    """One row, judged against what is so after the rows before it; then against the database, in its transaction."""
    try:
        _judge(row, register)
        parent_id = register.ids[row.before["parent"]] if row.before.get("parent") else None
        if dry_run:
            _refuse_used(row)
        else:
            with scopes.one(row.partner_id):
                take_back_row(row_id=row.id, parent_id=parent_id, actor=actor, now=now)
    except (Stays, NotFound) as refusal:
        return TakenBack(row.slug, row.line, STAYS, reason=refusal.said)
    except IntegrityError:  # somebody began to use it, or took the host name, between the look and the commit
        return TakenBack(row.slug, row.line, STAYS, reason=said("Something refers to it by now."))
    if row.created:
        register.partners.pop(row.slug, None)
        return TakenBack(row.slug, row.line, REMOVED)
    register.note(row.slug, row.before)
    return TakenBack(row.slug, row.line, RESTORED, tuple(row.before))


def _judge(row: queries.RunLine, register: Register) -> None:
    """Stays, with the reason, where taking the row back would overwrite or tear something."""
    if row.kind == Kind.HOST and row.created:
        raise Stays("It is your own company: everything stands on it.")
    _refuse_moved_on(row, register.partners.get(row.slug, {}))
    if row.created:
        if below := sorted(slug for slug, said in register.partners.items() if said["parent"] == row.slug):
            raise Stays("There are partners below it: {below}.", below=below[:5])
        return
    _check_ways_back(row, register)


def _refuse_moved_on(row: queries.RunLine, facts: Mapping[str, str]) -> None:
    if columns := moved_on(row.after, facts):
        raise Stays("Changed since: {columns}.", columns=list(columns))


def _check_ways_back(row: queries.RunLine, register: Register) -> None:
    """What a column goes back to must still be there and free."""
    for column, known in (("type", register.types), ("tier", register.tiers), ("parent", register.partners)):
        if (was := row.before.get(column)) and was not in known:
            raise Stays("What it had as {column}, “{was}”, is no more.", column=column, was=was)
    above = row.before.get("parent")
    for _ in range(len(register.partners)):
        if above == row.slug:
            raise Stays("The parent it had is below it by now.")
        above = register.partners.get(above or "", {}).get("parent")
    host = row.before.get("host")
    holder = next((slug for slug, said in register.partners.items() if host and said["host"] == host), row.slug)
    if holder != row.slug:
        raise Stays("The host name it had, {host}, belongs to “{holder}” by now.", host=host, holder=holder)


def _refuse_used(row: queries.RunLine) -> None:
    """Partners below it are judged by the register: what hangs there may be taken back with it."""
    if row.created and (users := queries.users_of(Partner(pk=row.partner_id))):
        raise Stays("It is in use: {users}.", users=list(users))


@action("partners.row.take_back")
def take_back_row(*, row_id: UUID, parent_id: UUID | None, actor: Actor, now: datetime) -> None:
    """Take back what a run did to the scope's partner. Stays: it was changed since, or is used. NotFound: no such row.

    parent_id: of the parent it goes back under, where the run moved it.
    """
    partner = rows.own()
    found = ApplyRow.objects.select_related("partner").filter(pk=row_id).first()
    if found is None:
        raise NotFound
    line = queries.run_line(found)
    _refuse_moved_on(line, queries.facts_of(partner.id))
    _refuse_used(line)
    found.delete()
    ApplyRun.objects.filter(pk=found.run_id).update(taken_back=F("taken_back") + 1)
    mark_undone(run_id=found.run_id, actor=actor, now=now)
    if line.created:
        remove_partner(partner, actor, now)
        return
    aside = ("host", *rows.PERSONAL)
    plain = {column: value for column, value in line.before.items() if column not in aside}
    rows.write(slug=partner.slug, changes=plain, parent_id=parent_id, reason="undo", actor=actor, now=now)
    rows.put_back(found.kept, line.before)


def remove_partner(partner: Partner, actor: Actor, now: datetime) -> None:
    """The partner with its own rows. Only what nothing refers to comes here (queries.users_of)."""
    event = PartnerRemoved(partner_id=partner.id, kind=partner.kind)
    publish(event, subject_id=partner.id, now=now, actor=actor)
    rows.note(actor, "partners.partner.remove", partner.id, {"slug": partner.slug}, now)
    ApplyRow.objects.all().delete()
    Brand.objects.all().delete()
    Contact.objects.all().delete()
    HostName.objects.filter(partner=partner.id).delete()
    PartnerClosure.objects.filter(descendant=partner.id).delete()
    partner.delete()


def _take_back_words(run_id: UUID, register: Register, dry_run: bool, actor: Actor, now: datetime) -> list[TakenBack]:
    """Types and tiers that the run defined: gone where nothing names them, renamed back where it renamed them."""
    kept, host = queries.run(run_id).vocabulary, register.host_slug
    outcomes = []
    for section in ("tiers", "types"):
        for key, noted in kept.get(section, {}).items():
            tier = register.tiers.get(key)
            now_said = _said_of(key, register) if section == "types" else list(tier) if tier else None
            if now_said is None or now_said == _whole(noted["was"]):
                continue
            if now_said != _whole(noted["now"]):
                outcomes.append(TakenBack(key, 0, STAYS, reason=said("Changed since.")))
                continue
            outcome = TakenBack(key, 0, REMOVED if noted["was"] is None else RESTORED)
            if not dry_run and host:
                with scopes.one(register.ids[host]):
                    outcome = _take_back_word(section, key, _whole(noted["was"]), outcome, actor, now)
            outcomes.append(outcome)
    return outcomes


def _whole(noted: Any) -> Any:
    """What a run noted of a word; of a type, earlier versions noted its name alone."""
    return [noted, *map(str, USUAL_WAYS)] if isinstance(noted, str) else noted


def _take_back_word(section: str, key: str, was: Any, outcome: TakenBack, actor: Actor, now: datetime) -> TakenBack:
    remove = remove_tier if section == "tiers" else remove_type
    try:
        if was is None:
            remove(key=key, actor=actor, now=now)
        elif section == "tiers":
            define_types_and_tiers(types=(), tiers=[TierSpec(key, was[0], was[1])], actor=actor, now=now)
        else:
            kind = TypeSpec(key, was[0], Primary(was[1]), Fallback(was[2]))
            define_types_and_tiers(types=[kind], tiers=(), actor=actor, now=now)
    except InUse as refusal:
        return TakenBack(key, 0, STAYS, reason=refusal.said)
    return outcome


@action("partners.run.undo", scoped=False)
def mark_undone(*, run_id: UUID, actor: Actor, now: datetime) -> None:
    """Note that something of a run was taken back; the first time counts."""
    if ApplyRun.objects.filter(pk=run_id, undone_at__isnull=True).update(undone_at=now):
        _note(actor, "partners.run.undo", run_id, {}, now)
