"""Ways in that got stuck: written down while they happen, and ended by coming in.

Nothing here depends on whether anybody has an address, so that the door answers alike and takes as long for both: who
it was is filled in by the worker, when it writes the letter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from gangway.identity.models import Challenge, FailedSignIn, Invitation
from gangway.identity.queries.doors import invitation_digest, link_digest
from gangway.identity.rules import (
    ASK_WINDOW,
    AT_THE_DOOR,
    KEPT_FOR,
    NUMBER_LENGTH,
    NUMBER_SIGNS,
    SHUT_OUT,
    STRANGERS_PER_HOUR,
    RequestState,
    Step,
    reads_as_number,
)
from gangway.kernel import secrets
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.people import queries as people

OPEN = (RequestState.WAITING, RequestState.ANSWERED)
SHUT_OUT_STATES = {"suspended": Step.SUSPENDED, "left": Step.LEFT, "erased": Step.LEFT}


class DoorBusy(Refusal):
    """More is asked at the door than the mail server, or those who help, could answer; the same for everybody."""

    code = "identity.door_busy"
    status = 503
    message = "Very many people are asking at this moment."
    next_step = "Your address is right or wrong as before: press again in a minute."


@dataclass(frozen=True, slots=True)
class Place:
    """A person whom a mailbox leads to. `step`: ASKED where they may come in, else why not."""

    partner_id: UUID
    person_id: UUID
    step: Step


def place_of(partner_id: UUID, person_id: UUID) -> Place:
    with scopes.one(partner_id):
        person, partner = people.person(person_id), partners.partner_by_id(partner_id)
    step = SHUT_OUT_STATES.get(person.state, Step.ASKED)
    if step is Step.ASKED and partner.state != "active":
        step = Step.PARTNER_CLOSED
    return Place(partner_id, person_id, step)


def fresh_number() -> str:
    """A number that no request of the last month has, and that nobody could take for a name."""
    while True:
        number = secrets.pick(NUMBER_SIGNS, NUMBER_LENGTH)
        if reads_as_number(number) and not FailedSignIn.objects.filter(number=number).exists():
            return number


def asked(mailbox: bytes, now: datetime) -> str:
    """A way in begins: its number. What the same mailbox asked before waits no longer."""
    number = fresh_number()
    FailedSignIn.objects.filter(mailbox=mailbox, state=RequestState.WAITING).update(
        state=RequestState.REPLACED, ended_at=now
    )
    FailedSignIn.objects.create(number=number, mailbox=mailbox, step=Step.ASKED, at=now, moved_at=now)
    return number


def found(number: str, places: Sequence[Place], now: datetime) -> None:
    """The worker knows now whose mailbox it was: fill it in, with a row for each partner; or that it is nobody's."""
    rows = FailedSignIn.objects.filter(number=number, partner=None)
    row = rows.first()
    if row is None:
        return
    if not places:
        rows.update(step=Step.NOBODY)
        return
    for place in places:
        step = row.step if place.step is Step.ASKED else place.step
        values = {"partner_id": place.partner_id, "person_id": place.person_id, "step": step}
        if place is places[0]:
            rows.update(**values)
        else:
            FailedSignIn.objects.create(
                number=number, mailbox=row.mailbox, state=row.state, at=row.at, moved_at=now, **values
            )


def moved(number: str, step: Step, now: datetime) -> None:
    """It got stuck somewhere else, also with the letter that was its answer.

    Who is shut out, or nobody, stays what they are, whatever is typed.
    """
    if number:
        FailedSignIn.objects.filter(number=number, step__in=AT_THE_DOOR, state__in=OPEN).update(
            step=step, state=RequestState.WAITING, ended_at=None, moved_at=now
        )


def too_many(mailbox: bytes, now: datetime, place: Place | None = None) -> str:
    """The limit of an address is reached: the number of that, one for the whole window."""
    lately = FailedSignIn.objects.filter(mailbox=mailbox, step=Step.TOO_MANY, at__gt=now - ASK_WINDOW)
    known = lately.order_by("-at").values_list("number", flat=True).first()
    if known:
        return str(known)
    row = FailedSignIn.objects.create(
        number=fresh_number(),
        mailbox=mailbox,
        partner_id=place.partner_id if place else None,
        person_id=place.person_id if place else None,
        step=Step.TOO_MANY,
        at=now,
        moved_at=now,
    )
    return row.number


def came_in(person_id: UUID, number: str, now: datetime) -> None:
    """Whoever came in waits no longer; answered or not, it is now known how it ended."""
    mine = Q(person_id=person_id) | (Q(number=number) & ~Q(step__in=SHUT_OUT) if number else Q(pk__in=[]))
    FailedSignIn.objects.filter(mine, state__in=OPEN).update(state=RequestState.CAME_IN, ended_at=now)


@action("identity.failed_sign_in.report", scoped=False)
def report_stuck(*, link: str = "", invitation: str = "", actor: Actor, now: datetime) -> str:
    """Somebody holds a link or an invitation that opens nothing, and asks for a number to name. One per link.

    Refuses DoorBusy where more links that nobody knows were reported within an hour than people would look at.
    """
    challenge = Challenge.objects.filter(link=link_digest(link)).first() if link else None
    if challenge is not None and challenge.number:
        return challenge.number
    subject = link_digest(link) if link else invitation_digest(invitation)
    known = FailedSignIn.objects.filter(subject=subject).values_list("number", flat=True).first()
    if known:
        return str(known)
    row = Invitation.objects.filter(digest=subject).first() if invitation else None
    place = place_of(row.partner_id, row.person_id) if row else None
    if place is None:
        _refuse_flood(now)
    step = Step.LINK_UNKNOWN if place is None else Step.INVITATION_VOID if place.step is Step.ASKED else place.step
    return FailedSignIn.objects.create(
        number=fresh_number(),
        subject=subject,
        partner_id=place.partner_id if place else None,
        person_id=place.person_id if place else None,
        step=step,
        at=now,
        moved_at=now,
    ).number


def _refuse_flood(now: datetime) -> None:
    reported = FailedSignIn.objects.filter(step=Step.LINK_UNKNOWN, state=RequestState.WAITING)
    if reported.filter(moved_at__gt=now - timedelta(hours=1)).count() >= STRANGERS_PER_HOUR:
        raise DoorBusy


@action("identity.failed_sign_in.bounce")
def note_bounced(*, person_id: UUID, actor: Actor, now: datetime) -> None:
    """The letter with the code was refused by the mail server: whoever waits for it waits in vain, answered or not."""
    waiting = FailedSignIn.objects.filter(person_id=person_id, partner_id=scopes.writer(), step__in=AT_THE_DOOR)
    waiting.filter(state__in=OPEN).update(
        step=Step.MAIL_BOUNCED, state=RequestState.WAITING, ended_at=None, moved_at=now
    )


@action("identity.failed_sign_in.forget", scoped=False)
def forget_failed(*, actor: Actor, now: datetime) -> int:
    """Delete what is a month old; how many."""
    gone, _ = FailedSignIn.objects.filter(at__lt=now - KEPT_FOR).delete()
    return gone
