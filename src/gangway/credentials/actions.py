"""Writes of credentials: define what a course earns, issue it exactly once, revoke it, agree to show one's name."""

import secrets as random
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from gangway.catalog import queries as catalog
from gangway.credentials.events import AwardIssued, AwardRevoked
from gangway.credentials.models import Award, AwardEvent, AwardNumber, Credential, NameConsent
from gangway.credentials.rules import (
    CONSENT_VERSION,
    DEFAULT_VALID_MONTHS,
    Facts,
    Happening,
    RevokeReason,
    expires,
    number_digest,
    number_from,
    renewable,
    term_begins,
)
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import clean_key, clean_line
from gangway.learning import actions as learning
from gangway.partners import queries as partners
from gangway.people import queries as people


class AlreadyRevoked(Refusal):
    code = "credentials.already_revoked"
    message = "This award was revoked before."
    next_step = "Nothing is left to do; its history says when and why."


class NotRenewable(Refusal):
    code = "credentials.not_renewable"
    status = 409
    message = "This certificate cannot be renewed now."
    next_step = "One can be renewed from 90 days before it runs out, unless it was renewed or revoked before."


class NotOffered(Refusal):
    code = "credentials.not_offered"
    status = 409
    message = "The course of this certificate is not offered to your company any more, so it cannot be renewed."
    next_step = "Ask your channel team what takes its place."


class NothingPublished(Refusal):
    code = "credentials.nothing_published"
    message = "The course “{course}” has no published version, so nobody could earn this."
    next_step = "Publish the course first."


class NotDefinedYet(Refusal):
    """A course with a check was completed before the event of its publishing was handled: the log asks again."""

    code = "credentials.not_defined_yet"
    message = "What the course “{course}” earns is not defined yet."
    next_step = "Wait: the publishing of the course is still being handled."


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """What earns an award: one completion of a course by a person of the open scope."""

    completion_id: UUID
    person_id: UUID
    course_id: UUID
    course_key: str
    cycle: int
    points: int | None = None
    points_max: int | None = None


# ---------------------------------------------------------------- definitions


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


# ---------------------------------------------------------------- awards


@action("credentials.award.issue")
def issue_award(*, completed: Completed, actor: Actor, now: datetime) -> list[UUID]:
    """Issue what a completion earns: one award per credential of the course, person and cycle, however often asked.

    Returns the awards issued now; an award that is there already is left as it is. Refuses with NotDefinedYet where
    the course has a check and no credential: the two events come through different lanes, in no order.
    """
    earned = list(Credential.objects.filter(course_id=completed.course_id).order_by("key", "id"))
    if not earned and completed.points_max is not None:
        raise NotDefinedYet(course=completed.course_key)
    held = _held(completed)
    return [_issue(credential, completed, actor, now) for credential in earned if credential.pk not in held]


def _held(completed: Completed) -> frozenset[UUID]:
    """The credentials of which the person holds an award of this cycle already."""
    awards = Award.objects.filter(person_id=completed.person_id, cycle=completed.cycle)
    return frozenset(awards.values_list("credential_id", flat=True))


def _issue(credential: Credential, completed: Completed, actor: Actor, now: datetime) -> UUID:
    former = _former(credential, completed)
    facts = Facts(
        number=number_from(random.token_bytes(10)),
        title=credential.title,
        course_key=completed.course_key,
        credential_key=credential.key,
        issuer=_issuer(credential.owner_id),
        cycle=completed.cycle,
        issued_at=now,
        expires_at=expires(term_begins(now, former.expires_at if former else None), credential.valid_months),
        points=completed.points,
        points_max=completed.points_max,
    )
    award: Award = Award.objects.create(
        person_id=completed.person_id,
        credential=credential,
        completion_id=completed.completion_id,
        seal=facts.seal(),
        **{name: getattr(facts, name) for name in Facts.__slots__},
    )
    AwardNumber.objects.create(digest=number_digest(facts.number), partner_id=award.partner_id, award=award)
    AwardEvent.objects.create(award=award, n=1, kind=Happening.ISSUED, at=now)
    if former:
        _happened(former, Happening.RENEWED, now)
    audit.record(
        actor=actor,
        verb="credentials.award.issue",
        object_type="credentials.award",
        object_id=award.pk,
        changes={"credential": credential.key, "cycle": completed.cycle, "person": str(completed.person_id)},
        now=now,
    )
    publish(
        AwardIssued(
            award_id=award.pk,
            person_id=completed.person_id,
            credential_id=credential.pk,
            credential_key=credential.key,
            course_key=completed.course_key,
            cycle=completed.cycle,
            issued_at=now,
            expires_at=facts.expires_at,
        ),
        subject_id=completed.person_id,
        actor=actor,
        now=now,
    )
    return award.pk


def _former(credential: Credential, completed: Completed) -> Award | None:
    """The award that this one renews: the person's last one of an earlier cycle that was not revoked."""
    theirs = Award.objects.filter(person_id=completed.person_id, credential=credential, cycle__lt=completed.cycle)
    found: Award | None = theirs.filter(revoked_at__isnull=True).select_for_update().order_by("-cycle").first()
    return found


def _happened(award: Award, kind: Happening, now: datetime, reason: str = "") -> None:
    last = AwardEvent.objects.filter(award=award).aggregate(n=Max("n"))["n"] or 0
    AwardEvent.objects.create(award=award, n=last + 1, kind=kind, reason=reason, at=now)


def _issuer(owner_id: UUID) -> str:
    """The name under which an owner's credentials are issued."""
    brand = partners.brand_for(owner_id)
    if brand is None:
        raise NotFound
    return brand.name


@action("credentials.award.revoke")
def revoke_award(*, award_id: UUID, reason: RevokeReason, actor: Actor, now: datetime) -> None:
    """End an award for good; its public page says so, and why. Refuses with NotFound and AlreadyRevoked."""
    award = Award.objects.select_for_update().filter(pk=award_id).first()
    if award is None:
        raise NotFound
    if award.revoked_at is not None:
        raise AlreadyRevoked
    Award.objects.filter(pk=award.pk).update(revoked_at=now, revoke_reason=reason)
    _happened(award, Happening.REVOKED, now, reason)
    audit.record(
        actor=actor,
        verb="credentials.award.revoke",
        object_type="credentials.award",
        object_id=award.pk,
        changes={"reason": reason},
        now=now,
    )
    publish(
        AwardRevoked(
            award_id=award.pk,
            person_id=award.person_id,
            credential_id=award.credential_id,
            credential_key=award.credential_key,
            cycle=award.cycle,
            reason=reason,
        ),
        subject_id=award.person_id,
        actor=actor,
        now=now,
    )


@action("credentials.award.renew")
def renew_award(*, number: str, person_id: UUID, actor: Actor, now: datetime) -> learning.Enrolled:
    """Open the course again for the holder of an award: completing that cycle earns the award that follows this one.

    Asking again opens nothing more. Refuses with NotFound (not this person's), NotRenewable, and NotOffered
    (their partner does not see the course any more).
    """
    theirs = Award.objects.filter(person_id=person_id)
    award = theirs.select_related("credential").filter(number=number).first()
    if award is None:
        raise NotFound
    same = theirs.filter(credential=award.credential)
    newer = same.filter(cycle__gt=award.cycle, revoked_at__isnull=True).exists()
    if newer or not renewable(expires_at=award.expires_at, revoked_at=award.revoked_at, now=now):
        raise NotRenewable
    partner = partners.partner_by_id(scopes.writer())
    if not catalog.sees(award.credential.course_id, partner_id=partner.id, partner_type=partner.type):
        raise NotOffered
    enrolled = learning.renew(
        person_id=person_id,
        course_id=award.credential.course_id,
        cycle=(same.aggregate(last=Max("cycle"))["last"] or award.cycle) + 1,
        reason=learning.ReasonKind.SELF,
        due_on=award.expires_at.date() if award.expires_at and award.expires_at > now else None,
        actor=actor,
        now=now,
    )
    if enrolled.created:
        audit.record(
            actor=actor,
            verb="credentials.award.renew",
            object_type="credentials.award",
            object_id=award.pk,
            changes={"enrolment": str(enrolled.enrolment_id)},
            now=now,
        )
    return enrolled


# ---------------------------------------------------------------- the holder's name


@action("credentials.name.agree")
def agree_to_name(*, person_id: UUID, agreed: bool, locale: str, actor: Actor, now: datetime) -> None:
    """Show the person's name on the public pages of their awards, or no longer. Saying the same again adds nothing."""
    people.person(person_id)
    last = NameConsent.objects.filter(person_id=person_id).order_by("-n").first()
    if (last.agreed if last else False) == agreed:
        return
    NameConsent.objects.create(
        person_id=person_id,
        n=(last.n if last else 0) + 1,
        agreed=agreed,
        version=CONSENT_VERSION,
        locale=locale,
        at=now,
    )
    audit.record(
        actor=actor,
        verb="credentials.name.agree",
        object_type="people.person",
        object_id=person_id,
        changes={"agreed": agreed, "version": CONSENT_VERSION},
        now=now,
    )
