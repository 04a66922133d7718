"""Reads of people: ids in, frozen rows out, in the scope that is open. Routing read: persons_of_mailbox."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext

from gangway.kernel.access import PARTNER_ADMIN
from gangway.kernel.refusal import Invalid, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import mail_key
from gangway.partners.queries import (
    PARTNER_LIST,
    ContactRow,
    PartnerRow,
    TierStep,
    contacts,
    partner_by_id,
    tier_history,
)
from gangway.people.models import Grant, Mailbox, Person
from gangway.people.queries.elsewhere import named_elsewhere as named_elsewhere
from gangway.people.queries.elsewhere import person_elsewhere as person_elsewhere
from gangway.people.queries.groups import GROUP_LIST as GROUP_LIST
from gangway.people.queries.groups import OWN_GROUPS as OWN_GROUPS
from gangway.people.queries.groups import GroupRow as GroupRow
from gangway.people.queries.groups import group as group
from gangway.people.queries.groups import group_keys as group_keys
from gangway.people.queries.groups import group_of_key as group_of_key
from gangway.people.queries.groups import groups_holding as groups_holding
from gangway.people.queries.groups import groups_of_partner as groups_of_partner
from gangway.people.queries.groups import groups_of_person as groups_of_person
from gangway.people.queries.groups import in_a_group as in_a_group
from gangway.people.queries.groups import is_in as is_in
from gangway.people.queries.groups import members_of as members_of
from gangway.people.queries.groups import memberships as memberships
from gangway.people.queries.groups import people_by_group as people_by_group
from gangway.people.queries.groups import people_of_group as people_of_group
from gangway.people.queries.import_runs import ImportRow as ImportRow
from gangway.people.queries.import_runs import import_run as import_run
from gangway.people.queries.import_runs import imports as imports
from gangway.people.queries.lists import PARTNERS_WITH_PEOPLE as PARTNERS_WITH_PEOPLE
from gangway.people.queries.lists import PEOPLE_LIST as PEOPLE_LIST
from gangway.people.queries.lists import STATE_WORDS as STATE_WORDS
from gangway.people.queries.lists import TEAM_LIST as TEAM_LIST
from gangway.people.queries.lists import people_in_group as people_in_group
from gangway.people.queries.lists import people_of as people_of
from gangway.people.queries.merging import Ahead as Ahead
from gangway.people.queries.merging import Behind as Behind
from gangway.people.queries.merging import MergeRow as MergeRow
from gangway.people.queries.merging import look_merge as look_merge
from gangway.people.queries.merging import look_unmerge as look_unmerge
from gangway.people.queries.merging import merged_accounts as merged_accounts
from gangway.people.queries.merging import merged_into as merged_into
from gangway.people.queries.merging import roles_that_end as roles_that_end
from gangway.people.queries.merging import too_late as too_late
from gangway.people.queries.merging import whole as whole
from gangway.people.queries.named import Trait as Trait
from gangway.people.queries.named import here_by_traits as here_by_traits
from gangway.people.queries.named import named_people as named_people
from gangway.people.queries.portfolio import Manager as Manager
from gangway.people.queries.portfolio import manager_mails as manager_mails
from gangway.people.queries.portfolio import manager_of as manager_of
from gangway.people.queries.portfolio import managers as managers
from gangway.people.queries.profiles import Profile as Profile
from gangway.people.queries.profiles import profile as profile
from gangway.people.queries.profiles import subject as subject
from gangway.people.queries.profiles import teammate as teammate
from gangway.people.queries.reaching import above_reaching as above_reaching
from gangway.people.queries.reaching import holders_here as holders_here
from gangway.people.queries.reaching import staff_reaching as staff_reaching
from gangway.people.queries.roles import REACH_WORDS as REACH_WORDS
from gangway.people.queries.roles import ROLE_WORDS as ROLE_WORDS
from gangway.people.queries.roles import RoleRow as RoleRow
from gangway.people.queries.roles import admins_now as admins_now
from gangway.people.queries.roles import admins_of_partners as admins_of_partners
from gangway.people.queries.roles import gave as gave
from gangway.people.queries.roles import holders_among as holders_among
from gangway.people.queries.roles import is_last as is_last
from gangway.people.queries.roles import roles_held as roles_held
from gangway.people.queries.roles import roles_to_give as roles_to_give
from gangway.people.queries.roles import somebody_lets_in as somebody_lets_in
from gangway.people.queries.rows import NOBODY
from gangway.people.queries.rows import PersonRow as PersonRow
from gangway.people.queries.rows import here_by_external_id as here_by_external_id
from gangway.people.queries.rows import here_by_mailbox as here_by_mailbox
from gangway.people.queries.rows import left_by_external_id as left_by_external_id
from gangway.people.queries.rows import person as person
from gangway.people.queries.rows import person_row as person_row
from gangway.people.queries.twins import Alike as Alike
from gangway.people.queries.twins import Shared as Shared
from gangway.people.queries.twins import Twins as Twins
from gangway.people.queries.twins import TwinsPage as TwinsPage
from gangway.people.queries.twins import likely_twins as likely_twins
from gangway.people.queries.twins import shared_by_accounts as shared_by_accounts
from gangway.people.queries.twins import twins_of as twins_of
from gangway.people.rules import COMES_IN, GONE, Blocker, State, blocker
from gangway.people.rules.merging import UNDO_LIFE as UNDO_LIFE
from gangway.people.rules.merging import Late as Late

# Columns that contexts above may join to in their own queries (house.md, data-model.md "Pages"). Identity reads them
# with the session, before a scope exists: a person comes in while `state` is not suspended, left or erased and the
# epoch is the one that was copied.
JOINABLE = frozenset(
    {
        "people_person.id", "partner_id", "state", "name", "email", "locale", "zone", "sort_key", "access_epoch",
        "synthetic", "invited_at", "activated_at",
        "people_grant.person_id", "role", "reach", "reach_id", "until",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GrantRow:
    person_id: UUID
    name: str
    email: str | None
    role: str
    reach: str
    granted_at: datetime


@dataclass(frozen=True, slots=True)
class PeopleCount:
    """How many people of a partner stand where; people who were erased or left are `gone`, robots do not count."""

    invited: int = 0
    active: int = 0
    suspended: int = 0
    gone: int = 0

    @property
    def here(self) -> int:
        """Everybody who has not left."""
        return self.invited + self.active + self.suspended


@dataclass(frozen=True, slots=True)
class FirstStep:
    """When a partner agreed (its first admin came in) and when it named somebody beside that admin."""

    partner_id: UUID
    agreed_at: datetime | None
    team_named_at: datetime | None
    admins: int = 0


class UnknownPerson(Refusal):
    """For operators, who name people by mailbox; pages answer NotFound."""

    code = "people.unknown"
    status = 404
    message = "Nobody at this partner has the mail address {email}."
    next_step = "See `gangway person list`, or add them with `gangway person import`."


def persons(ids: Iterable[UUID]) -> dict[UUID, PersonRow]:
    """Those of these people whom the scope reaches, in one statement."""
    return {found.id: person_row(found) for found in Person.objects.filter(pk__in=set(ids))}


def is_known(person_id: UUID) -> bool:
    """Whether there still is such a person: undoing an import deletes people of whom the log may yet speak."""
    return bool(Person.objects.filter(pk=person_id).exists())


def person_of_mailbox(email: str) -> PersonRow:
    """For commands: the person with this mailbox in the scope's partner who has not left; UnknownPerson otherwise."""
    found = Person.objects.filter(email_key=mail_key(email)).exclude(state__in=GONE).first()
    if found is None:
        raise UnknownPerson(email=email)
    return person_row(found)


def persons_of_mailbox(email: str) -> list[tuple[UUID, UUID]]:
    """Routing: (partner, person) of everybody a mailbox belongs to, over all partners; none for what is no address."""
    try:
        key = mail_key(email)
    except Invalid:
        return []
    rows = Mailbox.objects.filter(email_key=key).order_by("id")
    return list(rows.values_list("partner_id", "person_id"))


def mailbox_known(email: str) -> bool:
    """Whether a mailbox is, or was, somebody's of the scope's partner, who has not been erased."""
    return bool(Person.objects.filter(email_key=mail_key(email)).exists())


def everybody() -> Iterator[PersonRow]:
    """Everybody the scope reaches who was not erased, by name, read in pieces."""
    rows = Person.objects.exclude(state=State.ERASED).order_by("sort_key", "id")
    return (person_row(found) for found in rows.iterator(chunk_size=2_000))


def person_ids(*, after: UUID | None = None, limit: int = 500) -> tuple[UUID, ...]:
    """The ids of everybody in scope who has not left, in id order, from behind `after` on: for work in pieces."""
    rows = Person.objects.exclude(state__in=GONE)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return tuple(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def roles_by_person(now: datetime) -> dict[UUID, tuple[str, ...]]:
    """Who holds which roles now, for everybody the scope reaches, in one statement."""
    live = Grant.objects.filter(Q(until__isnull=True) | Q(until__gt=now)).order_by("role")
    roles: dict[UUID, tuple[str, ...]] = {}
    for person_id, role in live.values_list("person_id", "role"):
        roles[person_id] = (*roles.get(person_id, ()), role)
    return roles


def names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """id → name of those people whom the scope reaches."""
    rows = Person.objects.filter(pk__in=set(ids)).values_list("pk", "name")
    return {person_id: name or gettext(NOBODY) for person_id, name in rows}


def left_at(ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When those of these people who have left did so, for projections that rebuild themselves."""
    rows = Person.objects.filter(pk__in=set(ids), left_at__isnull=False)
    return dict(rows.values_list("pk", "left_at"))


def roles_of(person_id: UUID, now: datetime) -> tuple[GrantRow, ...]:
    """What a person holds now. Being a learner is not among them: everybody is."""
    return _grants(Grant.objects.filter(person=person_id), now)


def holders(role: str, now: datetime) -> tuple[GrantRow, ...]:
    """Who holds a role now, among the people the scope reaches, by name."""
    return _grants(Grant.objects.filter(role=role).exclude(person__state__in=GONE), now)


def _grants(rows: QuerySet[Grant], now: datetime) -> tuple[GrantRow, ...]:
    live = rows.filter(Q(until__isnull=True) | Q(until__gt=now)).select_related("person")
    return tuple(
        GrantRow(row.person_id, row.person.name, row.person.email, row.role, row.reach, row.granted_at)
        for row in live.order_by("person__sort_key", "role", "id")
    )


def people_count(partner_id: UUID) -> PeopleCount:
    """How many people of one partner stand where."""
    return people_counts([partner_id]).get(partner_id, PeopleCount())


def managed_counts(partner_id: UUID) -> dict[str, int]:
    """How many people of one partner who are here are kept by a connection, by what they are `managed_by`."""
    rows = Person.objects.filter(partner=partner_id, synthetic=False).exclude(managed_by="").exclude(state__in=GONE)
    return dict(rows.order_by("managed_by").values_list("managed_by").annotate(Count("id")))


def people_counts(partner_ids: Iterable[UUID] | None = None) -> dict[UUID, PeopleCount]:
    """The same for many partners, or for all that the scope reaches, in one statement."""
    rows = Person.objects.filter(synthetic=False)
    if partner_ids is not None:
        rows = rows.filter(partner__in=list(partner_ids))
    counted = rows.values("partner_id").annotate(
        invited=Count("id", filter=Q(state=State.INVITED)),
        active=Count("id", filter=Q(state=State.ACTIVE)),
        suspended=Count("id", filter=Q(state=State.SUSPENDED)),
        gone=Count("id", filter=Q(state__in=GONE)),
    )
    return {row.pop("partner_id"): PeopleCount(**row) for row in counted.order_by("partner_id")}


def first_steps() -> list[FirstStep]:
    """For each partner the scope reaches: when its first admin came in, when somebody beside an admin was named."""
    admin = Grant.objects.filter(person=OuterRef("pk"), role=PARTNER_ADMIN, until__isnull=True)
    rows = (
        Person.objects.filter(synthetic=False)
        .annotate(is_admin=Exists(admin))
        .values("partner_id")
        .annotate(
            agreed_at=Min("activated_at", filter=Q(is_admin=True)),
            team_named_at=Min("invited_at", filter=Q(is_admin=False)),
            admins=Count("id", filter=Q(is_admin=True) & ~Q(state__in=GONE)),
        )
    )
    return [FirstStep(**row) for row in rows.order_by("partner_id")]


def admins() -> QuerySet[Any]:
    """The ids of partner admins in scope, as a query to be used inside another one."""
    rows: QuerySet[Any] = Grant.objects.filter(role=PARTNER_ADMIN, until__isnull=True).values("person_id")
    return rows


def addressees() -> QuerySet[Any]:
    """People in scope who may come in and are no robots, as rows that contexts above narrow by JOINABLE columns."""
    rows: QuerySet[Any] = Person.objects.filter(state__in=COMES_IN, synthetic=False)
    return rows


@dataclass(frozen=True, slots=True)
class PartnerPage:
    """C7, as far as people and partners know it."""

    partner: PartnerRow
    count: PeopleCount
    blocker: Blocker
    admins: tuple[GrantRow, ...]
    contacts: tuple[ContactRow, ...]
    tiers: tuple[TierStep, ...]
    imports: tuple[ImportRow, ...]


def partner_page(partner_id: UUID, now: datetime) -> PartnerPage:
    """What a partner needs today; NotFound where the scope does not reach it."""
    partner = partner_by_id(partner_id)
    with scopes.one(partner.id):
        count = people_count(partner.id)
        admins = holders(PARTNER_ADMIN, now)
        known = Person.objects.filter(pk__in=[row.person_id for row in admins]).aggregate(
            open=Count("id", filter=Q(state__in=COMES_IN)), came=Count("id", filter=Q(activated_at__isnull=False))
        )
        return PartnerPage(
            partner=partner,
            count=count,
            blocker=blocker(
                admins=len(admins),
                admins_open=known["open"],
                admins_in=known["came"],
                people=count.here,
                people_in=count.active,
            ),
            admins=admins,
            contacts=tuple(row for row in contacts(partner.id) if row.email not in {admin.email for admin in admins}),
            tiers=tier_history(partner.id),
            imports=imports(limit=5),
        )


def partners_alive() -> tuple[int, int]:
    """How many partners (not the host) the scope reaches, and at how many of them somebody came in."""
    inside = Person.objects.filter(partner=OuterRef("pk"), synthetic=False, activated_at__isnull=False)
    known = PARTNER_LIST.rows()
    return known.count(), known.filter(Exists(inside)).count()
