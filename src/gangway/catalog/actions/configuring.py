"""Courses and paths as configuration by keys: a path is put, a course is published from its source by hand."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.catalog.actions.paths import PathSpec, change_path, make_path, take_away_path
from gangway.catalog.queries.courses import courses_of_owner
from gangway.catalog.queries.paths import PathRow, paths_of_owner
from gangway.catalog.rules import PathStep
from gangway.kernel.actor import Actor
from gangway.kernel.configured import Change, Part, about, table, text, texts
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.said import N_
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners

CONTENT = N_("Publish the course's source here: `gangway course export` there, `gangway course import` here.")


def _put(*, changes: Sequence[Change], actor: Actor, now: datetime) -> None:
    host_id = partners.host_id()
    with scopes.one(host_id):
        courses = {row.key: row.course_id for row in courses_of_owner(host_id)}
        known = {row.key: row for row in paths_of_owner(host_id)}
        for one in changes:
            with about(one.key):
                spec = _spec(one, known.get(one.key), courses)
                if one.born:
                    make_path(spec=spec, key=one.key, actor=actor, now=now)
                else:
                    change_path(path_id=known[one.key].id, spec=spec, actor=actor, now=now)


def _spec(one: Change, was: PathRow | None, courses: Mapping[str, UUID]) -> PathSpec:
    said = {**(_said(was, courses) if was else {}), **one.fields}
    waits = table(said, "waits", list)
    steps = tuple(
        PathStep(_id(key, courses), frozenset(_id(other, courses) for other in texts(waits, key)))
        for key in texts(said, "courses")
    )
    return PathSpec(name=text(said, "name"), summary=text(said, "summary"), steps=steps)


def _said(row: PathRow, courses: Mapping[str, UUID]) -> dict[str, Any]:
    """A path by keys, as an export says it."""
    keys = {course_id: key for key, course_id in courses.items()}
    return {
        "name": row.name,
        "summary": row.summary,
        "courses": [keys[step.course_id] for step in row.steps],
        "waits": {
            keys[step.course_id]: sorted(keys[other] for other in step.waits_for)
            for step in row.steps
            if step.waits_for
        },
    }


def _id(key: str, courses: Mapping[str, UUID]) -> UUID:
    if key not in courses:
        raise Invalid(
            field="courses",
            problem="The course “{key}” is not published here.",
            mend="Publish it first: `gangway course import`.",
            key=key[:80],
        )
    return courses[key]


def _remove(*, key: str, actor: Actor, now: datetime) -> None:
    host_id = partners.host_id()
    with scopes.one(host_id):
        found = next((row.id for row in paths_of_owner(host_id) if row.key == key), None)
        if found is None:
            raise NotFound
        take_away_path(path_id=found, actor=actor, now=now)


CONFIGURED = (
    Part(
        name="courses",
        by_hand=dict.fromkeys(("", "title", "locale", "minutes", "lessons", "questions", "content"), CONTENT),
        gone=N_("Bring the course's source to the other installation, or leave it: nothing takes a course away."),
    ),
    Part(
        name="paths",
        fields=frozenset({"name", "summary", "courses", "waits"}),
        put=_put,
        remove=_remove,
        gone=N_("Make the path in the other installation too."),
    ),
)
