"""Coming in at a company's own sign-in: what its provider asserted leads to a person of that company, or to nobody."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from gangway.identity.actions import failed
from gangway.identity.actions.candidates import candidate_of
from gangway.identity.actions.entering import Entered, prove_mailbox, stuck
from gangway.identity.actions.identities import link_subject
from gangway.identity.actions.memberships import follow_groups
from gangway.identity.actions.sessions import NewSession, begin_session
from gangway.identity.models import Identity
from gangway.identity.queries.connections import ConnectionRow, connection, person_of_subject, taken_subjects
from gangway.identity.queries.doors import browser_digest
from gangway.identity.queries.reach import went
from gangway.identity.queries.scim import joined_person as directory_person
from gangway.identity.rules import Method, Step, safe_next
from gangway.identity.rules.connections import (
    SUBJECT_LENGTH,
    Asserted,
    ConnectionState,
    JoinAttribute,
    Verdict,
    Whose,
    whose,
)
from gangway.identity.rules.reach import Where
from gangway.identity.rules.scim import folded
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import clean_line, clean_locale, clean_mail, printable
from gangway.partners import queries as partners
from gangway.people import actions as people_actions
from gangway.people import queries as people

METHODS = {"saml": Method.SAML, "oidc": Method.OIDC}


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
            return stuck(Step.PROVIDER_FOREIGN, "connection.closed", row=row, mailbox=mailbox, now=now)
        gone = went(row, asserted)
        if gone.where not in (Where.OWN, Where.SERVED):
            detail = "" if "@" in gone.key else printable(gone.key)  # an address would be a claim of a person
            return stuck(
                Step.PROVIDER_ACCOUNT, f"account.{gone.where.value}", row=row, detail=detail, mailbox=mailbox, now=now
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
                looked = _looked_for(row, asserted)
                return stuck(Step.PROVIDER_UNKNOWN, "subject.unknown", row=row, detail=looked, mailbox=mailbox, now=now)
            case Whose.PROVE:
                assert verdict.person is not None
                return _prove(row, asserted, verdict.person, mailbox, browser, next_path, speaks, now)
            case Whose.NEW:
                person_id = _admit(row, asserted, speaks, now)
            case _:
                assert verdict.person is not None
                person_id = verdict.person
        place = failed.place_of(partner_id, person_id)
        if place.step is not Step.ASKED:
            return stuck(place.step, "person.shut_out", row=row, person_id=person_id, mailbox=mailbox, now=now)
        link_subject(connection_id=row.id, subject=asserted.subject, person_id=person_id, actor=speaks, now=now)
        _keep_in_step(row, asserted, person_id, speaks, now)
        _remember_join(row, asserted, person_id, speaks, now)
        follow_groups(row, asserted, person_id, speaks, now)
        return Entered(_begin(row, asserted.subject, person_id, device, replaces, now))


def _prove(
    row: ConnectionRow,
    asserted: Asserted,
    person_id: UUID,
    mailbox: bytes | None,
    browser: str,
    next_path: str,
    speaks: Actor,
    now: datetime,
) -> Entered:
    """Somebody was here before the connection knew them: a code to their mailbox says that they are the same."""
    candidate = candidate_of(row.partner_id, person_id)
    if candidate is None:
        return stuck(Step.PROVIDER_UNKNOWN, "person.shut_out", row=row, person_id=person_id, mailbox=mailbox, now=now)
    return prove_mailbox(
        candidate,
        provider=row.id,
        subject=asserted.subject,
        browser=browser,
        next_path=safe_next(next_path),
        actor=speaks,
        now=now,
    )


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


def _looked_for(row: ConnectionRow, asserted: Asserted) -> str:
    """By what somebody was looked for and not found, for their IT: names of claims and why, never what they held."""
    email, said, other = _address(row, asserted), [], "comes in as another subject"
    there = [person for partner, person in people.persons_of_mailbox(email) if partner == row.partner_id]
    joined = joined_person(row, asserted)
    if row.joined_id is not None:
        sent = not row.join_claim or bool(asserted.first(row.join_claim))
        unknown = "names nobody of the directory" if sent else "was not sent"
        became = f"names somebody who {other}" if joined else unknown
        said.append(f"{row.join_claim or 'subject'} {became}")
    if joined is None:
        nobodys = f"who has the address {other}" if there else "the address is nobody's here"
        said.append(nobodys if email else "no address was sent")
    return "; ".join(said if joined or there else [*said, "nobody new is let in"])


def joined_person(row: ConnectionRow, asserted: Asserted) -> UUID | None:
    """The person that the joined directory brought under the value of the join claim."""
    value = asserted.first(row.join_claim) if row.join_claim else asserted.subject
    if row.joined_id is None or not value:
        return None
    if row.join_attribute is JoinAttribute.USER_NAME:
        return directory_person(row.joined_id, user_name_key=folded(value))
    return directory_person(row.joined_id, external_id=value)


def _remember_join(row: ConnectionRow, asserted: Asserted, person_id: UUID, actor: Actor, now: datetime) -> None:
    """Whom the joined directory has not brought yet is remembered by their id there: when it brings them, it adopts
    them, though no mailbox tells who they are. An id that somebody else was remembered by stays theirs."""
    value = asserted.first(row.join_claim) if row.join_claim else asserted.subject
    if row.joined_id is None or not value or people.person(person_id).managed_by:
        return
    attribute = row.join_attribute or JoinAttribute.EXTERNAL_ID
    name = folded(value) if attribute is JoinAttribute.USER_NAME else value
    source = attribute.named_for(connection(row.joined_id).source)
    if len(name) > SUBJECT_LENGTH or people.person_elsewhere(source, name) is not None:
        return
    people_actions.name_elsewhere(person_id=person_id, source=source, value=name, actor=actor, now=now)


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
        row = connection(connection_id)
        return stuck(step, reason, row=row, detail=detail, mailbox=mailbox, browser=brought, now=now).number
