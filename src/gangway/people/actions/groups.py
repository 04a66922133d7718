"""Groups: people of one partner who are treated alike. A group's key never changes; only an empty one may go."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish_all
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.values import clean_key, clean_line
from gangway.people.actions.persons import note
from gangway.people.events import PersonChanged
from gangway.people.models import Group, GroupMember, Person
from gangway.people.rules import GONE


class GroupIsThere(Refusal):
    code = "people.group_is_there"
    message = "There is a group with the key {key} already."
    next_step = "Use it, or choose another key."


class GroupNotEmpty(Refusal):
    code = "people.group_not_empty"
    message = "There are still people in “{name}”: {n}."
    next_step = "Take them out first: nobody loses anything but the group."


@action("people.group.make")
def make_group(*, key: str, name: str, actor: Actor, now: datetime) -> UUID:
    """A new group of the scope's partner; its id. Invalid: a key or name that cannot be. GroupIsThere."""
    key, name = clean_key(key), clean_line(name)
    if Group.objects.filter(key=key).exists():
        raise GroupIsThere(field="key", key=key)
    group = Group.objects.create(key=key, name=name)
    note(actor, "people.group.make", group.id, {"key": key, "title": name}, now, "group")
    made: UUID = group.id
    return made


@action("people.group.rename")
def rename_group(*, group_id: UUID, name: str, actor: Actor, now: datetime) -> None:
    """Call a group something else; its key stays."""
    group, name = locked_group(group_id), clean_line(name)
    if group.name == name:
        return
    group.name = name
    group.save()
    note(actor, "people.group.rename", group.id, {"title": name}, now, "group")


@action("people.group.delete")
def delete_group(*, group_id: UUID, actor: Actor, now: datetime) -> None:
    """Delete an empty group. GroupNotEmpty: take the people out first."""
    group = locked_group(group_id)
    inside = GroupMember.objects.filter(group=group.id).count()
    if inside:
        raise GroupNotEmpty(name=group.name, n=inside)
    note(actor, "people.group.delete", group.id, {"key": group.key}, now, "group")
    group.delete()


@action("people.group.join")
def join_group(*, group_id: UUID, person_ids: Sequence[UUID], actor: Actor, now: datetime) -> int:
    """Put people of the scope's partner into a group; how many are new in it. NotFound: one who is not here."""
    group = locked_group(group_id)
    chosen = set(person_ids)
    here = set(Person.objects.filter(pk__in=chosen).exclude(state__in=GONE).values_list("pk", flat=True))
    if here != chosen:
        raise NotFound
    inside = set(GroupMember.objects.filter(group=group.id, person__in=chosen).values_list("person_id", flat=True))
    fresh = sorted(chosen - inside)
    GroupMember.objects.bulk_create(GroupMember(group=group, person_id=person_id) for person_id in fresh)
    if fresh:
        note(actor, "people.group.join", group.id, {"people": [str(one) for one in fresh]}, now, "group")
        _tell(fresh, actor, now)
    return len(fresh)


@action("people.group.quit")
def quit_group(*, group_id: UUID, person_ids: Sequence[UUID], actor: Actor, now: datetime) -> int:
    """Take people out of a group; how many were in it."""
    group = locked_group(group_id)
    members = GroupMember.objects.filter(group=group.id, person__in=set(person_ids))
    gone = sorted(members.values_list("person_id", flat=True))
    if gone:
        members.delete()
        note(actor, "people.group.quit", group.id, {"people": [str(one) for one in gone]}, now, "group")
        _tell(gone, actor, now)
    return len(gone)


def _tell(person_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    """Their groups are others now."""
    facts = [(PersonChanged(person_id=person_id, fields=("groups",)), person_id) for person_id in person_ids]
    publish_all(facts, now=now, actor=actor)


def locked_group(group_id: UUID) -> Group:
    """The group, locked until the transaction ends; NotFound outside the scope."""
    found: Group | None = Group.objects.select_for_update().filter(pk=group_id).first()
    if found is None:
        raise NotFound
    return found
