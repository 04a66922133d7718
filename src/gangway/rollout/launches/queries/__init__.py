"""Reads of launches: `waves` (what they are called, how they stand), `lines` (their list), `launches` (who gets what,
who is not ready), `untold` (whom a wave did not reach), `work` (what the worker does next)."""

from gangway.rollout.launches.queries.launches import (
    Departure,
    LaunchRow,
    Ready,
    WavePage,
    departure,
    partner_of_launch,
    readiness,
    wave_page,
)
from gangway.rollout.launches.queries.lines import WaveLine, wave_lines
from gangway.rollout.launches.queries.untold import untold, untold_count
from gangway.rollout.launches.queries.waves import (
    UnknownWave,
    WaveRow,
    find_wave,
    open_wave_names,
    wave,
    waves,
)
from gangway.rollout.launches.queries.work import Nudged, Work, going, nudged, work_of

__all__ = [
    "Departure",
    "LaunchRow",
    "Nudged",
    "Ready",
    "UnknownWave",
    "WaveLine",
    "WavePage",
    "WaveRow",
    "Work",
    "departure",
    "find_wave",
    "going",
    "nudged",
    "open_wave_names",
    "partner_of_launch",
    "readiness",
    "untold",
    "untold_count",
    "wave",
    "wave_lines",
    "wave_page",
    "waves",
    "work_of",
]
