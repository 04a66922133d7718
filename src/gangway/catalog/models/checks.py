"""Knowledge checks: their versions and questions."""

from django.db import models
from django.db.models import Q

from gangway.catalog.rules import KEY_LENGTH, TITLE_LENGTH, QuestionKind
from gangway.kernel.tenancy.models import PlainForeignKey, SharedModel


class Assessment(SharedModel):
    """A knowledge check through all its versions; `key` is `check` for the one at the end of a course."""

    course = PlainForeignKey("catalog.Course")
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
