"""Writes of the catalogue. All run in scope `one` of the owner: the host, or a partner with courses of its own."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.catalog.events import CourseAssigned, CoursePublished
from gangway.catalog.models import (
    Assessment,
    AssessmentItem,
    AssessmentVersion,
    Course,
    CourseAudience,
    CourseResource,
    CourseVersion,
    Lesson,
    LessonText,
    LessonVersion,
    Question,
    QuestionVersion,
)
from gangway.catalog.rules import (
    Assign,
    AudienceKind,
    CheckDraft,
    CourseDraft,
    QuestionDraft,
    VersionState,
    check_fingerprint,
    complaints,
    fingerprint,
    question_fingerprint,
    text_fingerprint,
)
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes


class CourseIncomplete(Refusal):
    """The draft is not a course yet. `problems` are whole sentences."""

    code = "catalog.course_incomplete"
    status = 422
    message = "{problems}"
    next_step = "Correct the source and import again; nothing was changed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did. `outcome`: new (course), changed (a new version), unchanged (nothing new)."""

    course_id: UUID
    version_id: UUID
    key: str
    n: int
    outcome: str
    state: str


@action("catalog.course.import")
def import_course(*, draft: CourseDraft, publish_it: bool = True, actor: Actor, now: datetime) -> Imported:
    """Make of a draft a course, or the next version of one; the same content again makes nothing new.

    With `publish_it` the version is what people who start now will learn, and who is enrolled by rule follows the
    draft, also where its content is unchanged. A new course is seen by everybody. Refuses with CourseIncomplete.
    """
    if problems := complaints(draft):
        raise CourseIncomplete(problems=" ".join(problems))
    course, is_new = _course(draft, now)
    version = CourseVersion.objects.filter(course=course, content_hash=fingerprint(draft)).order_by("-n").first()
    outcome = "new" if is_new else "changed"
    if version is not None and version.n == _last_n(course):
        outcome = "unchanged"
    else:
        version = _add_version(course, draft, now)
        audit.record(
            actor=actor,
            verb="catalog.course.import",
            object_type="course",
            object_id=course.pk,
            changes={"key": draft.key, "n": version.n, "outcome": outcome},
            now=now,
        )
    if publish_it:
        _make_current(course, version, draft.assign, actor, now)
    return Imported(
        course_id=course.pk,
        version_id=version.pk,
        key=course.key,
        n=version.n,
        outcome=outcome,
        state=VersionState.PUBLISHED if publish_it else version.state,
    )


@action("catalog.version.publish")
def publish_version(*, version_id: UUID, actor: Actor, now: datetime) -> None:
    """Let people learn this version from now on. Those who have begun an older one finish that. Idempotent.

    Refuses with NotFound where the version is not the scope's.
    """
    version = CourseVersion.objects.filter(pk=version_id, owner=scopes.writer()).first()
    if version is None:
        raise NotFound
    course = Course.objects.select_for_update().get(pk=version.course_id)
    if course.current_id == version.pk:
        return
    CourseVersion.objects.filter(pk=version.pk, state=VersionState.DRAFT).update(
        state=VersionState.PUBLISHED, published_at=now
    )
    course.current = version
    course.save(update_fields=["current"])
    audit.record(
        actor=actor,
        verb="catalog.version.publish",
        object_type="course",
        object_id=course.pk,
        changes={"key": course.key, "n": version.n, "assign": course.assign},
        now=now,
    )
    event = CoursePublished(
        course_id=course.pk,
        version_id=version.pk,
        course_key=course.key,
        n=version.n,
        assign=course.assign,
        lessons=version.lessons,
        questions=version.questions,
    )
    publish(event, subject_id=course.pk, actor=actor, now=now)


def _make_current(course: Course, version: CourseVersion, assign: Assign, actor: Actor, now: datetime) -> None:
    """Publish the version together with who is enrolled in it; where it is current already, see to the latter."""
    if course.current_id == version.pk:
        _assign(course, assign, actor, now)
        return
    Course.objects.filter(pk=course.pk).update(assign=assign)
    publish_version(version_id=version.pk, actor=actor, now=now)


def _assign(course: Course, assign: Assign, actor: Actor, now: datetime) -> None:
    """Keep who is enrolled by rule, and tell it where it changed and there is something to learn."""
    if course.assign == assign:
        return
    course.assign = assign
    course.save(update_fields=["assign"])
    audit.record(
        actor=actor,
        verb="catalog.course.assign",
        object_type="course",
        object_id=course.pk,
        changes={"assign": assign},
        now=now,
    )
    if course.current_id is not None:
        publish(CourseAssigned(course_id=course.pk, assign=assign), subject_id=course.pk, actor=actor, now=now)


def _course(draft: CourseDraft, now: datetime) -> tuple[Course, bool]:
    """The owner's course of this key, locked, and whether it was made just now. A new one is seen by everybody."""
    owner_id = scopes.writer()
    course, is_new = Course.objects.get_or_create(
        owner_id=owner_id, key=draft.key, defaults={"assign": draft.assign, "created_at": now}
    )
    if is_new:
        CourseAudience.objects.create(owner_id=owner_id, course=course, kind=AudienceKind.ALL)
    return Course.objects.select_for_update().get(pk=course.pk), is_new


def _last_n(course: Course) -> int:
    return CourseVersion.objects.filter(course=course).order_by("-n").values_list("n", flat=True).first() or 0


def _add_version(course: Course, draft: CourseDraft, now: datetime) -> CourseVersion:
    """Write the draft as the course's next version, a draft still."""
    assessment_version = _assessment_version(course, draft.check, now) if draft.check else None
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
        created_at=now,
    )
    _add_lessons(version, draft)
    _add_resources(version, draft)
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
    LessonText.objects.bulk_create(
        LessonText(
            owner_id=owner_id,
            lesson_version=place,
            locale=draft.locale,
            title=lesson.title,
            body=lesson.body,
            html=lesson.html,
            source_hash=text_fingerprint(lesson.title, lesson.body),
        )
        for place, lesson in zip(places, draft.lessons, strict=True)
    )


def _add_resources(version: CourseVersion, draft: CourseDraft) -> None:
    CourseResource.objects.bulk_create(
        CourseResource(
            owner_id=version.owner_id,
            course_version=version,
            key=kept.key,
            position=position,
            kind=kept.kind,
            title=kept.title,
            url=kept.url,
            body=kept.body,
            html=kept.html,
        )
        for position, kept in enumerate(draft.resources, start=1)
    )


def _assessment_version(course: Course, check: CheckDraft, now: datetime) -> AssessmentVersion:
    """The check as it is, where a version says the same already; else its next version."""
    owner_id = course.owner_id
    assessment, _ = Assessment.objects.get_or_create(course=course, key="check", defaults={"owner_id": owner_id})
    versions = AssessmentVersion.objects.filter(assessment=assessment).order_by("-n")
    if same := versions.filter(content_hash=check_fingerprint(check)).first():
        return same
    last = versions.first()
    version = AssessmentVersion.objects.create(
        owner_id=owner_id,
        assessment=assessment,
        n=last.n + 1 if last else 1,
        content_hash=check_fingerprint(check),
        title=check.title,
        intro=check.intro,
        pass_percent=check.pass_percent,
        retake_minutes=check.retake_minutes,
        time_limit_minutes=check.time_limit_minutes,
        created_at=now,
    )
    AssessmentItem.objects.bulk_create(
        AssessmentItem(
            owner_id=owner_id,
            assessment_version=version,
            question_version=_question_version(assessment, question),
            position=position,
        )
        for position, question in enumerate(check.questions, start=1)
    )
    return version


def _question_version(assessment: Assessment, draft: QuestionDraft) -> QuestionVersion:
    """The question's wording as it is, where a version says the same already; else its next version."""
    owner_id = assessment.owner_id
    question, _ = Question.objects.get_or_create(assessment=assessment, key=draft.key, defaults={"owner_id": owner_id})
    versions = QuestionVersion.objects.filter(question=question).order_by("-n")
    if same := versions.filter(content_hash=question_fingerprint(draft)).first():
        return same
    last = versions.first()
    return QuestionVersion.objects.create(
        owner_id=owner_id,
        question=question,
        n=last.n + 1 if last else 1,
        content_hash=question_fingerprint(draft),
        kind=draft.kind,
        prompt=draft.prompt,
        prompt_html=draft.prompt_html,
        choices=[{"key": c.key, "text": c.text, "correct": c.correct, "feedback": c.feedback} for c in draft.choices],
        accepted=list(draft.accepted),
        feedback=draft.feedback,
        lesson_key=draft.lesson,
    )
