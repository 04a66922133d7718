"""The vendor's portal is set up, opened and closed, and its keys take each other's place. In the scope of the host."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from gangway.identity.events import PortalChanged
from gangway.identity.models import PortalKey, VendorPortal
from gangway.identity.rules.connections import ConnectionState
from gangway.identity.rules.expiry import step_due
from gangway.identity.rules.handover import KEYS_AT_ONCE, PublicKey
from gangway.identity.rules.oidc import wrong_address
from gangway.kernel import audit
from gangway.kernel.access import PLATFORM_ADMIN
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import clean_line
from gangway.messaging import actions as messaging
from gangway.partners import queries as partners
from gangway.people import queries as people

KEY_LETTER = "identity.portal_key"


class NoPortal(Refusal):
    code = "identity.no_portal"
    status = 404
    message = "No portal of the vendor's is set up."
    next_step = "Say what it is called, and where people are sent: gangway handover set."


class NoPortalKey(Refusal):
    code = "identity.no_portal_key"
    message = "The portal has no key that holds, so nothing it sends could be believed."
    next_step = "Add its public key first."


class TwoKeysOpen(Refusal):
    code = "identity.two_keys_open"
    message = "Two keys of the portal are open already."
    next_step = "Close the one it does not sign with any more, then add the new one."


class KeyIsThere(Refusal):
    code = "identity.key_is_there"
    message = "A key of the portal with the name {kid} is open already."
    next_step = "Close it first, or give the new key another kid."


class LastKey(Refusal):
    code = "identity.last_key"
    message = "It is the only key of an open portal."
    next_step = "Add the new key first, or turn the portal off."


@action("identity.portal.set")
def set_portal(*, name: str, issuer: str, start_url: str, actor: Actor, now: datetime) -> UUID:
    """Say what the vendor's portal is called, what its tokens say they are of, and where a browser is sent; its id.

    NotFound: the scope is not the host's. Invalid: a name, issuer or address that cannot be.
    """
    _only_host()
    name, issuer = clean_line(name), clean_line(issuer, "issuer", limit=1000)
    if wrong_address(start_url, settings.PROVIDERS_INSIDE):
        raise Invalid(
            field="start_url",
            problem="“{start_url}” cannot be where people are sent.",
            mend="Give the address of a page of the portal; it begins with https://.",
            start_url=start_url[:200],
        )
    row = VendorPortal.objects.select_for_update().first() or VendorPortal(partner_id=scopes.writer(), made_at=now)
    row.name, row.issuer, row.start_url = name, issuer, start_url
    row.save()
    _note(row, "identity.portal.set", {"issuer": issuer, "start_url": start_url}, actor, now)
    made: UUID = row.id
    return made


@action("identity.portal.set_state")
def set_portal_state(*, state: ConnectionState, actor: Actor, now: datetime) -> None:
    """Open the portal's door, or close it, from the next request on. NoPortal. NoPortalKey."""
    row = _locked()
    if state is ConnectionState.DRAFT:
        raise Invalid(field="state", problem="A portal is no draft again.", mend="Turn the portal off instead.")
    if row.state == state:
        return
    if state is ConnectionState.ACTIVE and not _open_keys(row, now):
        raise NoPortalKey
    row.state = state.value
    row.save()
    _note(row, "identity.portal.set_state", {"state": state.value}, actor, now)


@action("identity.portal.add_key")
def add_portal_key(*, key: PublicKey, actor: Actor, now: datetime) -> UUID:
    """A public key that the portal signs with from now on, beside the one before it. NoPortal. TwoKeysOpen. KeyIsThere.
    Invalid: it ran out."""
    row = _locked()
    if key.not_after is not None and key.not_after <= now:
        raise Invalid(field="key", problem="This certificate has run out.", mend="Paste the one the portal signs with.")
    held = PortalKey.objects.filter(portal=row.id, closed_at=None)
    if held.filter(kid=key.kid).exists():
        raise KeyIsThere(field="key", kid=key.kid)
    if held.count() >= KEYS_AT_ONCE:
        raise TwoKeysOpen(field="key")
    made = PortalKey.objects.create(
        portal=row, kid=key.kid, algorithm=key.algorithm, jwk=dict(key.jwk), not_after=key.not_after, added_at=now
    )
    _note(row, "identity.portal.add_key", {"kid": key.kid, "algorithm": key.algorithm}, actor, now)
    made_id: UUID = made.id
    return made_id


@action("identity.portal.close_key")
def close_portal_key(*, kid: str, actor: Actor, now: datetime) -> None:
    """What is signed with it opens nothing from the next request on. NotFound. LastKey: of an open portal."""
    row = _locked()
    held = PortalKey.objects.filter(portal=row.id, kid=kid, closed_at=None)
    if not held.exists():
        raise NotFound
    if row.state == ConnectionState.ACTIVE and PortalKey.objects.filter(portal=row.id, closed_at=None).count() == 1:
        raise LastKey
    held.update(closed_at=now)
    _note(row, "identity.portal.close_key", {"kid": kid}, actor, now)


@action("identity.portal.tell_expiry")
def tell_portal_keys(*, actor: Actor, now: datetime) -> int:
    """Write to the platform's admins at each step before the certificate of an open portal's key runs out, unless a
    newer key is open beside it; how many keys that was about. Told twice it is told once."""
    row = VendorPortal.objects.filter(state=ConnectionState.ACTIVE).first()
    keys = list(PortalKey.objects.filter(portal=row.id, closed_at=None)) if row else []
    last = max(keys, key=lambda one: one.not_after or now + timedelta(days=36_500), default=None)
    step = step_due(last.not_after, now, ()) if last is not None and last.not_after is not None else None
    if last is None or last.not_after is None or step is None:
        return 0
    for one in people.holders(PLATFORM_ADMIN, now):
        messaging.queue_message(
            person_id=one.person_id,
            letter_key=KEY_LETTER,
            payload={"ends_at": last.not_after.isoformat()},
            dedupe_key=f"{KEY_LETTER}:{last.id}:{step}:{one.person_id}",
            actor=actor,
            now=now,
        )
    return 1


def _only_host() -> None:
    host = partners.host_partner()
    if host is None or host.id != scopes.writer():
        raise NotFound


def _locked() -> VendorPortal:
    _only_host()
    row = VendorPortal.objects.select_for_update().first()
    if row is None:
        raise NoPortal
    return row


def _open_keys(row: VendorPortal, now: datetime) -> int:
    rows = PortalKey.objects.filter(portal=row.id, closed_at=None)
    return sum(one.not_after is None or one.not_after > now for one in rows)


def _note(row: VendorPortal, verb: str, changes: dict[str, Any], actor: Actor, now: datetime) -> None:
    audit.record(actor=actor, verb=verb, object_type="identity.portal", object_id=row.id, changes=changes, now=now)
    keys = PortalKey.objects.filter(portal=row.id, closed_at=None).count()
    publish(PortalChanged(portal_id=row.id, state=row.state, keys=keys), subject_id=row.id, now=now, actor=actor)
