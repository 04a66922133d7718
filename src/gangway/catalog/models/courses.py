"""Courses: who sees them, their versions, lessons and things to keep."""

from django.db import models
from django.db.models import Q

from gangway.catalog.models.checks import AssessmentVersion
from gangway.catalog.rules import KEY_LENGTH, TITLE_LENGTH, Assign, AudienceKind, ResourceKind, VersionState
from gangway.kernel.tenancy.models import PlainForeignKey, SharedModel


class Course(SharedModel):
    """A course through all its versions. `current` is the version that people who start now will learn."""

    key = models.CharField(max_length=KEY_LENGTH)
    assign = models.CharField(max_length=20, default=Assign.NOBODY)
    current = PlainForeignKey("catalog.CourseVersion", null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="catalog_course_key"),
            models.CheckConstraint(condition=Q(assign__in=list(Assign)), name="catalog_course_assign"),
        ]


class CourseAudience(SharedModel):
    """Who sees a course: everybody, the partners of a type, or one partner."""

    course = PlainForeignKey(Course)
    kind = models.CharField(max_length=20)
    type = PlainForeignKey("partners.PartnerType", null=True)
    partner = PlainForeignKey("partners.Partner", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course"], condition=Q(kind="all"), name="catalog_audience_all"),
            models.UniqueConstraint(fields=["course", "type"], condition=Q(kind="type"), name="catalog_audience_type"),
            models.UniqueConstraint(
                fields=["course", "partner"], condition=Q(kind="partner"), name="catalog_audience_partner"
            ),
            models.CheckConstraint(
                condition=Q(kind=AudienceKind.ALL, type=None, partner=None)
                | Q(kind=AudienceKind.TYPE, type__isnull=False, partner=None)
                | Q(kind=AudienceKind.PARTNER, type=None, partner__isnull=False),
                name="catalog_audience_kind",
            ),
        ]


class CourseVersion(SharedModel):
    """What a course says from its n-th version on.

    `words`: {language: {title, summary, unlocks, modules}}, what it says of itself in others than its own; "": not
    translated; `modules`: {name: translated}.
    `links` and `pictures`: how many its pages hold; `unresolved`: [{file, target, kind}] of those that lead nowhere.
    `slips`: [{file, locale, key, kind, found, needed}], the translations that are not used.
    """

    append_only = True
    erasable_columns = ("state", "published_at")

    course = PlainForeignKey(Course)
    n = models.PositiveIntegerField()
    state = models.CharField(max_length=20, default=VersionState.DRAFT)
    content_hash = models.CharField(max_length=64)
    locale = models.CharField(max_length=35)
    title = models.CharField(max_length=TITLE_LENGTH)
    summary = models.TextField(default="")
    unlocks = models.CharField(max_length=TITLE_LENGTH, default="")
    minutes = models.PositiveIntegerField()
    licence = models.CharField(max_length=TITLE_LENGTH, default="")
    lessons = models.PositiveSmallIntegerField()
    questions = models.PositiveSmallIntegerField(default=0)
    assessment_version = PlainForeignKey(AssessmentVersion, null=True)
    words = models.JSONField(default=dict)
    links = models.PositiveIntegerField(default=0)
    pictures = models.PositiveIntegerField(default=0)
    unresolved = models.JSONField(default=list)
    slips = models.JSONField(default=list)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course", "n"], name="catalog_version_n"),
            models.CheckConstraint(
                condition=Q(state=VersionState.DRAFT, published_at=None)
                | Q(state=VersionState.PUBLISHED, published_at__isnull=False),
                name="catalog_version_state",
            ),
        ]


class Lesson(SharedModel):
    """A lesson through all versions of its course; progress hangs here, so a new version keeps it."""

    course = PlainForeignKey(Course)
    key = models.CharField(max_length=KEY_LENGTH)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "key"], name="catalog_lesson_key")]


class LessonVersion(SharedModel):
    """A lesson's place in a version of its course."""

    append_only = True

    course_version = PlainForeignKey(CourseVersion)
    lesson = PlainForeignKey(Lesson)
    position = models.PositiveSmallIntegerField()
    module = models.CharField(max_length=TITLE_LENGTH, default="")
    minutes = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course_version", "position"], name="catalog_lesson_position"),
            models.UniqueConstraint(fields=["course_version", "lesson"], name="catalog_lesson_once"),
        ]


class LessonText(SharedModel):
    """A lesson's words in one language. Markdown is the source; the HTML was made from it once, sanitised.

    `source_hash` names the text it was made from: a translation is stale where it differs from the original's.
    """

    append_only = True

    lesson_version = PlainForeignKey(LessonVersion)
    locale = models.CharField(max_length=35)
    title = models.CharField(max_length=TITLE_LENGTH)
    body = models.TextField()
    html = models.TextField()
    source_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lesson_version", "locale"], name="catalog_text_locale")]


class CourseResource(SharedModel):
    """Something a learner keeps: a page of ours, or a link. `titles`: {language: title} where it is there in others."""

    append_only = True

    course_version = PlainForeignKey(CourseVersion)
    key = models.CharField(max_length=KEY_LENGTH)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=TITLE_LENGTH)
    titles = models.JSONField(default=dict)
    url = models.CharField(max_length=2000, default="")
    body = models.TextField(default="")
    html = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course_version", "key"], name="catalog_resource_key"),
            models.CheckConstraint(condition=Q(kind__in=list(ResourceKind)), name="catalog_resource_kind"),
        ]


class ResourceText(SharedModel):
    """A page to keep in another language; its title is among the `titles` of the resource.

    `source_hash` names the page it was made from; `stale`: that is not its original's.
    """

    append_only = True

    resource = PlainForeignKey(CourseResource)
    locale = models.CharField(max_length=35)
    body = models.TextField()
    html = models.TextField()
    source_hash = models.CharField(max_length=64)
    stale = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["resource", "locale"], name="catalog_resource_text_locale")]
