"""Tables of the catalogue, all of class `shared`, by noun.

What a version says never changes, published or not: the database refuses it (append-only). An edit is a new version.
Only the state of a course version moves, once, from draft to published.
"""

from gangway.catalog.models.checks import (
    Assessment,
    AssessmentItem,
    AssessmentVersion,
    Question,
    QuestionText,
    QuestionVersion,
)
from gangway.catalog.models.courses import (
    Course,
    CourseAudience,
    CourseResource,
    CourseVersion,
    Lesson,
    LessonText,
    LessonVersion,
    ResourceText,
)
from gangway.catalog.models.files import Asset, SourceText, VersionFile, WorkingCopy, WorkingFile
from gangway.catalog.models.paths import Path, PathCourse

__all__ = [
    "Assessment",
    "AssessmentItem",
    "AssessmentVersion",
    "Asset",
    "Course",
    "CourseAudience",
    "CourseResource",
    "CourseVersion",
    "Lesson",
    "LessonText",
    "LessonVersion",
    "Path",
    "PathCourse",
    "Question",
    "QuestionText",
    "QuestionVersion",
    "ResourceText",
    "SourceText",
    "VersionFile",
    "WorkingCopy",
    "WorkingFile",
]
