"""What the robot does."""

from gangway.rollout.rehearsal.actions.looking import look_at_awards, record_check
from gangway.rollout.rehearsal.actions.walking import Walked, walk_courses, wanted

__all__ = ["Walked", "look_at_awards", "record_check", "walk_courses", "wanted"]
