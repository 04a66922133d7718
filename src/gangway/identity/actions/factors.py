"""What people hold beside their mailbox: added, removed, asked for by a partner, taken away when it is lost.

Each change ends the person's other sessions (they began under the old rule), is audited, and is told to the mailbox.
"""

import secrets as _random
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.identity.actions.ceremonies import spend
from gangway.identity.actions.rescue import NobodyThere
from gangway.identity.models import AuthenticatorApp, FactorPolicy, Passkey, RecoveryCode, Session
from gangway.identity.queries import factors as held
from gangway.identity.rules import passkeys
from gangway.identity.rules.factors import (
    PASSKEYS,
    RECOVERY_CODES,
    Policy,
    Purpose,
    accepted_step,
    random_secret,
    recovery_code,
)
from gangway.kernel import audit, secrets
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import clean_line
from gangway.messaging import actions as messaging
from gangway.partners import queries as partners
from gangway.people import queries as people

FIRST = 0  # among letters: who changed this may not be its owner


class SignInAgain(Refusal):
    """A session of some hours may be somebody else's by now."""

    code = "identity.sign_in_again"
    status = 403
    message = "How you sign in can be changed only within an hour of signing in."
    next_step = "Sign in again; it leads back to this page."


class NotAdded(Refusal):
    """The authenticator's answer does not hold, was for another question, or its question ran out."""

    code = "identity.passkey_not_added"
    message = "The passkey was not added: its answer did not fit the question of this page."
    next_step = "Open the page again and press “Add a passkey” once more."


class TooMany(Refusal):
    code = "identity.too_many_passkeys"
    message = "You hold {number} passkeys, and more are not possible."
    next_step = "Remove one that you do not use."


class AppAlreadyThere(Refusal):
    code = "identity.app_already_there"
    message = "You have an authenticator app."
    next_step = "Remove it first, to use another."


class NothingHeld(Refusal):
    """There is no factor to come back to, or to take away."""

    code = "identity.no_factor"
    message = "There is no passkey and no authenticator app."
    next_step = "Add one first."


class OperatorOnly(Refusal):
    """Whoever may take a factor from somebody of the vendor could become them."""

    code = "identity.operator_only"
    status = 403
    message = "Only the operator takes a second factor from somebody of the vendor."
    next_step = "Ask the operator for: gangway person reset-factors"


# ---------------------------------------------------------------- passkeys


@action("identity.passkey.add")
def add_passkey(
    *, person_id: UUID, session_id: UUID | None, answer: str, name: str, actor: Actor, now: datetime
) -> UUID:
    """Keep the passkey that an authenticator made for the question this session asked.

    session_id: the session that stays; without one (the house's own stories) none has to be fresh. Refuses
    SignInAgain, NotAdded, TooMany, and Invalid where the name cannot be one.
    """
    _require_fresh(person_id, session_id, now)
    name = clean_line(name, "passkey_name", 60)
    if Passkey.objects.filter(person_id=person_id).count() >= PASSKEYS:
        raise TooMany(number=PASSKEYS)
    party, nonce = held.party(), spend(Purpose.ADD, str(session_id), now)
    try:
        made = passkeys.added(party, nonce, answer) if party and nonce else None
    except passkeys.Unproven as problem:
        raise NotAdded from problem
    if made is None or Passkey.objects.filter(credential_id=made.credential_id).exists():
        raise NotAdded
    row: Passkey = Passkey.objects.create(
        person_id=person_id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=list(made.transports),
        verified=made.verified,
        name=name,
        added_at=now,
    )
    _changed("passkey_added", "identity.passkey.add", row.id, person_id, session_id, actor, now)
    return row.id


@action("identity.passkey.remove")
def remove_passkey(*, person_id: UUID, session_id: UUID | None, passkey_id: UUID, actor: Actor, now: datetime) -> None:
    """Forget one of a person's passkeys. Somebody else's is NotFound, like one that never was. Refuses SignInAgain."""
    row = Passkey.objects.filter(pk=passkey_id, person_id=person_id).first()
    if row is None:
        raise NotFound
    _require_fresh(person_id, session_id, now)
    row.delete()
    _changed("passkey_removed", "identity.passkey.remove", passkey_id, person_id, session_id, actor, now)


# ---------------------------------------------------------------- the authenticator app


@action("identity.app.begin")
def begin_app(*, person_id: UUID, session_id: UUID | None, actor: Actor, now: datetime) -> str:
    """Make the key of an app, which counts only once its first code was typed; the key, in base32.

    Begun again, the key before is void. Refuses SignInAgain, and AppAlreadyThere where one is confirmed.
    """
    _require_fresh(person_id, session_id, now)
    row = AuthenticatorApp.objects.select_for_update().filter(person_id=person_id).first()
    if row is not None and row.confirmed_at is not None:
        raise AppAlreadyThere
    secret = random_secret(_random.token_bytes(20))
    row = row or AuthenticatorApp(person_id=person_id)
    row.secret, row.added_at = secrets.seal(secret), now
    row.save()
    _note("identity.app.begin", "identity.authenticator_app", row.id, person_id, actor, now)
    return secret


@action("identity.app.confirm")
def confirm_app(*, person_id: UUID, session_id: UUID | None, code: str, actor: Actor, now: datetime) -> None:
    """Let the app count from now on: its code shows that it holds the key. That code is spent.

    Refuses Invalid a code that is not the app's, NotFound where none was begun, SignInAgain.
    """
    _require_fresh(person_id, session_id, now)
    row = AuthenticatorApp.objects.select_for_update().filter(person_id=person_id, confirmed_at=None).first()
    if row is None:
        raise NotFound
    step = accepted_step(code, secrets.unseal(row.secret), None, now)
    if step is None:
        problem = "That is not the code the app shows now."
        raise Invalid(field="code", problem=problem, mend="Wait for the next code. Is the clock of the phone right?")
    row.confirmed_at, row.last_step = now, step
    row.save()
    _changed("app_added", "identity.app.confirm", row.id, person_id, session_id, actor, now)


@action("identity.app.remove")
def remove_app(*, person_id: UUID, session_id: UUID | None, actor: Actor, now: datetime) -> None:
    """Forget a person's authenticator app. Refuses NotFound where there is none, and SignInAgain."""
    row = AuthenticatorApp.objects.filter(person_id=person_id).first()
    if row is None:
        raise NotFound
    _require_fresh(person_id, session_id, now)
    row_id, counted = row.id, row.confirmed_at is not None
    row.delete()
    if counted:
        _changed("app_removed", "identity.app.remove", row_id, person_id, session_id, actor, now)


# ---------------------------------------------------------------- recovery codes


@action("identity.recovery_codes.make")
def make_recovery_codes(*, person_id: UUID, session_id: UUID | None, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Ten fresh codes, to be shown this once; those made before are void. Refuses NothingHeld, SignInAgain."""
    _require_fresh(person_id, session_id, now)
    if not held.holders_of_factors([person_id]):
        raise NothingHeld
    RecoveryCode.objects.filter(person_id=person_id).delete()
    codes: set[str] = set()
    while len(codes) < RECOVERY_CODES:
        codes.add(recovery_code(_random.token_bytes(7)))
    RecoveryCode.objects.bulk_create(
        RecoveryCode(person_id=person_id, digest=recovery_digest(person_id, code), made_at=now) for code in codes
    )
    _note("identity.recovery_codes.make", "people.person", person_id, person_id, actor, now)
    tell("codes_made", person_id, actor, now)
    return tuple(sorted(codes))


def recovery_digest(person_id: UUID, code: str) -> bytes:
    return secrets.digest(f"recovery:{person_id}:{code}")


# ---------------------------------------------------------------- lost


@action("identity.factor.reset")
def reset_factors(*, person_id: UUID, actor: Actor, now: datetime) -> None:
    """Take all factors from somebody who lost them, and end their sessions: they come in by mail alone again.

    For people of partners; refuses OperatorOnly for those of the vendor, NothingHeld, NotFound.
    """
    person = people.person(person_id)
    if partners.partner_by_id(person.partner_id).kind == "host":
        raise OperatorOnly
    _reset(person_id, actor, now)


@dataclass(frozen=True, slots=True)
class Reset:
    """Whose factors the operator took away."""

    name: str
    partner_name: str


@action("identity.factor.reset_by_operator", scoped=False)
def reset_by_operator(*, address: str, partner_slug: str, actor: Actor, now: datetime) -> Reset:
    """The same at the command line, for anybody. Refuses NobodyThere, UnknownPartner, NothingHeld."""
    partner = partners.find_partner(partner_slug)
    there = [person_id for partner_id, person_id in people.persons_of_mailbox(address) if partner_id == partner.id]
    if not there:
        raise NobodyThere(field="email", partner=partner.name, address=address)
    with scopes.one(partner.id):
        _reset(there[0], actor, now)
        return Reset(people.person(there[0]).name, partner.name)


def _reset(person_id: UUID, actor: Actor, now: datetime) -> None:
    gone = _forget(person_id)
    if not gone:
        raise NothingHeld
    _changed("reset", "identity.factor.reset", person_id, person_id, None, actor, now)


def _forget(person_id: UUID) -> int:
    """Delete all that a person holds; how many rows."""
    return sum(
        table.objects.filter(person_id=person_id).delete()[0] for table in (Passkey, AuthenticatorApp, RecoveryCode)
    )


# ---------------------------------------------------------------- what a partner asks of its admins


@action("identity.factor_policy.set")
def set_admin_policy(*, policy: Policy, actor: Actor, now: datetime) -> None:
    """Whether the admins of the open scope's partner may hold a factor, or must."""
    partner_id = scopes.writer()
    FactorPolicy.objects.update_or_create(partner_id=partner_id, defaults={"admins": policy, "set_at": now})
    audit.record(
        actor=actor,
        verb="identity.factor_policy.set",
        object_type="partners.partner",
        object_id=partner_id,
        changes={"admins": policy.value},
        now=now,
    )


# ---------------------------------------------------------------- what each change does


def _require_fresh(person_id: UUID, session_id: UUID | None, now: datetime) -> None:
    if session_id is not None and not held.is_fresh(session_id, person_id, now):
        raise SignInAgain


def _changed(
    what: str, verb: str, row_id: UUID, person_id: UUID, keep: UUID | None, actor: Actor, now: datetime
) -> None:
    """End the other sessions, drop recovery codes that lead back to nothing, note it and tell the mailbox."""
    others = Session.objects.filter(person_id=person_id, ended_at__isnull=True)
    (others.exclude(pk=keep) if keep else others).update(ended_at=now)
    if not held.holders_of_factors([person_id]):
        RecoveryCode.objects.filter(person_id=person_id).delete()
    _note(verb, "identity.factor", row_id, person_id, actor, now)
    tell(what, person_id, actor, now)


def _note(verb: str, object_type: str, object_id: UUID, person_id: UUID, actor: Actor, now: datetime) -> None:
    audit.record(
        actor=actor,
        verb=verb,
        object_type=object_type,
        object_id=object_id,
        changes={"person": str(person_id)},
        now=now,
    )


def tell(what: str, person_id: UUID, actor: Actor, now: datetime) -> None:
    """A letter, where there is a mailbox: whoever did not do this learns of it."""
    if people.person(person_id).email:
        messaging.queue_message(
            person_id=person_id,
            letter_key="identity.factor_changed",
            payload={"what": what},
            dedupe_key=f"identity.factor_changed:{new_id()}",
            priority=FIRST,
            actor=actor,
            now=now,
        )
