"""Reads of learning: a person's courses, the one next thing, and what the learner's pages show.

All but those for who looks after people run in the scope of the person's own partner and ask by person, so that a
colleague's row is as unknown as a stranger's. Every function costs a number of statements that does not grow with
courses, lessons, questions or people.
"""

from gangway.learning.queries.attempts import QuestionPage, ResultPage, attempt_overview, question_page, result_page
from gangway.learning.queries.cards import (
    CourseCard,
    NextAction,
    Tries,
    card_of,
    my_courses,
    next_action,
    version_learned,
)
from gangway.learning.queries.courses import (
    CoursePage,
    EnrolmentFacts,
    LessonView,
    course_page,
    course_to_begin,
    courses_to_begin,
    enrolment,
    foreign_questions,
    lesson_page,
    own_card,
    resource_page,
    standing_completion,
)
from gangway.learning.queries.due import (
    ENROLMENT_LIST,
    TEAM_ENROLMENTS,
    DueRow,
    due_enrolments,
    overdue_count,
    partners_with_due,
    people_and_courses,
    still_due,
    title_of,
)
from gangway.learning.queries.joining import AimRow, join_aims, joiners_may_learn
from gangway.learning.queries.learned import LearnedRow, learned
from gangway.learning.queries.library import KeptRow, Library, library
from gangway.learning.queries.looking_after import (
    EnrolmentLine,
    EnrolmentPage,
    courses_to_give,
    enrolment_page,
    enrolments_of,
    people_amid,
)
from gangway.learning.queries.naming import (
    RULE_LIST,
    Reached,
    RuleRow,
    concerns,
    courses_for_rules,
    named_by,
    paths_for_rules,
    reached,
    rule,
    rule_counts,
    rules_of_course,
)
from gangway.learning.queries.paths import (
    PathLine,
    PathPage,
    PathStop,
    Travellers,
    on_path_list,
    path_page,
    path_to_join,
    path_to_leave,
    paths_for,
    paths_to_give,
    people_on,
    travellers,
)
from gangway.learning.queries.ways import Way

# Columns that contexts above may join to in their own queries (house.md, data-model.md "Pages").
JOINABLE = frozenset(
    {
        "learning_enrolment.id",
        "learning_enrolment.person_id",
        "learning_enrolment.course_id",
        "learning_enrolment.cycle",
        "learning_enrolment.state",
        "learning_enrolment.enrolled_at",
        "learning_enrolment.completed_at",
    }
)

__all__ = [
    "ENROLMENT_LIST",
    "JOINABLE",
    "RULE_LIST",
    "TEAM_ENROLMENTS",
    "AimRow",
    "CourseCard",
    "CoursePage",
    "DueRow",
    "EnrolmentFacts",
    "EnrolmentLine",
    "EnrolmentPage",
    "KeptRow",
    "LearnedRow",
    "LessonView",
    "Library",
    "NextAction",
    "PathLine",
    "PathPage",
    "PathStop",
    "QuestionPage",
    "Reached",
    "ResultPage",
    "RuleRow",
    "Travellers",
    "Tries",
    "Way",
    "attempt_overview",
    "card_of",
    "concerns",
    "course_page",
    "course_to_begin",
    "courses_for_rules",
    "courses_to_begin",
    "courses_to_give",
    "due_enrolments",
    "enrolment",
    "enrolment_page",
    "enrolments_of",
    "foreign_questions",
    "join_aims",
    "joiners_may_learn",
    "learned",
    "lesson_page",
    "library",
    "my_courses",
    "named_by",
    "next_action",
    "on_path_list",
    "overdue_count",
    "own_card",
    "partners_with_due",
    "path_page",
    "path_to_join",
    "path_to_leave",
    "paths_for",
    "paths_for_rules",
    "paths_to_give",
    "people_amid",
    "people_and_courses",
    "people_on",
    "question_page",
    "reached",
    "resource_page",
    "result_page",
    "rule",
    "rule_counts",
    "rules_of_course",
    "standing_completion",
    "still_due",
    "title_of",
    "travellers",
    "version_learned",
]
