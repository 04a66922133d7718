"""The log of a connection: one line for each change that came, and for reading now and then."""

from datetime import datetime
from uuid import UUID

from gangway.identity.models import ScimExchange, ScimRemoval
from gangway.identity.rules.scim import LOG_LIFE, LOG_LINES, Did
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.prepared import insert
from gangway.kernel.tenancy import scopes

PIECE = 500


@action("identity.scim.note_exchange")
def note_exchange(
    *,
    connection_id: UUID,
    method: str,
    path: str,
    status: int,
    did: Did,
    why: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    """Keep what came and what it did. `path` and `why` hold no personal data: ids and names of attributes."""
    line = {"method": method[:8], "path": path[:200], "status": status, "did": did, "why": why[:300]}
    insert(ScimExchange(connection_id=connection_id, at=now, **line))


@action("identity.scim.forget_exchanges", scoped=False)
def forget_exchanges(*, partner_id: UUID, connection_id: UUID, actor: Actor, now: datetime) -> int:
    """Forget a connection's lines of a month ago, and those beyond the youngest ten thousand; how many. In pieces:
    called again while it returns as many as a piece holds."""
    with scopes.one(partner_id):
        lines = ScimExchange.objects.filter(connection=connection_id)
        old = lines.filter(at__lt=now - LOG_LIFE).order_by("at").values_list("pk", flat=True)[:PIECE]
        beyond = lines.order_by("-at", "-id").values_list("pk", flat=True)[LOG_LINES : LOG_LINES + PIECE]
        chosen = {*old, *beyond}
        ScimExchange.objects.filter(pk__in=chosen).delete()
        ScimRemoval.objects.filter(connection=connection_id, at__lt=now - LOG_LIFE).delete()
    return len(chosen)
