"""What courses earn, as configuration by keys."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gangway.catalog import queries as catalog
from gangway.credentials.actions.definitions import define_credential, take_away_credential
from gangway.credentials.queries import credentials_of
from gangway.kernel.actor import Actor
from gangway.kernel.configured import Change, Part, about, number_or_none, text
from gangway.kernel.refusal import Invalid
from gangway.kernel.said import N_
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners


def _put(*, changes: Sequence[Change], actor: Actor, now: datetime) -> None:
    host_id = partners.host_id()
    with scopes.one(host_id):
        known = {row.key: row for row in credentials_of(host_id)}
        for one in changes:
            was = known.get(one.key)
            before = {"title": was.title, "valid_months": was.valid_months, "course": was.course} if was else {}
            said = {**before, **one.fields}
            with about(one.key):
                define_credential(
                    key=one.key,
                    course_id=_course(text(said, "course"), host_id),
                    title=text(said, "title"),
                    valid_months=number_or_none(said, "valid_months"),
                    actor=actor,
                    now=now,
                )


def _course(key: str, host_id: UUID) -> UUID:
    found = next((row.course_id for row in catalog.courses_of_owner(host_id) if row.key == key), None)
    if found is None:
        raise Invalid(
            field="course",
            problem="The course “{key}” is not published here.",
            mend="Publish it first: `gangway course import`.",
            key=key[:80],
        )
    return found


def _remove(*, key: str, actor: Actor, now: datetime) -> None:
    with scopes.one(partners.host_id()):
        take_away_credential(key=key, actor=actor, now=now)


CONFIGURED = (
    Part(
        name="credentials",
        fields=frozenset({"title", "valid_months", "course"}),
        put=_put,
        remove=_remove,
        gone=N_("Define it in the other installation too: nothing takes away what a course earns."),
    ),
)
