"""Two accounts of one human at one partner become one, and two again for as long as a month.

The one who goes is a way to the one who stays: nothing of theirs is deleted or written over. What can be one person's
is carried over (`config/wiring.MERGES`, kernel.moving); what both have stays where it is, on the page of the old
account. Roles never grow by a merge: those of the one who goes end.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_noop as _

from gangway.kernel import moving
from gangway.kernel.access import Reach
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.moving import Back, Movable, Moves
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.wiring import part
from gangway.people.actions.giving import refuse_beyond, refuse_last_admin
from gangway.people.actions.persons import move_mailbox, note, own_partner
from gangway.people.events import PersonAdmitted, PersonChanged, PersonLeft, PersonMerged, PersonUnmerged
from gangway.people.models import ExternalId, Grant, GroupMember, Person, PersonMerge
from gangway.people.queries.merging import MergeRow, account, merged_into, too_late
from gangway.people.queries.roles import live
from gangway.people.rules import State
from gangway.people.rules.merging import UNDO_LIFE, Hindrance, hindrance

MOVES = (
    Movable(table=GroupMember, words=_("groups"), key=("group_id",)),
    Movable(table=ExternalId, words=_("numbers in other systems"), key=("source",), marked=("value",)),
)
SOURCE = "merge"  # where PersonLeft and PersonAdmitted come from


class OneAccount(Refusal):
    code = "people.one_account"
    message = "That is one account, not two."
    next_step = "Choose another one."


class StaffStayApart(Refusal):
    code = "people.staff_stay_apart"
    message = "Accounts of the channel team are never merged."
    next_step = "Let the account that is not needed leave."


class OwnMerge(Refusal):
    code = "people.own_merge"
    status = 403
    message = "Nobody merges their own account with another one."
    next_step = "Ask another admin, or your channel team."


class NotBothOpen(Refusal):
    code = "people.not_both_open"
    message = "One of the two accounts is not open, or belongs to a robot."
    next_step = "Open the suspended account again first. Whoever has left stays apart."


class TwoDirectories(Refusal):
    code = "people.two_directories"
    message = "A directory of the company looks after each of the two."
    next_step = "The company's IT takes one of them out of the directory first."


class KeepTheManaged(Refusal):
    code = "people.keep_the_managed"
    message = "The directory of the company looks after {name}, so that account has to stay."
    next_step = "Choose it as the one that stays."


class NothingMerged(Refusal):
    code = "people.nothing_merged"
    message = "This account was not merged into another one."
    next_step = "Look at the person's page."


class NotUndone(Refusal):
    code = "people.merge_not_undone"
    message = "This merge cannot be undone any more."
    next_step = "Its page says why."


@action("people.person.merge")
def merge_persons(*, stays_id: UUID, gone_id: UUID, actor: Actor, now: datetime) -> None:
    """Carry what `gone` has over to `stays`, both of the scope's partner, and shut `gone` out.

    NotFound: one of them is not here. Refuses OneAccount, StaffStayApart, OwnMerge, NotBothOpen, TwoDirectories,
    KeepTheManaged, LastAdmin.
    """
    refuse_last_admin(gone_id, actor, now)
    stays, gone = _both(stays_id, gone_id)
    _refuse_hindered(stays, gone, actor)
    ended = {str(row.id): row.until for row in Grant.objects.filter(live(now), person=gone.id)}
    merge = PersonMerge.objects.create(
        stays=stays,
        gone=gone,
        state=gone.state,
        moved={
            movable.label: moves.kept()
            for movable in part("MERGES")
            if (moves := moving.carry(movable, theirs=gone.id, ours=stays.id)) != Moves(stay=moves.stay)
        },
        roles={key: until and until.isoformat() for key, until in ended.items()},
        merged_at=now,
        undo_until=now + UNDO_LIFE,
    )
    Grant.objects.filter(pk__in=list(ended)).update(until=now)
    gone.state, gone.left_at = State.LEFT.value, now
    gone.access_epoch += 1
    gone.save()
    move_mailbox(gone)
    note(actor, "people.person.merge", gone.id, {"merge": str(merge.id), "into": str(stays.id)}, now)
    note(actor, "people.person.merge", stays.id, {"merge": str(merge.id), "merged": str(gone.id)}, now)
    publish(PersonMerged(person_id=gone.id, into=stays.id), subject_id=gone.id, now=now, actor=actor)
    publish(PersonLeft(person_id=gone.id, source=SOURCE), subject_id=gone.id, now=now, actor=actor)
    _tell_changed(stays.id, actor, now)


@action("people.person.unmerge")
def unmerge_person(*, gone_id: UUID, actor: Actor, now: datetime) -> None:
    """Make two of what was merged: `gone` comes in again, with what nobody changed since. Both must sign in anew.

    NothingMerged, NotUndone (people.queries.merging.too_late says why), OwnMerge; BeyondYou: a role that comes back
    and that the actor could not give.
    """
    merge = merged_into(gone_id)
    if merge is None:
        raise NothingMerged
    stays, gone = _both(merge.stays_id, gone_id)
    row: PersonMerge = PersonMerge.objects.select_for_update().get(pk=merge.id)
    if row.undone_at is not None:
        raise NothingMerged
    if actor.kind is ActorKind.PERSON and UUID(actor.id) in (stays.id, gone.id):
        raise OwnMerge
    if too_late(merge, now) is not None:
        raise NotUndone
    kept = _carried_back(row, MergeRow.read(row), now)
    for person in (stays, gone):
        person.access_epoch += 1
    gone.state, gone.left_at = row.state, None
    stays.save()
    gone.save()
    move_mailbox(gone)
    _give_back(row, actor, now)
    row.undone_at = now
    row.save()
    note(actor, "people.person.unmerge", gone.id, {"merge": str(row.id), "from": str(stays.id), "kept": kept}, now)
    note(actor, "people.person.unmerge", stays.id, {"merge": str(row.id), "merged": str(gone.id), "kept": kept}, now)
    publish(PersonUnmerged(person_id=gone.id, from_id=stays.id), subject_id=gone.id, now=now, actor=actor)
    back = PersonAdmitted(person_id=gone.id, letter=False, source=SOURCE)
    publish(back, subject_id=gone.id, now=now, actor=actor)
    _tell_changed(stays.id, actor, now)


def _both(stays_id: UUID, gone_id: UUID) -> tuple[Person, Person]:
    """The two, locked in one order whoever stays; NotFound unless both are of the scope's partner."""
    rows: Iterable[Any] = Person.objects.select_for_update().filter(pk__in={stays_id, gone_id}).order_by("pk")
    found = {row.id: row for row in rows}
    if not {stays_id, gone_id} <= set(found):
        raise NotFound
    return found[stays_id], found[gone_id]


def _refuse_hindered(stays: Person, gone: Person, actor: Actor) -> None:
    asked_by = UUID(actor.id) if actor.kind is ActorKind.PERSON else None
    at_host = own_partner().kind == "host"
    match hindrance(account(stays), account(gone), at_host=at_host, asked_by=asked_by):
        case Hindrance.SAME:
            raise OneAccount
        case Hindrance.STAFF:
            raise StaffStayApart
        case Hindrance.OWN:
            raise OwnMerge
        case Hindrance.CLOSED:
            raise NotBothOpen
        case Hindrance.DIRECTORIES:
            raise TwoDirectories
        case Hindrance.DIRECTORY:
            raise KeepTheManaged(name=gone.name)


def _carried_back(row: PersonMerge, merge: MergeRow, now: datetime) -> int:
    """Carry everything back that may go; how many rows could not."""
    told: list[Back] = [
        moving.carry_back(movable, merge.moves(movable), theirs=merge.gone_id, ours=merge.stays_id, since=row.merged_at)
        for movable in part("MERGES")
    ]
    return sum(len(back.kept) for back in told)


def _give_back(row: PersonMerge, actor: Actor, now: datetime) -> None:
    """The roles that ended by the merge and whose end nobody has moved since, as far as they would still hold."""
    for grant in Grant.objects.filter(pk__in=list(row.roles), until=row.merged_at):
        before = row.roles[str(grant.id)]
        until = datetime.fromisoformat(before) if before else None
        if until is None or until > now:
            refuse_beyond(grant.role, Reach(grant.reach), grant.reach_id, actor=actor, now=now)
            grant.until = until
            grant.save()


def _tell_changed(person_id: UUID, actor: Actor, now: datetime) -> None:
    event = PersonChanged(person_id=person_id, fields=("groups",))
    publish(event, subject_id=person_id, now=now, actor=actor)
