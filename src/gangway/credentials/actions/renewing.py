"""The holder of an award opens its course again."""

from datetime import datetime
from uuid import UUID

from django.db.models import Max

from gangway.catalog import queries as catalog
from gangway.credentials.models import Award
from gangway.credentials.rules import renewable
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.learning import actions as learning
from gangway.partners import queries as partners


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
