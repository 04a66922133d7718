"""What people and the operator say about letters: no more of a kind, and a mailbox that is believed in again."""

from datetime import datetime
from uuid import UUID

from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Refusal
from gangway.messaging.models import OptOut, Suppression
from gangway.messaging.queries.messages import mailbox_digest
from gangway.messaging.rules import Category


class NotDeclinable(Refusal):
    """Sign-in codes and letters about the account itself cannot be declined."""

    code = "messaging.not_declinable"
    status = 400
    message = "Letters of this kind belong to having an account."
    next_step = "To get none at all, ask your partner admin to close the account."


@action("messaging.mailbox.allow", scoped=False)
def allow_mailbox(*, address: str, actor: Actor, now: datetime) -> bool:
    """Believe in a mailbox again that refused a letter for good; whether it had been refused."""
    gone, _ = Suppression.objects.filter(mailbox=mailbox_digest(address)).delete()
    if gone:
        audit.record(
            actor=actor,
            verb="messaging.mailbox.allow",
            object_type="messaging.suppression",
            object_id="mailbox",
            changes_personal={"mailbox": address},
            now=now,
        )
    return bool(gone)


@action("messaging.category.decline")
def decline(*, person_id: UUID, category: Category, actor: Actor, now: datetime) -> bool:
    """A person wants no more letters of a category; whether that was news.

    Refuses NotDeclinable for those that belong to the account.
    """
    if not category.may_be_declined:
        raise NotDeclinable(field="category")
    _, fresh = OptOut.objects.get_or_create(person_id=person_id, category=category, defaults={"declined_at": now})
    if fresh:
        audit.record(
            actor=actor,
            verb="messaging.category.decline",
            object_type="people.person",
            object_id=person_id,
            changes={"category": category.value},
            now=now,
        )
    return bool(fresh)


@action("messaging.category.accept")
def accept(*, person_id: UUID, category: Category, actor: Actor, now: datetime) -> None:
    """A person wants letters of a category again."""
    gone, _ = OptOut.objects.filter(person=person_id, category=category).delete()
    if gone:
        audit.record(
            actor=actor,
            verb="messaging.category.accept",
            object_type="people.person",
            object_id=person_id,
            changes={"category": category.value},
            now=now,
        )
