"""The nightly rehearsal is switched on or off, and told where it failed."""

from datetime import datetime
from uuid import UUID

from gangway.kernel import audit
from gangway.kernel.access import PLATFORM_ADMIN, PROGRAMME_LEAD
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions as messaging
from gangway.partners import queries as partners
from gangway.people import queries as people
from gangway.rollout.rehearsal import queries
from gangway.rollout.rehearsal.models import Canary
from gangway.rollout.rehearsal.rules import CANARY_FAILED, Cause


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


@action("rehearsal.canary.tell")
def tell_of_night(*, run_id: UUID, actor: Actor, now: datetime) -> int:
    """Write to the vendor's platform admins and programme leads that a nightly rehearsal of the scope failed, and at
    which step; to how many. Nobody hears of another rehearsal: whoever asked for it sees it. Told twice it is told
    once. NotFound: no rehearsal of the scope's."""
    run = queries.run(run_id)
    if run.cause is not Cause.NIGHT or run.passed is not False:
        return 0
    with scopes.one(partners.host_id()):
        told = {one.person_id for role in (PLATFORM_ADMIN, PROGRAMME_LEAD) for one in people.holders(role, now)}
        for person_id in sorted(told):
            messaging.queue_message(
                person_id=person_id,
                letter_key=CANARY_FAILED,
                payload={"run": str(run_id), "step": str(run.failed["name"]) if run.failed else ""},
                dedupe_key=f"{CANARY_FAILED}:{run_id}:{person_id}",
                actor=actor,
                now=now,
            )
    return len(told)
