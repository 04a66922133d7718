"""What is inside the newest version of a course, for whoever looks after its content."""

from dataclasses import dataclass
from uuid import UUID

from gangway.catalog.models import CourseVersion, VersionFile
from gangway.kernel.refusal import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A link or picture that leads nowhere: which file names it, and what."""

    file: str
    target: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseInside:
    """The newest version of a course, `n`; `learned_n` is the one that people learn, None while there is none.

    `links` and `pictures` count what its pages hold, `files` what its folder holds.
    """

    key: str
    title: str
    n: int
    learned_n: int | None
    locale: str
    lessons: int
    questions: int
    minutes: int
    licence: str
    links: int
    pictures: int
    unresolved: tuple[Gap, ...]
    files: int


def course_inside(key: str, *, owner_id: UUID) -> CourseInside:
    """The newest version of the owner's course, in two statements; NotFound for an unknown one."""
    versions = CourseVersion.objects.filter(course__owner=owner_id, course__key=key).select_related("course__current")
    version = versions.order_by("-n").first()
    if version is None:
        raise NotFound
    current = version.course.current
    return CourseInside(
        key=key,
        title=version.title,
        n=version.n,
        learned_n=current.n if current else None,
        locale=version.locale,
        lessons=version.lessons,
        questions=version.questions,
        minutes=version.minutes,
        licence=version.licence,
        links=version.links,
        pictures=version.pictures,
        unresolved=tuple(Gap(**gap) for gap in version.unresolved),
        files=VersionFile.objects.filter(course_version=version).count(),
    )
