"""A partner's people are let in."""

from datetime import datetime

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.partners.actions.row import note, own
from gangway.partners.events import PartnerLaunched
from gangway.partners.rules import Kind


@action("partners.partner.set_launched")
def set_launched(*, at: datetime, actor: Actor, now: datetime) -> bool:
    """The people of the scope's partner were let in at this instant. True where that was not known, or known as later.

    Only partners are launched: for the host and for shells nothing happens.
    """
    partner = own()
    if partner.kind != Kind.PARTNER or (partner.launched_at is not None and partner.launched_at <= at):
        return False
    partner.launched_at = at
    partner.save(update_fields=["launched_at"])
    note(actor, "partners.partner.set_launched", partner.id, {"launched_at": at.isoformat()}, now)
    event = PartnerLaunched(partner_id=partner.id, launched_at=at)
    publish(event, subject_id=partner.id, now=now, actor=actor)
    return True
