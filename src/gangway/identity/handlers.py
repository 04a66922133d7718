"""Reactions of identity: who is admitted with a letter is invited, once; whose code bounced waits for help."""

from gangway.identity.actions import invite, note_bounced
from gangway.kernel.actor import Actor
from gangway.kernel.wiring import Fact
from gangway.messaging.events import MessageBounced
from gangway.people.events import PersonAdmitted


def invite_admitted(event: PersonAdmitted, fact: Fact) -> None:
    """Invitation and launch letter, where the person is to be written to. Admitted twice is invited once."""
    if event.letter:
        invite(person_id=event.person_id, actor=Actor.job("identity"), now=fact.occurred_at)


def note_code_bounced(event: MessageBounced, fact: Fact) -> None:
    """The letter with the code came back: those who help see it."""
    if event.letter_key == "identity.sign_in":
        note_bounced(person_id=event.person_id, actor=Actor.job("identity"), now=fact.occurred_at)
