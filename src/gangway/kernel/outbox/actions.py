"""What staff do with events that were parked."""

from datetime import datetime
from uuid import UUID

from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.models import Failure
from gangway.kernel.refusal import Refusal


class NotParked(Refusal):
    code = "kernel.not_parked"
    message = "This event is not parked any more."
    next_step = "Look at the list again: it was replayed or handled meanwhile."


@action("kernel.outbox.replay", scoped=False)
def replay(*, failure_id: UUID, actor: Actor, now: datetime) -> None:
    """Try a parked event again at once, with all its attempts ahead of it. Refuses with NotParked."""
    parked = Failure.objects.filter(pk=failure_id, state="parked")
    if not parked.update(state="retry", next_try_at=now, attempts=0):
        raise NotParked()
    audit.record(actor=actor, verb="kernel.outbox.replay", object_type="failure", object_id=failure_id, now=now)
