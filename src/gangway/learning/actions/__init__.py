"""Writes of learning. All run in scope `one` of the person's partner and lock the enrolment first, their subject.

Reading, finishing and answering are kept as rows of their own and published as facts; the audit log holds what somebody
may be asked about later: enrolled, withdrawn, check handed in, completed.
"""

from gangway.learning.actions.again import reset
from gangway.learning.actions.attempts import save_answer, start_attempt, submit_attempt
from gangway.learning.actions.attesting import mark_complete
from gangway.learning.actions.by_hand import enrol_by_hand, set_due, withdraw
from gangway.learning.actions.cycles import renew
from gangway.learning.actions.enrolments import Enrolled, enrol, enrol_in_assigned, enrol_people, withdraw_rule
from gangway.learning.actions.following import follow_rules
from gangway.learning.actions.joining import aim_joining, enrol_joined
from gangway.learning.actions.lessons import LessonFinishedRow, finish_lesson, open_lesson
from gangway.learning.actions.many import Receipt, change_many
from gangway.learning.actions.naming import RuleSpec, change_rule, make_rule, switch_rule
from gangway.learning.actions.paths import follow_paths, join_path, leave_own_path, leave_path
from gangway.learning.actions.places import Followed
from gangway.learning.actions.reminding import remind_of_due
from gangway.learning.actions.tries import allow_try
from gangway.learning.rules import ReasonKind, Whom

__all__ = [
    "Enrolled",
    "Followed",
    "LessonFinishedRow",
    "ReasonKind",
    "Receipt",
    "RuleSpec",
    "Whom",
    "aim_joining",
    "allow_try",
    "change_many",
    "change_rule",
    "enrol",
    "enrol_by_hand",
    "enrol_in_assigned",
    "enrol_joined",
    "enrol_people",
    "finish_lesson",
    "follow_paths",
    "follow_rules",
    "join_path",
    "leave_own_path",
    "leave_path",
    "make_rule",
    "mark_complete",
    "open_lesson",
    "remind_of_due",
    "renew",
    "reset",
    "save_answer",
    "set_due",
    "start_attempt",
    "submit_attempt",
    "switch_rule",
    "withdraw",
    "withdraw_rule",
]
