"""Somebody who has left asks for a link to the awards they keep: noted by the page, looked up by the worker."""

from datetime import datetime, timedelta
from uuid import UUID

from gangway.credentials.models import KeptAsk
from gangway.credentials.queries.keeping import first_kept, link_digest
from gangway.credentials.rules import ASK_WINDOW, ASKS_PER_WINDOW, ASKS_WAITING, KEPT, LINK_LIFE
from gangway.kernel import secrets
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions as messaging
from gangway.messaging.letters import Priority
from gangway.messaging.queries import mailbox_digest

KEPT_FOR = timedelta(days=2)


class AsksWait(Refusal):
    code = "credentials.asks_wait"
    status = 503
    message = "More letters wait to be written than can be sent just now."
    next_step = "Ask again in a minute."


@action("credentials.kept.ask", scoped=False)
def ask_for_kept(*, address: str, actor: Actor, now: datetime) -> None:
    """Note that somebody asked for what is kept under a mailbox. Statement for statement the same whether anything is,
    so that neither the answer nor its time tells. Past three in an hour nothing more is noted, and nothing else said.

    Refuses with Invalid what cannot be a mail address, and with AsksWait.
    """
    mailbox = mailbox_digest(address)
    if KeptAsk.objects.exclude(address="").order_by("asked_at")[ASKS_WAITING:].exists():
        raise AsksWait
    if KeptAsk.objects.filter(mailbox=mailbox, asked_at__gt=now - ASK_WINDOW).count() < ASKS_PER_WINDOW:
        KeptAsk.objects.create(mailbox=mailbox, address=secrets.seal(address), asked_at=now, ends_at=now + LINK_LIFE)


@action("credentials.kept.write_letter", scoped=False)
def write_kept_letter(*, ask_id: UUID, actor: Actor, now: datetime) -> None:
    """Look whether anything is kept under the mailbox, and queue the letter if so. Done twice it is done once."""
    row = KeptAsk.objects.select_for_update().filter(pk=ask_id).exclude(address="").first()
    if row is None:
        return
    address, row.address = secrets.unseal(row.address), ""
    found = first_kept(bytes(row.mailbox))
    if found is not None and now < row.ends_at:
        token = secrets.token()
        row.link = link_digest(token)
        with scopes.one(found.partner_id):
            messaging.queue_message(
                person_id=found.person_id,
                letter_key=KEPT,
                dedupe_key=f"{KEPT}:{row.pk}",
                secret=token,
                to=address,
                priority=Priority.SIGN_IN,
                not_after=row.ends_at,
                actor=actor,
                now=now,
            )
    row.save(update_fields=["address", "link"])


@action("credentials.kept.forget", scoped=False)
def forget_asks(*, actor: Actor, now: datetime) -> int:
    """Drop what was asked for two days ago; how many."""
    count: int = KeptAsk.objects.filter(asked_at__lt=now - KEPT_FOR).delete()[0]
    return count
