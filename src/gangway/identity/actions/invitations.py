"""Invitations: long-lived, and they sign nobody in."""

from datetime import datetime, timedelta
from uuid import UUID

from gangway.identity.actions import failed
from gangway.identity.actions.candidates import candidate_of, direct_candidate
from gangway.identity.actions.challenges import Asked, ask, on_its_way, refuse_flood
from gangway.identity.actions.rescue import ShutOut
from gangway.identity.models import Challenge, Invitation
from gangway.identity.queries.doors import asked_by, browser_digest, facts, invitation_digest
from gangway.identity.rules import (
    INVITATION_LIFE,
    INVITED_PER_DAY,
    INVITED_PER_WINDOW,
    State,
    Step,
    next_ask_at,
    state_of,
)
from gangway.kernel import audit, secrets
from gangway.kernel.access import PARTNER_ADMIN
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions as messaging
from gangway.messaging.queries import mailbox_digest
from gangway.partners import actions as partners
from gangway.people import queries as people


@action("identity.invitation.make")
def invite(*, person_id: UUID, actor: Actor, now: datetime) -> bool:
    """Invite a person of the open scope and queue the launch letter; False where they were invited before.

    A letter at once to anybody but a partner admin lets the partner's people in: it is launched. False also for
    somebody whose import was undone before their coming was heard of.
    """
    if not people.is_known(person_id) or Invitation.objects.filter(person_id=person_id).exists():
        return False
    person = people.person(person_id)
    if not person.may_come_in or not person.email:
        return False
    token = secrets.token()
    row = Invitation.objects.create(
        digest=invitation_digest(token),
        partner_id=person.partner_id,
        person_id=person_id,
        access_epoch=person.access_epoch,
        invited_at=now,
        expires_at=now + INVITATION_LIFE,
    )
    _write(row, token, f"identity.launch:{person_id}", actor, now)
    _note("make", row, actor, now)
    if PARTNER_ADMIN not in {grant.role for grant in people.roles_of(person_id, now)}:
        partners.set_launched(at=now, actor=actor, now=now)
    return True


@action("identity.invitation.renew")
def renew_invitation(*, person_id: UUID, actor: Actor, now: datetime) -> None:
    """A new invitation in place of the old one, which opens nothing from now on, and its letter.

    For somebody who lost the letter, or whose access was closed and opened again. Nothing
    happens while the letter of a launch waits. Refuses ShutOut.
    """
    row = Invitation.objects.select_for_update().filter(person_id=person_id, partner_id=scopes.writer()).first()
    if row is None:
        if not invite(person_id=person_id, actor=actor, now=now):
            raise ShutOut(name=people.person(person_id).name)
        return
    if row.invited_at > now:
        return  # a launch has its letter ready, and may still be undone
    person = people.person(person_id)
    if candidate_of(person.partner_id, person_id) is None or not person.email:
        raise ShutOut(name=person.name)
    token = secrets.token()
    row.digest, row.access_epoch = invitation_digest(token), person.access_epoch
    row.expires_at = now + INVITATION_LIFE
    row.save()
    _write(row, token, f"identity.launch:{person_id}:{row.digest.hex()[:16]}", actor, now)
    _note("renew", row, actor, now)


def _write(row: Invitation, token: str, dedupe_key: str, actor: Actor, now: datetime) -> None:
    messaging.queue_message(
        person_id=row.person_id,
        letter_key="identity.launch",
        payload={"invitation": str(row.id)},
        dedupe_key=dedupe_key,
        secret=token,
        actor=actor,
        now=now,
    )


@action("identity.invitation.follow", scoped=False)
def follow_invitation(*, token: str, browser: str, actor: Actor, now: datetime) -> Asked:
    """Somebody pressed "Send me my code": it goes to the stored address, to be typed in their browser.

    One letter at a time: while it opens the door, a press in another browser only says that it was sent. So scanners
    that press everything send one, and count for the invitation alone. An invitation past its date renews itself; one
    whose person may not come in any more is NotFound.
    """
    row = Invitation.objects.select_for_update().filter(digest=invitation_digest(token)).first()
    if row is None:
        raise NotFound
    candidate = direct_candidate(row.partner_id, row.person_id, now, browser_digest(browser) if browser else None)
    if candidate is None or candidate.epoch != row.access_epoch:
        raise NotFound
    with scopes.one(row.partner_id):
        mailbox = mailbox_digest(people.person(row.person_id).email or "")
        if on_its_way(mailbox, browser, now):
            return Asked()
        if (answer := _already(row, mailbox, browser, now)) is not None:
            return answer
        refuse_flood()
        if now >= row.expires_at:
            row.expires_at = now + INVITATION_LIFE
            _note("renew", row, actor, now)
        row.followed_at = row.followed_at or now
        row.save()
    ask(mailbox, [candidate], browser=browser, next_path="/", invitation=bytes(row.digest), actor=actor, now=now)
    return Asked()


def _already(row: Invitation, mailbox: bytes, browser: str, now: datetime) -> Asked | None:
    """What is answered without a letter: the last one still opens the door, or there were enough of them."""
    since = now - timedelta(days=1)
    sent = Challenge.objects.filter(mailbox=mailbox, invitation=bytes(row.digest), asked_at__gt=since)
    last = sent.order_by("-asked_at", "-id").first()
    if last is not None and state_of(facts(last), now) is State.OPEN and not asked_by(last, browser):
        return Asked(number=last.number, sent_at=last.asked_at, until=last.expires_at)
    asked = list(sent.values_list("asked_at", flat=True))
    again_at = next_ask_at(asked, now, window=INVITED_PER_WINDOW, a_day=INVITED_PER_DAY)
    if again_at is None:
        return None
    place = failed.Place(row.partner_id, row.person_id, Step.TOO_MANY)
    return Asked(again_at, failed.too_many(mailbox, now, place))


def _note(verb: str, row: Invitation, actor: Actor, now: datetime) -> None:
    audit.record(
        actor=actor,
        verb=f"identity.invitation.{verb}",
        object_type="identity.invitation",
        object_id=row.id,
        changes={"person": str(row.person_id)},
        now=now,
    )
