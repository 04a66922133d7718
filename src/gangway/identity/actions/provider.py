"""Coming in at a company's own sign-in: what its provider asserted leads to a person of that company, or to nobody."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from gangway.identity.actions import failed
from gangway.identity.actions.candidates import Candidate, candidate_of
from gangway.identity.actions.challenges import ask
from gangway.identity.actions.identities import link_subject
from gangway.identity.actions.memberships import follow_groups
from gangway.identity.actions.sessions import NewSession, begin_session
from gangway.identity.models import FailedSignIn, Identity
from gangway.identity.queries.connections import ConnectionRow, connection, person_of_subject, taken_subjects
from gangway.identity.queries.doors import browser_digest
from gangway.identity.queries.reach import went
from gangway.identity.queries.scim import joined_person as directory_person
from gangway.identity.rules import Method, Step, masked, safe_next
from gangway.identity.rules.connections import Asserted, ConnectionState, JoinAttribute, Verdict, Whose, whose
from gangway.identity.rules.reach import Where
from gangway.identity.rules.scim import folded
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import clean_line, clean_locale, clean_mail, printable
from gangway.messaging.queries import mailbox_digest
from gangway.partners import queries as partners
from gangway.people import actions as people_actions
from gangway.people import queries as people

METHODS = {"saml": Method.SAML, "oidc": Method.OIDC}


@dataclass(frozen=True, slots=True)
class Entered:
    """`session`: signed in. `proving`: a code is on its way to this mailbox (masked), to be typed in this browser.
    Otherwise `step` says where it got stuck, and `number` names it to those who help."""

    session: NewSession | None = None
    proving: str = ""
    step: Step | None = None
    number: str = ""


@action("identity.provider.enter", scoped=False)
def enter_by_provider(
    *,
    connection_id: UUID,
    partner_id: UUID,
    asserted: Asserted,
    mailbox: bytes | None = None,
    browser: str,
    next_path: str = "/",
    device: str = "",
    replaces: str = "",
    actor: Actor,
    now: datetime,
) -> Entered:
    """Sign in whom a provider named, if it is somebody of the connection's own partner (rules.connections.whose), or of
    one that it serves (rules.reach.whither).

    The caller has verified what was signed. `browser`: by which a code to the mailbox would be typed; `mailbox`: the
    digest of the address typed at our door.
    """
    with scopes.one(partner_id):
        row = connection(connection_id)
        if row.state is not ConnectionState.ACTIVE or row.owner is not None:
            return _stuck(row, Step.PROVIDER_FOREIGN, "connection.closed", mailbox=mailbox, now=now)
        gone = went(row, asserted)
        if gone.where not in (Where.OWN, Where.SERVED):
            detail = "" if "@" in gone.key else printable(gone.key)  # an address would be a claim of a person
            return _stuck(
                row, Step.PROVIDER_ACCOUNT, f"account.{gone.where.value}", detail=detail, mailbox=mailbox, now=now
            )
    if gone.reach is not None:
        partner_id = gone.reach.partner_id
        with scopes.one(partner_id):
            row = replace(connection(gone.reach.served), claims=row.claims)
    with scopes.one(partner_id):
        speaks = Actor(ActorKind.CONNECTION, str(row.id), row.kind.value)
        verdict = _verdict(row, asserted)
        match verdict.whose:
            case Whose.NOBODY:
                return _stuck(row, Step.PROVIDER_UNKNOWN, "subject.unknown", mailbox=mailbox, now=now)
            case Whose.PROVE:
                return _prove(row, asserted, verdict, browser, next_path, speaks, mailbox, now)
            case Whose.NEW:
                person_id = _admit(row, asserted, speaks, now)
            case _:
                assert verdict.person is not None
                person_id = verdict.person
        place = failed.place_of(partner_id, person_id)
        if place.step is not Step.ASKED:
            return _stuck(row, place.step, "person.shut_out", person_id=person_id, mailbox=mailbox, now=now)
        link_subject(connection_id=row.id, subject=asserted.subject, person_id=person_id, actor=speaks, now=now)
        _keep_in_step(row, asserted, person_id, speaks, now)
        follow_groups(row, asserted, person_id, speaks, now)
        return Entered(_begin(row, asserted.subject, person_id, device, replaces, now))


def _verdict(row: ConnectionRow, asserted: Asserted) -> Verdict:
    email = _address(row, asserted)
    known = person_of_subject(row.id, asserted.subject)
    joined = joined_person(row, asserted)
    there = [person for partner, person in people.persons_of_mailbox(email) if partner == row.partner_id]
    by_mailbox = there[0] if there else None
    trusted = bool(email) and row.owner is None and not asserted.mailbox_doubted
    return whose(
        known=known,
        joined=joined,
        by_mailbox=by_mailbox,
        taken=taken_subjects(row.id, {one for one in (joined, by_mailbox) if one is not None}),
        domain_proven=trusted and partners.domain_proven(row.partner_id, email),
        admits=row.admits,
    )


def joined_person(row: ConnectionRow, asserted: Asserted) -> UUID | None:
    """The person that the joined directory brought under the value of the join claim."""
    value = asserted.first(row.join_claim) if row.join_claim else asserted.subject
    if row.joined_id is None or not value:
        return None
    if row.join_attribute is JoinAttribute.USER_NAME:
        return directory_person(row.joined_id, user_name_key=folded(value))
    return directory_person(row.joined_id, external_id=value)


def _address(row: ConnectionRow, asserted: Asserted) -> str:
    """The asserted address; "" where none was sent, or what was sent is none."""
    try:
        return clean_mail(asserted.tells("email", row.claims))
    except Invalid:
        return ""


def _admit(row: ConnectionRow, asserted: Asserted, actor: Actor, now: datetime) -> UUID:
    """Somebody new. An address is kept only where the partner has proven its domain: letters go nowhere else. Of what
    another company's provider asserts none is: it would be a way to an account that a colleague comes to later."""
    email = _address(row, asserted)
    kept = email if email and row.owner is None and partners.domain_proven(row.partner_id, email) else None
    return people_actions.admit_person(
        name=asserted.name(row.claims) or kept or asserted.subject[:200],
        email=kept,
        external_id=asserted.subject,
        locale=_locale(row, asserted),
        letter=False,
        source=row.source,
        actor=actor,
        now=now,
    )


def _locale(row: ConnectionRow, asserted: Asserted) -> str | None:
    try:
        return clean_locale(asserted.tells("locale", row.claims))
    except Invalid:
        return None


def _keep_in_step(row: ConnectionRow, asserted: Asserted, person_id: UUID, actor: Actor, now: datetime) -> None:
    """What the connection maps follows the provider at each sign-in, but for people whom a directory manages."""
    if people.person(person_id).managed_by:
        return
    name = asserted.name(row.claims) if row.claims.keys() & {"name", "given_name", "family_name"} else ""
    locale = _locale(row, asserted) if "locale" in row.claims else None
    if name or locale:
        people_actions.set_profile(
            person_id=person_id, name=clean_line(name) if name else None, locale=locale, actor=actor, now=now
        )


def _begin(row: ConnectionRow, subject: str, person_id: UUID, device: str, replaces: str, now: datetime) -> NewSession:
    Identity.objects.filter(connection=row.id, subject=subject).update(last_used_at=now)
    failed.came_in(person_id, "", now)
    return begin_session(
        person_id=person_id,
        method=METHODS[row.kind.value],
        device=device,
        replaces=replaces,
        actor=Actor.person(person_id),
        now=now,
    )


def _prove(
    row: ConnectionRow,
    asserted: Asserted,
    verdict: Verdict,
    browser: str,
    next_path: str,
    actor: Actor,
    mailbox: bytes | None,
    now: datetime,
) -> Entered:
    """A code goes to the stored address; typed in this browser, it links the subject to its person."""
    assert verdict.person is not None
    candidate: Candidate | None = candidate_of(row.partner_id, verdict.person)
    if candidate is None:
        return _stuck(row, Step.PROVIDER_UNKNOWN, "person.shut_out", person_id=verdict.person, mailbox=mailbox, now=now)
    email = people.person(verdict.person).email or ""
    number = failed.asked(mailbox_digest(email), now)
    ask(
        mailbox_digest(email),
        [candidate],
        browser=browser,
        next_path=safe_next(next_path),
        number=number,
        provider=row.id,
        subject=asserted.subject,
        actor=actor,
        now=now,
    )
    return Entered(proving=masked(email), number=number)


@action("identity.provider.fail", scoped=False)
def note_provider_failure(
    *,
    connection_id: UUID,
    partner_id: UUID,
    step: Step,
    reason: str,
    detail: str = "",
    mailbox: bytes | None = None,
    browser: str = "",
    actor: Actor,
    now: datetime,
) -> str:
    """Keep a sign-in at a provider that failed; its number. `detail` says what was expected and came, and nothing of
    a person. `browser`: by which the one that brought a refusal is known at our doors from then on."""
    brought = browser_digest(browser) if browser else None
    with scopes.one(partner_id):
        stuck = _stuck(
            connection(connection_id), step, reason, detail=detail, mailbox=mailbox, browser=brought, now=now
        )
    return stuck.number


def _stuck(
    row: ConnectionRow,
    step: Step,
    reason: str,
    *,
    detail: str = "",
    person_id: UUID | None = None,
    mailbox: bytes | None = None,
    browser: bytes | None = None,
    now: datetime,
) -> Entered:
    made = FailedSignIn.objects.create(
        number=failed.fresh_number(),
        mailbox=mailbox,
        subject=browser,
        partner_id=row.partner_id,
        person_id=person_id,
        connection=row.id,
        step=step,
        reason=reason[:40],
        detail=detail[:300],
        at=now,
        moved_at=now,
    )
    return Entered(step=step, number=made.number)
