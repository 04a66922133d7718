"""The partners of a wave: who is ready, who is held and why, who gets what, what became of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from gangway.identity import queries as identity
from gangway.insights import queries as insights
from gangway.kernel.refusal import NotFound
from gangway.messaging import queries as messaging
from gangway.messaging.letters import next_daytime
from gangway.messaging.queries import PartnerLetters
from gangway.partners import queries as partners
from gangway.partners.queries import PartnerRow
from gangway.people import queries as people
from gangway.rollout.launches.models import Launch
from gangway.rollout.launches.queries.waves import WaveRow
from gangway.rollout.launches.rules.holds import Facts, Hold, holds, is_held
from gangway.rollout.launches.rules.nudges import Nudge, cause_of
from gangway.rollout.launches.rules.states import WAITING, LaunchState
from gangway.rollout.plans.queries.wall import Prepared, prepared

NOTHING = Prepared(agreed=False, team_named=False, door_chosen=False)


@dataclass(frozen=True, slots=True)
class Ready:
    """A partner before its launch: the facts, what holds it by itself, and whom a launch would write to."""

    facts: Facts
    automatic: tuple[Hold, ...]
    locales: Mapping[str, int] = field(default_factory=dict)
    zones: Mapping[str, int] = field(default_factory=dict)

    @property
    def people(self) -> int:
        return self.facts.people


def readiness(rows: Iterable[PartnerRow], now: datetime) -> dict[UUID, Ready]:
    """Partner → how ready it is, for partners of the open scope. Six statements for any number of them."""
    rows = list(rows)
    steps = prepared(now)
    admins = {first.partner_id: first.admins for first in people.first_steps()}
    groups: Mapping[UUID, list[identity.Uninvited]] = defaultdict(list)
    for group in identity.uninvited_counts([row.id for row in rows]):
        groups[group.partner_id].append(group)
    return {
        row.id: _ready(row, steps.get(row.id, NOTHING), admins.get(row.id, 0), groups.get(row.id, [])) for row in rows
    }


def _ready(row: PartnerRow, steps: Prepared, admins: int, groups: list[identity.Uninvited]) -> Ready:
    locales: dict[str, int] = defaultdict(int)
    zones: dict[str, int] = defaultdict(int)
    for group in groups:
        if group.people:
            locales[group.locale] += group.people
            zones[group.zone] += group.people
    facts = Facts(
        active=row.state == "active",
        admins=admins,
        agreed=steps.agreed,
        team_named=steps.team_named,
        door_chosen=steps.door_chosen,
        people=sum(group.people for group in groups),
        without_mailbox=sum(group.without_mailbox for group in groups),
    )
    return Ready(facts, holds(facts), dict(locales), dict(zones))


@dataclass(frozen=True, slots=True)
class LaunchRow:
    """A partner in a wave. `people`, `locales`, `without_mailbox`: as they are now in a draft, else as at sending.

    automatic: what holds it by itself, or held it when the wave was sent. letters: of this wave, if any yet.
    came_in, invited: of the partner, in all. queued: how many were invited until now, while the wave goes.
    """

    id: UUID
    partner: PartnerRow
    state: LaunchState
    hold_reason: str
    held_by: str
    held_at: datetime | None
    let_go_reason: str
    let_go_by: str
    let_go_at: datetime | None
    automatic: tuple[Hold, ...]
    held: bool
    people: int
    without_mailbox: int
    locales: Mapping[str, int]
    zones: Mapping[str, int]
    letters: PartnerLetters | None
    queued: int
    invited: int
    came_in: int
    launched_at: datetime | None


@dataclass(frozen=True, slots=True)
class WavePage:
    """C8: a wave and the launches of it that the open scope reaches, by partner name."""

    wave: WaveRow
    launches: tuple[LaunchRow, ...]
    nudges: Mapping[Nudge, int]

    @property
    def ready(self) -> tuple[LaunchRow, ...]:
        """Those that are written to, or were."""
        return tuple(row for row in self.launches if not row.held)

    @property
    def held(self) -> tuple[LaunchRow, ...]:
        return tuple(row for row in self.launches if row.held)

    @property
    def people(self) -> int:
        return sum(row.people for row in self.ready)

    @property
    def without_mailbox(self) -> int:
        return sum(row.without_mailbox for row in self.ready)

    @property
    def queued(self) -> int:
        return sum(row.queued for row in self.ready)

    @property
    def locales(self) -> Mapping[str, int]:
        """Language → people who are written to."""
        return _sum(row.locales for row in self.ready)

    @property
    def zones(self) -> Mapping[str, int]:
        return _sum(row.zones for row in self.ready)

    def letters(self, state: str) -> int:
        """How many letters of the wave stand there: queued, sent, kept, bounced, failed, cancelled."""
        return sum(getattr(row.letters, state) for row in self.launches if row.letters)

    @property
    def came_in(self) -> int:
        return sum(row.came_in for row in self.ready)


def _sum(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = defaultdict(int)
    for part in parts:
        for key, n in part.items():
            total[key] += n
    return dict(sorted(total.items(), key=lambda pair: (-pair[1], pair[0])))


def wave_page(wave: WaveRow, now: datetime) -> WavePage:
    """Everything C8 says about one wave, in a number of statements that does not grow with partners or people."""
    rows = list(Launch.objects.filter(wave=wave.id).exclude(state=LaunchState.REMOVED))
    wanted = {row.partner_id for row in rows}
    known = {row.id: row for row in partners.list_partners() if row.id in wanted}
    ready = readiness(known.values(), now) if wave.is_draft else {}
    letters = {} if wave.is_draft else {row.partner_id: row for row in messaging.letters_of_cause(wave.id)}
    invited = {} if wave.is_draft else identity.invited_counts(wave.id)
    funnels = {} if wave.is_draft else insights.funnels_of_partners()
    found = [
        _row(
            row,
            known[row.partner_id],
            ready.get(row.partner_id),
            letters.get(row.partner_id),
            invited.get(row.partner_id, 0),
            funnels.get(row.partner_id, insights.Funnel()),
        )
        for row in rows
        if row.partner_id in known
    ]
    found.sort(key=lambda row: (row.partner.name.casefold(), row.id))
    return WavePage(wave, tuple(found), _nudges(wave))


def _row(
    row: Launch,
    partner: PartnerRow,
    ready: Ready | None,
    letters: PartnerLetters | None,
    queued: int,
    funnel: insights.Funnel,
) -> LaunchRow:
    automatic = ready.automatic if ready else tuple(Hold(code) for code in row.held_for)
    waiting = row.state in WAITING
    held = waiting and is_held(by_hand=bool(row.hold_reason), let_go=bool(row.let_go_reason), automatic=automatic)
    return LaunchRow(
        id=row.id,
        partner=partner,
        state=LaunchState(row.state),
        hold_reason=row.hold_reason,
        held_by=row.held_by,
        held_at=row.held_at,
        let_go_reason=row.let_go_reason,
        let_go_by=row.let_go_by,
        let_go_at=row.let_go_at,
        automatic=automatic,
        held=held,
        people=ready.people if ready else row.people,
        without_mailbox=ready.facts.without_mailbox if ready else row.without_mailbox,
        locales=ready.locales if ready else row.locales,
        zones=ready.zones if ready else {},
        letters=letters,
        queued=queued,
        invited=funnel.invited,
        came_in=funnel.came_in,
        launched_at=row.launched_at,
    )


def _nudges(wave: WaveRow) -> dict[Nudge, int]:
    """How many reminders of each kind went out or wait; none before the wave was sent."""
    if wave.ended_at is None:
        return {}
    return {
        nudge: sum(row.all - row.cancelled for row in messaging.letters_of_cause(cause_of(wave.id, nudge)))
        for nudge in Nudge
    }


@dataclass(frozen=True, slots=True)
class Departure:
    """How many letters go at once, and how many wait for the morning where their readers are."""

    at_once: int
    in_the_morning: int


def departure(page: WavePage, letters_from: datetime) -> Departure:
    """What quiet hours make of a wave that is sent so that its first letters go at `letters_from`."""
    at_once = sum(n for zone, n in page.zones.items() if next_daytime(letters_from, zone) == letters_from)
    return Departure(at_once, page.people - at_once)


def partner_of_launch(launch_id: UUID) -> UUID:
    """The partner of a launch that the scope reaches; NotFound otherwise."""
    found: UUID | None = Launch.objects.filter(pk=launch_id).values_list("partner_id", flat=True).first()
    if found is None:
        raise NotFound
    return found
