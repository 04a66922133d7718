"""Writes of launches: plan a wave (`planning`), send and undo it (`sending`), what the worker does with one that goes
(`going`), and reminders (`nudging`)."""

from gangway.rollout.launches.actions.going import confirm_launch, finish_wave, queue_piece, tell_piece
from gangway.rollout.launches.actions.nudging import queue_nudges
from gangway.rollout.launches.actions.planning import (
    InAnotherWave,
    WaveFull,
    add_partner,
    change_wave,
    create_wave,
    hold,
    let_go,
    remove_partner,
)
from gangway.rollout.launches.actions.sending import Changed, NobodyReady, NotSent, Sent, TooLate, send_wave, undo_wave
from gangway.rollout.launches.actions.wave import NoHost, WaveNotDraft

__all__ = [
    "Changed",
    "InAnotherWave",
    "NoHost",
    "NobodyReady",
    "NotSent",
    "Sent",
    "TooLate",
    "WaveFull",
    "WaveNotDraft",
    "add_partner",
    "change_wave",
    "confirm_launch",
    "create_wave",
    "finish_wave",
    "hold",
    "let_go",
    "queue_nudges",
    "queue_piece",
    "remove_partner",
    "send_wave",
    "tell_piece",
    "undo_wave",
]
