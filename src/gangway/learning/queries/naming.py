"""Enrolment rules as those who make them see them: the list, one rule, and who would get its course."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from gangway.catalog import queries as catalog
from gangway.kernel.lists import COUNT_STOPS_AT, Column, Filter, ListSpec
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.learning.models import Enrolment, EnrolmentReason, EnrolmentRule, PathPlace, PathReason
from gangway.learning.rules import EnrolmentState, ReasonKind, RuleState, Whom
from gangway.partners.queries import partner_by_id
from gangway.people import queries as people

# Words are marked here and translated where they are shown.
RULE_STATES: dict[str, str] = {RuleState.ON.value: _("on"), RuleState.OFF.value: _("off")}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """An enrolment rule and the course or the path that it is about; `about`: what that is called. `on_since`: None
    while it is off."""

    id: UUID
    key: str
    name: str
    course_id: UUID | None
    path_id: UUID | None
    about: str
    whom: Whom
    due_days: int | None
    on: bool
    on_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Whom a rule names now: how many, at how many partners, how many of them are enrolled or on the path already. Each
    count stops at `stops_at`."""

    people: int
    partners: int
    enrolled: int
    stops_at: int = COUNT_STOPS_AT


def rule(rule_id: UUID) -> RuleRow:
    """The rule of this id; NotFound otherwise."""
    found = EnrolmentRule.objects.filter(pk=rule_id).select_related("course__current", "path").first()
    if found is None:
        raise NotFound
    whom = Whom(
        types=frozenset(found.types),
        tiers=frozenset(found.tiers),
        groups=frozenset(found.groups),
        languages=frozenset(found.languages),
    )
    return RuleRow(
        id=found.pk,
        key=found.key,
        name=found.name,
        course_id=found.course_id,
        path_id=found.path_id,
        about=_about(found),
        whom=whom,
        due_days=found.due_days,
        on=found.state == RuleState.ON,
        on_since=found.on_since,
    )


def _about(found: EnrolmentRule) -> str:
    """The name of its path, or the title of its course."""
    if found.path is not None:
        return str(found.path.name)
    return str(found.course.current.title if found.course.current else found.course.key)


def rules_of_course(course_id: UUID) -> tuple[UUID, ...]:
    """The rules about a course, or about a path that holds it, that are on."""
    about = Q(course=course_id) | Q(path__in=catalog.paths_with(course_id))
    rows = EnrolmentRule.objects.filter(about, state=RuleState.ON).order_by("pk")
    return tuple(rows.values_list("pk", flat=True))


def concerns(rule_id: UUID) -> bool:
    """Whether a rule may name anybody of the scope's partner, or has given anybody there a reason that stands."""
    found = EnrolmentRule.objects.filter(pk=rule_id).first()
    if found is None:
        return False
    partner = partner_by_id(scopes.writer())
    fits = (not found.types or partner.type in found.types) and (not found.tiers or partner.tier in found.tiers)
    if found.state == RuleState.ON and fits:
        return True
    table = EnrolmentReason if found.path_id is None else PathReason
    return bool(table.objects.filter(kind=ReasonKind.RULE, ref=f"rule:{found.key}", withdrawn_at=None).exists())


def named_by(whom: Whom, *, course_id: UUID | None = None, path_id: UUID | None = None) -> ListSpec:
    """The list of those in scope who would get a course, or come onto a path, by such a rule: partners that do not see
    it, or not all of it, are left out."""
    courses = [course_id] if course_id is not None else []
    if path_id is not None:
        courses = sorted(catalog.path(path_id).course_ids)
    return people.named_people(
        types=whom.types,
        tiers=whom.tiers,
        groups=whom.groups,
        languages=whom.languages,
        also=catalog.seen_by(courses),
    )


def reached(spec: ListSpec, *, course_id: UUID | None = None, path_id: UUID | None = None) -> Reached:
    """How many they are. Three statements."""
    rows = spec.rows().order_by()
    alive = Enrolment.objects.filter(person=OuterRef("pk"), course=course_id).exclude(state=EnrolmentState.WITHDRAWN)
    if path_id is not None:
        alive = PathPlace.objects.filter(person=OuterRef("pk"), path=path_id, left_at=None)
    capped = COUNT_STOPS_AT + 1
    return Reached(
        people=rows[:capped].count(),
        partners=rows.values("partner_id").distinct()[:capped].count(),
        enrolled=rows.filter(Exists(alive))[:capped].count(),
    )


def _rows() -> QuerySet[Any]:
    rows: QuerySet[Any] = EnrolmentRule.objects.annotate(title=Coalesce("path__name", "course__current__title"))
    return rows


def _cells(found: Any) -> Mapping[str, Any]:
    return {
        "href": reverse("learning:rule", args=[found.pk]),
        "name": found.name,
        "course": found.title,
        "due": found.due_days,
        "state": ("proven" if found.state == RuleState.ON else "none", gettext(RULE_STATES[found.state])),
        "on_since": found.on_since,
    }


RULE_LIST = ListSpec(
    key="rules",
    noun=(_("rule"), _("rules")),
    rows=_rows,
    columns=(
        Column("name", _("Name")),
        Column("course", _("Course or path")),
        Column("state", _("State"), "state"),
        Column("due", _("Due in days"), "number"),
        Column("on_since", _("On since"), "instant"),
    ),
    cells=_cells,
    order=("name", "id"),
    search=("name", "key"),
    filters=(Filter("state", _("State"), tuple(RULE_STATES.items()), lambda rows, value: rows.filter(state=value)),),
)


def rule_counts() -> tuple[int, int]:
    """How many rules are on, and how many are off."""
    states = list(EnrolmentRule.objects.values_list("state", flat=True))
    on = states.count(RuleState.ON)
    return on, len(states) - on


def courses_for_rules(owner_id: UUID) -> tuple[tuple[UUID, str], ...]:
    """(id, title) of the courses that a rule may be about, by title."""
    return tuple((row.course_id, row.title) for row in catalog.courses_of_owner(owner_id))


def paths_for_rules(owner_id: UUID) -> tuple[tuple[UUID, str], ...]:
    """(id, name) of the paths that a rule may be about, by name."""
    return tuple((row.id, row.name) for row in catalog.paths_of_owner(owner_id))
