"""What the plan asks about getting in and out: by which ways real people came, whose admins did, who had to wait."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, Subquery

from gangway.identity.models import AccessReview, Connection, ScimExchange, ScimHold, ScimRemoval, Session
from gangway.identity.queries.connections import SIGNING_IN
from gangway.identity.rules import Method
from gangway.identity.rules.proven import Came, HeldLeaver, Way, proposed, unproven
from gangway.identity.rules.scim import Did, HoldKind, HoldState
from gangway.partners import queries as partners
from gangway.people import queries as people

ON_OUR_WORD = (Method.OPERATOR, Method.SETUP)  # of the operator: nobody found the way by themselves
MOST_HELD = 5_000  # lines of the log that are looked at


@dataclass(frozen=True, slots=True)
class TypeProven:
    """A partner type that active partners have: the ways in it proposes, and those by which nobody came yet."""

    key: str
    name: str
    ways: tuple[Way, ...]
    missing: tuple[Way, ...]


def ways_proven() -> tuple[TypeProven, ...]:
    """Of each type in use by name, in the open scope. Three statements, as long as there are partners: of the sign-ins
    only the first and the last of each kind are looked up."""
    came = _came()
    used = [row for row in partners.types_in_use() if any(one.type_key == row.key for one in came)]
    return tuple(_proven(row, [one for one in came if one.type_key == row.key]) for row in used)


def _proven(row: partners.WordRow, came: list[Came]) -> TypeProven:
    ways = proposed(row.primary, row.fallback)
    return TypeProven(row.key, row.name, ways, unproven(ways, came))


def _came() -> list[Came]:
    """How people of each active partner with a type came in. By the vendor's own sign-in for partners is by its portal,
    or by a connection of the vendor's that serves the partner."""
    types = {row.id: row.type for row in partners.list_partners()}
    signing_in = Connection.objects.filter(partner=OuterRef("pk"), kind__in=SIGNING_IN)
    ours = Q(owner=partners.host_id())
    rows = partners.active_partners().filter(type__isnull=False)
    rows = rows.annotate(
        own=Exists(signing_in.exclude(ours)),
        ours=Exists(signing_in.filter(ours)),
        **{f"by_{method.value}": _at(method, "started_at") for method in (Method.SAML, Method.OIDC, Method.PORTAL)},
        **{f"by_{method.value}": _at(method, "-started_at") for method in (Method.CODE, Method.LINK)},
    )
    columns = ("id", "own", "ours", "by_saml", "by_oidc", "by_portal", "by_code", "by_link")
    return [
        Came(
            types[partner_id] or "",
            company=_first(saml, oidc) if own else None,
            portal=_first(by_portal, *((saml, oidc) if of_ours else ())),
            mail=max(filter(None, (code, link)), default=None),
        )
        for partner_id, own, of_ours, saml, oidc, by_portal, code, link in rows.values_list(*columns)
    ]


def _at(method: Method, order: str) -> Subquery:
    theirs = Session.objects.filter(partner=OuterRef("pk"), method=method, synthetic=False)
    return Subquery(theirs.order_by(order).values("started_at")[:1])


def _first(*times: datetime | None) -> datetime | None:
    return min(filter(None, times), default=None)


@dataclass(frozen=True, slots=True)
class AdminsCame:
    """The partner admins of active partners who may come in: how many, how many of them have, the names of the partners
    whose admins are missing, and how many partners have no admin."""

    admins: int
    came: int
    missing: tuple[str, ...]
    without: int


def admins_came(now: datetime) -> AdminsCame:
    """Whether each came in by themselves; a link that the operator printed is not that. Three statements."""
    active = {row.id: row.name for row in _active()}
    admins = {person: partner for partner, person, _ in people.admins_of_partners(now) if partner in active}
    sessions = Session.objects.filter(person__in=people.admins_now(now).values("person_id"))
    came = set(sessions.exclude(method__in=ON_OUR_WORD).values_list("person_id", flat=True).distinct())
    late = {partner for person, partner in admins.items() if person not in came}
    return AdminsCame(
        admins=len(admins),
        came=len(admins.keys() & came),
        missing=tuple(name for one, name in active.items() if one in late),
        without=len(active.keys() - set(admins.values())),
    )


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A launched partner's access list: when it was last confirmed; `asked`: it was asked for, and waits."""

    name: str
    confirmed_at: datetime | None
    asked: bool


def lists_reviewed() -> tuple[Reviewed, ...]:
    """Of each active partner that was launched, by name. Two statements."""
    open_ = Q(confirmed_at=None)
    grouped = AccessReview.objects.order_by().values("partner_id")
    found = {
        row["partner_id"]: row
        for row in grouped.annotate(last=Max("confirmed_at"), asked=Max("asked_at", filter=open_))
    }
    rows = [row for row in _active() if row.launched_at is not None]
    return tuple(
        Reviewed(row.name, told["last"], told["asked"] is not None)
        for row in rows
        for told in (found.get(row.id, {"last": None, "asked": None}),)
    )


def _active() -> list[partners.PartnerRow]:
    rows = partners.list_partners()
    return [row for row in rows if row.kind == "partner" and row.state == "active"]


@dataclass(frozen=True, slots=True)
class Leavers:
    """Whom directories of real partners took away since a day: how many, and those among them, or still to go, for whom
    a human had to decide first."""

    out: int
    held: tuple[HeldLeaver, ...]

    def longest(self, now: datetime) -> timedelta:
        return max((one.waited(now) for one in self.held), default=timedelta())


def leavers_since(since: datetime, now: datetime) -> Leavers:
    """In the open scope. Whoever is shut out at once has waited for nothing: only a breaker makes a directory say it
    again. Once somebody decided that nobody was to go, nobody waits. Four statements."""
    real = [row.id for row in partners.list_partners() if row.kind == "partner"]
    removals = ScimRemoval.objects.filter(partner__in=real, at__gte=since).order_by("at", "id")
    out = list(removals.values_list("connection_id", "person_id", "at"))
    holds = ScimHold.objects.filter(partner__in=real, kind=HoldKind.REMOVALS, opened_at__gte=since)
    opened = {row.connection_id: row for row in holds.order_by("opened_at", "id")}
    if not opened:
        return Leavers(len(out), ())
    told = ScimExchange.objects.filter(connection__in=opened, at__gte=since, did=Did.HELD).exclude(method="POST")
    lines = told.order_by("at", "id").values_list("connection_id", "path", "at")[:MOST_HELD]
    waits = {one for one, row in opened.items() if row.state == HoldState.OPEN or (row.until and row.until > now)}
    return Leavers(len(out), tuple(_held(lines, out, waits)))


def _held(
    lines: Iterable[tuple[UUID, str, datetime]], out: list[tuple[UUID, UUID, datetime]], waits: set[UUID]
) -> Iterator[HeldLeaver]:
    """The first line of each leaver, with what became of them."""
    said: dict[tuple[UUID, UUID], datetime] = {}
    for connection_id, path, at in lines:
        person = _whom(path)
        if person is not None:
            said.setdefault((connection_id, person), at)
    for (connection_id, person), at in said.items():
        after = (went for one, who, went in out if (one, who) == (connection_id, person) and went >= at)
        out_at = next(after, None)
        if out_at is not None or connection_id in waits:
            yield HeldLeaver(person, at, out_at)


def _whom(path: str) -> UUID | None:
    try:
        return UUID(path.partition("?")[0].rpartition("/")[2])
    except ValueError:
        return None
