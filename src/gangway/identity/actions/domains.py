"""A partner proves that a mail domain is its own: by a record in its zone or a code to one of its masters."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F

from gangway.identity.models import DomainClaim
from gangway.identity.rules import NUMBER_SIGNS
from gangway.identity.rules.domains import (
    CODE_LIFE,
    CODE_SIGNS,
    CODE_TRIES,
    DOMAINS_AT_MOST,
    LETTER_EVERY,
    MASTERS,
    DomainState,
    Looked,
    is_public,
    looked,
    next_look,
    typed_domain_code,
)
from gangway.kernel import audit, secrets
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.values import clean_host
from gangway.messaging import actions as messaging
from gangway.partners import actions as partners


class PublicDomain(Refusal):
    code = "identity.public_domain"
    status = 400
    message = "At {domain} anybody gets a mailbox, so it speaks for nobody's company."
    next_step = "Invite people by their addresses there."


class DomainProven(Refusal):
    code = "identity.domain_proven"
    status = 409
    message = "This domain is proven already."
    next_step = "Nothing is to do."


class LetterLately(Refusal):
    code = "identity.letter_lately"
    status = 429
    message = "A letter with a code went to this domain within the last hour."
    next_step = "Wait for it, or ask again later. The record in the zone works at any time."


class DomainCodeVoid(Refusal):
    code = "identity.domain_code_void"
    status = 410
    message = "This code opens nothing any more: it is too old, or was typed wrongly five times."
    next_step = "Send another letter."


class WrongDomainCode(Refusal):
    code = "identity.wrong_domain_code"
    status = 400
    message = "That is not the code of the last letter."
    next_step = "Type it as it stands there: ten letters and digits."


@action("identity.domain.claim")
def claim_domain(*, name: str, actor: Actor, now: datetime) -> UUID:
    """The scope's partner says that a mail domain is its own; the id of the claim, the same while it stands.

    Invalid: no domain, or too many of them. PublicDomain: anybody gets a mailbox there. Nothing is proven by it.
    """
    domain = _clean(name)
    row = DomainClaim.objects.select_for_update().filter(name=domain).first()
    if row is not None and row.state != DomainState.GIVEN_UP:
        return UUID(str(row.id))
    standing = DomainClaim.objects.exclude(state=DomainState.GIVEN_UP)
    if standing.count() >= DOMAINS_AT_MOST:
        raise Invalid(
            field="domain", problem="There are {n} domains already.", mend="Give up one of them.", n=DOMAINS_AT_MOST
        )
    row = row or DomainClaim(name=domain)
    row.state, row.token, row.asked_at, row.next_look_at = DomainState.WAITING.value, secrets.token(16), now, now
    row.looked_at, row.looked, row.code, row.ended_at = None, "", None, None
    row.save()
    _note(row, "identity.domain.claim", actor, now)
    return UUID(str(row.id))


def _clean(name: str) -> str:
    domain = clean_host(name.strip().removeprefix("@").strip(), "domain")
    if "." not in domain:
        raise Invalid(
            field="domain", problem="“{name}” is no mail domain.", mend="Use one such as nordwind.example.", name=domain
        )
    if is_public(domain):
        raise PublicDomain(field="domain", domain=domain)
    return domain


@action("identity.domain.note_look")
def note_look(*, claim_id: UUID, texts: Sequence[str] | None, actor: Actor, now: datetime) -> DomainState:
    """Write down what the zone said: the records of the name, None where nobody answered. The state it led to.

    The right record proves the domain; after sixty days without one nobody looks any more.
    """
    row = _locked(claim_id)
    if row.state != DomainState.WAITING:
        return DomainState(row.state)
    row.looked_at = now
    row.looked = Looked.SILENT if texts is None else looked(texts, row.token)
    if row.looked == Looked.FOUND:
        return _prove(row, "dns", actor, now)
    row.next_look_at = next_look(row.asked_at, now)
    if row.next_look_at is None:
        row.state, row.ended_at = DomainState.GIVEN_UP.value, now
        _note(row, "identity.domain.note_look", actor, now)
    row.save()
    return DomainState(row.state)


@action("identity.domain.send_code")
def send_domain_code(*, claim_id: UUID, master: str, actor: Actor, now: datetime) -> str:
    """Send a code to a mailbox that only the masters of the domain read; the address. The asker types it here.

    NotFound: no such claim, or a mailbox that is none of these. DomainProven, LetterLately.
    """
    row = _waiting(claim_id)
    if master not in MASTERS or actor.kind != ActorKind.PERSON:
        raise NotFound
    if row.code_sent_at is not None and now - row.code_sent_at < LETTER_EVERY:
        raise LetterLately
    code, address = secrets.pick(NUMBER_SIGNS, CODE_SIGNS), f"{master}@{row.name}"
    row.code, row.code_sent_at, row.code_tries = _digest(row, code), now, 0
    row.save()
    messaging.queue_message(
        person_id=UUID(actor.id),
        letter_key="identity.domain_code",
        payload={"claim": str(row.id)},
        dedupe_key=f"identity.domain_code:{row.id}:{now.isoformat()}",
        secret=f"{code} {row.name}",
        to=address,
        not_after=now + CODE_LIFE,
        actor=actor,
        now=now,
    )
    _note(row, "identity.domain.send_code", actor, now, master=master)
    return address


@action("identity.domain.type_code")
def type_domain_code(*, claim_id: UUID, typed: str, actor: Actor, now: datetime) -> int:
    """Prove a domain by the code of its letter: 0 where it was right, else how many tries are left.

    A wrong code is an answer, not an exception: the try must stay counted. What is no code is none. DomainProven,
    DomainCodeVoid, WrongDomainCode (no code at all).
    """
    row = _waiting(claim_id)
    code = typed_domain_code(typed)
    if not code:
        raise WrongDomainCode(field="code")
    if row.code is None or row.code_sent_at is None or now >= row.code_sent_at + CODE_LIFE:
        raise DomainCodeVoid
    if row.code_tries >= CODE_TRIES:
        raise DomainCodeVoid
    DomainClaim.objects.filter(pk=row.pk).update(code_tries=F("code_tries") + 1)
    if not secrets.same(bytes(row.code), _digest(row, code)):
        return CODE_TRIES - row.code_tries - 1
    _prove(row, "mail", actor, now)
    return 0


@action("identity.domain.give_up")
def give_up_domain(*, claim_id: UUID, actor: Actor, now: datetime) -> None:
    """The partner speaks for the domain no more, proven or not; who came in stays. NotFound outside the scope."""
    row = _locked(claim_id)
    if row.state == DomainState.GIVEN_UP:
        return
    row.state, row.next_look_at, row.code, row.ended_at = DomainState.GIVEN_UP.value, None, None, now
    row.save()
    partners.drop_domain(name=row.name, actor=actor, now=now)
    _note(row, "identity.domain.give_up", actor, now)


def _prove(row: DomainClaim, by: str, actor: Actor, now: datetime) -> DomainState:
    row.state, row.next_look_at, row.code, row.ended_at = DomainState.PROVEN.value, None, None, now
    row.save()
    partners.keep_domain(name=row.name, actor=actor, now=now)
    _note(row, "identity.domain.prove", actor, now, by=by)
    return DomainState.PROVEN


def _locked(claim_id: UUID) -> DomainClaim:
    row: DomainClaim | None = DomainClaim.objects.select_for_update().filter(pk=claim_id).first()
    if row is None:
        raise NotFound
    return row


def _waiting(claim_id: UUID) -> DomainClaim:
    row = _locked(claim_id)
    if row.state == DomainState.PROVEN:
        raise DomainProven
    if row.state != DomainState.WAITING:
        raise NotFound
    return row


def _digest(row: DomainClaim, code: str) -> bytes:
    return secrets.digest(f"domain:{row.id}:{row.token}:{code}")


def _note(row: DomainClaim, verb: str, actor: Actor, now: datetime, **more: str) -> None:
    changes = {"domain": row.name, "state": str(row.state), **more}
    audit.record(
        actor=actor, verb=verb, object_type="identity.domain_claim", object_id=row.id, changes=changes, now=now
    )
