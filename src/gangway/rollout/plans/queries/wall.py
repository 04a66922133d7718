"""The partner wall: where each partner stands. Three statements beside the list of partners, for any number of them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.credentials import queries as credentials
from gangway.identity import queries as identity
from gangway.kernel.said import said, together
from gangway.partners import queries as partners
from gangway.people import queries as people
from gangway.rollout.plans.rules.steps import KNOWABLE, STEP_WORDS, WAITS_FOR, Standing, Step, standing

STUCK_AFTER = 14  # days in one step


@dataclass(frozen=True, slots=True)
class Tile:
    """A partner on the wall."""

    partner_id: UUID
    slug: str
    name: str
    tier: str
    standing: Standing
    days: int

    @property
    def waits_for(self) -> str:
        return WAITS_FOR[self.standing.next] if self.standing.next else ""

    @property
    def skipped(self) -> tuple[str, ...]:
        """Earlier steps without proof, in words."""
        return tuple(STEP_WORDS[step] for step in self.standing.skipped)

    @property
    def stuck(self) -> bool:
        return self.standing.next is not None and self.days >= STUCK_AFTER


@dataclass(frozen=True, slots=True)
class WallColumn:
    step: Step
    title: str
    tiles: tuple[Tile, ...]


def wall(now: datetime, only: Collection[UUID] | None = None) -> tuple[WallColumn, ...]:
    """A column per step that can be known, a tile per partner of the open scope, the longest in its step first.

    only: these partners, such as somebody's portfolio.
    """
    seen = _reached(now)
    tiles = [
        _tile(row, seen.get(row.id, {}), now)
        for row in partners.list_partners()
        if row.kind == "partner" and row.state == "active" and (only is None or row.id in only)
    ]
    tiles.sort(key=lambda tile: (-tile.days, tile.name))
    return tuple(
        WallColumn(step, STEP_WORDS[step], tuple(tile for tile in tiles if tile.standing.step is step))
        for step in KNOWABLE
    )


def steps_of(partner_id: UUID, now: datetime) -> tuple[tuple[str, datetime | None], ...]:
    """The steps of one partner that can be known: its words, and when Gangway saw it; None where it has not."""
    seen = _reached(now).get(partner_id, {})
    return tuple((STEP_WORDS[step], seen.get(step)) for step in KNOWABLE if step is not Step.INVITED)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Which of the three steps that a launch needs were seen at a partner."""

    agreed: bool
    team_named: bool
    door_chosen: bool


def prepared(now: datetime) -> dict[UUID, Prepared]:
    """Partner of the open scope → the steps that run before its launch; a partner without any is missing."""
    return {
        partner_id: Prepared(
            agreed=seen.get(Step.AGREED) is not None,
            team_named=seen.get(Step.TEAM_NAMED) is not None,
            door_chosen=seen.get(Step.DOOR_CHOSEN) is not None,
        )
        for partner_id, seen in _reached(now).items()
    }


def wall_words(columns: Sequence[WallColumn]) -> str:
    """The sentence above the wall."""
    tiles = [tile for column in columns for tile in column.tiles]
    if not tiles:
        return said("No partner yet.")
    inside = sum(1 for tile in tiles if tile.standing.step in (Step.FIRST_SIGN_IN, Step.FIRST_AWARD))
    certified = sum(1 for tile in tiles if tile.standing.step is Step.FIRST_AWARD)
    stuck = sorted((tile for tile in tiles if tile.stuck), key=lambda tile: -tile.days)
    words = said(
        "{inside} of {n} partner has somebody who signed in; {certified} have a first award.",
        "{inside} of {n} partners have somebody who signed in; {certified} have a first award.",
        inside=inside,
        n=len(tiles),
        certified=certified,
    )
    if not stuck:
        return words
    longest = stuck[0]
    still = said(
        "{n} stands still for {limit} days or more: {name}, for {days} days.",
        "{n} stand still for {limit} days or more; {name} longest, for {days} days.",
        n=len(stuck),
        limit=STUCK_AFTER,
        name=longest.name,
        days=longest.days,
    )
    return together(words, still)


def _tile(row: partners.PartnerRow, seen: dict[Step, datetime | None], now: datetime) -> Tile:
    found = standing(seen, row.created_at)
    return Tile(row.id, row.slug, row.name, row.tier_name or "", found, found.days(now))


def _reached(now: datetime) -> dict[UUID, dict[Step, datetime | None]]:
    """Partner of the open scope → when each of its steps was seen; steps that were not are missing or None."""
    dates: dict[UUID, dict[Step, datetime | None]] = defaultdict(dict)
    for first in people.first_steps():
        dates[first.partner_id] |= {Step.AGREED: first.agreed_at, Step.TEAM_NAMED: first.team_named_at}
    for signed_in in identity.first_human_sign_ins():
        # Mail is the only way in: whoever came in by it, an admin too, chose it. The first sign-in is the team's.
        dates[signed_in.partner_id] |= {Step.DOOR_CHOSEN: signed_in.at, Step.FIRST_SIGN_IN: signed_in.team_at}
    for awards in credentials.awards_of_partners(now):
        if awards.people:
            dates[awards.partner_id][Step.FIRST_AWARD] = awards.first_issued_at
    return dates
