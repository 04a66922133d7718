"""Make of a draft a course, or the next version of one."""

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from gangway.catalog.actions.checks import assessment_version_of
from gangway.catalog.actions.files import add_files, same_files
from gangway.catalog.actions.publishing import make_current
from gangway.catalog.actions.translations import add_kept_texts, add_translations
from gangway.catalog.markdown.read import read_course
from gangway.catalog.markdown.refusals import CourseIncomplete
from gangway.catalog.models import (
    Course,
    CourseAudience,
    CourseResource,
    CourseVersion,
    Lesson,
    LessonText,
    LessonVersion,
)
from gangway.catalog.rules import (
    AudienceKind,
    CourseDraft,
    ReferenceKind,
    VersionState,
    complaints,
    fingerprint,
    text_fingerprint,
)
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.said import together
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did.

    `outcome`: new (course), changed (a new version), files (a new version with the same words), unchanged (nothing).
    """

    course_id: UUID
    version_id: UUID
    key: str
    n: int
    outcome: str
    state: str


@action("catalog.course.import")
def import_course(*, draft: CourseDraft, publish_it: bool = True, actor: Actor, now: datetime) -> Imported:
    """Make of a draft a course, or the next version of one; the same folder again makes nothing new.

    A version keeps the draft's files. Other files make a next version too, because a version never changes.
    With `publish_it` the version is what people who start now will learn, and who is enrolled by rule follows the
    draft, also where its content is unchanged. A new course is seen by everybody. Refuses with CourseIncomplete.
    """
    if problems := complaints(draft):
        raise CourseIncomplete(problems=together(*problems))
    course = _course(draft, now)
    version = CourseVersion.objects.filter(course=course).order_by("-n").first()
    outcome = _outcome(version, draft)
    if version is None or outcome != "unchanged":
        version = _add_version(course, draft, now)
        audit.record(
            actor=actor,
            verb="catalog.course.import",
            object_type="course",
            object_id=course.pk,
            changes={"key": draft.key, "n": version.n, "outcome": outcome, "files": len(draft.files)},
            now=now,
        )
    if publish_it:
        make_current(course, version, draft.assign, actor, now)
    return Imported(
        course_id=course.pk,
        version_id=version.pk,
        key=course.key,
        n=version.n,
        outcome=outcome,
        state=VersionState.PUBLISHED if publish_it else version.state,
    )


def _outcome(last: CourseVersion | None, draft: CourseDraft) -> str:
    """What the draft is beside the course's last version."""
    if last is None:
        return "new"
    if last.content_hash != fingerprint(draft):
        return "changed"
    return "unchanged" if same_files(last, draft.files, draft.shown) else "files"


def publish_folder(*, path: Path, actor: Actor, now: datetime) -> Imported:
    """Read a folder that ships with the house and publish it for the scope's owner. Refuses as import_course does."""
    return import_course(draft=read_course(path), actor=actor, now=now)


def _course(draft: CourseDraft, now: datetime) -> Course:
    """The owner's course of this key, locked. A new one is seen by everybody, but for a shell's, which is its own."""
    owner_id = scopes.writer()
    course, is_new = Course.objects.get_or_create(
        owner_id=owner_id, key=draft.key, defaults={"assign": draft.assign, "created_at": now}
    )
    if is_new and partners.partner_by_id(owner_id).kind != "shell":
        CourseAudience.objects.create(owner_id=owner_id, course=course, kind=AudienceKind.ALL)
    return Course.objects.select_for_update().get(pk=course.pk)


def _last_n(course: Course) -> int:
    return CourseVersion.objects.filter(course=course).order_by("-n").values_list("n", flat=True).first() or 0


def _add_version(course: Course, draft: CourseDraft, now: datetime) -> CourseVersion:
    """Write the draft as the course's next version, a draft still."""
    assessment_version = assessment_version_of(course, draft.check, now) if draft.check else None
    version = CourseVersion.objects.create(
        owner_id=course.owner_id,
        course=course,
        n=_last_n(course) + 1,
        content_hash=fingerprint(draft),
        locale=draft.locale,
        title=draft.title,
        summary=draft.summary,
        unlocks=draft.unlocks,
        minutes=draft.minutes,
        licence=draft.licence,
        lessons=len(draft.lessons),
        questions=len(draft.check.questions) if draft.check else 0,
        assessment_version=assessment_version,
        words={
            said.locale: {
                "title": said.title,
                "summary": said.summary,
                "unlocks": said.unlocks,
                "modules": dict(said.modules),
            }
            for said in draft.translations
        },
        links=sum(found.kind is ReferenceKind.LINK for found in draft.references),
        pictures=sum(found.kind is ReferenceKind.PICTURE for found in draft.references),
        unresolved=[{"file": gap.file, "target": gap.target, "kind": gap.kind} for gap in draft.unresolved],
        slips=[asdict(slip) for slip in draft.slips],
        created_at=now,
    )
    _add_lessons(version, draft)
    _add_resources(version, draft)
    add_files(version, draft.files, draft.shown)
    return version


def _add_lessons(version: CourseVersion, draft: CourseDraft) -> None:
    owner_id, course_id = version.owner_id, version.course_id
    known = {lesson.key: lesson for lesson in Lesson.objects.filter(course=course_id)}
    fresh = [Lesson(owner_id=owner_id, course_id=course_id, key=d.key) for d in draft.lessons if d.key not in known]
    known |= {lesson.key: lesson for lesson in Lesson.objects.bulk_create(fresh)}
    places = [
        LessonVersion(
            owner_id=owner_id,
            course_version=version,
            lesson=known[lesson.key],
            position=position,
            module=lesson.module,
            minutes=lesson.minutes,
        )
        for position, lesson in enumerate(draft.lessons, start=1)
    ]
    LessonVersion.objects.bulk_create(places)
    originals = {lesson.key: text_fingerprint(lesson.title, lesson.body) for lesson in draft.lessons}
    LessonText.objects.bulk_create(
        LessonText(
            owner_id=owner_id,
            lesson_version=place,
            locale=draft.locale,
            title=lesson.title,
            body=lesson.body,
            html=lesson.html,
            source_hash=originals[lesson.key],
        )
        for place, lesson in zip(places, draft.lessons, strict=True)
    )
    add_translations(version, draft, {lesson.key: place for place, lesson in zip(places, draft.lessons, strict=True)})


def _add_resources(version: CourseVersion, draft: CourseDraft) -> None:
    titles: dict[str, dict[str, str]] = {}
    for said in draft.translations:
        for text in said.kept:
            titles.setdefault(text.key, {})[said.locale] = text.title
    made = CourseResource.objects.bulk_create(
        CourseResource(
            owner_id=version.owner_id,
            course_version=version,
            key=kept.key,
            position=position,
            kind=kept.kind,
            title=kept.title,
            titles=titles.get(kept.key, {}),
            url=kept.url,
            body=kept.body,
            html=kept.html,
        )
        for position, kept in enumerate(draft.resources, start=1)
    )
    add_kept_texts(version, draft, {resource.key: resource for resource in made})
