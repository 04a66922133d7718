"""A partner file: a loop of transactions, one per partner, that leaves a run behind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.refusal import Invalid, Refusal
from gangway.kernel.said import said, together
from gangway.kernel.sheets import Line, Outcome, Result
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import printable
from gangway.partners import queries
from gangway.partners.actions import row
from gangway.partners.actions.partner import create_host
from gangway.partners.actions.runs import close_run, open_run, remember_vocabulary
from gangway.partners.actions.vocabulary import define_types_and_tiers
from gangway.partners.models import ApplyRow
from gangway.partners.rules import (
    DEFAULT_HOST_SLUG,
    DEFAULT_TIERS,
    DEFAULT_TYPES,
    USUAL_WAYS,
    Kind,
    PartnerSpec,
    Register,
    TierSpec,
    TypeSpec,
    fresh,
    judge,
    keys_meant,
    parents_first,
    parse_row,
)


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What became of each row, in the order of the file.

    host: the vendor, if this run created it. run: what `undo_run` takes; None where nothing was written.
    """

    outcomes: tuple[Outcome, ...]
    dry_run: bool
    host: str | None = None
    run: UUID | None = None

    def count(self, result: Result) -> int:
        return sum(outcome.result is result for outcome in self.outcomes)

    def as_dict(self) -> dict[str, Any]:
        """For machines: counts first, then each row."""
        counts = {str(result): self.count(result) for result in Result}
        rows = [outcome.as_dict() for outcome in self.outcomes]
        run = str(self.run) if self.run else None
        return {"dry_run": self.dry_run, "run": run, "host_created": self.host, **counts, "rows": rows}


@dataclass(slots=True)
class _Reading:
    """One reading of a file: what is known so far, and the run, opened before the first thing is written."""

    register: Register
    source: str
    dry_run: bool
    actor: Actor
    now: datetime
    run: UUID | None = field(default=None)

    def open(self) -> UUID:
        if self.run is None:
            self.run = open_run(source=self.source, actor=self.actor, now=self.now)
        return self.run


def apply_partners(
    *,
    rows: Iterable[Line],
    types: Sequence[TypeSpec] = (),
    tiers: Sequence[TierSpec] = (),
    host_name: str = "My company",
    source: str = "",
    dry_run: bool = False,
    actor: Actor,
    now: datetime,
) -> ApplyReport:
    """Make the partners what a file says: new, changed, unchanged, or refused with the reason. Twice is as once.

    Parents may stand in any order. Without a host partner, one is made first: from a row of kind `host`, else with the
    name `host_name`. Each partner is its own transaction, so a refused row never holds back another. Whatever is
    written stands in a run that `undo_run` takes back; `source` is the file's name, "" for pasted rows.
    """
    reading = _Reading(queries.register(), source, dry_run, actor, now)
    lines, specs, outcomes = _parse(rows, reading.register)
    created = _found_host(specs, reading, host_name)
    _define(types, tiers, reading)
    ordered, circle = parents_first(specs)
    for spec in circle:
        outcomes.append(
            Outcome(lines[spec.slug], spec.slug, Result.REFUSED, reason=said("Its parents go round in a circle."))
        )
    for spec in ordered:
        outcome = _carry_out(lines[spec.slug], spec, reading)
        if outcome.result is not Result.REFUSED:
            reading.register.note(spec.slug, spec.said())
            if created and spec.slug == reading.register.host_slug:
                outcome = replace(outcome, result=Result.NEW, fields=())
        outcomes.append(outcome)
    inorder = tuple(sorted(outcomes, key=lambda outcome: outcome.line))
    report = ApplyReport(inorder, dry_run, created, reading.run)
    if reading.run is not None:
        close_run(run_id=reading.run, outcomes=report.outcomes, actor=actor, now=now)
    return report


def _parse(rows: Iterable[Line], register: Register) -> tuple[dict[str, int], list[PartnerSpec], list[Outcome]]:
    """The line of each slug, the rows that can be read, and those that cannot."""
    lines: dict[str, int] = {}
    specs: list[PartnerSpec] = []
    refused: list[Outcome] = []
    for line in rows:
        try:
            spec = _read(line, lines, register)
        except Refusal as refusal:
            slug = printable(str(line.cells.get("slug") or line.cells.get("name") or ""))
            refused.append(Outcome(line.number, slug, Result.REFUSED, reason=together(refusal.said, refusal.step)))
        else:
            lines[spec.slug] = line.number
            specs.append(spec)
    return lines, specs, refused


def _read(line: Line, lines: Mapping[str, int], register: Register) -> PartnerSpec:
    if line.problem:
        raise Invalid(problem=line.problem)
    spec = parse_row(keys_meant(line.cells, register))
    if spec.slug in lines:
        raise Invalid(
            field="slug", problem="“{slug}” stands in line {line} already.", slug=spec.slug, line=lines[spec.slug]
        )
    return spec


def _found_host(specs: Sequence[PartnerSpec], reading: _Reading, host_name: str) -> str | None:
    """Make the vendor where there is none yet; its name, or None where it stood already."""
    register = reading.register
    if register.host_slug:
        return None
    found = next((spec for spec in specs if spec.kind == Kind.HOST), PartnerSpec(slug=DEFAULT_HOST_SLUG))
    name = found.name or host_name
    if reading.dry_run:
        host_id = new_id()
    else:
        host_id = create_host(name=name, slug=found.slug, actor=reading.actor, now=reading.now)
    register.ids[found.slug] = host_id
    register.note(found.slug, fresh(name=name, kind=Kind.HOST))
    register.types = {kind.key: kind.name for kind in DEFAULT_TYPES}
    register.tiers = {tier.key: (tier.name, tier.rank) for tier in DEFAULT_TIERS}
    return name


def _define(types: Sequence[TypeSpec], tiers: Sequence[TierSpec], reading: _Reading) -> None:
    """Types and tiers that the file itself defines are known from here on; what is so already is not written."""
    register, host = reading.register, reading.register.host_slug
    types = [kind for kind in types if kind.differs(register)]
    tiers = [tier for tier in tiers if register.tiers.get(tier.key) != (tier.name, tier.rank)]
    if (types or tiers) and not reading.dry_run and host:
        run_id = reading.open()
        with scopes.one(register.ids[host]):
            remember_vocabulary(run_id=run_id, types=types, tiers=tiers, actor=reading.actor, now=reading.now)
            define_types_and_tiers(types=types, tiers=tiers, actor=reading.actor, now=reading.now)
    register.types |= {kind.key: kind.name for kind in types}
    for kind in types:
        primary, fallback = register.ways.get(kind.key, USUAL_WAYS)
        register.ways[kind.key] = (kind.primary or primary, kind.fallback or fallback)
    register.tiers |= {tier.key: (tier.name, tier.rank) for tier in tiers}


def _carry_out(line: int, spec: PartnerSpec, reading: _Reading) -> Outcome:
    """Judge one row and, unless rehearsing, write it in the scope of its partner."""
    register = reading.register
    before = register.partners.get(spec.slug)
    try:
        changes = judge(spec, register)
        if changes and not reading.dry_run:
            partner_id = register.ids.setdefault(spec.slug, new_id())
            run_id = reading.open()
            with scopes.one(partner_id):
                _write_row(
                    run_id=run_id,
                    line=line,
                    slug=spec.slug,
                    changes=changes,
                    before=before,
                    parent_id=register.ids[spec.parent] if spec.parent else None,
                    actor=reading.actor,
                    now=reading.now,
                )
    except Refusal as refusal:
        return Outcome(line, spec.slug, Result.REFUSED, reason=together(refusal.said, refusal.step))
    result = Result.NEW if before is None else Result.CHANGED if changes else Result.UNCHANGED
    return Outcome(line, spec.slug, result, tuple(changes) if before is not None else ())


@action("partners.partner.apply")
def _write_row(
    *,
    run_id: UUID,
    line: int,
    slug: str,
    changes: Mapping[str, str],
    before: Mapping[str, str] | None,
    parent_id: UUID | None,
    actor: Actor,
    now: datetime,
) -> None:
    """One partner and, in the same transaction, what it was before and is now, for the run's undo."""
    kept = row.kept()
    row.write(slug=slug, changes=changes, parent_id=parent_id, reason="partner file", actor=actor, now=now)
    was = {} if before is None else {column: before[column] for column in changes}
    after = dict(changes) if before is not None else fresh(**changes)
    ApplyRow.objects.create(run_id=run_id, line=line, created=before is None, before=was, after=after, kept=kept)
