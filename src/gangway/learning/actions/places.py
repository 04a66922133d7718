"""Who is on which path and why, as one transaction changes it; and their enrolments after it."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from gangway.catalog import queries as catalog
from gangway.catalog.queries import PathRow
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish_all
from gangway.learning.actions.asking import InLine, Wish
from gangway.learning.events import PathJoined, PathLeft
from gangway.learning.models import PathPlace, PathReason
from gangway.learning.rules import ReasonKind, path_ref
from gangway.partners.queries import PartnerRow

Where = tuple[UUID, UUID]  # person, path
Because = tuple[ReasonKind, str]  # kind, ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """`enrolled`: new, or come back. `ended`: not begun, and no other reason left."""

    enrolled: int = 0
    ended: int = 0

    def __add__(self, other: "Followed") -> "Followed":
        return Followed(enrolled=self.enrolled + other.enrolled, ended=self.ended + other.ended)


@dataclass
class Places:
    """The places of some people on some paths, locked. Every writer has taken the turn BY_RULE before, so that nobody
    else puts the same people there. The statements do not grow with people or paths."""

    person_ids: Sequence[UUID]
    paths: Mapping[UUID, PathRow]
    now: datetime
    rows: dict[Where, PathPlace] = field(init=False)

    def __post_init__(self) -> None:
        found = PathPlace.objects.filter(person__in=list(self.person_ids), path__in=list(self.paths))
        self.rows = {(row.person_id, row.path_id): row for row in found.select_for_update().order_by("pk")}

    def give(self, wishes: Mapping[Where, Mapping[Because, date | None]], actor: Actor) -> list[PathPlace]:
        """Give people reasons to be on a path, each with a due day for who comes onto it by that; who came.

        A rule leaves off whom somebody took off by hand; any other reason lets them come again.
        """
        asked = {where: dict(whys) for where, whys in wishes.items() if self._lets(where, whys)}
        fresh = [self._new(where, whys) for where, whys in sorted(asked.items()) if where not in self.rows]
        PathPlace.objects.bulk_create(fresh)
        back = [row for where, row in self.rows.items() if where in asked and row.left_at is not None]
        for row in back:
            whys = asked[row.person_id, row.path_id]
            row.since, row.left_at, row.exempt = self.now, None, False
            row.required, row.due_on = _required(whys), _soonest(whys)
        stays = [self.rows[where] for where in asked if where in self.rows and self.rows[where] not in back]
        raised = [row for row in stays if not row.required and _required(asked[row.person_id, row.path_id])]
        for row in raised:
            row.required = True
        PathPlace.objects.bulk_update([*back, *raised], ["since", "left_at", "exempt", "required", "due_on"])
        self.rows |= {(row.person_id, row.path_id): row for row in fresh}
        self._reason(asked)
        come = [*fresh, *back]
        facts = [(self._joined(row, asked[row.person_id, row.path_id]), row.pk) for row in come]
        publish_all(facts, now=self.now, actor=actor)
        return come

    def take(self, void: Callable[[PathReason], bool], actor: Actor, *, exempt: bool = False) -> list[PathPlace]:
        """Take reasons back; who is off their path by that."""
        standing = [row for row in self._reasons() if row.withdrawn_at is None]
        gone = {row.pk: row.place_id for row in standing if void(row)}
        PathReason.objects.filter(pk__in=list(gone)).update(withdrawn_at=self.now)
        touched = set(gone.values()) - {row.place_id for row in standing if row.pk not in gone}
        left = [row for row in self.rows.values() if row.pk in touched]
        for row in left:
            row.left_at, row.exempt = self.now, exempt
        PathPlace.objects.bulk_update(left, ["left_at", "exempt"])
        facts = [(self._left(row), row.pk) for row in left]
        publish_all(facts, now=self.now, actor=actor)
        return left

    def _lets(self, where: Where, whys: Iterable[Because]) -> bool:
        row = self.rows.get(where)
        return row is None or not row.exempt or any(kind is not ReasonKind.RULE for kind, _ref in whys)

    def _new(self, where: Where, whys: Mapping[Because, date | None]) -> PathPlace:
        person_id, path_id = where
        return PathPlace(
            person_id=person_id,
            path_id=path_id,
            since=self.now,
            required=_required(whys),
            due_on=_soonest(whys),
        )

    def _reasons(self) -> Iterable[PathReason]:
        found: Iterable[PathReason] = PathReason.objects.filter(place__in=[row.pk for row in self.rows.values()])
        return found

    def _reason(self, asked: Mapping[Where, Collection[Because]]) -> None:
        given = {(row.place_id, row.kind, row.ref): row for row in self._reasons()}
        wanted = [(self.rows[where].pk, kind, ref) for where, whys in asked.items() for kind, ref in sorted(whys)]
        PathReason.objects.bulk_create(
            PathReason(place_id=pk, kind=kind, ref=ref, given_at=self.now)
            for pk, kind, ref in wanted
            if (pk, kind, ref) not in given
        )
        again = [given[one].pk for one in wanted if one in given and given[one].withdrawn_at is not None]
        values: dict[str, Any] = {"withdrawn_at": None, "given_at": self.now}
        PathReason.objects.filter(pk__in=again).update(**values)

    def _joined(self, row: PathPlace, whys: Iterable[Because]) -> PathJoined:
        return PathJoined(
            place_id=row.pk,
            person_id=row.person_id,
            path_id=row.path_id,
            path_key=self.paths[row.path_id].key,
            reason=min(whys)[0],
            required=row.required,
            due_on=row.due_on,
        )

    def _left(self, row: PathPlace) -> PathLeft:
        key = self.paths[row.path_id].key
        return PathLeft(place_id=row.pk, person_id=row.person_id, path_id=row.path_id, path_key=key)


def _required(whys: Iterable[Because]) -> bool:
    return any(kind is not ReasonKind.SELF for kind, _ref in whys)


def _soonest(whys: Mapping[Because, date | None]) -> date | None:
    return min((day for day in whys.values() if day is not None), default=None)


def walk(
    person_ids: Sequence[UUID],
    path_ids: Collection[UUID] | None,
    partner: PartnerRow,
    actor: Actor,
    now: datetime,
    *,
    lets_in: bool = False,
) -> Followed:
    """Bring the enrolments of these people in line with the paths they are on, and with those they are off again:
    all of them, or these. Only courses that the partner sees are asked for."""
    found = PathPlace.objects.filter(person__in=list(person_ids))
    places = list(found if path_ids is None else found.filter(path__in=list(path_ids)))
    if not places:
        return Followed()
    paths = catalog.paths_by_id(row.path_id for row in places)
    seen = catalog.visible_courses(partner_id=partner.id, partner_type=partner.type)
    work = InLine(
        kind=ReasonKind.PATH,
        refs=[path_ref(row.key) for row in paths.values()],
        person_ids=person_ids,
        courses={row.course_id: row for row in seen},
        now=now,
        lets_in=lets_in,
    )
    today = today_at(partner, now)
    for place in places:
        if place.left_at is None:
            path = paths[place.path_id]
            due_on = place.due_on if place.due_on is not None and place.due_on >= today else None
            for step in path.steps:
                work.want(place.person_id, step.course_id, path_ref(path.key), Wish(due_on, place.required))
    return Followed(enrolled=work.enrol(actor), ended=work.take_back(actor))


def today_at(partner: PartnerRow, now: datetime) -> date:
    """The day that it is by the partner's calendar."""
    return now.astimezone(ZoneInfo(partner.zone)).date()
