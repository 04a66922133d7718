"""What a company's sign-in and the vendor's portal lead to alike: in; a code to a mailbox; or a number to name."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.identity.actions import failed
from gangway.identity.actions.candidates import Candidate
from gangway.identity.actions.challenges import ask
from gangway.identity.actions.sessions import NewSession
from gangway.identity.models import FailedSignIn
from gangway.identity.queries.connections import ConnectionRow
from gangway.identity.rules import Step, masked
from gangway.kernel.actor import Actor
from gangway.messaging.queries import mailbox_digest
from gangway.people import queries as people


@dataclass(frozen=True, slots=True)
class Entered:
    """`session`: signed in. `proving`: a code is on its way to this mailbox (masked), to be typed in this browser.
    `asks_factor`: they hold a factor, which this browser is asked for. Otherwise `step` says where it got stuck,
    `number` names it to those who help, and `reason` is the code of the rule."""

    session: NewSession | None = None
    proving: str = ""
    asks_factor: bool = False
    step: Step | None = None
    number: str = ""
    reason: str = ""


def prove_mailbox(
    candidate: Candidate, *, provider: UUID, subject: str, browser: str, next_path: str, actor: Actor, now: datetime
) -> Entered:
    """A code goes to the stored address; typed in this browser, it links what the provider calls them to the person."""
    email = people.person(candidate.person_id).email or ""
    mailbox = mailbox_digest(email)
    number = failed.asked(mailbox, now)
    ask(
        mailbox,
        [candidate],
        browser=browser,
        next_path=next_path,
        number=number,
        provider=provider,
        subject=subject,
        actor=actor,
        now=now,
    )
    return Entered(proving=masked(email), number=number)


def stuck(
    step: Step,
    reason: str,
    *,
    row: ConnectionRow | None = None,
    partner_id: UUID | None = None,
    person_id: UUID | None = None,
    detail: str = "",
    mailbox: bytes | None = None,
    browser: bytes | None = None,
    now: datetime,
) -> Entered:
    """Kept with a number, at the partner of the connection (`row`) or, coming from elsewhere, at `partner_id`.
    `browser`: the digest of the one that brought a refusal."""
    made = FailedSignIn.objects.create(
        number=failed.fresh_number(),
        mailbox=mailbox,
        subject=browser,
        partner_id=row.partner_id if row else partner_id,
        person_id=person_id,
        connection=row.id if row else None,
        step=step,
        reason=reason[:40],
        detail=detail[:300],
        at=now,
        moved_at=now,
    )
    return Entered(step=step, number=made.number, reason=made.reason)
