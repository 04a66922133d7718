"""What is configured here, what was promoted into it, when it was compared, how cutovers went. Rows of the host: read
in its scope."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from gangway.catalog import queries as catalog
from gangway.catalog.queries import PathRow
from gangway.credentials import queries as credentials
from gangway.identity import queries as identity
from gangway.kernel import wiring
from gangway.kernel.configured import Part
from gangway.kernel.refusal import NotFound
from gangway.kernel.said import unpack
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.rollout.operations.models import Comparison, Cutover, Promotion
from gangway.rollout.operations.rules import (
    LEFT_ALONE,
    Act,
    Configuration,
    Difference,
    Export,
    Note,
    Proof,
    Seen,
    Step,
    Where,
    digest_of,
    next_act,
    place,
    proven,
    read,
    since,
    taken_back,
    value_in_words,
    where,
)

__all__ = [
    "LEFT_ALONE",
    "Act",
    "ComparisonRow",
    "CutoverRow",
    "Export",
    "Note",
    "PromotionRow",
    "Step",
    "Where",
    "comparison",
    "configured",
    "cutover",
    "cutovers",
    "digest_of",
    "environment",
    "latest_comparison",
    "latest_ended_cutover",
    "notes_of",
    "parts",
    "place",
    "promotion",
    "promotions",
    "read",
    "seen_since",
    "value_in_words",
]

ELSEWHERE = frozenset({"contact_name", "contact_email", "host"})  # people, and names that each installation has
SHELL = "shell"
KEPT_ROWS = 500  # of a comparison; looks and promotions of a cutover


def parts() -> tuple[Part, ...]:
    """How each part is applied, in the order in which they are."""
    found: tuple[Part, ...] = wiring.part("CONFIGURED")
    return found


def environment() -> str:
    """What this installation is: sandbox or production."""
    return str(settings.GANGWAY_ENVIRONMENT)


def configured() -> Configuration:
    """What is configured in this installation, by keys. Shell partners are no configuration. NotFound: no vendor."""
    register = partners.register()
    real = {slug: facts for slug, facts in register.partners.items() if facts["kind"] != SHELL}
    slugs = {register.ids[slug]: slug for slug in real}
    told = identity.connection_settings()
    return {
        "types": {
            key: {"name": name, "primary": register.ways[key][0].value, "fallback": register.ways[key][1].value}
            for key, name in register.types.items()
        },
        "tiers": {key: {"name": name, "rank": rank} for key, (name, rank) in register.tiers.items()},
        "partners": {
            slug: {column: value for column, value in facts.items() if column not in ELSEWHERE}
            for slug, facts in real.items()
        },
        "connections": {
            f"{slugs[partner_id]}/{key}": fields
            for partner_id, rows in told.items()
            if partner_id in slugs
            for key, fields in rows.items()
        },
        **_taught(partners.host_id()),
    }


def _taught(host: UUID) -> dict[str, dict[str, dict[str, Any]]]:
    """Courses as they are published, paths and what courses earn, all of them the vendor's."""
    with scopes.one(host):
        courses, paths = catalog.courses_of_owner(host), catalog.paths_of_owner(host)
        earned = credentials.credentials_of(host)
    keys = {row.course_id: row.key for row in courses}
    return {
        "courses": {
            row.key: {
                "title": row.title,
                "locale": row.locale,
                "minutes": row.minutes,
                "lessons": row.lessons,
                "questions": row.questions,
                "content": row.content_hash,
            }
            for row in courses
        },
        "paths": {row.key: _path(row, keys) for row in paths},
        "credentials": {
            row.key: {"title": row.title, "valid_months": row.valid_months, "course": row.course} for row in earned
        },
    }


def _path(row: PathRow, keys: Mapping[UUID, str]) -> dict[str, Any]:
    return {
        "name": row.name,
        "summary": row.summary,
        "courses": [keys.get(step.course_id, "") for step in row.steps],
        "waits": {
            keys.get(step.course_id, ""): sorted(keys.get(other, "") for other in step.waits_for)
            for step in row.steps
            if step.waits_for
        },
    }


# ---------------------------------------------------------------- promotions


@dataclass(frozen=True, slots=True)
class PromotionRow:
    """A promotion. `stays`: what undoing it left standing, in words."""

    id: UUID
    actor_kind: str
    actor_id: str
    source: str
    environment: str
    digest: str
    changes: tuple[Difference, ...]
    promoted_at: datetime
    undone_at: datetime | None
    stays: tuple[str, ...]


def promotions(limit: int = 20) -> tuple[PromotionRow, ...]:
    """The latest promotions, newest first."""
    with scopes.host():
        return tuple(map(_promotion, Promotion.objects.order_by("-promoted_at", "-id")[:limit]))


def promotion(promotion_id: UUID) -> PromotionRow:
    """One promotion; NotFound where there is none."""
    with scopes.host():
        row = Promotion.objects.filter(pk=promotion_id).first()
    if row is None:
        raise NotFound
    return _promotion(row)


def _promotion(row: Promotion) -> PromotionRow:
    return PromotionRow(
        id=row.pk,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        source=row.source,
        environment=row.environment,
        digest=row.digest,
        changes=tuple(Difference(**change) for change in row.changes),
        promoted_at=row.promoted_at,
        undone_at=row.undone_at,
        stays=tuple(unpack(words) for words in row.stays),
    )


# ---------------------------------------------------------------- comparisons


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """A look at how an export differs from here. `found`: how many fields differed; `rows`: the first of them;
    `export`: what was in the file, None once another was compared."""

    id: UUID
    actor_kind: str
    actor_id: str
    source: str
    environment: str
    theirs: str
    ours: str
    found: int
    rows: Sequence[Step]
    export: Configuration | None
    compared_at: datetime


def latest_comparison() -> ComparisonRow | None:
    """The youngest comparison."""
    with scopes.host():
        row = Comparison.objects.order_by("-compared_at", "-id").first()
    return _comparison(row) if row else None


def comparison(comparison_id: UUID) -> ComparisonRow:
    """One comparison; NotFound where there is none."""
    with scopes.host():
        row = Comparison.objects.filter(pk=comparison_id).first()
    if row is None:
        raise NotFound
    return _comparison(row)


def _comparison(row: Comparison) -> ComparisonRow:
    return ComparisonRow(
        id=row.pk,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        source=row.source,
        environment=row.environment,
        theirs=row.theirs,
        ours=row.ours,
        found=row.found,
        rows=tuple(Step(**step) for step in row.rows),
        export=row.export or None,
        compared_at=row.compared_at,
    )


# ---------------------------------------------------------------- cutovers


@dataclass(frozen=True, slots=True)
class CutoverRow:
    """A cutover. `steps`: all of the runbook; `next`: whose turn it is, and since when the system has seen it
    (`next_seen_at`), where it has; `taken_back`: what it promoted stands no more."""

    id: UUID
    actor_kind: str
    actor_id: str
    begun_at: datetime
    ended_at: datetime | None
    whole: bool
    why: str
    steps: tuple[Where, ...]
    next: Act | None
    next_seen_at: datetime | None
    taken_back: bool

    @property
    def seconds(self) -> int | None:
        """How long it took, once it has ended."""
        return max(0, round((self.ended_at - self.begun_at).total_seconds())) if self.ended_at else None


def cutovers(limit: int = 10) -> tuple[CutoverRow, ...]:
    """The latest cutovers, newest first."""
    with scopes.host():
        return tuple(map(_cutover, Cutover.objects.order_by("-begun_at", "-id")[:limit]))


def cutover(cutover_id: UUID) -> CutoverRow:
    """One cutover; NotFound where there is none."""
    with scopes.host():
        row = Cutover.objects.filter(pk=cutover_id).first()
        if row is None:
            raise NotFound
        return _cutover(row)


def latest_ended_cutover() -> CutoverRow | None:
    """The cutover that ended last."""
    with scopes.host():
        row = Cutover.objects.exclude(ended_at=None).order_by("-ended_at", "-id").first()
        return _cutover(row) if row else None


def notes_of(told: Sequence[Mapping[str, Any]]) -> tuple[Note, ...]:
    """Notes as a row keeps them."""
    return tuple(Note(**{**one, "at": datetime.fromisoformat(one["at"])}) for one in told)


def seen_since(begun_at: datetime, rehearsed_at: datetime | None) -> Seen:
    """What the system saw of the runbook's steps since then. Rows of the host: read in its scope."""
    compared = Comparison.objects.filter(compared_at__gte=begun_at).order_by("compared_at", "id")
    looks = list(compared.values_list("compared_at", "found")[:KEPT_ROWS])
    promoted = Promotion.objects.filter(promoted_at__gte=begun_at, undone_at=None).order_by("promoted_at", "id")
    return {
        Proof.COMPARED: [at for at, _ in looks],
        Proof.EQUAL: [at for at, found in looks if not found],
        Proof.PROMOTED: list(promoted.values_list("promoted_at", flat=True)[:KEPT_ROWS]),
        Proof.REHEARSED: [rehearsed_at] if rehearsed_at else [],
    }


def _cutover(row: Cutover) -> CutoverRow:
    """Two statements more while it is under way."""
    notes = notes_of(row.notes)
    act = next_act(notes) if row.ended_at is None else None
    seen = seen_since(row.begun_at, row.rehearsed_at) if act else {}
    return CutoverRow(
        id=row.pk,
        actor_kind=row.actor_kind,
        actor_id=row.actor_id,
        begun_at=row.begun_at,
        ended_at=row.ended_at,
        whole=row.whole,
        why=row.why,
        steps=where(row.begun_at, notes),
        next=act,
        next_seen_at=proven(act, seen, since(row.begun_at, notes)) if act else None,
        taken_back=act is not None and taken_back(notes, seen),
    )
