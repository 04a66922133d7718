"""A session begins, ends, and is welcomed once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from gangway.identity.events import PersonSignedIn
from gangway.identity.models import Acceptance, Session
from gangway.identity.rules import POLICY_VERSION, Method, session_life
from gangway.kernel import audit, secrets
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import NotFound
from gangway.partners import queries as partners
from gangway.people import actions as people_actions
from gangway.people import queries as people


@dataclass(frozen=True, slots=True)
class NewSession:
    """What the browser gets: the cookie's value (stored nowhere), until when it holds, and whether to welcome."""

    cookie: str
    expires_at: datetime
    person_id: UUID
    first: bool
    welcome: bool


@action("identity.session.begin")
def begin_session(
    *, person_id: UUID, method: Method, device: str, replaces: str = "", actor: Actor, now: datetime
) -> NewSession:
    """Sign a person of the open scope in. The caller has proven who they are; the first time activates them."""
    person = people.person(person_id)
    partner = partners.partner_by_id(person.partner_id)
    first = people_actions.activate_person(person_id=person_id, actor=actor, now=now)
    cookie = secrets.token()
    expires_at = now + session_life(staff=partner.kind == "host", partner_hours=partner.session_hours)
    if replaces:
        Session.objects.filter(digest=session_digest(replaces), ended_at__isnull=True).update(ended_at=now)
    session = Session.objects.create(
        digest=session_digest(cookie),
        partner_id=person.partner_id,
        person_id=person_id,
        access_epoch=person.access_epoch,
        method=method,
        synthetic=person.synthetic,
        device=device,
        started_at=now,
        expires_at=expires_at,
    )
    audit.record(
        actor=actor,
        verb="identity.session.begin",
        object_type="identity.session",
        object_id=session.id,
        changes={"method": method.value, "first": first, "person": str(person_id)},
        now=now,
    )
    fact = PersonSignedIn(person_id=person_id, method=method.value, first=first, synthetic=person.synthetic)
    publish(fact, subject_id=person_id, now=now, actor=actor)
    welcomed = Acceptance.objects.filter(person_id=person_id, version=POLICY_VERSION).exists()
    return NewSession(cookie, expires_at, person_id, first, welcome=not welcomed)


def session_digest(cookie: str) -> bytes:
    return secrets.digest(f"session:{cookie}")


@action("identity.session.end")
def end_session(*, session_id: UUID, actor: Actor, now: datetime) -> None:
    """End one of the actor's own sessions. Somebody else's is NotFound, like one that never was."""
    own = Session.objects.filter(pk=session_id, person_id=_person(actor), ended_at__isnull=True)
    if not own.update(ended_at=now):
        raise NotFound
    audit.record(
        actor=actor, verb="identity.session.end", object_type="identity.session", object_id=session_id, now=now
    )


@action("identity.session.end_others")
def end_other_sessions(*, session_id: UUID, actor: Actor, now: datetime) -> int:
    """End all of the actor's sessions except this one; how many. Somebody else's id ends nothing: NotFound."""
    mine = Session.objects.filter(person_id=_person(actor), ended_at__isnull=True, expires_at__gt=now)
    if not mine.filter(pk=session_id).exists():
        raise NotFound
    return _end(mine.exclude(pk=session_id), _person(actor), "identity.session.end_others", actor, now)


@action("identity.session.end_of_person")
def end_sessions_of(*, person_id: UUID, actor: Actor, now: datetime) -> int:
    """End every session of a person of the open scope, on whatever device; how many. They may sign in again."""
    person = people.person(person_id)
    theirs = Session.objects.filter(
        person_id=person.id, partner_id=person.partner_id, ended_at__isnull=True, expires_at__gt=now
    )
    return _end(theirs, person.id, "identity.session.end_of_person", actor, now)


def _end(rows: QuerySet[Session], person_id: UUID, verb: str, actor: Actor, now: datetime) -> int:
    count = rows.update(ended_at=now)
    if count:
        audit.record(
            actor=actor,
            verb=verb,
            object_type="people.person",
            object_id=person_id,
            changes={"sessions": count},
            now=now,
        )
    return count


def _person(actor: Actor) -> UUID:
    if actor.kind not in (ActorKind.PERSON, ActorKind.ROBOT):
        raise NotFound
    return UUID(actor.id)


@action("identity.welcome.accept")
def accept_welcome(*, person_id: UUID, name: str, locale: str, zone: str, actor: Actor, now: datetime) -> None:
    """A person confirms who they are and has read what is stored and who sees it. Invalid names a wrong field."""
    people_actions.set_profile(person_id=person_id, name=name, locale=locale, zone=zone, actor=actor, now=now)
    _, fresh = Acceptance.objects.get_or_create(
        person_id=person_id, version=POLICY_VERSION, defaults={"locale": locale, "at": now}
    )
    if fresh:
        audit.record(
            actor=actor,
            verb="identity.welcome.accept",
            object_type="people.person",
            object_id=person_id,
            changes={"version": POLICY_VERSION},
            now=now,
        )
