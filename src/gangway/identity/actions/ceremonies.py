"""Questions to authenticators: asked once, by one session or browser, for one purpose, for five minutes."""

import secrets as _random
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.identity.models import Ceremony
from gangway.identity.queries import factors as held
from gangway.identity.queries.doors import youngest_of
from gangway.identity.rules import KEPT_FOR, passkeys
from gangway.identity.rules.factors import CEREMONY_LIFE, PASSKEYS, Purpose, Standing, handle_of, standing_of
from gangway.kernel import secrets
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.people import queries as people


class NoPasskeysHere(Refusal):
    """Browsers refuse passkeys at this address."""

    code = "identity.no_passkeys_here"
    message = "Passkeys need an address with a name and https; this installation has none."
    next_step = "Its operator sets BASE_URL. An authenticator app works at any address."


@action("identity.passkey.ask_to_add")
def ask_to_add(*, person_id: UUID, session_id: UUID, actor: Actor, now: datetime) -> Any:
    """What the browser asks the authenticator, so that a passkey is made for this person. Refuses NoPasskeysHere."""
    party = held.party()
    if party is None:
        raise NoPasskeysHere
    person = people.person(person_id)
    return passkeys.to_add(
        party,
        _ask(Purpose.ADD, str(session_id), now),
        handle=handle_of(person.partner_id, person.id),
        address=person.email or person.name,
        name=person.name,
        known=held.passkeys_known(person_id)[:PASSKEYS],
    )


@action("identity.passkey.ask_to_come_in", scoped=False)
def ask_to_come_in(*, browser: str, actor: Actor, now: datetime) -> Any:
    """What any browser asks for, where a passkey is the whole sign-in: it names nobody. Refuses NoPasskeysHere."""
    party = held.party()
    if party is None:
        raise NoPasskeysHere
    return passkeys.to_prove(party, _ask(Purpose.SIGN_IN, browser, now), known=(), verified=True)


@action("identity.passkey.ask_for_factor", scoped=False)
def ask_for_factor(*, browser: str, actor: Actor, now: datetime) -> Any:
    """What the browser that proved a mailbox asks for: one of the passkeys of that person.

    Refuses NotFound where nobody is asked for a factor here any more, and NoPasskeysHere.
    """
    party = held.party()
    row = youngest_of(browser)
    if party is None:
        raise NoPasskeysHere
    if row is None or not held.asked_here(row, browser):
        raise NotFound
    if standing_of(held.asking(row, now), now) is not Standing.OPEN:
        raise NotFound
    entry = row.people[0]
    with scopes.one(UUID(entry["partner"])):
        known = held.passkeys_known(UUID(entry["person"]))
    return passkeys.to_prove(party, _ask(Purpose.FACTOR, browser, now), known=known, verified=False)


def _ask(purpose: Purpose, holder: str, now: datetime) -> bytes:
    nonce = _random.token_bytes(32)
    Ceremony.objects.create(
        purpose=purpose, holder=_digest(holder), nonce=nonce, asked_at=now, expires_at=now + CEREMONY_LIFE
    )
    return nonce


def spend(purpose: Purpose, holder: str, now: datetime) -> bytes | None:
    """The random bytes of the youngest open question of a holder, which is closed by it; None where there is none.

    Older questions of the same holder close with it: only what was asked last can be answered.
    """
    asked = Ceremony.objects.filter(holder=_digest(holder), purpose=purpose)
    row = asked.order_by("-asked_at", "-id").first()
    if row is None or row.used_at is not None or now >= row.expires_at:
        return None
    taken = Ceremony.objects.filter(pk=row.pk, used_at=None).update(used_at=now)
    asked.filter(used_at=None).update(used_at=now)
    return bytes(row.nonce) if taken else None


def _digest(holder: str) -> bytes:
    return secrets.digest(f"ceremony:{holder}")


@action("identity.ceremony.forget", scoped=False)
def forget_ceremonies(*, actor: Actor, now: datetime) -> int:
    """Delete questions that ran out a month ago."""
    gone, _ = Ceremony.objects.filter(expires_at__lt=now - KEPT_FOR).delete()
    return gone
