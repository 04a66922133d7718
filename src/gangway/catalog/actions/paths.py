"""Paths of the vendor's: made, and changed. Those who are on one follow by the event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.catalog.events import PathChanged
from gangway.catalog.models import Path, PathCourse
from gangway.catalog.queries.courses import courses_of_owner
from gangway.catalog.rules import MOST_COURSES, PathStep, arranged, ring, slug
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import clean_key, clean_line
from gangway.partners.queries import partner_by_id, users_of

SUMMARY_LIMIT = 500


class WaitsInARing(Refusal):
    """`courses`: their titles, in one line."""

    code = "catalog.path_waits_in_a_ring"
    status = 422
    message = "These courses wait for each other, so nobody could begin any of them: {courses}."
    next_step = "Take one of these waits away."


class PathUsed(Refusal):
    code = "catalog.path_used"
    message = "The path “{name}” is used by now: {where}."
    next_step = "Take its people off it and its rules away first, or keep it."


@dataclass(frozen=True, kw_only=True)
class PathSpec:
    """What somebody says of a path: its name, a line about it, and its courses in order."""

    name: str
    summary: str = ""
    steps: tuple[PathStep, ...]


@action("catalog.path.make")
def make_path(*, spec: PathSpec, key: str = "", actor: Actor, now: datetime) -> UUID:
    """A new path of the vendor's; its id. Its courses stand in the order given, each behind what it waits for. `key`:
    a free one that its name makes, unless said.

    NotFound in the scope of another partner. Refuses with Invalid (a name or a course that cannot be) or WaitsInARing.
    """
    owner_id = scopes.writer()
    if partner_by_id(owner_id).kind != "host":
        raise NotFound
    written, steps = _written(spec, owner_id)
    key = clean_key(key, "key") if key else _free_key(written["name"], owner_id)
    path: Path = Path.objects.create(owner_id=owner_id, key=key, made_at=now, **written)
    _hold(path, steps)
    _note("catalog.path.make", path, steps, actor, now)
    return path.pk


@action("catalog.path.change")
def change_path(*, path_id: UUID, spec: PathSpec, actor: Actor, now: datetime) -> bool:
    """Say something else of a path; its key stays. Whether that changed it. Who is on it follows: enrolled in what is
    new, and out of what is not in it any more, where they have not begun it and nobody else asked for it.

    Refuses as make_path.
    """
    path = Path.objects.select_for_update().filter(pk=path_id, owner=scopes.writer()).first()
    if path is None:
        raise NotFound
    written, steps = _written(spec, path.owner_id)
    before = _steps_of(path)
    if steps == before and all(getattr(path, name) == value for name, value in written.items()):
        return False
    for name, value in written.items():
        setattr(path, name, value)
    path.save(update_fields=list(written))
    if steps != before:
        PathCourse.objects.filter(path=path).delete()
        _hold(path, steps)
        event = PathChanged(path_id=path.pk, path_key=path.key, courses=len(steps))
        publish(event, subject_id=path.pk, actor=actor, now=now)
    _note("catalog.path.change", path, steps, actor, now)
    return True


@action("catalog.path.take_away")
def take_away_path(*, path_id: UUID, actor: Actor, now: datetime) -> None:
    """Remove a path of the vendor's that nobody is on and no rule names. NotFound; PathUsed says what does."""
    path = Path.objects.select_for_update().filter(pk=path_id, owner=scopes.writer()).first()
    if path is None:
        raise NotFound
    if users := users_of(path, own=(PathCourse,)):
        raise PathUsed(name=path.name, where=list(users))
    steps = _steps_of(path)
    PathCourse.objects.filter(path=path).delete()
    _note("catalog.path.take_away", path, steps, actor, now)
    path.delete()


def _written(spec: PathSpec, owner_id: UUID) -> tuple[dict[str, Any], tuple[PathStep, ...]]:
    """The columns that say it, and the steps in the order that they wait in."""
    titles = {row.course_id: row.title for row in courses_of_owner(owner_id)}
    chosen = [step.course_id for step in spec.steps]
    if not chosen:
        raise Invalid(field="courses", problem="A path holds at least one course.", mend="Add a course to it.")
    if len(chosen) > MOST_COURSES:
        raise Invalid(
            field="courses",
            problem="A path holds at most {most} courses.",
            mend="Make a second path of the rest.",
            most=MOST_COURSES,
        )
    known = set(chosen)
    if len(known) != len(chosen) or not known <= set(titles):
        raise Invalid(field="courses", problem="That is not one of the courses.", mend="Choose from the list.")
    if any(not step.waits_for <= known for step in spec.steps):
        raise Invalid(
            field="courses",
            problem="A course waits for one that is not in this path.",
            mend="Add that course, or take the wait away.",
        )
    if around := ring(spec.steps):
        raise WaitsInARing(field="courses", courses=", ".join(titles[course_id] for course_id in around))
    summary = clean_line(spec.summary, "summary", limit=SUMMARY_LIMIT) if spec.summary.strip() else ""
    return {"name": clean_line(spec.name), "summary": summary}, arranged(spec.steps)


def _free_key(name: str, owner_id: UUID) -> str:
    """A key from the name, with a number where it is taken."""
    base, n = (slug(name) or "path")[:50].strip("-"), 1
    taken = set(Path.objects.filter(owner=owner_id).values_list("key", flat=True))
    key = base
    while key in taken:
        n += 1
        key = f"{base}-{n}"
    return key


def _hold(path: Path, steps: Sequence[PathStep]) -> None:
    PathCourse.objects.bulk_create(
        PathCourse(
            owner_id=path.owner_id,
            path=path,
            course_id=step.course_id,
            position=position,
            waits_for=sorted(map(str, step.waits_for)),
        )
        for position, step in enumerate(steps, start=1)
    )


def _steps_of(path: Path) -> tuple[PathStep, ...]:
    rows = PathCourse.objects.filter(path=path).order_by("position")
    return tuple(PathStep(row.course_id, frozenset(UUID(one) for one in row.waits_for)) for row in rows)


def _note(verb: str, path: Path, steps: Sequence[PathStep], actor: Actor, now: datetime) -> None:
    held = [{"course": str(step.course_id), "waits_for": sorted(map(str, step.waits_for))} for step in steps]
    changes: Mapping[str, Any] = {"key": path.key, "name": path.name, "courses": held}
    audit.record(actor=actor, verb=verb, object_type="path", object_id=path.pk, changes=changes, now=now)
