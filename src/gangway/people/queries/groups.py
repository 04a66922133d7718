"""Groups: the list of them, who is in one, and which ones a person is in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from gangway.kernel.lists import Column, Filter, ListSpec
from gangway.kernel.prepared import prepared
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.people.models import Group, GroupMember

OFFERED = 200  # groups a filter or a choice offers


@dataclass(frozen=True, slots=True)
class GroupRow:
    id: UUID
    partner_id: UUID
    partner: str
    key: str
    name: str
    people: int


def group(group_id: UUID) -> GroupRow:
    """The group of this id, if the scope reaches it; NotFound otherwise."""
    found = Group.objects.select_related("partner").filter(pk=group_id).first()
    if found is None:
        raise NotFound
    inside = GroupMember.objects.filter(group=group_id).count()
    return GroupRow(found.id, found.partner_id, found.partner.name, found.key, found.name, inside)


def people_of_group(group_id: UUID, limit: int) -> tuple[UUID, ...]:
    """The people in a group of the scope, `limit` of them at most."""
    rows = GroupMember.objects.filter(group=group_id).order_by("person_id")
    return tuple(rows.values_list("person_id", flat=True)[:limit])


def groups_of_partner(partner_id: UUID) -> tuple[tuple[UUID, str, str], ...]:
    """(id, key, name) of a partner's groups, by name."""
    with scopes.one(partner_id):
        return tuple(Group.objects.order_by("name", "id").values_list("id", "key", "name")[:OFFERED])


def groups_of_person(person_id: UUID) -> tuple[tuple[UUID, str], ...]:
    """(id, name) of the groups that somebody the scope reaches is in, by name."""
    rows = GroupMember.objects.filter(person=person_id).order_by("group__name", "group_id")
    return tuple(rows.values_list("group_id", "group__name"))


def group_keys() -> list[tuple[str, str]]:
    """The keys of the groups in scope, each once: groups of many partners may share one."""
    found: dict[str, str] = {}
    for key, name in Group.objects.order_by("key", "id").values_list("key", "name")[: OFFERED * 10]:
        found.setdefault(key, name)
    return list(found.items())[:OFFERED]


def in_groups(keys: Iterable[str]) -> Exists:
    """The condition on people that they are in a group of one of these keys."""
    return Exists(GroupMember.objects.filter(person=OuterRef("pk"), group__key__in=list(keys)))


def _in_group(rows: QuerySet[Any], key: str) -> QuerySet[Any]:
    return rows.filter(Exists(GroupMember.objects.filter(person=OuterRef("pk"), group__key=key)))


def members(group_id: UUID) -> Exists:
    """The condition on people that they are in a group."""
    return Exists(GroupMember.objects.filter(person=OuterRef("pk"), group=group_id))


GROUP_FILTER = Filter("group", _("Group"), group_keys, _in_group)


def _rows() -> QuerySet[Any]:
    inside = GroupMember.objects.filter(group=OuterRef("pk")).order_by().values("group").annotate(n=Count("id"))
    rows: QuerySet[Any] = Group.objects.select_related("partner").annotate(inside=Subquery(inside.values("n")))
    return rows


def _own_cells(row: Any) -> Mapping[str, Any]:
    return {**_cells(row), "href": reverse("people:group_team", args=[row.pk])}


def _cells(row: Any) -> Mapping[str, Any]:
    return {
        "href": reverse("people:group", args=[row.pk]),
        "name": row.name,
        "key": row.key,
        "partner": row.partner.name,
        "people": row.inside or 0,
    }


GROUP_LIST = ListSpec(
    key="groups",
    noun=(_("group"), _("groups")),
    rows=_rows,
    columns=(
        Column("name", _("Name")),
        Column("key", _("Key")),
        Column("partner", _("Partner")),
        Column("people", _("People"), "number"),
    ),
    cells=_cells,
    order=("name", "id"),
    search=("name", "key"),
)

OWN_GROUPS = replace(
    GROUP_LIST,
    key="own-groups",
    rows=lambda: _rows().filter(partner=scopes.required().partner_id),
    cells=_own_cells,
    columns=(*GROUP_LIST.columns[:2], GROUP_LIST.columns[3]),
)


def members_of(group_ids: Any) -> QuerySet[Any]:
    """The ids of people in any of these groups, as a query to be used inside another one."""
    rows: QuerySet[Any] = GroupMember.objects.filter(group__in=group_ids).values("person_id")
    return rows


def groups_holding(person_ids: Iterable[UUID], *, others: bool = False) -> QuerySet[Any]:
    """The ids of the groups that one of these people is in, or somebody who is none of them (`others`), as a query to
    be used inside another one."""
    named = Q(person__in=list(person_ids))
    found: QuerySet[Any] = GroupMember.objects.filter(~named if others else named).values("group_id")
    return found


def in_a_group(person: str) -> Exists:
    """Whether the person that this field of an outer query names is in any group."""
    return Exists(GroupMember.objects.filter(person=OuterRef(person)))


def memberships(person_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """person → the groups they are in, in one statement."""
    found: dict[UUID, list[UUID]] = {}
    asked = list(person_ids)
    for person_id, group_id in _memberships(asked[0]) if len(asked) == 1 else _of_people(asked):
        found.setdefault(person_id, []).append(group_id)
    return found


def _of_people(person_ids: list[UUID]) -> Any:
    return GroupMember.objects.filter(person__in=person_ids).order_by("id").values_list("person_id", "group_id")


@prepared
def _memberships(person_id: UUID) -> Any:
    return GroupMember.objects.filter(person=person_id).order_by("id").values_list("person_id", "group_id")


def people_by_group(group_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """group → everybody in it, in one statement, in the order in which they came."""
    found: dict[UUID, list[UUID]] = {}
    rows = GroupMember.objects.filter(group__in=list(group_ids)).order_by("id")
    for group_id, person_id in rows.values_list("group_id", "person_id"):
        found.setdefault(group_id, []).append(person_id)
    return found


def is_in(group_id: UUID, person_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these people are in a group."""
    rows = GroupMember.objects.filter(group=group_id, person__in=list(person_ids))
    return set(rows.values_list("person_id", flat=True))


def group_of_key(key: str) -> UUID | None:
    """The id of the scope's group with this key."""
    for (found,) in _of_key(key):
        group_id: UUID = found
        return group_id
    return None


@prepared
def _of_key(key: str) -> Any:
    return Group.objects.filter(key=key).values_list("pk")
