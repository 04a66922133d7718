"""Mail domains of a partner. How control of one is proven is the business of identity, which calls this down."""

from datetime import datetime

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.values import clean_host
from gangway.partners.actions.row import note, own
from gangway.partners.events import DomainChanged
from gangway.partners.models import VerifiedDomain


@action("partners.domain.keep")
def keep_domain(*, name: str, actor: Actor, now: datetime) -> bool:
    """The scope's partner has proven control of a mail domain; False where that stood already. Invalid: no domain."""
    partner = own()
    domain = clean_host(name, "domain")
    _, fresh = VerifiedDomain.objects.get_or_create(name=domain, partner=partner, defaults={"verified_at": now})
    if fresh:
        note(actor, "partners.domain.keep", partner.id, {"domain": domain}, now)
        publish(DomainChanged(partner_id=partner.id, proven=True), subject_id=partner.id, now=now, actor=actor)
    return fresh


@action("partners.domain.drop")
def drop_domain(*, name: str, actor: Actor, now: datetime) -> bool:
    """The scope's partner speaks for a mail domain no more; False where it never did. Others keep theirs."""
    partner = own()
    domain = clean_host(name, "domain")
    gone, _ = VerifiedDomain.objects.filter(name=domain, partner=partner).delete()
    if gone:
        note(actor, "partners.domain.drop", partner.id, {"domain": domain}, now)
        publish(DomainChanged(partner_id=partner.id, proven=False), subject_id=partner.id, now=now, actor=actor)
    return bool(gone)
