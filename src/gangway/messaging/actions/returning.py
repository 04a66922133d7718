"""What comes back is kept: bounces, complaints, answers; and how far the mailbox has been read."""

from dataclasses import replace
from datetime import datetime, timedelta

from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes
from gangway.messaging.actions.consent import decline
from gangway.messaging.actions.recording import come_back
from gangway.messaging.models import Reply, ReturnBox
from gangway.messaging.queries.returns import box_digest, last_letter_to, returned_letter
from gangway.messaging.rules import Answer, Category, Kind, Position, Returned, tidy

BETWEEN_LOOKS = timedelta(minutes=1)
RETURNS = Actor.job("messaging.collect_returns")


@action("messaging.return.take", scoped=False)
def take_return(*, returned: Returned, actor: Actor, now: datetime) -> bool:
    """A letter came back, or was called spam: find it and say so; whether that was news. Told twice is once.

    A mailbox is believed dead only where the report is about the mailbox that the letter went to. A report that names
    no letter of ours counts for the last one to its recipient, if it is proven who says so. Spam declines what may be
    declined.
    """
    found = returned_letter(returned.letters, returned.recipient)
    if found is None and returned.proven and returned.recipient:
        found = last_letter_to(returned.recipient, now)
    if found is None:
        return False
    with scopes.one(found.partner_id):
        if returned.kind is Kind.SPAM:
            if found.person_id is None:
                return False
            kinds = [category for category in Category if category.may_be_declined]
            return any([decline(person_id=found.person_id, category=kind, actor=actor, now=now) for kind in kinds])
        outcome = returned.outcome if found.to_reader else replace(returned.outcome, dead=False)
        return come_back(message_id=found.message_id, outcome=outcome, actor=actor, now=now)


@action("messaging.reply.keep", scoped=False)
def keep_reply(*, answer: Answer, actor: Actor, now: datetime) -> bool:
    """Keep what a human answered to a letter of ours; whether it was news. The same mail twice is one."""
    found = returned_letter(answer.letters, answer.sender)
    if found is None or found.person_id is None:
        return False
    with scopes.one(found.partner_id):
        row, fresh = Reply.objects.get_or_create(
            mail_id=answer.mail_id,
            defaults={
                "person_id": found.person_id,
                "message_id": found.message_id,
                "from_reader": found.to_reader,
                "text": answer.text,
                "received_at": now,
            },
        )
        if fresh:
            audit.record(
                actor=actor,
                verb="messaging.reply.keep",
                object_type="messaging.reply",
                object_id=row.id,
                changes={"message": str(found.message_id)},
                now=now,
            )
    return bool(fresh)


@action("messaging.box.look", scoped=False)
def look_into(*, box: str, actor: Actor, now: datetime) -> Position | None:
    """Take the turn to look into a mailbox: how far it was read. None where it is too soon, or another is looking."""
    row, _ = ReturnBox.objects.get_or_create(box=box_digest(box), defaults={"next_look_at": now})
    mine = ReturnBox.objects.filter(pk=row.pk, next_look_at__lte=now).update(next_look_at=now + BETWEEN_LOOKS)
    return Position(row.validity, row.uid) if mine else None


@action("messaging.box.read", scoped=False)
def note_read(*, box: str, position: Position, more: bool, problem: str = "", actor: Actor, now: datetime) -> None:
    """Write down how far a mailbox was read, or why it could not be; `more`: look again at once."""
    ReturnBox.objects.filter(box=box_digest(box)).update(
        validity=position.validity,
        uid=position.uid,
        problem=tidy(problem),
        next_look_at=now if more else now + BETWEEN_LOOKS,
    )
