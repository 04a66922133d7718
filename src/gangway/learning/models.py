"""Tables of learning, all of class `partner`."""

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.lookups import Exact

from gangway.kernel.tenancy.models import PartnerModel, PlainForeignKey, SharedModel, TenantForeignKey
from gangway.learning.rules import EnrolmentState, ReasonKind, RuleState


class EnrolmentRule(SharedModel):
    """Who is to learn a course, or is to be on a path, wherever they are: rules.Whom as keys, each kind a list. Its
    reason is `rule:<key>`.

    `due_days`: by when, counted from the day somebody is enrolled by it; null: no due date.
    """

    key = models.CharField(max_length=63)
    name = models.CharField(max_length=200)
    course = PlainForeignKey("catalog.Course", null=True)
    path = PlainForeignKey("catalog.Path", null=True)
    state = models.CharField(max_length=8, default=RuleState.OFF)
    types = models.JSONField(default=list)
    tiers = models.JSONField(default=list)
    groups = models.JSONField(default=list)
    languages = models.JSONField(default=list)
    due_days = models.PositiveSmallIntegerField(null=True)
    made_at = models.DateTimeField()
    on_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="learning_rule_key"),
            models.CheckConstraint(condition=Q(state__in=list(RuleState)), name="learning_rule_state"),
            models.CheckConstraint(
                condition=Q(course__isnull=False, path__isnull=True) | Q(course__isnull=True, path__isnull=False),
                name="learning_rule_about",
            ),
        ]


class Enrolment(PartnerModel):
    """A person is to learn a course, in a cycle (1: first certification, then renewals).

    `version` is pinned at the first open; until then the course's current version counts. `required`: a rule, a path
    or somebody else asked for it. `attested`: completed by somebody's word, not by learning. `exempt`: somebody took
    the person out by hand, so rules leave them out. `extra_tries`: allowed beyond those that its check allows.
    """

    person = TenantForeignKey("people.Person")
    course = PlainForeignKey("catalog.Course")
    cycle = models.PositiveSmallIntegerField(default=1)
    version = PlainForeignKey("catalog.CourseVersion", null=True)
    state = models.CharField(max_length=20, default=EnrolmentState.ACTIVE)
    required = models.BooleanField(default=False)
    due_on = models.DateField(null=True)
    enrolled_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    attested = models.BooleanField(default=False)
    exempt = models.BooleanField(default=False)
    extra_tries = models.PositiveSmallIntegerField(default=0)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "person", "course", "cycle"], name="learning_enrolment_once"),
            models.CheckConstraint(condition=Q(state__in=list(EnrolmentState)), name="learning_enrolment_state"),
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True, version__isnull=True)
                | Q(opened_at__isnull=False, version__isnull=False),
                name="learning_enrolment_pinned",
            ),
            models.CheckConstraint(
                condition=Q(attested=False) | Q(state=EnrolmentState.COMPLETED), name="learning_enrolment_attested"
            ),
        ]
        indexes = [models.Index(fields=["partner", "course", "state"], name="learning_by_course")]


class EnrolmentReason(PartnerModel):
    """Why an enrolment is there. `ref` names the rule, code, path or import; "" for a person's own wish."""

    enrolment = TenantForeignKey(Enrolment)
    kind = models.CharField(max_length=20)
    ref = models.CharField(max_length=100, default="")
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "enrolment", "kind", "ref"], name="learning_reason_once"),
            models.CheckConstraint(condition=Q(kind__in=list(ReasonKind)), name="learning_reason_kind"),
        ]


class PathPlace(PartnerModel):
    """A person is on a path, or was. Its courses are asked for by reasons of kind `path` with the ref `path:<key>`.

    `required`: somebody else put them on it. `due_on`: by when what it holds is to be done. `exempt`: somebody took the
    person off by hand, so rules leave them off.
    """

    person = TenantForeignKey("people.Person")
    path = PlainForeignKey("catalog.Path")
    since = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    required = models.BooleanField(default=False)
    due_on = models.DateField(null=True)
    exempt = models.BooleanField(default=False)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "person", "path"], name="learning_place_once"),
            models.CheckConstraint(condition=Q(exempt=False) | Q(left_at__isnull=False), name="learning_place_exempt"),
        ]
        indexes = [models.Index(fields=["partner", "path", "left_at"], name="learning_by_path")]


class PathReason(PartnerModel):
    """Why a person is on a path: rule | manual | self | code. They are on it while one reason stands."""

    place = TenantForeignKey(PathPlace)
    kind = models.CharField(max_length=20)
    ref = models.CharField(max_length=100, default="")
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "place", "kind", "ref"], name="learning_path_reason_once"),
            models.CheckConstraint(condition=Q(kind__in=list(ReasonKind)), name="learning_path_reason_kind"),
        ]


class JoinAim(PartnerModel):
    """What those are to learn who join by an access code, or (`code` null) from the partner's mail domains: a course or
    a path, or neither any more."""

    code = PlainForeignKey("identity.AccessCode", null=True)
    course = PlainForeignKey("catalog.Course", null=True)
    path = PlainForeignKey("catalog.Path", null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "code"], name="learning_aim_of_code"),
            models.UniqueConstraint(fields=["partner"], condition=Q(code=None), name="learning_aim_of_domain"),
            models.CheckConstraint(condition=Q(course__isnull=True) | Q(path__isnull=True), name="learning_aim_about"),
        ]


class LessonProgress(PartnerModel):
    """How far a lesson is, by the lesson itself and not its version."""

    enrolment = TenantForeignKey(Enrolment)
    lesson = PlainForeignKey("catalog.Lesson")
    opened_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "enrolment", "lesson"], name="learning_progress_once")
        ]


class Attempt(PartnerModel):
    """One try at a knowledge check. `n` counts the tries at this version of it; points are set when it is handed in.

    `untaught`: begun before the lessons were finished, to test out. `locale`: the language that was wanted when it was
    begun, "" before there were several; it stays, whatever language the person reads later.
    """

    enrolment = TenantForeignKey(Enrolment)
    assessment_version = PlainForeignKey("catalog.AssessmentVersion")
    n = models.PositiveIntegerField()
    seed = models.PositiveBigIntegerField()
    started_at = models.DateTimeField()
    deadline_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    points = models.PositiveSmallIntegerField(null=True)
    points_max = models.PositiveSmallIntegerField()
    passed = models.BooleanField(null=True)
    untaught = models.BooleanField(default=False)
    locale = models.CharField(max_length=35, default="")

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "enrolment", "assessment_version", "n"], name="learning_attempt_once"
            ),
            models.UniqueConstraint(
                fields=["partner", "enrolment"],
                condition=Q(submitted_at__isnull=True),
                name="learning_attempt_one_open",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, points__isnull=True, passed__isnull=True)
                | Q(
                    submitted_at__isnull=False, points__isnull=False, passed__isnull=False, points__lte=F("points_max")
                ),
                name="learning_attempt_graded",
            ),
        ]


class AttemptItem(PartnerModel):
    """A question as an attempt showed it, and what was answered.

    `shown`: the keys of the choices in the order shown, one letter each; "" for a typed answer. `locale`: the language
    it is shown in, "": as it was written. `answer`: a list of keys, or of the one typed text; None while nothing was
    answered.
    """

    attempt = TenantForeignKey(Attempt)
    question_version = PlainForeignKey("catalog.QuestionVersion")
    position = models.PositiveSmallIntegerField()
    shown = models.CharField(max_length=26, default="")
    locale = models.CharField(max_length=35, default="")
    answer = models.JSONField(null=True)
    saved_at = models.DateTimeField(null=True)
    right = models.BooleanField(null=True)

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "attempt", "position"], name="learning_item_position"),
            models.UniqueConstraint(fields=["partner", "attempt", "question_version"], name="learning_item_question"),
        ]


class Completion(PartnerModel):
    """An enrolment was completed (odd `n`), or that was taken back (even `n`). The row with the highest `n` counts.

    `attested`: somebody marked it complete by hand; nothing was learnt that the system saw.
    """

    append_only = True

    enrolment = TenantForeignKey(Enrolment)
    n = models.PositiveSmallIntegerField()
    reverses = models.BooleanField(default=False)
    at = models.DateTimeField()
    course_version = PlainForeignKey("catalog.CourseVersion")
    attempt = TenantForeignKey(Attempt, null=True)
    attested = models.BooleanField(default=False)
    note = models.CharField(max_length=200, default="")

    class Meta(PartnerModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["partner", "enrolment", "n"], name="learning_completion_once"),
            models.CheckConstraint(
                condition=Q(Exact(F("n") % Value(2), 1), reverses=False)
                | Q(Exact(F("n") % Value(2), 0), reverses=True),
                name="learning_completion_n",
            ),
        ]
