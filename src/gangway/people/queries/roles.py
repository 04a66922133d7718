"""Roles: what a person holds with its end, whom a giver's own roles reach, who else holds one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_noop as _

from gangway.kernel import audit
from gangway.kernel.access import (
    CHANNEL_MANAGER,
    CONTENT_OWNER,
    HOST_ROLES,
    LEARNER,
    PARTNER_ADMIN,
    PARTNER_IT,
    PLATFORM_ADMIN,
    PROGRAMME_LEAD,
    SPONSOR,
    TRAINER,
    Reach,
)
from gangway.kernel.lists import Filter
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import PartnerRow, list_partners, partner_by_id
from gangway.people.models import Grant
from gangway.people.rules import AT_PARTNERS, COMES_IN, GIVES, Held, Over, may_give, usual_reach

# Msgids: how pages call roles and reaches.
ROLE_WORDS: dict[str, str] = {
    LEARNER: _("learner"),
    PARTNER_ADMIN: _("partner admin"),
    PARTNER_IT: _("partner IT"),
    PROGRAMME_LEAD: _("programme lead"),
    CONTENT_OWNER: _("content owner"),
    PLATFORM_ADMIN: _("platform admin"),
    TRAINER: _("trainer"),
    CHANNEL_MANAGER: _("channel manager"),
    SPONSOR: _("sponsor"),
}
REACH_WORDS: dict[str, str] = {
    Reach.ONE.value: _("one partner"),
    Reach.TREE.value: _("a partner and those below it"),
    Reach.PORTFOLIO.value: _("the partners they look after"),
    Reach.HOST.value: _("every partner"),
}


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role somebody holds now. `where`: the name of the partner it reaches, "" where it needs none."""

    role: str
    reach: str
    reach_id: UUID
    where: str
    granted_at: datetime
    until: datetime | None


def live(now: datetime) -> Q:
    """Grants that hold at `now`."""
    return Q(until__isnull=True) | Q(until__gt=now)


def roles_held(person_id: UUID, now: datetime) -> tuple[RoleRow, ...]:
    """What a person holds now, by role, with the reach and its end."""
    rows = Grant.objects.filter(live(now), person=person_id).order_by("role", "id")
    return tuple(RoleRow(row.role, row.reach, row.reach_id, _where(row), row.granted_at, row.until) for row in rows)


def _where(grant: Grant) -> str:
    """Only a reach beyond one's own partner needs a name."""
    if grant.reach not in (Reach.ONE, Reach.TREE) or grant.reach_id == grant.partner_id:
        return ""
    with scopes.host():
        try:
            return partner_by_id(grant.reach_id).name
        except NotFound:
            return ""


def reached(reach: Reach, reach_id: UUID) -> Over:
    """What a grant reaches. A portfolio grows by whatever staff put into it, so it counts as every partner."""
    if reach in (Reach.HOST, Reach.PORTFOLIO):
        return Over(None)
    if reach is Reach.ONE:
        return Over(frozenset({reach_id}))
    with scopes.tree(reach_id):
        return Over(frozenset(row.id for row in list_partners()), grows=True)


def held_by(giver_id: UUID, now: datetime) -> tuple[Held, ...]:
    """What somebody, wherever they work, holds that lets them give roles."""
    with scopes.host():
        rows = Grant.objects.filter(live(now), person=giver_id, role__in=GIVES, person__state__in=COMES_IN)
        grants = list(rows.select_related("partner"))
    return tuple(_held(grant) for grant in grants)


def _held(grant: Grant) -> Held:
    home = None if grant.partner.kind == "host" else grant.partner_id
    if grant.reach != Reach.PORTFOLIO:
        return Held(grant.role, reached(Reach(grant.reach), grant.reach_id), home)
    with scopes.portfolio(grant.person_id):
        return Held(grant.role, Over(frozenset(row.id for row in list_partners())), home)


def other_holders(person_id: UUID, role: str, now: datetime) -> QuerySet[Grant]:
    """Who else of the scope's partner holds a role now and may come in; robots do not count."""
    rows: QuerySet[Grant] = Grant.objects.filter(live(now), role=role, person__state__in=COMES_IN)
    return rows.filter(person__synthetic=False).exclude(person=person_id)


def is_last(person_id: UUID, role: str, now: datetime) -> bool:
    """Whether a person is the only one of the scope's partner who holds a role without an end."""
    mine = Grant.objects.filter(live(now), person=person_id, role=role).exists()
    return bool(mine) and not other_holders(person_id, role, now).filter(until__isnull=True).exists()


def somebody_lets_in(now: datetime) -> bool:
    """Whether somebody of the scope's partner, who may come in, is its admin without an end."""
    rows = Grant.objects.filter(role=PARTNER_ADMIN, until__isnull=True, person__state__in=COMES_IN)
    return bool(rows.filter(person__synthetic=False).exists())


def admins_now(now: datetime) -> QuerySet[Any]:
    """Grants of the partner admins in scope who may come in at `now`; robots do not count. For use inside another
    query."""
    rows: QuerySet[Any] = Grant.objects.filter(live(now), role=PARTNER_ADMIN, person__state__in=COMES_IN)
    return rows.filter(person__synthetic=False)


def admins_of_partners(now: datetime) -> tuple[tuple[UUID, UUID, str], ...]:
    """(partner, person, name) of the same, each once, by name. One statement."""
    rows = admins_now(now).order_by("person__sort_key", "person_id")
    return tuple(dict.fromkeys(rows.values_list("partner_id", "person_id", "person__name")))


def roles_to_give(giver_id: UUID, partner: PartnerRow, now: datetime) -> tuple[str, ...]:
    """The roles that somebody may give to people of a partner at all, in the order of their names."""
    held = held_by(giver_id, now)
    known = HOST_ROLES if partner.kind == "host" else AT_PARTNERS
    return tuple(
        role for role in sorted(known) if may_give(held, role, reached(usual_reach(role), partner.id), partner.id)
    )


def gave(person_id: UUID, role: str) -> tuple[str, str] | None:
    """(kind, id) of the actor who last gave somebody of the scope a role; None where they came with it."""
    entry = audit.latest("person", person_id, "people.role.grant", role=role)
    return (entry.actor_kind, entry.actor_id) if entry else None


def holders_among(role: str, person_ids: Iterable[UUID], now: datetime) -> set[UUID]:
    """Which of these people of the scope hold a role now."""
    rows = Grant.objects.filter(live(now), role=role, person__in=list(person_ids))
    return set(rows.values_list("person_id", flat=True))


def _holding(rows: QuerySet[Any], role: str) -> QuerySet[Any]:
    """Narrowed to who holds a role at this moment; a list is asked for now, so the database says when that is."""
    held = Grant.objects.filter(Q(until__isnull=True) | Q(until__gt=Now()), person=OuterRef("pk"), role=role)
    return rows.filter(Exists(held))


ROLE_FILTER = Filter(
    "role", _("Role"), tuple((role, words) for role, words in ROLE_WORDS.items() if role != LEARNER), _holding
)
