"""What connections live on runs out: both sides are told at each step, and the partner gets a link for the new one."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from gangway.identity.actions.connections import locked_connection
from gangway.identity.models import Connection, ExpiryNotice, RenewalLink
from gangway.identity.queries.expiry import endings, renewal_digest, steps_told
from gangway.identity.rules.connections import ConnectionState
from gangway.identity.rules.expiry import RENEWAL_LIFE, Ending, step_due
from gangway.kernel import audit, secrets
from gangway.kernel.access import PARTNER_ADMIN, PARTNER_IT, PLATFORM_ADMIN
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions as messaging
from gangway.partners import queries as partners
from gangway.people import queries as people

TO_PARTNER, TO_MANAGER = "identity.expiry", "identity.expiry_manager"


@action("identity.expiry.tell", scoped=False)
def tell_expiry(*, partner_id: UUID, connection_id: UUID, actor: Actor, now: datetime) -> int | None:
    """Tell both sides that what an open connection lives on runs out, once per step; the step, None where none is due.

    The partner's admins and IT get a link each for the new one; whoever looks after the partner, or where nobody does
    the platform admins, get a letter without. Of a sign-in of the vendor's own the platform admins get the link.
    """
    with scopes.one(partner_id):
        row = locked_connection(connection_id)
        ending = endings([row.id], now).get(row.id)
        if ending is None or row.state != ConnectionState.ACTIVE:
            return None
        step = step_due(ending.ends_at, now, steps_told(row.id, ending))
        if step is None:
            return None
        payload = _payload(row, ending, step)
        reached = _write_to_partner(row, ending, payload, actor, now)
        ExpiryNotice.objects.create(
            connection=row,
            what=ending.what.value,
            name=ending.name,
            step=step,
            ends_at=ending.ends_at,
            told_at=now,
            people=reached,
        )
        changes = {"what": ending.what.value, "step": step, "people": reached}
        _note("identity.expiry.tell", "identity.connection", row.id, changes, actor, now)
    _write_to_manager(partner_id, payload, actor, now)
    return step


def _payload(row: Connection, ending: Ending, step: int) -> dict[str, Any]:
    return {
        "partner": str(row.tenant_id),
        "connection": str(row.id),
        "what": ending.what.value,
        "name": ending.name,
        "tail": ending.tail,
        "waiting": ending.waiting,
        "ends_at": ending.ends_at.isoformat(),
        "step": step,
    }


def _write_to_partner(row: Connection, ending: Ending, payload: Mapping[str, Any], actor: Actor, now: datetime) -> int:
    """A letter with a link of its own to everybody who may connect the company; how many."""
    host = partners.host_partner()
    at_host = host is not None and host.id == row.tenant_id
    roles = (PLATFORM_ADMIN,) if at_host else (PARTNER_ADMIN, PARTNER_IT)
    holders = {one.person_id for role in roles for one in people.holders(role, now) if one.email}
    until = min(now + RENEWAL_LIFE, ending.ends_at + timedelta(days=7))
    for person_id in sorted(holders):
        token = secrets.token(32)
        RenewalLink.objects.create(
            digest=renewal_digest(token),
            partner_id=row.tenant_id,
            connection=row,
            what=ending.what.value,
            name=ending.name,
            sent_to=person_id,
            made_at=now,
            expires_at=until,
        )
        messaging.queue_message(
            person_id=person_id,
            letter_key=TO_PARTNER,
            payload={**payload, "until": until.isoformat()},
            dedupe_key=f"{TO_PARTNER}:{row.id}:{ending.name}:{payload['step']}:{person_id}",
            secret=token,
            not_after=until,
            actor=actor,
            now=now,
        )
    return len(holders)


def _write_to_manager(partner_id: UUID, payload: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    manager, host = people.manager_of(partner_id), partners.host_partner()
    if host is None or host.id == partner_id:
        return
    with scopes.one(host.id):
        admins = {one.person_id for one in people.holders(PLATFORM_ADMIN, now) if one.email}
        for person_id in sorted(admins) if manager is None else [manager.person_id]:
            messaging.queue_message(
                person_id=person_id,
                letter_key=TO_MANAGER,
                payload=payload,
                dedupe_key=f"{TO_MANAGER}:{payload['connection']}:{payload['name']}:{payload['step']}:{person_id}",
                actor=actor,
                now=now,
            )


def _note(verb: str, kind: str, key: UUID, changes: dict[str, Any], actor: Actor, now: datetime) -> None:
    audit.record(actor=actor, verb=verb, object_type=kind, object_id=key, changes=changes, now=now)
