"""The access list: a partner's admins are asked once a quarter, or when staff ask, and one of them confirms it or ends
what is on it."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from gangway.identity.events import AccessConfirmed
from gangway.identity.models import AccessReview
from gangway.identity.queries.reviews import access_holders, today_at
from gangway.identity.rules.reviews import Side, digest_of, due_on, quarter_of, text_of
from gangway.kernel import audit
from gangway.kernel.access import PARTNER_ADMIN
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import Invalid, Refusal
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions as messaging
from gangway.partners import queries as partners
from gangway.people import actions as people_actions
from gangway.people import queries as people

ASKS = "identity.access_list"


class AccessMoved(Refusal):
    code = "identity.access_moved"
    status = 409
    message = "The list has changed since you opened it."
    next_step = "Read what it says now, then confirm that."


class NobodyAsks(Refusal):
    code = "identity.nobody_asks"
    status = 409
    message = "This list is confirmed already, or was not asked for yet."
    next_step = "You are asked again at the beginning of the next quarter."


class NobodyToAsk(Refusal):
    code = "identity.nobody_to_ask"
    status = 409
    message = "This partner has no admin with a mail address."
    next_step = "Name one first: give somebody of it the role of partner admin."


class AskedAlready(Refusal):
    code = "identity.asked_already"
    status = 409
    message = "Its admins were asked already: they have not confirmed yet, or did so today."
    next_step = "Wait for their answer, or talk to them."


@action("identity.access.ask", scoped=False)
def ask_access_review(*, partner_id: UUID, actor: Actor, now: datetime) -> bool:
    """Ask a partner's admins to confirm this quarter's list, once; whether they were asked now. A partner that is not
    launched, or has no admin, is not asked; nor is one that staff asked within the quarter."""
    with scopes.one(partner_id):
        quarter = quarter_of(today_at(partner_id, now))
        admins = _admins(now)
        asked = AccessReview.objects.filter(quarter__gte=quarter).exists()
        if asked or not admins or partners.launched_at(partner_id) is None:
            return False
        return _ask(quarter, admins, actor, now, verb="identity.access.ask")


@action("identity.access.ask_now")
def ask_access_now(*, actor: Actor, now: datetime) -> None:
    """Ask the admins of the scope's partner to confirm the list today, launched or not: for a new partner after
    something happened, say. The quarter's own asking is done by it; the next one comes with the next quarter.

    NobodyToAsk. AskedAlready: the last asking waits, or there was one today.
    """
    partner_id = scopes.writer()
    today, admins = today_at(partner_id, now), _admins(now)
    if not admins:
        raise NobodyToAsk
    last = AccessReview.objects.select_for_update().order_by("-quarter").first()
    if last is not None and (last.confirmed_at is None or last.quarter >= today):
        raise AskedAlready
    if not _ask(today, admins, actor, now, verb="identity.access.ask_now", by_staff=True):
        raise AskedAlready


def _admins(now: datetime) -> list[UUID]:
    return sorted({one.person_id for one in people.holders(PARTNER_ADMIN, now) if one.email})


def _ask(quarter: date, admins: list[UUID], actor: Actor, now: datetime, *, verb: str, by_staff: bool = False) -> bool:
    """One asking and its letters; False where another worker was faster."""
    due = due_on(today_at(scopes.writer(), now))
    row, fresh = AccessReview.objects.get_or_create(quarter=quarter, defaults={"asked_at": now, "due_on": due})
    if not fresh:
        return False
    for person_id in admins:
        messaging.queue_message(
            person_id=person_id,
            letter_key=ASKS,
            payload={"due_on": row.due_on.isoformat(), **({"by_staff": True} if by_staff else {})},
            dedupe_key=f"{ASKS}:{row.id}:{person_id}",
            quiet=True,
            actor=actor,
            now=now,
        )
    _note(row, verb, {"quarter": row.quarter.isoformat(), "people": len(admins)}, actor, now)
    return True


@action("identity.access.confirm")
def confirm_access(*, digest: str, ends: Collection[UUID], actor: Actor, now: datetime) -> None:
    """Keep that the list whose digest this is was confirmed, and end the roles of the partner's people in `ends`; of
    the vendor's staff it is kept that the partner wants it ended.

    NobodyAsks. AccessMoved: it says something else by now. Invalid: somebody who is not on it. And what taking a role
    refuses; then nothing is kept.
    """
    row = AccessReview.objects.select_for_update().filter(confirmed_at=None).order_by("-quarter").first()
    if row is None or actor.kind is not ActorKind.PERSON:
        raise NobodyAsks
    holders = access_holders(now)
    if digest_of(text_of(holders)) != digest:
        raise AccessMoved
    listed = {one.person_id: one for one in holders}
    if not set(ends) <= listed.keys():
        raise Invalid(field="ends", problem="Somebody who is not on the list cannot be ended.")
    for one in sorted(set(ends)):
        if listed[one].side is Side.OWN:
            for role in listed[one].roles:
                people_actions.revoke_role(person_id=one, role=role, actor=actor, now=now)
    text = text_of(holders, ends)
    row.text, row.digest = text, digest_of(text)
    row.confirmed_at, row.confirmed_by = now, UUID(actor.id)
    row.save()
    counts = {"kept": len(listed) - len(set(ends)), "ended": len(set(ends))}
    _note(row, "identity.access.confirm", {"digest": row.digest, **counts}, actor, now)
    publish(AccessConfirmed(review_id=row.id, **counts), subject_id=row.id, now=now, actor=actor)


def _note(row: AccessReview, verb: str, changes: dict[str, str | int], actor: Actor, now: datetime) -> None:
    audit.record(
        actor=actor, verb=verb, object_type="identity.access_review", object_id=row.id, changes=changes, now=now
    )
