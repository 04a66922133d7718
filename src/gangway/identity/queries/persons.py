"""What stands open for one person: sessions, links on their way, the letter's invitation."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.identity.models import Challenge, Invitation, Session
from gangway.identity.queries.sessions import SessionRow, open_sessions
from gangway.messaging.queries import mailbox_digest
from gangway.people import queries as people

SHUT_OUT = "identity.scim.shut_out"  # the verb of the receipt that a directory's leaver gets


@dataclass(frozen=True, slots=True)
class SignIns:
    """How often a person is signed in now, and when they came in last; None: never."""

    open: int
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenDoors:
    """Everything by which a person could come in now."""

    sessions: tuple[SessionRow, ...]
    links: int
    invitation: bool


def sign_ins(person_id: UUID, now: datetime) -> SignIns:
    """The sign-ins of a person of the open scope; NotFound outside it."""
    person = people.person(person_id)
    youngest = Session.objects.filter(person_id=person.id).order_by("-started_at", "-id")
    last_at = youngest.values_list("started_at", flat=True).first()
    return SignIns(len(open_sessions(person.id, person.access_epoch, now)), last_at)


def open_doors(person_id: UUID, now: datetime) -> OpenDoors:
    """What suspending or leaving would void at once, for a person of the open scope; NotFound outside it."""
    person = people.person(person_id)
    asked = Challenge.objects.filter(used_at__isnull=True, expires_at__gt=now).values_list("people", flat=True)
    asked = asked.filter(mailbox=mailbox_digest(person.email)) if person.email else asked.none()
    return OpenDoors(
        sessions=tuple(open_sessions(person.id, person.access_epoch, now)),
        links=sum(1 for named in asked if str(person.id) in {one["person"] for one in named}),
        invitation=Invitation.objects.filter(person_id=person.id, access_epoch=person.access_epoch).exists(),
    )
