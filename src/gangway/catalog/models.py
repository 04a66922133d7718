"""Tables of the catalogue, all of class `shared`.

What a version says never changes, published or not: the database refuses it (append-only). An edit is a new version.
Only the state of a course version moves, once, from draft to published.
"""

from django.db import models
from django.db.models import Q

from gangway.catalog.rules import (
    KEY_LENGTH,
    MAX_PATH,
    TITLE_LENGTH,
    Assign,
    AudienceKind,
    FileKind,
    QuestionKind,
    ResourceKind,
    VersionState,
)
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


class Path(SharedModel):
    """Courses in an order. Its words are the vendor's, in the vendor's language."""

    key = models.CharField(max_length=63)
    name = models.CharField(max_length=TITLE_LENGTH)
    summary = models.CharField(max_length=500, default="")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="catalog_path_key")]


class PathCourse(SharedModel):
    """A course of a path. `waits_for`: the ids of courses of the same path that are to be completed before it."""

    path = PlainForeignKey(Path)
    course = PlainForeignKey(Course)
    position = models.PositiveSmallIntegerField()
    waits_for = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["path", "course"], name="catalog_path_course"),
            models.UniqueConstraint(fields=["path", "position"], name="catalog_path_position"),
        ]


class Assessment(SharedModel):
    """A knowledge check through all its versions; `key` is `check` for the one at the end of a course."""

    course = PlainForeignKey(Course)
    key = models.CharField(max_length=KEY_LENGTH)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["course", "key"], name="catalog_assessment_key")]


class AssessmentVersion(SharedModel):
    """What a check asks and how it is passed. `content_hash` finds a version that says the same again.

    `draw`: how many of its questions a try asks, None: all. `max_tries`: None: any number. `test_out`: it may be taken
    before the lessons. `words`: {language: {title, intro, source_hash}} in others than its own.
    """

    append_only = True

    assessment = PlainForeignKey(Assessment)
    n = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    title = models.CharField(max_length=TITLE_LENGTH)
    intro = models.TextField(default="")
    pass_percent = models.PositiveSmallIntegerField()
    retake_minutes = models.PositiveIntegerField()
    time_limit_minutes = models.PositiveIntegerField(null=True)
    draw = models.PositiveSmallIntegerField(null=True)
    max_tries = models.PositiveSmallIntegerField(null=True)
    test_out = models.BooleanField(default=True)
    words = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment", "n"], name="catalog_assessment_n"),
            models.CheckConstraint(
                condition=Q(pass_percent__gte=1, pass_percent__lte=100), name="catalog_assessment_pass"
            ),
        ]


class Question(SharedModel):
    """A question of a bank; its wording is in its versions."""

    assessment = PlainForeignKey(Assessment)
    key = models.CharField(max_length=KEY_LENGTH)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["assessment", "key"], name="catalog_question_key")]


class QuestionVersion(SharedModel):
    """One wording of a question, with its key of answers. Attempts point here, so it stays as they saw it.

    `choices`: [{key, text, correct, feedback}]; `accepted`: texts; `lesson_key`: the lesson to reread, or "".
    A draw takes from each `topic` in turn; "": the lesson is the topic.
    """

    append_only = True

    question = PlainForeignKey(Question)
    n = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    kind = models.CharField(max_length=20)
    prompt = models.TextField()
    prompt_html = models.TextField()
    choices = models.JSONField(default=list)
    accepted = models.JSONField(default=list)
    feedback = models.TextField(default="")
    lesson_key = models.CharField(max_length=KEY_LENGTH, default="")
    topic = models.CharField(max_length=KEY_LENGTH, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["question", "n"], name="catalog_question_n"),
            models.CheckConstraint(condition=Q(kind__in=list(QuestionKind)), name="catalog_question_kind"),
        ]


class QuestionText(SharedModel):
    """A wording of a question in another language, as attempts show it whole.

    `choices`: {key: {text, feedback}}; `accepted`: typed answers on top of the original's. `source_hash` names the
    wording it was made from; `stale`: that is not its original's, so it is kept and not shown.
    """

    append_only = True

    question_version = PlainForeignKey(QuestionVersion)
    locale = models.CharField(max_length=35)
    prompt = models.TextField()
    prompt_html = models.TextField()
    choices = models.JSONField(default=dict)
    accepted = models.JSONField(default=list)
    feedback = models.TextField(default="")
    source_hash = models.CharField(max_length=64)
    stale = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["question_version", "locale"], name="catalog_question_text_locale")
        ]


class AssessmentItem(SharedModel):
    """A question's place in a version of a check."""

    append_only = True

    assessment_version = PlainForeignKey(AssessmentVersion)
    question_version = PlainForeignKey(QuestionVersion)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["assessment_version", "position"], name="catalog_item_position"),
            models.UniqueConstraint(fields=["assessment_version", "question_version"], name="catalog_item_question"),
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


class SourceText(SharedModel):
    """A text file as an author wrote it, kept once per owner; in UTF-8 it gives the bytes that `sha256` names."""

    append_only = True

    sha256 = models.CharField(max_length=64)
    body = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "sha256"], name="catalog_source_sha256")]


class Asset(SharedModel):
    """Any other file of a source, byte for byte, kept once per owner."""

    append_only = True

    sha256 = models.CharField(max_length=64)
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "sha256"], name="catalog_asset_sha256")]


class VersionFile(SharedModel):
    """A file's place in the folder that a version was read from; `digest` names its text or its bytes.

    `shown`: a page of the course shows it or leads to it, so its learners may load it.
    """

    append_only = True

    course_version = PlainForeignKey(CourseVersion)
    path = models.CharField(max_length=MAX_PATH)
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    shown = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["course_version", "path"], name="catalog_file_path"),
            models.CheckConstraint(condition=Q(kind__in=list(FileKind)), name="catalog_file_kind"),
        ]


class WorkingCopy(SharedModel):
    """A course's folder while it is edited: changed files over the version it was begun from, `base`; None: a new
    course. `begun_by` and `changed_by` are people, None for the command line.
    """

    key = models.CharField(max_length=KEY_LENGTH)
    base = PlainForeignKey(CourseVersion, null=True)
    begun_at = models.DateTimeField()
    begun_by = models.UUIDField(null=True)
    changed_at = models.DateTimeField()
    changed_by = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="catalog_working_key")]


class WorkingFile(SharedModel):
    """A file that a working copy has otherwise than its base; `data` None and `digest` "": it is taken away."""

    working_copy = PlainForeignKey(WorkingCopy)
    path = models.CharField(max_length=MAX_PATH)
    data = models.BinaryField(null=True)
    digest = models.CharField(max_length=64, default="")
    size = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=20, default=FileKind.TEXT)
    changed_at = models.DateTimeField()
    changed_by = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["working_copy", "path"], name="catalog_working_path"),
            models.CheckConstraint(condition=Q(kind__in=list(FileKind)), name="catalog_working_kind"),
        ]
