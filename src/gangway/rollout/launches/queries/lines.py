"""The list of waves: how many partners are in each, how far they are, how many are held."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Sum

from gangway.partners import queries as partners
from gangway.rollout.launches.models import Launch
from gangway.rollout.launches.queries.launches import readiness
from gangway.rollout.launches.queries.waves import WaveRow, waves
from gangway.rollout.launches.rules.holds import is_held
from gangway.rollout.launches.rules.states import WAITING, LaunchState, WaveState


@dataclass(frozen=True, slots=True)
class WaveLine:
    """A wave in the list: how many partners of the reader's scope are in it, launched, held; people written to."""

    wave: WaveRow
    partners: int
    launched: int
    held: int
    people: int


def wave_lines(now: datetime) -> list[WaveLine]:
    """Every wave with what the open scope sees of it, in a number of statements that does not grow with waves."""
    counts: Mapping[UUID, dict[str, tuple[int, int]]] = defaultdict(dict)
    grouped = Launch.objects.values("wave_id", "state").annotate(n=Count("id"), people=Sum("people")).order_by()
    for row in grouped:
        counts[row["wave_id"]][row["state"]] = (row["n"], row["people"] or 0)
    held = _held_in_drafts(now)
    return [_line(row, counts.get(row.id, {}), held) for row in waves()]


def _held_in_drafts(now: datetime) -> Counter[UUID]:
    """Wave that was not sent → its partners that would stay behind if it were sent now, by hand or by themselves."""
    rows = list(Launch.objects.filter(wave__state=WaveState.DRAFT.value, state__in=WAITING))
    if not rows:
        return Counter()
    wanted = {row.partner_id for row in rows}
    ready = readiness([row for row in partners.list_partners() if row.id in wanted], now)
    return Counter(
        row.wave_id
        for row in rows
        if row.partner_id in ready
        and is_held(
            by_hand=bool(row.hold_reason),
            let_go=bool(row.let_go_reason),
            automatic=ready[row.partner_id].automatic,
        )
    )


def _line(row: WaveRow, counts: Mapping[str, tuple[int, int]], held: Mapping[UUID, int]) -> WaveLine:
    def n(*states: LaunchState) -> int:
        return sum(counts.get(state, (0, 0))[0] for state in states)

    written = (LaunchState.GOING, LaunchState.LAUNCHED)
    return WaveLine(
        wave=row,
        partners=sum(found for state, (found, _) in counts.items() if state != LaunchState.REMOVED),
        launched=n(LaunchState.LAUNCHED),
        held=held.get(row.id, 0) if row.is_draft else n(LaunchState.HELD),
        people=sum(counts.get(state, (0, 0))[1] for state in written),
    )
