"""Asking for a way in, and proving the mailbox. What proves it: rules.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F

from gangway.identity.actions import failed
from gangway.identity.actions.candidates import Candidate, candidate_of, direct_candidate
from gangway.identity.actions.failed import DoorBusy
from gangway.identity.actions.identities import link_named
from gangway.identity.actions.joining import greet_stranger, note_missed
from gangway.identity.actions.sessions import NewSession, begin_session
from gangway.identity.models import Challenge
from gangway.identity.queries.doors import asked_by, browser_digest, facts, link_digest, may_choose, youngest_of
from gangway.identity.queries.factors import holders_of_factors
from gangway.identity.queries.handover import is_portal
from gangway.identity.rules import (
    CHALLENGE_LIFE,
    KEPT_FOR,
    LETTERS_WAITING,
    RESEND_AFTER,
    TRIES,
    Kind,
    Method,
    Proof,
    State,
    Step,
    codes_are_closed,
    link_needs,
    method_of,
    next_ask_at,
    safe_next,
    state_of,
)
from gangway.kernel import secrets
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import mail_key
from gangway.messaging import actions as messaging
from gangway.messaging import queries as messaging_queries
from gangway.messaging.queries import mailbox_digest
from gangway.people import queries as people

SIGN_IN_PRIORITY = 0


@dataclass(frozen=True, slots=True)
class Asked:
    """A letter was asked for; or (`again_at`) the limit is reached until then: see `number`; or (`sent_at`) an
    invitation sent one for another browser, by which anybody who has it may come in until `until`."""

    again_at: datetime | None = None
    number: str = ""
    sent_at: datetime | None = None
    until: datetime | None = None


# ---------------------------------------------------------------- asking


@action("identity.challenge.note", scoped=False)
def note_asking(*, address: str, browser: str, next_path: str, joining: str = "", actor: Actor, now: datetime) -> Asked:
    """Write down that a browser asked for a letter to an address; the worker writes the letter a moment later.

    Statement for statement the same whether anybody has the address, so that neither the answer nor the time it takes
    tells who is here: limits, tries and pages are alike too. Pressed again within half a minute, the letter that is on
    its way stays the last one. Refuses with Invalid what cannot be a mail address, and with DoorBusy while more
    letters wait to be written than the mail server can take. joining: what a stranger said (word_of_stranger).
    """
    mailbox = mailbox_digest(mail_key(address))
    if not joining and on_its_way(mailbox, browser, now):
        return Asked()
    if Challenge.objects.exclude(address="").order_by("asked_at", "id")[LETTERS_WAITING:].exists():
        raise DoorBusy  # the brake before the mail server: for everybody alike, and by no network's address
    again_at = next_ask_at(asked_lately(mailbox, now), now)
    if again_at is not None:
        return Asked(again_at, failed.too_many(mailbox, now))
    _note(mailbox, browser, next_path, now, address=secrets.seal(address), joining=joining)
    return Asked()


def on_its_way(mailbox: bytes, browser: str, now: datetime) -> bool:
    """This browser asked for a letter to the same address a moment ago, and the code of it can still be typed."""
    row = youngest_of(browser)
    return (
        row is not None
        and row.mailbox is not None
        and bytes(row.mailbox) == mailbox
        and now - row.asked_at < RESEND_AFTER
        and state_of(facts(row), now) is State.OPEN
    )


@action("identity.challenge.write_letter", scoped=False)
def write_letter(*, challenge_id: UUID, actor: Actor, now: datetime) -> None:
    """Look who has the address that was asked for, and queue the letter, if anybody has. Done twice it is done once."""
    row = Challenge.objects.select_for_update().filter(pk=challenge_id).exclude(address="").first()
    if row is None:
        return
    places = [failed.place_of(*pair) for pair in people.persons_of_mailbox(secrets.unseal(row.address))]
    in_time = now < row.expires_at  # the worker was away: a letter would bring a code that is void
    asking = bytes(row.browser) if row.browser is not None else None
    maybe = (direct_candidate(place.partner_id, place.person_id, now, asking) for place in places)
    candidates = [found for found in maybe if found is not None]
    _equip(row, candidates if in_time else [], actor, now)
    if row.joining and in_time and not candidates:
        greet_stranger(row, _keys(row), actor, now)
        row.save()
    failed.found(row.number, places, now)


@action("identity.challenge.start", scoped=False)
def start_challenge(*, address: str, browser: str, next_path: str, actor: Actor, now: datetime) -> Asked:
    """Note and write the letter in one go: for those who need not be kept from telling the two apart."""
    asked = note_asking(address=address, browser=browser, next_path=next_path, actor=actor, now=now)
    row = youngest_of(browser) if asked.again_at is None else None
    if row is not None and row.address:
        write_letter(challenge_id=row.id, actor=actor, now=now)
    return asked


def refuse_flood() -> None:
    """DoorBusy while as many letters wait for the mail server as it could send before their codes run out."""
    if messaging_queries.urgent_waiting(LETTERS_WAITING):
        raise DoorBusy


def ask(
    mailbox: bytes,
    people_: Sequence[Candidate],
    *,
    browser: str,
    next_path: str = "/",
    number: str = "",
    invitation: bytes | None = None,
    provider: UUID | None = None,
    subject: str = "",
    actor: Actor,
    now: datetime,
) -> None:
    """A challenge for people who are known already (by an invitation or an older letter), with its letter.

    Without a browser the link needs the code wherever it is opened. `number`: of the request that it answers.
    `provider`, `subject`: who named them, to be linked once the mailbox is proven.
    """
    named = {"invitation": invitation, "provider": provider, "subject": subject}
    row = _note(mailbox, browser, next_path, now, number=number, **named)
    _equip(row, people_, actor, now)
    places = [failed.Place(one.partner_id, one.person_id, Step.ASKED) for one in people_]
    failed.found(row.number, places, now)


def _note(mailbox: bytes, browser: str, next_path: str, now: datetime, *, number: str = "", **more: Any) -> Challenge:
    """A row that no link and no code opens yet."""
    return Challenge.objects.create(
        kind=Kind.MAIL,
        number=number or failed.asked(mailbox, now),
        link=link_digest(secrets.token()),
        browser=browser_digest(browser) if browser else None,
        mailbox=mailbox,
        next_path=safe_next(next_path),
        asked_at=now,
        expires_at=now + CHALLENGE_LIFE,
        **more,
    )


def _equip(row: Challenge, people_: Sequence[Candidate], actor: Actor, now: datetime) -> None:
    """Give a challenge its people, link, code and letter; nothing of it where nobody is there."""
    row.address = ""
    if people_:
        keys = _keys(row)
        row.people = [candidate.as_json() for candidate in people_]
        with scopes.one(people_[0].partner_id):
            messaging.queue_message(
                person_id=people_[0].person_id,
                letter_key="identity.sign_in",
                payload={"challenge": str(row.id), "sent_by_staff": row.browser is None},
                dedupe_key=f"identity.sign_in:{row.id}",
                secret=keys,
                priority=SIGN_IN_PRIORITY,
                not_after=row.expires_at,
                actor=actor,
                now=now,
            )
    row.save()


def _keys(row: Challenge) -> str:
    """A new link and code for a challenge, as its letter carries them."""
    link, code = secrets.token(), secrets.code()
    row.link, row.code = link_digest(link), code_digest(row.id, code)
    return f"{link} {code}"


@action("identity.challenge.ask_again", scoped=False)
def ask_again(*, link: str, browser: str, actor: Actor, now: datetime) -> Asked:
    """A new letter in place of the one with this link, to the same mailbox, which its holder need not know.

    Refuses with NotFound a link that is not ours, or whose people may not come in any more.
    """
    row = Challenge.objects.filter(link=link_digest(link), kind=Kind.MAIL).first()
    still = [candidate for candidate in stored(row) if candidate == _now(row, candidate, now)] if row else []
    if row is None or row.mailbox is None or not still:
        raise NotFound
    mailbox = bytes(row.mailbox)
    again_at = next_ask_at(asked_lately(mailbox, now), now)
    if again_at is not None:
        return Asked(again_at, failed.too_many(mailbox, now))
    refuse_flood()
    ask(mailbox, still, browser=browser, next_path=row.next_path, actor=actor, now=now)
    return Asked()


def asked_lately(mailbox: bytes, now: datetime) -> list[datetime]:
    """Within a day, but for what an invitation sent: that is counted for the invitation."""
    rows = Challenge.objects.filter(mailbox=mailbox, invitation=None, asked_at__gt=now - timedelta(days=1))
    return list(rows.values_list("asked_at", flat=True))


def code_digest(challenge_id: UUID, code: str) -> bytes:
    """Salted by its challenge, so that equal codes look different."""
    return secrets.digest(f"code:{challenge_id}:{code}")


# ---------------------------------------------------------------- proving


@dataclass(frozen=True, slots=True)
class Completed:
    """What one try to complete led to.

    state OPEN with `session`: signed in; with `choosing`: proven, and a partner is to be chosen; with `joins`: a
    stranger's, who says now whom to join; with `asks_factor`: proven, and the person is asked for the second factor
    they hold; with none of them: what was tried was wrong, and `tries_left` remain. Any other state: the challenge
    cannot be completed any more.
    """

    state: State
    session: NewSession | None = None
    choosing: bool = False
    joins: bool = False
    asks_factor: bool = False
    tries_left: int = TRIES
    next_path: str = "/"


@action("identity.challenge.complete", scoped=False)
def complete_challenge(
    *,
    browser: str,
    link: str = "",
    code: str = "",
    device: str = "",
    replaces: str = "",
    actor: Actor,
    now: datetime,
) -> Completed:
    """Complete a challenge by a human's POST: the code, the link in the browser that asked, or both elsewhere.

    A wrong code is an answer, not an exception: the try must stay counted.
    """
    row = _challenge_of(link) if link else youngest_of(browser)
    state = state_of(facts(row), now) if row else State.UNKNOWN
    if row is None or state is not State.OPEN:
        if row is not None and state is State.EXPIRED:
            failed.moved(row.number, Step.CODE_EXPIRED, now)
        return Completed(state)
    pressed = bool(link) and link_needs(Kind(row.kind), same_browser=asked_by(row, browser)) is Proof.PRESS
    if not pressed and not code:
        return Completed(State.OPEN, tries_left=TRIES - row.wrong_tries)  # a bare press is no try
    if not link and row.mailbox is not None and codes_are_closed(_wrong_lately(bytes(row.mailbox), row, now)):
        failed.moved(row.number, Step.TOO_MANY, now)
        return Completed(State.CODES_CLOSED)
    if not pressed and not _code_fits(row, code):
        return _wrong(row, now)
    if not _spend(row, browser, method_of(Kind(row.kind), by_link=pressed), now):
        return Completed(State.USED)
    return _enter(row, device, replaces, now)


def _challenge_of(link: str) -> Challenge | None:
    return Challenge.objects.filter(link=link_digest(link)).exclude(kind=Kind.SETUP).first()


def _code_fits(row: Challenge, code: str) -> bool:
    """Count the try first, then compare: parallel guesses cannot outrun the limit."""
    counted = Challenge.objects.filter(pk=row.pk, wrong_tries__lt=TRIES, used_at=None, proven_at=None).update(
        wrong_tries=F("wrong_tries") + 1
    )
    return bool(counted) and secrets.same(bytes(row.code or b""), code_digest(row.id, code))


def _wrong_lately(mailbox: bytes, row: Challenge, now: datetime) -> list[int]:
    """Wrong codes typed for a mailbox within a day, in tries before this one."""
    before = Challenge.objects.filter(mailbox=mailbox, asked_at__gt=now - timedelta(days=1)).exclude(pk=row.pk)
    return list(before.values_list("wrong_tries", flat=True))


def _wrong(row: Challenge, now: datetime) -> Completed:
    row.refresh_from_db()
    state = state_of(facts(row), now)
    failed.moved(row.number, Step.CODE_LOCKED if state is State.LOCKED else Step.CODE_WRONG, now)
    return Completed(state, tries_left=max(0, TRIES - row.wrong_tries))


def _spend(row: Challenge, browser: str, method: str, now: datetime) -> bool:
    """Take the challenge; False where another request took it a moment before."""
    row.browser, row.proven_at, row.proven_by = browser_digest(browser), now, method
    unspent = Challenge.objects.filter(pk=row.pk, used_at=None, proven_at=None)
    return bool(unspent.update(browser=row.browser, proven_at=now, proven_by=method))


def _enter(row: Challenge, device: str, replaces: str, now: datetime) -> Completed:
    """Let in the one person there is, or leave the choice between several to the next page."""
    if row.joining:
        note_missed(row, now)
        return Completed(State.OPEN, joins=True)
    still = [candidate for candidate in stored(row) if candidate == _now(row, candidate, now)]
    if len(still) > 1:
        return Completed(State.OPEN, choosing=True, next_path=row.next_path)
    if not still:
        for candidate in stored(row):
            failed.moved(row.number, failed.place_of(candidate.partner_id, candidate.person_id).step, now)
        Challenge.objects.filter(pk=row.pk).update(used_at=now)
        return Completed(State.EXPIRED)
    return _let_in(row, still[0], device, replaces, now)


def _let_in(row: Challenge, candidate: Candidate, device: str, replaces: str, now: datetime) -> Completed:
    """Begin the session; for somebody who holds a factor, ask for it instead: until then nothing begins."""
    open_row = Challenge.objects.filter(pk=row.pk, used_at=None, factor_asked_at=None)
    with scopes.one(candidate.partner_id):
        asks = bool(holders_of_factors([candidate.person_id]))
    if asks:
        failed.moved(row.number, Step.FACTOR_ASKED, now)
        asked = open_row.update(people=[candidate.as_json()], factor_person=candidate.person_id, factor_asked_at=now)
        return Completed(State.OPEN if asked else State.USED, asks_factor=bool(asked), next_path=row.next_path)
    if not open_row.update(used_at=now):
        return Completed(State.USED)
    return Completed(State.OPEN, _sign_in(row, candidate, device, replaces, now), next_path=row.next_path)


def stored(row: Challenge) -> list[Candidate]:
    return [Candidate(UUID(entry["partner"]), UUID(entry["person"]), entry["epoch"]) for entry in row.people]


def _now(row: Challenge, candidate: Candidate, now: datetime) -> Candidate | None:
    """What is true of them by now. On the operator's word, or sent by their provider, they need no other door."""
    if row.kind != Kind.MAIL or (row.provider is not None and not is_portal(row.provider)):
        return candidate_of(candidate.partner_id, candidate.person_id)
    asking = bytes(row.browser) if row.browser is not None else None
    return direct_candidate(candidate.partner_id, candidate.person_id, now, asking)


def _sign_in(row: Challenge, candidate: Candidate, device: str, replaces: str, now: datetime) -> NewSession:
    actor = Actor.person(candidate.person_id)
    failed.came_in(candidate.person_id, row.number, now)
    with scopes.one(candidate.partner_id):
        if row.provider is not None:
            link_named(provider=row.provider, subject=row.subject, person_id=candidate.person_id, actor=actor, now=now)
        return begin_session(
            person_id=candidate.person_id,
            method=Method(row.proven_by),
            device=device,
            replaces=replaces,
            actor=actor,
            now=now,
        )


@action("identity.challenge.choose", scoped=False)
def choose_person(
    *, browser: str, person_id: UUID, device: str = "", replaces: str = "", actor: Actor, now: datetime
) -> Completed:
    """Go in as one of the people the proven mailbox has. Anybody else is NotFound."""
    row = youngest_of(browser)
    if row is None or not may_choose(row, browser, now):
        if row is not None and row.proven_at is not None and row.used_at is None and row.factor_asked_at is None:
            failed.moved(row.number, Step.CHOICE_EXPIRED, now)
        return Completed(State.EXPIRED)
    chosen = next((candidate for candidate in stored(row) if candidate.person_id == person_id), None)
    if chosen is None or chosen != _now(row, chosen, now):
        raise NotFound
    return _let_in(row, chosen, device, replaces, now)


@action("identity.challenge.forget", scoped=False)
def forget_challenges(*, actor: Actor, now: datetime) -> int:
    """Delete tries that ended a month ago: they prove nothing any more, and a stranger can make any number of them."""
    gone, _ = Challenge.objects.filter(expires_at__lt=now - KEPT_FOR).delete()
    return gone
