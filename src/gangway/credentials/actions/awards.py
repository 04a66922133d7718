"""Awards are issued, exactly once each, and revoked."""

import secrets as random
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from gangway.credentials.actions.keeping import keep_new
from gangway.credentials.events import AwardIssued, AwardRevoked
from gangway.credentials.models import Award, AwardEvent, AwardNumber, Credential
from gangway.credentials.rules import (
    Facts,
    Happening,
    RevokeReason,
    expires,
    number_digest,
    number_from,
    term_begins,
)
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import NotFound, Refusal
from gangway.partners import queries as partners


class AlreadyRevoked(Refusal):
    code = "credentials.already_revoked"
    message = "This award was revoked before."
    next_step = "Nothing is left to do; its history says when and why."


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
    keep_new(award)
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
