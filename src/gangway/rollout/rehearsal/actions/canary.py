"""The nightly rehearsal is switched on or off."""

from datetime import datetime

from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.rollout.rehearsal import queries
from gangway.rollout.rehearsal.models import Canary


@action("rehearsal.canary.set", scoped=False)
def set_canary(*, on: bool, actor: Actor, now: datetime) -> bool:
    """Rehearse every night from now on, or do not; whether that changed anything. It goes before the setting
    REHEARSE_NIGHTLY. NotFound: there is no vendor yet."""
    host_id = partners.host_id()
    was = queries.canary_on()
    with scopes.one(host_id):
        row, made = Canary.objects.get_or_create(defaults={"on": on, "set_at": now})
        if not made and row.on == on:
            return False
        row.on, row.set_at = on, now
        row.save()
        changes = {"was": was, "on": on}
        audit.record(
            actor=actor,
            verb="rehearsal.canary.set",
            object_type="rehearsal.canary",
            object_id=row.pk,
            changes=changes,
            now=now,
        )
    return was != on
