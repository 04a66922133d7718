"""What a check asks, and behind a door of its own what is right."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from gangway.catalog.models import (
    AssessmentItem,
    AssessmentVersion,
    QuestionText,
    QuestionVersion,
)
from gangway.catalog.rules import (
    AnswerKey,
    QuestionKind,
    check_minutes,
    fallbacks,
    is_right,
    is_stale,
    nearest_locale,
    text_fingerprint,
)

Shown = Mapping[UUID, str]
"""Ids of question versions → the language that each is shown in; "": as it was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """How a check is passed; `minutes` is what it takes, `time_limit_minutes` what it may take.

    A try asks `questions` of its `bank`. `max_tries` is None where there may be any number; `test_out`: it may be taken
    before the lessons. `words`: title and intro in other languages; `told_in`: the language of these, "": as written.
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
    words: Mapping[str, Mapping[str, str]]
    told_in: str

    def in_language(self, wanted: str, own: str) -> "CheckRow":
        """The same with title and intro in the nearest language that is not stale; `own`: that of the course."""
        made_from = text_fingerprint(self.title, self.intro) if self.words else ""
        fresh = {tag: said for tag, said in self.words.items() if not is_stale(said["source_hash"], made_from)}
        best = nearest_locale([*fresh, own], wanted, own)
        if best == own:
            return replace(self, told_in=own)
        return replace(self, told_in=best, title=fresh[best]["title"], intro=fresh[best]["intro"])


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
    def is_true_false(self) -> bool:
        return self.kind == QuestionKind.TRUE_FALSE

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


def languages(question_version_ids: Iterable[UUID], wanted: str, own: str) -> Shown:
    """The language in which to show each question to who wants one: the nearest that is there and not stale.

    `own`: the language the check was written in.
    """
    ids = set(question_version_ids)
    offered: dict[UUID, list[str]] = {one: [own] for one in ids}
    texts = QuestionText.objects.filter(question_version__in=ids, locale__in=fallbacks(wanted), stale=False)
    for question_id, locale in texts.values_list("question_version", "locale"):
        offered[question_id].append(locale)
    best = {one: nearest_locale(there, wanted, own) for one, there in offered.items()}
    return {one: "" if locale == own else locale for one, locale in best.items()}


def bank_in(assessment_version_id: UUID, wanted: str, own: str) -> tuple[int, int]:
    """How many questions of a check are there in a wanted language, or one that serves for it, and how many in all."""
    items = AssessmentItem.objects.filter(assessment_version=assessment_version_id)
    shown = languages(items.values_list("question_version", flat=True), wanted, own)
    return sum(bool(locale) for locale in shown.values()), len(shown)


def asked_by_id(shown: Shown) -> Mapping[UUID, Asked]:
    """Questions in the languages they are shown in, without what is right; their `position` is not known here and 0."""
    texts = _texts(shown)
    found = QuestionVersion.objects.filter(pk__in=shown)
    return {question.pk: _translated(_asked(question, 0), texts.get(question.pk)) for question in found}


def solutions(shown: Shown) -> Mapping[UUID, Solution]:
    """What is right, and what is said to it in the language a question is shown in. Never hand this to a page before
    the attempt is graded.
    """
    texts = _texts(shown)
    found = QuestionVersion.objects.filter(pk__in=shown)
    return {question.pk: _solution(question, texts.get(question.pk)) for question in found}


def _texts(shown: Shown) -> Mapping[UUID, QuestionText]:
    """The translations that are shown; no statement where everything is as it was written."""
    translated = {question_id: locale for question_id, locale in shown.items() if locale}
    if not translated:
        return {}
    texts = QuestionText.objects.filter(question_version__in=translated, locale__in=set(translated.values()))
    return {text.question_version_id: text for text in texts if translated[text.question_version_id] == text.locale}


def _translated(asked: Asked, text: QuestionText | None) -> Asked:
    """The question in another language whole; its choices keep their keys and their order."""
    if text is None:
        return asked
    choices = {key: text.choices[key]["text"] if key in text.choices else own for key, own in asked.choices.items()}
    return replace(asked, prompt=text.prompt, prompt_html=text.prompt_html, choices=choices)


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


def _solution(question: QuestionVersion, text: QuestionText | None) -> Solution:
    said = {choice["key"]: choice["feedback"] for choice in question.choices}
    if text is not None:
        said = {key: words["feedback"] for key, words in text.choices.items()}
    return Solution(
        key=AnswerKey(
            right=frozenset(choice["key"] for choice in question.choices if choice["correct"]),
            accepted=(*question.accepted, *(text.accepted if text else ())),
        ),
        feedback=text.feedback if text else question.feedback,
        choice_feedback=said,
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
        words=found.words,
        told_in="",
    )
