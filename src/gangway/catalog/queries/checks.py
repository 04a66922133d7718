"""What a check asks, and behind a door of its own what is right."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from gangway.catalog.models import (
    AssessmentItem,
    AssessmentVersion,
    QuestionVersion,
)
from gangway.catalog.rules import AnswerKey, QuestionKind, check_minutes, is_right


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """How a check is passed; `minutes` is what it takes, `time_limit_minutes` what it may take.

    A try asks `questions` of its `bank`. `max_tries` is None where there may be any number; `test_out`: it may be taken
    before the lessons.
    """

    assessment_version_id: UUID
    title: str
    intro: str
    questions: int
    bank: int
    minutes: int
    pass_percent: int
    retake_minutes: int
    time_limit_minutes: int | None
    max_tries: int | None
    test_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as a learner's browser may see it. `choices` by key; empty for a typed answer. `topic`: for a draw."""

    question_version_id: UUID
    position: int
    kind: str
    prompt: str
    prompt_html: str
    choices: Mapping[str, str]
    topic: str

    @property
    def is_text(self) -> bool:
        return self.kind == QuestionKind.SHORT_TEXT

    @property
    def is_multiple(self) -> bool:
        return self.kind == QuestionKind.MULTIPLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """What is right, and what to say about each choice. For grading, and for pages after grading only."""

    key: AnswerKey
    feedback: str
    choice_feedback: Mapping[str, str]
    lesson_key: str

    def is_right(self, answer: Sequence[str]) -> bool:
        """Whether an answer earns its point: exactly the right choices, or a typed text that is accepted."""
        return is_right(self.key, answer)


def pass_percent(assessment_version_id: UUID) -> int:
    """The pass mark of a check, in percent."""
    return AssessmentVersion.objects.values_list("pass_percent", flat=True).get(pk=assessment_version_id)


def assessment_for_attempt(assessment_version_id: UUID) -> tuple[Asked, ...]:
    """The whole bank of a check in order, without what is right."""
    items = AssessmentItem.objects.filter(assessment_version=assessment_version_id).select_related("question_version")
    return tuple(_asked(item.question_version, item.position) for item in items.order_by("position"))


def asked_by_id(question_version_ids: Iterable[UUID]) -> Mapping[UUID, Asked]:
    """Questions without what is right; their `position` is not known here and 0."""
    found = QuestionVersion.objects.filter(pk__in=set(question_version_ids))
    return {question.pk: _asked(question, 0) for question in found}


def solutions(question_version_ids: Iterable[UUID]) -> Mapping[UUID, Solution]:
    """What is right. Never hand this to a page before the attempt is graded."""
    found = QuestionVersion.objects.filter(pk__in=set(question_version_ids))
    return {question.pk: _solution(question) for question in found}


def _asked(question: QuestionVersion, position: int) -> Asked:
    return Asked(
        question_version_id=question.pk,
        position=position,
        kind=question.kind,
        prompt=question.prompt,
        prompt_html=question.prompt_html,
        choices={choice["key"]: choice["text"] for choice in question.choices},
        topic=question.topic or question.lesson_key,
    )


def _solution(question: QuestionVersion) -> Solution:
    return Solution(
        key=AnswerKey(
            right=frozenset(choice["key"] for choice in question.choices if choice["correct"]),
            accepted=tuple(question.accepted),
        ),
        feedback=question.feedback,
        choice_feedback={choice["key"]: choice["feedback"] for choice in question.choices},
        lesson_key=question.lesson_key,
    )


def check_row(found: AssessmentVersion, bank: int) -> CheckRow:
    questions = found.draw or bank
    return CheckRow(
        assessment_version_id=found.pk,
        title=found.title,
        intro=found.intro,
        questions=questions,
        bank=bank,
        minutes=check_minutes(questions),
        pass_percent=found.pass_percent,
        retake_minutes=found.retake_minutes,
        time_limit_minutes=found.time_limit_minutes,
        max_tries=found.max_tries,
        test_out=found.test_out,
    )
