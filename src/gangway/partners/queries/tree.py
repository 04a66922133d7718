"""Who is below whom. Routing reads: they are asked before the scope of either is open."""

from uuid import UUID

from gangway.kernel.tenancy import scopes
from gangway.partners.models import Partner, PartnerClosure
from gangway.partners.rules import Kind, ParentSees, State


def may_serve(owner_id: UUID, partner_id: UUID) -> bool:
    """Routing: whether what one partner has set up may serve another at this moment: its people are below it, or it is
    the vendor, which serves any partner. Never itself, never the vendor, and not while it is suspended or closed."""
    with scopes.unscoped(scopes.Reason.ROUTING):
        rows = Partner.objects.filter(pk__in=[owner_id, partner_id]).values_list("pk", "kind", "state")
        found = {key: (kind, state) for key, kind, state in rows}
    if owner_id == partner_id or len(found) < 2 or found[owner_id][1] != State.ACTIVE:
        return False
    if found[partner_id][0] == Kind.HOST:
        return False
    if found[owner_id][0] == Kind.HOST:
        return True
    return PartnerClosure.objects.filter(ancestor=owner_id, descendant=partner_id, depth__gt=0).exists()


def partners_above(partner_id: UUID) -> tuple[UUID, ...]:
    """Routing: the partners above the one whose scope is open, if it lets them see its people; none otherwise."""
    if not Partner.objects.filter(pk=partner_id, parent_sees=ParentSees.PEOPLE).exists():
        return ()
    above = PartnerClosure.objects.filter(descendant=partner_id, depth__gt=0)
    return tuple(above.values_list("ancestor_id", flat=True))
