"""The vendor's portal hands somebody over: a browser is sent there, and comes back with a token, once: in, or not."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from gangway.identity.actions import failed
from gangway.identity.actions.candidates import Candidate, direct_candidate
from gangway.identity.actions.entering import Entered, prove_mailbox, stuck
from gangway.identity.actions.sessions import begin_session
from gangway.identity.models import Challenge, HandOver, PortalKey
from gangway.identity.queries.doors import browser_digest, link_digest
from gangway.identity.queries.factors import holders_of_factors
from gangway.identity.queries.handover import handle_digest, nonce_digest, open_portal, token_digest
from gangway.identity.rules import CHALLENGE_LIFE, Kind, Method, Step
from gangway.identity.rules.connections import Verdict, Whose, whose
from gangway.identity.rules.handover import (
    ANSWER_LIFE,
    SOURCE,
    START_LIFE,
    HandedOver,
    NotHanded,
    PortalReason,
    own_page,
)
from gangway.kernel import secrets
from gangway.kernel.access import HOST_ROLES
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.people import queries as people


class HandedBefore(Exception):
    """This token, or this start, was taken before; or the start is over."""


@action("identity.handover.start", scoped=False)
def start_handover(*, browser: str, next_path: str, actor: Actor, now: datetime) -> str:
    """Send a browser to the portal; the nonce that its token must say, once, within a quarter of an hour."""
    nonce = secrets.token(32)
    HandOver.objects.create(
        nonce=nonce_digest(nonce),
        browser=browser_digest(browser),
        next_path=own_page(next_path),
        asked_at=now,
        expires_at=now + START_LIFE,
    )
    return nonce


@action("identity.handover.take", scoped=False)
def take_handover(*, handed: HandedOver, kid: str, actor: Actor, now: datetime) -> str:
    """Take a verified token, once; the handle by which the browser that was sent fetches it. HandedBefore: it was
    taken before, here or by another worker, or answers a start that was answered or is over."""
    try:
        with transaction.atomic():
            handle = _keep(handed.nonce, {"handed": asdict(handed)}, now, token=token_digest(handed.token_id))
    except IntegrityError as error:
        raise HandedBefore from error
    if not handle:
        raise HandedBefore
    PortalKey.objects.filter(kid=kid, closed_at=None).update(used_at=now)
    return handle


@action("identity.handover.refuse", scoped=False)
def refuse_handover(*, nonce: str, found: NotHanded, actor: Actor, now: datetime) -> str:
    """Keep why a token proves nothing, for the browser that was sent with this nonce; the handle, or "" where none
    waits."""
    return _keep(nonce, {"reason": found.reason.value, "detail": found.detail}, now)


def _keep(nonce: str, words: dict[str, Any], now: datetime, **more: Any) -> str:
    handle = secrets.token(24)
    waiting = HandOver.objects.filter(nonce=nonce_digest(nonce), taken_at=None, expires_at__gt=now)
    brought = secrets.seal(json.dumps(words))
    return handle if waiting.update(taken_at=now, handle=handle_digest(handle), brought=brought, **more) else ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came for a browser: whom the portal handed over; or, where that is None, why nobody."""

    next_path: str
    handed: HandedOver | None
    reason: PortalReason | None = None
    detail: str = ""


@action("identity.handover.fetch", scoped=False)
def fetch_handover(*, handle: str, browser: str, actor: Actor, now: datetime) -> Fetched | None:
    """What the portal said, for the browser that was sent to it, once, within two minutes; None in every other case."""
    row = HandOver.objects.filter(handle=handle_digest(handle)).exclude(brought="").first()
    if row is None or row.taken_at is None or row.taken_at + ANSWER_LIFE < now:
        return None
    if not browser or not secrets.same(bytes(row.browser), browser_digest(browser)):
        return None
    if not HandOver.objects.filter(pk=row.pk).exclude(brought="").update(brought=""):
        return None
    words = json.loads(secrets.unseal(row.brought))
    if "reason" in words:
        return Fetched(row.next_path, None, PortalReason(words["reason"]), words["detail"])
    handed = HandedOver(**words["handed"])
    return Fetched(row.next_path if row.next_path != "/" else handed.return_to, handed)


@action("identity.handover.enter", scoped=False)
def enter_by_portal(
    *,
    handed: HandedOver,
    browser: str,
    next_path: str = "/",
    device: str = "",
    replaces: str = "",
    actor: Actor,
    now: datetime,
) -> Entered:
    """Sign in whom the portal handed over, if it is somebody of the partner that it names, and no staff.

    Found by the name the portal has for them; an address alone sends a code to it, which links them once. Whose way in
    is their company's own sign-in does not come in by this; whoever holds a factor is asked for it.
    `browser`: by which a code or a factor would be given.
    """
    portal = open_portal()
    try:
        partner = partners.find_partner(handed.partner)
    except partners.UnknownPartner:
        said = "" if "@" in handed.partner else f"`partner` says “{handed.partner}”, which is no partner's slug."
        return stuck(Step.PORTAL_UNKNOWN, "partner.unknown", detail=said, now=now)
    if partner.kind != "partner":
        return stuck(Step.PORTAL_UNKNOWN, "partner.not_one", now=now)
    with scopes.one(partner.id):
        verdict = _verdict(partner.id, handed)
        person_id = verdict.person
        if person_id is None or verdict.whose is Whose.NOBODY or _is_staff(person_id, now):
            return stuck(Step.PORTAL_UNKNOWN, "subject.unknown", partner_id=partner.id, now=now)
        place = failed.place_of(partner.id, person_id)
        if place.step is not Step.ASKED:
            return stuck(place.step, "person.shut_out", partner_id=partner.id, person_id=person_id, now=now)
        candidate = direct_candidate(partner.id, person_id, now)
        if candidate is None:
            return stuck(Step.PORTAL_COVERED, "person.covered", partner_id=partner.id, person_id=person_id, now=now)
        if verdict.whose is Whose.PROVE:
            told: dict[str, Any] = {"provider": portal.id, "subject": handed.subject, "next_path": next_path}
            return prove_mailbox(candidate, **told, browser=browser, actor=actor, now=now)
        if holders_of_factors([person_id]):
            return _ask_factor(candidate, portal.id, handed.subject, browser, next_path, now)
        failed.came_in(person_id, "", now)
        session = begin_session(
            person_id=person_id,
            method=Method.PORTAL,
            device=device,
            replaces=replaces,
            actor=Actor.person(person_id),
            now=now,
        )
        return Entered(session)


def _verdict(partner_id: UUID, handed: HandedOver) -> Verdict:
    """By the pure rule for every provider. The portal proves no mailbox, and admits nobody."""
    there = [person for partner, person in people.persons_of_mailbox(handed.email) if partner == partner_id]
    return whose(
        known=people.person_elsewhere(SOURCE, handed.subject),
        joined=None,
        by_mailbox=there[0] if there else None,
        taken=people.named_elsewhere(SOURCE, there),
        domain_proven=False,
        admits=False,
    )


def _is_staff(person_id: UUID, now: datetime) -> bool:
    return any(role.role in HOST_ROLES for role in people.roles_held(person_id, now))


def _ask_factor(
    candidate: Candidate, portal_id: UUID, subject: str, browser: str, next_path: str, now: datetime
) -> Entered:
    """The portal stands for the first proof alone: nothing begins until the second is given."""
    asked = stuck(Step.FACTOR_ASKED, "", partner_id=candidate.partner_id, person_id=candidate.person_id, now=now)
    Challenge.objects.create(
        kind=Kind.MAIL,
        number=asked.number,
        link=link_digest(secrets.token()),
        browser=browser_digest(browser),
        provider=portal_id,
        subject=subject,
        people=[candidate.as_json()],
        next_path=own_page(next_path),
        asked_at=now,
        expires_at=now + CHALLENGE_LIFE,
        proven_at=now,
        proven_by=Method.PORTAL.value,
        factor_asked_at=now,
        factor_person=candidate.person_id,
    )
    return Entered(asks_factor=True, number=asked.number)


@action("identity.handover.fail", scoped=False)
def note_handover_failure(*, reason: PortalReason, detail: str = "", actor: Actor, now: datetime) -> str:
    """Keep a hand-over that proved nothing; its number."""
    return stuck(Step.PORTAL_FOREIGN, reason.value, detail=detail, now=now).number


@action("identity.handover.forget", scoped=False)
def forget_handovers(*, actor: Actor, now: datetime) -> int:
    """Delete what nobody can come back by any more, a day after it is over; and what came and nobody fetched."""
    HandOver.objects.filter(taken_at__lt=now - ANSWER_LIFE).exclude(brought="").update(brought="")
    gone, _ = HandOver.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()
    return int(gone)
