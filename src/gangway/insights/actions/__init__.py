"""Writes of insights: `journeys` (what happened to a person), `values` (what others bring), `rebuild`."""

from gangway.insights.actions.journeys import (
    note_admitted,
    note_bounced,
    note_came_in,
    note_certified,
    note_completed,
    note_enrolled,
    note_invited,
    note_launched,
    note_left,
    note_revoked,
    note_sent,
    note_started,
)
from gangway.insights.actions.rebuild import rebuild_journeys, recount
from gangway.insights.actions.values import record_observation, set_baseline

__all__ = [
    "note_admitted",
    "note_bounced",
    "note_came_in",
    "note_certified",
    "note_completed",
    "note_enrolled",
    "note_invited",
    "note_launched",
    "note_left",
    "note_revoked",
    "note_sent",
    "note_started",
    "rebuild_journeys",
    "record_observation",
    "recount",
    "set_baseline",
]
