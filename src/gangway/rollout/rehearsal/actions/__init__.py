"""What the robot does (`walking`, `looking`), and whole rehearsals (`rehearsing` over `ground` and `runs`), by night or
not (`canary`)."""

from gangway.rollout.rehearsal.actions.canary import set_canary, tell_of_night
from gangway.rollout.rehearsal.actions.ground import NothingToRehearse, UnknownType, connect, lay_ground
from gangway.rollout.rehearsal.actions.looking import look_at_awards, record_check
from gangway.rollout.rehearsal.actions.rehearsing import AlreadyRehearsing, rehearse
from gangway.rollout.rehearsal.actions.reminding import remind_robots
from gangway.rollout.rehearsal.actions.runs import begin_run, end_run, note_step, sweep_up
from gangway.rollout.rehearsal.actions.walking import Walked, walk_courses, wanted

__all__ = [
    "AlreadyRehearsing",
    "NothingToRehearse",
    "UnknownType",
    "Walked",
    "begin_run",
    "connect",
    "end_run",
    "lay_ground",
    "look_at_awards",
    "note_step",
    "record_check",
    "rehearse",
    "remind_robots",
    "set_canary",
    "sweep_up",
    "tell_of_night",
    "walk_courses",
    "wanted",
]
