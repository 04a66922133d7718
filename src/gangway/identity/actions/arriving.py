"""Somebody has not come in: their invitation goes once more, to an address that was put right or to the same."""

from datetime import datetime
from uuid import UUID

from gangway.identity.actions.invitations import renew_invitation
from gangway.identity.models import Invitation
from gangway.identity.queries.arrivals import last_letter_at
from gangway.identity.rules.arrivals import again_at
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Refusal
from gangway.messaging import actions as messaging
from gangway.messaging import queries as letters
from gangway.partners import queries as partners
from gangway.people import actions as people_actions
from gangway.people import queries as people


class CameIn(Refusal):
    code = "identity.came_in"
    message = "{name} has come in already."
    next_step = "Nothing is left to send."


class OnItsWay(Refusal):
    code = "identity.letter_on_its_way"
    message = "The letter to {name} has not left yet."
    next_step = "Wait until it has gone; it goes by itself."


class WrittenLately(Refusal):
    """One letter a day: whoever gets the same letter from every colleague takes it for spam."""

    code = "identity.written_lately"
    status = 429
    message = "{name} was written to lately."
    next_step = "The next letter can go on {day} at {time} UTC."


class NoSuchMailbox(Refusal):
    code = "identity.no_such_mailbox"
    message = "The mail server says that {email} does not exist."
    next_step = "Mend the address. If it is right after all, send to it once more from its page."


class BeforeLaunch(Refusal):
    code = "identity.before_launch"
    message = "Nobody of this partner is written to before its launch."
    next_step = "The letter goes out when the channel team launches the partner."


@action("identity.invitation.send_again")
def send_again(*, person_id: UUID, actor: Actor, now: datetime) -> None:
    """The invitation once more, with a new link; the old one opens nothing.

    Refuses CameIn, OnItsWay, WrittenLately, NoSuchMailbox, BeforeLaunch, and ShutOut.
    """
    person = people.person(person_id)
    if person.activated_at is not None:
        raise CameIn(name=person.name)
    state, at = last_letter_at(person_id)
    if state in ("queued", "sending"):
        raise OnItsWay(name=person.name)
    next_at = again_at(state, at)
    if next_at is not None and now < next_at:
        raise WrittenLately(name=person.name, day=next_at, time=f"{next_at:%H:%M}")
    if person.email and letters.is_suppressed(person.email):
        raise NoSuchMailbox(email=person.email)
    if not _may_write(person_id, person.partner_id):
        raise BeforeLaunch
    renew_invitation(person_id=person_id, actor=actor, now=now)


@action("identity.invitation.mend")
def mend_address(*, person_id: UUID, email: str, actor: Actor, now: datetime) -> bool:
    """Put the address right of somebody who has not come in, and send the invitation there; whether a letter goes.

    The same address again says that it is right: its mailbox is believed in once more. A new one is written to at once;
    before the launch of its partner nobody is. Refuses what people.mend_mailbox and, for the same address, send_again
    refuse.
    """
    _refuse_withdrawable(person_id, now)
    changed = people_actions.mend_mailbox(person_id=person_id, email=email, actor=actor, now=now)
    if not changed:
        messaging.allow_mailbox(address=people.person(person_id).email or "", actor=actor, now=now)
        send_again(person_id=person_id, actor=actor, now=now)
        return True
    if not _may_write(person_id, people.person(person_id).partner_id):
        return False
    renew_invitation(person_id=person_id, actor=actor, now=now)
    return True


def _may_write(person_id: UUID, partner_id: UUID) -> bool:
    """Whoever was invited may be invited again; anybody else waits for the launch of their partner."""
    invited = Invitation.objects.filter(person_id=person_id, partner_id=partner_id).exists()
    return invited or partners.launched_at(partner_id) is not None


def _refuse_withdrawable(person_id: UUID, now: datetime) -> None:
    """A launch that may still be undone has its letters ready: another address would leave the person without one."""
    person = people.person(person_id)
    if Invitation.objects.filter(person_id=person_id, partner_id=person.partner_id, invited_at__gt=now).exists():
        raise OnItsWay(name=person.name)
