"""Reads of the catalogue: keys and ids in, frozen rows out, a constant number of statements.

What a learner's browser may see of a question (`asked`) and what is right (`solutions`) are two doors, so that a page
cannot show the answers by mistake.
"""

from gangway.catalog.queries.checks import (
    Asked,
    CheckRow,
    Shown,
    Solution,
    asked_by_id,
    assessment_for_attempt,
    bank_in,
    languages,
    pass_percent,
    solutions,
)
from gangway.catalog.queries.courses import (
    CourseListRow,
    CourseRow,
    all_courses,
    course_version,
    courses_by_id,
    courses_for_everyone,
    courses_of_owner,
    published_course,
    seen_by,
    sees,
    versions_by_id,
    visible_course,
    visible_courses,
)
from gangway.catalog.queries.files import (
    FileRow,
    FolderRow,
    ShownFile,
    course_folder,
    file_bytes,
    file_span,
    is_shown,
    shown_file,
)
from gangway.catalog.queries.inside import CourseInside, Gap, Kept, LanguageRow, course_inside
from gangway.catalog.queries.lessons import (
    LessonPage,
    LessonRow,
    ResourceRow,
    lesson_id,
    lesson_keys,
    lesson_page,
    lessons,
    resource_page,
    resources,
    resources_of,
)
from gangway.catalog.queries.lists import COURSE_LIST, course_counts
from gangway.catalog.queries.translating import draft_languages
from gangway.catalog.queries.versions import Differences, VersionRow, differences, kept_versions, versions_of
from gangway.catalog.queries.working import (
    OpenCopyRow,
    WorkingCopyRow,
    WorkingFileRow,
    is_edited,
    open_copies,
    working_bytes,
    working_copy,
    working_files,
    working_texts,
)
from gangway.catalog.rules import is_another_language

# Columns that contexts above may join to in their own queries (house.md, data-model.md "Pages").
JOINABLE = frozenset(
    {
        "catalog_course.id",
        "catalog_course.key",
        "catalog_course.current_id",
        "catalog_courseversion.title",
        "catalog_courseversion.minutes",
        "catalog_courseversion.lessons",
        "catalog_lesson.key",
        "catalog_assessmentversion.retake_minutes",
    }
)

__all__ = [
    "COURSE_LIST",
    "JOINABLE",
    "Asked",
    "CheckRow",
    "CourseInside",
    "CourseListRow",
    "CourseRow",
    "Differences",
    "FileRow",
    "FolderRow",
    "Gap",
    "Kept",
    "LanguageRow",
    "LessonPage",
    "LessonRow",
    "OpenCopyRow",
    "ResourceRow",
    "Shown",
    "ShownFile",
    "Solution",
    "VersionRow",
    "WorkingCopyRow",
    "WorkingFileRow",
    "all_courses",
    "asked_by_id",
    "assessment_for_attempt",
    "bank_in",
    "course_counts",
    "course_folder",
    "course_inside",
    "course_version",
    "courses_by_id",
    "courses_for_everyone",
    "courses_of_owner",
    "differences",
    "draft_languages",
    "file_bytes",
    "file_span",
    "is_another_language",
    "is_edited",
    "is_shown",
    "kept_versions",
    "languages",
    "lesson_id",
    "lesson_keys",
    "lesson_page",
    "lessons",
    "open_copies",
    "pass_percent",
    "published_course",
    "resource_page",
    "resources",
    "resources_of",
    "seen_by",
    "sees",
    "shown_file",
    "solutions",
    "versions_by_id",
    "versions_of",
    "visible_course",
    "visible_courses",
    "working_bytes",
    "working_copy",
    "working_files",
    "working_texts",
]
