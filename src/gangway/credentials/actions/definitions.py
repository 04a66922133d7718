"""What a course earns is defined, by hand or the moment it is published."""

from datetime import datetime
from uuid import UUID

from gangway.catalog import queries as catalog
from gangway.credentials.models import Credential
from gangway.credentials.rules import DEFAULT_VALID_MONTHS
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import clean_key, clean_line
from gangway.partners import queries as partners


class NothingPublished(Refusal):
    code = "credentials.nothing_published"
    message = "The course “{course}” has no published version, so nobody could earn this."
    next_step = "Publish the course first."


class CredentialUsed(Refusal):
    code = "credentials.credential_used"
    message = "“{title}” is used by now: {where}."
    next_step = "Keep it: what was awarded stays."


@action("credentials.credential.define")
def define_credential(
    *, key: str, course_id: UUID, title: str, valid_months: int | None, actor: Actor, now: datetime
) -> UUID:
    """Say what completing a course earns; the scope's partner owns it. Awards already issued keep what they say.

    valid_months: 1 to 120, or None where it does not expire. Refuses with Invalid, and with NothingPublished where
    the course has no published version.
    """
    key, title = clean_key(key), clean_line(title, "title")
    if valid_months is not None and not 1 <= valid_months <= 120:
        raise Invalid(
            field="valid_months",
            problem="An award cannot last {valid_months} months.",
            mend="Choose 1 to 120 months, or none where it does not expire.",
            valid_months=valid_months,
        )
    if catalog.published_course(course_id) is None:
        raise NothingPublished(course=course_id)
    owner_id = scopes.writer()
    said = {"course_id": course_id, "title": title, "valid_months": valid_months}
    found, made = Credential.objects.get_or_create(owner_id=owner_id, key=key, defaults={**said, "created_at": now})
    changes = {name: value for name, value in said.items() if getattr(found, name) != value}
    if changes:
        Credential.objects.filter(pk=found.pk).update(**changes)
    if made or changes:
        told = said if made else changes
        audit.record(
            actor=actor,
            verb="credentials.credential.define",
            object_type="credentials.credential",
            object_id=found.pk,
            changes={name: str(value) if isinstance(value, UUID) else value for name, value in told.items()},
            now=now,
        )
    return found.pk


@action("credentials.credential.take_away")
def take_away_credential(*, key: str, actor: Actor, now: datetime) -> None:
    """Remove what a course earns, where nobody was ever awarded it. NotFound; CredentialUsed says what uses it."""
    row = Credential.objects.select_for_update().filter(owner=scopes.writer(), key=key).first()
    if row is None:
        raise NotFound
    if users := partners.users_of(row):
        raise CredentialUsed(title=row.title, where=list(users))
    audit.record(
        actor=actor,
        verb="credentials.credential.take_away",
        object_type="credentials.credential",
        object_id=row.pk,
        changes={"key": key, "title": row.title, "valid_months": row.valid_months},
        now=now,
    )
    row.delete()


@action("credentials.credential.define_default")
def define_default(*, course_id: UUID, course_key: str, actor: Actor, now: datetime) -> UUID | None:
    """Give a published course its credential, where nobody has defined one; None where one was there."""
    course = catalog.published_course(course_id)
    if course is None or Credential.objects.filter(course_id=course_id).exists():
        return None
    return define_credential(
        key=course_key,
        course_id=course_id,
        title=course.title,
        valid_months=DEFAULT_VALID_MONTHS,
        actor=actor,
        now=now,
    )
