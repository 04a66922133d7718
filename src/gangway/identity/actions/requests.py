"""Answers to those who wait at the door: one press each."""

from datetime import datetime
from uuid import UUID

from gangway.identity.actions.invitations import renew_invitation
from gangway.identity.actions.rescue import send_sign_in_letter
from gangway.identity.models import FailedSignIn
from gangway.identity.rules import Answer, RequestState, Step, answers
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions as messaging
from gangway.people import actions as people_actions
from gangway.people import queries as people


class NobodyWaits(Refusal):
    """Answered by somebody else a moment ago, or the person came in."""

    code = "identity.nobody_waits"
    message = "This request is no longer waiting."
    next_step = "Go back to the list: what became of it stands there."


@action("identity.request.answer", scoped=False)
def answer_request(*, request_id: UUID, answer: Answer, actor: Actor, now: datetime) -> None:
    """Do for somebody who waits what mends it, and take them off the list. Needs the scope of their partner, if any.

    Refuses NotFound outside the scope and for an answer that does not fit, NobodyWaits, and what the answer itself
    refuses (ShutOut, EnoughLetters).
    """
    row = FailedSignIn.objects.select_for_update(of=("self",)).filter(pk=request_id).first()
    if row is None or row.partner_id != _partner():
        raise NotFound
    if row.state != RequestState.WAITING:
        raise NobodyWaits
    managed = row.person_id is not None and bool(people.person(row.person_id).managed_by)
    if answer not in answers(Step(row.step), known=row.person_id is not None, managed=managed):
        raise NotFound
    row.state, row.ended_at, row.answer = RequestState.ANSWERED, now, answer
    row.answered_by = UUID(actor.id) if actor.kind == ActorKind.PERSON else None
    row.save()  # before the letter: a new way in replaces only those who still wait
    if row.person_id is not None:
        _do(answer, row.person_id, row.number, actor, now)
    audit.record(
        actor=actor,
        verb="identity.request.answer",
        object_type="identity.failed_sign_in",
        object_id=row.id,
        changes={"answer": answer.value, "step": row.step, "person": str(row.person_id or "")},
        now=now,
    )


def _partner() -> UUID | None:
    """The partner whose people may be answered now; None outside a scope, for addresses that are nobody's."""
    scope = scopes.current()
    return scope.partner_id if scope and scope.mode is scopes.Mode.ONE else None


def _do(answer: Answer, person_id: UUID, number: str, actor: Actor, now: datetime) -> None:
    match answer:
        case Answer.LETTER:
            send_sign_in_letter(person_id=person_id, number=number, actor=actor, now=now)
        case Answer.INVITATION:
            renew_invitation(person_id=person_id, actor=actor, now=now)
        case Answer.MAILBOX:
            messaging.allow_mailbox(address=people.person(person_id).email or "", actor=actor, now=now)
            send_sign_in_letter(person_id=person_id, number=number, actor=actor, now=now)
        case Answer.RESUME:
            people_actions.resume_person(person_id=person_id, actor=actor, now=now)
            renew_invitation(person_id=person_id, actor=actor, now=now)
        case Answer.DONE:
            pass
