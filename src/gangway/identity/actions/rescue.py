"""Ways in on somebody else's word: the operator's link, and the letter that those who help send."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.identity.actions.candidates import candidate_of
from gangway.identity.actions.challenges import ask, asked_lately
from gangway.identity.models import Challenge
from gangway.identity.queries.doors import link_digest
from gangway.identity.queries.ways import comes_by_mail
from gangway.identity.rules import CHALLENGE_LIFE, Kind, next_ask_at, safe_next
from gangway.kernel import audit, secrets
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.messaging.queries import mailbox_digest
from gangway.partners import queries as partners
from gangway.people import queries as people


class NobodyThere(Refusal):
    """The operator named an address that nobody has at that partner."""

    code = "identity.nobody_there"
    status = 404
    message = "Nobody at {partner} who may come in has the address {address}."
    next_step = "Check the spelling, or admit the person first: gangway person import."


@dataclass(frozen=True, slots=True)
class OperatorLink:
    """A link that the operator hands to a person: one press in any browser, within ten minutes."""

    path: str
    expires_at: datetime
    name: str
    partner_name: str


@action("identity.operator_link.make", scoped=False)
def operator_link(
    *, address: str, partner_slug: str, next_path: str = "/", actor: Actor, now: datetime
) -> OperatorLink:
    """A way in for somebody who gets no mail. Refuses NobodyThere, and UnknownPartner. Audited."""
    partner = partners.find_partner(partner_slug)
    there = [person_id for partner_id, person_id in people.persons_of_mailbox(address) if partner_id == partner.id]
    candidate = candidate_of(partner.id, there[0]) if there else None
    if candidate is None:
        raise NobodyThere(field="email", partner=partner.name, address=address)
    link = secrets.token()
    challenge = Challenge.objects.create(
        kind=Kind.OPERATOR,
        link=link_digest(link),
        people=[candidate.as_json()],
        next_path=safe_next(next_path),
        asked_at=now,
        expires_at=now + CHALLENGE_LIFE,
    )
    with scopes.one(partner.id):
        audit.record(
            actor=actor,
            verb="identity.operator_link.make",
            object_type="identity.challenge",
            object_id=challenge.id,
            changes={"person": str(candidate.person_id)},
            now=now,
        )
        name = people.person(candidate.person_id).name
    return OperatorLink(f"/sign-in/link/{link}", challenge.expires_at, name, partner.name)


class ShutOut(Refusal):
    """A letter would lead nowhere."""

    code = "identity.shut_out"
    message = "{name} may not come in, or has no mail address."
    next_step = "Let them in again first, or give them an address."


class ByTheirCompany(Refusal):
    """Their way in is their company's sign-in, and nothing says that it is broken."""

    code = "identity.by_their_company"
    message = "{name} signs in through their company, and a code by mail opens nothing meanwhile."
    next_step = "Look at the connection of their company: a failure there opens the code, and so does its admin."


class EnoughLetters(Refusal):
    """The limit of an address holds for those who help too: it protects the mailbox."""

    code = "identity.enough_letters"
    status = 429
    message = "Enough letters went to this address for the moment."
    next_step = "The next can go at {at}. Until then the last letter's code works for ten minutes."


@action("identity.sign_in_letter.send")
def send_sign_in_letter(*, person_id: UUID, number: str = "", actor: Actor, now: datetime) -> None:
    """Send a person of the open scope a link and a code, which open only together. Refuses ShutOut, EnoughLetters.

    `number`: of the request that the letter answers.
    """
    person = people.person(person_id)
    candidate = candidate_of(person.partner_id, person_id)
    if candidate is None or not person.email:
        raise ShutOut(name=person.name)
    if not comes_by_mail(person_id, person.email, now):
        raise ByTheirCompany(name=person.name)
    mailbox = mailbox_digest(person.email)
    again_at = next_ask_at(asked_lately(mailbox, now), now)
    if again_at is not None:
        raise EnoughLetters(at=f"{again_at:%H:%M} UTC")
    ask(mailbox, [candidate], browser="", number=number, actor=actor, now=now)
    audit.record(
        actor=actor, verb="identity.sign_in_letter.send", object_type="people.person", object_id=person_id, now=now
    )
