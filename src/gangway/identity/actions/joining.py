"""Strangers join: by a proven mail domain, by an access code, or by being let in; and what a partner says to that."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from gangway.identity.actions import failed
from gangway.identity.actions.candidates import direct_candidate
from gangway.identity.actions.sessions import NewSession, begin_session
from gangway.identity.actions.waiting import tell_declined, tell_waiting
from gangway.identity.events import PersonJoined
from gangway.identity.models import AccessCode, Challenge, CodeUse, JoinPolicy, JoinRequest
from gangway.identity.queries.joining import (
    Stranger,
    access_code_digest,
    guessed_enough,
    place_digest,
    proven_stranger,
    ways_of,
)
from gangway.identity.rules import KEPT_FOR, NUMBER_SIGNS, Method
from gangway.identity.rules.joining import (
    ASKS_AGAIN_AFTER,
    CODE_LIFE_AT_MOST,
    CODES_AT_MOST,
    RANDOM_SIGNS,
    REQUEST_LIFE,
    SEATS_AT_MOST,
    By,
    CodeState,
    JoinState,
    check_sign,
    code_state,
    typed_access_code,
)
from gangway.kernel import audit, secrets
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import clean_line, clean_locale, clean_mail, mail_key
from gangway.messaging import actions as messaging
from gangway.messaging.queries import mailbox_digest
from gangway.partners import queries as partners
from gangway.people import actions as people_actions
from gangway.people import queries as people

LETTER = "identity.join"
PRIORITY = 0


class GuessedEnough(Refusal):
    code = "identity.guessed_enough"
    status = 429
    message = "Too many access codes that are none were typed today."
    next_step = "Leave the field empty and wait to be let in, or come back tomorrow."


class DoorClosed(Refusal):
    code = "identity.door_closed"
    status = 409
    message = "This door was closed a moment ago: the last seat is taken, or the code has ended."
    next_step = "Ask to be let in, or for another code."


class OwnSignIn(Refusal):
    code = "identity.own_sign_in"
    status = 409
    message = "People of this company come in by their company's own sign-in."
    next_step = "Go to the sign-in page and type your work address."


class JoinedAlready(Refusal):
    code = "identity.joined_already"
    status = 409
    message = "Whoever owns this mailbox joined a moment ago, in another window."
    next_step = "Go on there, or sign in here with your address."


class AnsweredAlready(Refusal):
    code = "identity.answered_already"
    status = 409
    message = "Somebody answered this a moment ago."
    next_step = "Go back to the list."


# ---------------------------------------------------------------- at the door


def word_of_stranger(*, name: str, email: str, code: str, locale: str, now: datetime) -> str:
    """What a stranger says of themselves, sealed, to be noted with the letter to their mailbox.

    Invalid: a name, address or code that cannot be one (a code carries a check sign, so this tells nothing of which
    there are). GuessedEnough: only where a code was typed.
    """
    typed = typed_access_code(code)
    if code.strip() and not typed:
        raise Invalid(
            field="access_code",
            problem="That is no access code: a sign is missing or wrong.",
            mend="Compare it with what you were given.",
        )
    address = clean_mail(email)
    mail_key(address)
    if typed and guessed_enough(address, now):
        raise GuessedEnough
    stranger = Stranger(name=clean_line(name, limit=100), address=address, locale=clean_locale(locale), code=typed)
    return stranger.sealed()


def greet_stranger(row: Challenge, secret: str, actor: Actor, now: datetime) -> None:
    """The letter that proves a stranger's mailbox. The vendor writes it: it names no partner, and no account."""
    stranger = Stranger.unsealed(row.joining)
    with scopes.one(partners.host_id()):
        messaging.queue_to_stranger(
            mailbox=stranger.address,
            locale=stranger.locale,
            letter_key=LETTER,
            payload={"challenge": str(row.id)},
            dedupe_key=f"{LETTER}:{row.id}",
            secret=secret,
            priority=PRIORITY,
            not_after=row.expires_at,
            actor=actor,
            now=now,
        )


def note_missed(row: Challenge, now: datetime) -> None:
    """Count a code that is none, once its mailbox is proven: who proves no mailbox, guesses nothing."""
    code, _ = ways_of(Stranger.unsealed(row.joining), now)
    if code is CodeState.UNKNOWN:
        Challenge.objects.filter(pk=row.pk).update(missed=True)


@action("identity.joining.join", scoped=False)
def join(
    *, browser: str, partner_id: UUID, device: str = "", replaces: str = "", actor: Actor, now: datetime
) -> NewSession:
    """Become a person of a partner whose door is open to the mailbox that this browser proved, and be signed in.

    NotFound: nothing was proven here, or this partner was never offered. DoorClosed: a moment too late. JoinedAlready:
    in another window. OwnSignIn.
    """
    row = _locked(browser, now)
    stranger = Stranger.unsealed(row.joining)
    code = _locked_code(stranger.code)  # before the seats are counted: whoever comes next counts behind it
    _, ways = ways_of(stranger, now)
    by = ways.doors.get(partner_id)
    if by is None:
        if _is_in(partner_id, stranger.address, now):
            raise JoinedAlready
        raise DoorClosed if code is not None and code.partner_id == partner_id else NotFound
    with scopes.one(partner_id):
        if people.mailbox_known(stranger.address):
            raise JoinedAlready
        try:
            person_id = people_actions.admit_person(
                name=stranger.name,
                email=stranger.address,
                locale=stranger.locale,
                letter=False,
                source="join",
                actor=actor,
                now=now,
            )
        except people_actions.AlreadyHere as faster:  # brought by a file or a directory since the look
            raise JoinedAlready from faster
        if code is not None and by is By.CODE:
            _take_seat(code, person_id, now)
        fact = PersonJoined(person_id=person_id, by=by.value, code_id=code.id if code and by is By.CODE else None)
        publish(fact, subject_id=person_id, now=now, actor=actor)
        _note(actor, "identity.joining.join", "person", person_id, {"by": by.value}, now)
        if direct_candidate(partner_id, person_id, now) is None:
            raise OwnSignIn
        failed.came_in(person_id, row.number, now)
        _use(row, now)
        return begin_session(
            person_id=person_id,
            method=Method(row.proven_by),
            device=device,
            replaces=replaces,
            actor=Actor.person(person_id),
            now=now,
        )


def _is_in(partner_id: UUID, address: str, now: datetime) -> bool:
    """Whether the owner of a proven mailbox may sign in there by it: no news to them."""
    homes = people.persons_of_mailbox(address)
    return any(home == partner_id and direct_candidate(home, person_id, now) for home, person_id in homes)


def _locked_code(code: str) -> AccessCode | None:
    return AccessCode.objects.select_for_update().filter(digest=access_code_digest(code)).first() if code else None


def _take_seat(code: AccessCode, person_id: UUID, now: datetime) -> None:
    """The next seat, behind the lock of the code; its number is unique, whatever the lock does."""
    used = CodeUse.objects.filter(code=code.pk).count()
    state = code_state(seats=code.seats, used=used, expires_at=code.expires_at, closed_at=code.closed_at, now=now)
    if state is not CodeState.OPEN:
        raise DoorClosed
    try:
        with transaction.atomic():
            CodeUse.objects.create(code=code, seat=used + 1, person_id=person_id, at=now)
    except IntegrityError as taken:
        raise DoorClosed from taken


@action("identity.joining.wait", scoped=False)
def wait_to_join(*, browser: str, actor: Actor, now: datetime) -> None:
    """Ask to be let in: the partner that is meant, where one is, else the channel team; by letter. Asked twice is once.

    NotFound: nothing was proven here. Who was declined a week ago may ask again; sooner, nothing is asked anew.
    """
    row = _locked(browser, now)
    stranger = Stranger.unsealed(row.joining)
    _, ways = ways_of(stranger, now)
    place = place_digest(mailbox_digest(stranger.address), ways.asks)
    lately = JoinRequest.objects.filter(place=place, state=JoinState.DECLINED, ended_at__gt=now - ASKS_AGAIN_AFTER)
    if not lately.exists():
        _, fresh = JoinRequest.objects.get_or_create(
            place=place,
            state=JoinState.WAITING.value,
            defaults={"partner_id": ways.asks, "who": stranger.sealed(), "at": now},
        )
        if fresh:
            tell_waiting(ways.asks, actor, now)
    _use(row, now)


def _locked(browser: str, now: datetime) -> Challenge:
    known = proven_stranger(browser, now)
    row = Challenge.objects.select_for_update().filter(pk=known.pk, used_at=None).first() if known else None
    if row is None or not row.joining:
        raise NotFound
    return row


def _use(row: Challenge, now: datetime) -> None:
    """The challenge is spent, and what was said in it is forgotten."""
    Challenge.objects.filter(pk=row.pk).update(used_at=now, joining="")


# ---------------------------------------------------------------- what a partner says


@action("identity.joining.set_policy")
def set_join_policy(*, by_domain: bool, actor: Actor, now: datetime) -> None:
    """Whether whoever proves a mailbox at one of the partner's proven domains comes in at once."""
    row, fresh = JoinPolicy.objects.get_or_create(defaults={"by_domain": by_domain})
    if not fresh and row.by_domain == by_domain:
        return
    JoinPolicy.objects.update(by_domain=by_domain)
    _note(actor, "identity.joining.set_policy", "partner", scopes.writer(), {"by_domain": by_domain}, now)


@dataclass(frozen=True, slots=True)
class MadeCode:
    """`code` is shown once and stored nowhere."""

    id: UUID
    code: str


@action("identity.access_code.make")
def make_access_code(*, label: str, seats: int, days: int, actor: Actor, now: datetime) -> MadeCode:
    """A code that lets so many strangers into the scope's partner, for so many days. Invalid names a wrong field."""
    label = clean_line(label, "label", limit=80)
    if not 1 <= seats <= SEATS_AT_MOST:
        raise Invalid(field="seats", problem="Between 1 and {n} seats are possible.", n=SEATS_AT_MOST)
    if not 1 <= days <= CODE_LIFE_AT_MOST.days:
        raise Invalid(field="days", problem="Between 1 and {n} days are possible.", n=CODE_LIFE_AT_MOST.days)
    partner_id = scopes.writer()
    standing = AccessCode.objects.filter(partner=partner_id, closed_at=None, expires_at__gt=now)
    if standing.count() >= CODES_AT_MOST:
        raise Invalid(field="label", problem="There are {n} codes already.", mend="Close one first.", n=CODES_AT_MOST)
    signs = secrets.pick(NUMBER_SIGNS, RANDOM_SIGNS)
    code = signs + check_sign(signs)
    row = AccessCode.objects.create(
        digest=access_code_digest(code),
        partner_id=partner_id,
        label=label,
        tail=code[-4:],
        seats=seats,
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    changes = {"label": label, "seats": seats, "expires_at": row.expires_at.isoformat()}
    _note(actor, "identity.access_code.make", "identity.access_code", row.id, changes, now)
    return MadeCode(row.id, code)


@action("identity.access_code.close")
def close_access_code(*, code_id: UUID, actor: Actor, now: datetime) -> None:
    """It lets nobody in from now on; who came in by it stays. NotFound: it is none of the scope's partner."""
    row = AccessCode.objects.select_for_update().filter(pk=code_id, partner=scopes.writer()).first()
    if row is None:
        raise NotFound
    if row.closed_at is None:
        row.closed_at = now
        row.save()
        _note(actor, "identity.access_code.close", "identity.access_code", row.id, {}, now)


@action("identity.joining.admit")
def admit_stranger(*, request_id: UUID, actor: Actor, now: datetime) -> UUID:
    """Let somebody who waits into the scope's partner, with an invitation by letter; their id.

    NotFound: they wait at another partner. AnsweredAlready, AlreadyHere.
    """
    row = _waiting(request_id)
    stranger = Stranger.unsealed(row.who)
    person_id = people_actions.admit_person(
        name=stranger.name,
        email=stranger.address,
        locale=stranger.locale,
        letter=True,
        source="join",
        actor=actor,
        now=now,
    )
    publish(PersonJoined(person_id=person_id, by=By.ADMITTED.value), subject_id=person_id, now=now, actor=actor)
    _answer(row, JoinState.ADMITTED, actor, now)
    return person_id


@action("identity.joining.decline")
def decline_stranger(*, request_id: UUID, actor: Actor, now: datetime) -> None:
    """Do not let them in; a letter says so to them. NotFound as in admitting. AnsweredAlready."""
    row = _waiting(request_id)
    tell_declined(row.id, Stranger.unsealed(row.who), row.at, actor, now)
    _answer(row, JoinState.DECLINED, actor, now)


def _waiting(request_id: UUID) -> JoinRequest:
    row = JoinRequest.objects.select_for_update().filter(pk=request_id).first()
    if row is None or row.partner_id not in (None, scopes.writer()):
        raise NotFound
    if row.state != JoinState.WAITING:
        raise AnsweredAlready
    return row


def _answer(row: JoinRequest, state: JoinState, actor: Actor, now: datetime) -> None:
    row.state, row.ended_at, row.who = state.value, now, ""
    row.save()
    _note(actor, f"identity.joining.{state.value}", "identity.join_request", row.id, {"state": state.value}, now)


@action("identity.joining.forget", scoped=False)
def forget_joining(*, actor: Actor, now: datetime) -> int:
    """Forget who waited in vain for ninety days, and what strangers said in challenges that ended; how many waited."""
    Challenge.objects.filter(expires_at__lt=now - timedelta(hours=1)).exclude(joining="").update(joining="")
    Challenge.objects.filter(expires_at__lt=now - KEPT_FOR, missed=True).update(missed=False)
    gone, _ = JoinRequest.objects.filter(at__lt=now - REQUEST_LIFE).delete()
    return gone


def _note(
    actor: Actor, verb: str, object_type: str, object_id: UUID, changes: dict[str, object], now: datetime
) -> None:
    audit.record(actor=actor, verb=verb, object_type=object_type, object_id=object_id, changes=changes, now=now)
