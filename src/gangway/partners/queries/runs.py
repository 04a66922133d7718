"""Partner files that wrote something, and what of them can be taken back. Runs are the host's: read in scope host."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery

from gangway.kernel.refusal import NotFound
from gangway.kernel.said import N_, said, unpack
from gangway.kernel.tenancy import scopes
from gangway.partners.models import ApplyRow, ApplyRun, Brand, Contact, HostName, Partner, PartnerClosure


@dataclass(frozen=True, slots=True)
class RunRow:
    """A partner file that wrote something. `source` is "" for pasted rows; `left`: rows that can be taken back."""

    id: UUID
    actor_kind: str
    actor_id: str
    source: str
    started_at: datetime
    finished_at: datetime | None
    new: int
    changed: int
    unchanged: int
    refused: int
    undone_at: datetime | None
    taken_back: int
    left: int
    vocabulary: Mapping[str, Any]
    refusals: tuple[tuple[int, str, str], ...]  # (line, key, reason) of the first 200


@dataclass(frozen=True, slots=True)
class RunLine:
    """What a run did to one partner: facts by column, before and after."""

    id: UUID
    partner_id: UUID
    slug: str
    kind: str
    line: int
    created: bool
    before: Mapping[str, str]
    after: Mapping[str, str]


def runs(limit: int = 50) -> tuple[RunRow, ...]:
    """The latest partner files that wrote something, newest first. For staff who reach every partner: scope host."""
    with scopes.host():
        return tuple(map(_run, _runs().order_by("-started_at", "-id")[:limit]))


def run(run_id: UUID) -> RunRow:
    """One run; NotFound where there is none."""
    with scopes.host():
        found = _runs().filter(pk=run_id).first()
    if found is None:
        raise NotFound
    return _run(found)


def _runs() -> QuerySet[Any]:
    """Runs with how much of each can be taken back; built and read in scope host."""
    rows = ApplyRow.objects.filter(run=OuterRef("pk")).order_by().values("run").annotate(n=Count("id"))
    made = ApplyRow.objects.filter(run=OuterRef("pk"), created=True).order_by().values("run").annotate(n=Count("id"))
    counted: QuerySet[Any] = ApplyRun.objects.annotate(left=Subquery(rows.values("n")), made=Subquery(made.values("n")))
    return counted


def _run(found: Any) -> RunRow:
    """A run that was stopped on the way counts what it wrote."""
    made, left = found.made or 0, found.left or 0
    new, changed = (found.new, found.changed) if found.finished_at else (made, left - made)
    return RunRow(
        id=found.id,
        actor_kind=found.actor_kind,
        actor_id=found.actor_id,
        source=found.source,
        started_at=found.started_at,
        finished_at=found.finished_at,
        new=new,
        changed=changed,
        unchanged=found.unchanged,
        refused=found.refused,
        undone_at=found.undone_at,
        taken_back=found.taken_back,
        left=left,
        vocabulary=found.vocabulary,
        refusals=tuple((line, key, unpack(reason)) for line, key, reason in found.refusals),
    )


def rows_of_run(run_id: UUID) -> tuple[RunLine, ...]:
    """What a run did and was not taken back yet, the last thing first."""
    with scopes.host():
        rows = ApplyRow.objects.filter(run=run_id).select_related("partner").order_by("-id")
        return tuple(run_line(row) for row in rows)


def run_line(row: Any) -> RunLine:
    """A stored row of a run as its actions judge it."""
    partner = row.partner
    return RunLine(row.id, row.partner_id, partner.slug, partner.kind, row.line, row.created, row.before, row.after)


OWN = (Partner, PartnerClosure, Brand, Contact, HostName, ApplyRow)  # rows that are the partner itself
USES = {
    "catalog": N_("courses"),
    "credentials": N_("certificates"),
    "identity": N_("sign-ins"),
    "insights": N_("figures"),
    "launches": N_("launches"),
    "learning": N_("enrolments"),
    "messaging": N_("letters"),
    "operations": N_("promotions"),
    "people": N_("people"),
    "partners": N_("partners"),
    "plans": N_("the plan"),
    "rehearsal": N_("the rehearsal"),
}


def users_of(row: Any, own: tuple[Any, ...] = ()) -> tuple[str, ...]:
    """In words, what refers to a row (a partner, a type, a connection …) beside its `own`, over all partners. One
    statement."""
    own = OWN if isinstance(row, Partner) else own
    found: dict[str, Any] = {}
    with scopes.host():
        for key in type(row)._meta.get_fields(include_hidden=True):
            if key.one_to_many and key.auto_created and key.related_model not in own:
                asked = key.related_model._base_manager.filter(**{key.field.attname: row.pk})
                found[f"{key.related_model._meta.app_label}__{len(found)}"] = Exists(asked)
        ones = type(row)._base_manager.filter(pk=row.pk).values_list(*found.values()) if found else ()
        told = next(iter(ones), ())
    uses = {label.split("__")[0] for label, is_so in zip(found, told, strict=False) if is_so}
    return tuple(said(USES.get(label, label)) for label in sorted(uses))
