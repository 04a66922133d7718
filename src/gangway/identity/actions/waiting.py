"""Letters about the waiting room: to who may let in, and to who was not. Whoever is let in gets an invitation."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from gangway.identity.queries.joining import Stranger
from gangway.kernel.access import CHANNEL_MANAGER, PARTNER_ADMIN, PLATFORM_ADMIN, PROGRAMME_LEAD
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions as messaging
from gangway.partners import queries as partners
from gangway.people import queries as people

WAITS = "identity.waiting"
DECLINED = "identity.declined"
STAFF = (PLATFORM_ADMIN, PROGRAMME_LEAD, CHANNEL_MANAGER)


def tell_waiting(partner_id: UUID | None, actor: Actor, now: datetime) -> None:
    """Write to those who may let in at a partner, or (None) of the channel team: once a day, however many come."""
    roles, at = (STAFF, partners.host_id()) if partner_id is None else ((PARTNER_ADMIN,), partner_id)
    with scopes.one(at):
        today = now.astimezone(ZoneInfo(partners.partner_by_id(at).zone)).date()
        holders = {one.person_id for role in roles for one in people.holders(role, now) if one.email}
        for person_id in sorted(holders):
            messaging.queue_message(
                person_id=person_id,
                letter_key=WAITS,
                dedupe_key=f"{WAITS}:{today}:{person_id}",
                quiet=True,
                actor=actor,
                now=now,
            )


def tell_declined(request_id: UUID, stranger: Stranger, asked_at: datetime, actor: Actor, now: datetime) -> None:
    """The vendor writes it, as it wrote the code: it names no partner."""
    with scopes.one(partners.host_id()):
        messaging.queue_to_stranger(
            mailbox=stranger.address,
            locale=stranger.locale,
            letter_key=DECLINED,
            payload={"asked_at": asked_at.isoformat()},
            dedupe_key=f"{DECLINED}:{request_id}",
            actor=actor,
            now=now,
        )
