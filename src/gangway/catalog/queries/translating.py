"""How far a course is translated that is not a version yet, by the words of its draft and what is known from before."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from gangway.catalog.models import CourseVersion, LessonText, QuestionText, ResourceText
from gangway.catalog.queries.inside import LanguageRow, kept_of
from gangway.catalog.rules import (
    CourseDraft,
    QuestionWords,
    TextDraft,
    is_stale,
    text_fingerprint,
    whole_wording,
    wording_fingerprint,
)

_Known = Mapping[tuple[str, ...], str]
"""Language, key and words of a translation → the hash of the original it was made from."""
_Made = dict[str, dict[str, bool]]
"""Language → the keys of what is there in it, and whether that is stale."""


def draft_languages(draft: CourseDraft, *, owner_id: UUID) -> tuple[LanguageRow, ...]:
    """What `course_inside` will say of the languages of the owner's course once `draft` is its next version."""
    versions = CourseVersion.objects.filter(course__owner=owner_id, course__key=draft.key)
    newest = versions.order_by("-n").first()
    asked = draft.check.questions if draft.check else ()
    lessons = _made(_lesson_texts(draft), _known_lessons(newest))
    questions = _made(_question_texts(draft), _known_questions(newest))
    pages = _made(_kept_texts(draft), _known_pages(newest))
    there = {words.locale for words in draft.translations} | lessons.keys() | questions.keys() | pages.keys()
    return tuple(
        LanguageRow(
            locale=locale,
            lessons=kept_of({lesson.key: lesson.title for lesson in draft.lessons}, lessons.get(locale, {})),
            questions=kept_of({question.key: question.prompt for question in asked}, questions.get(locale, {})),
            pages=kept_of({kept.key: kept.title for kept in draft.resources}, pages.get(locale, {})),
        )
        for locale in sorted(there - {draft.locale})
    )


_Text = tuple[tuple[str, ...], str, str]
"""Language, key and words; the hash of what it says it was made from, or ""; the hash of the present original."""


def _made(texts: Iterator[_Text], known: _Known) -> _Made:
    """Judged as the actions judge them that keep translations: what it says itself, what is known of it, or fresh."""
    made: _Made = {}
    for words, made_from, original in texts:
        made.setdefault(words[0], {})[words[1]] = is_stale(made_from or known.get(words, original), original)
    return made


def _lesson_texts(draft: CourseDraft) -> Iterator[_Text]:
    originals = {lesson.key: text_fingerprint(lesson.title, lesson.body) for lesson in draft.lessons}
    for locale, text in ((words.locale, text) for words in draft.translations for text in words.lessons):
        yield (locale, text.key, text.title, text.body), text.made_from, originals[text.key]


def _kept_texts(draft: CourseDraft) -> Iterator[_Text]:
    originals = {kept.key: text_fingerprint(kept.title, kept.body) for kept in draft.resources}
    for locale, text in ((words.locale, text) for words in draft.translations for text in words.kept):
        yield (locale, text.key, text.body), _said_of(text), originals[text.key]


def _said_of(text: TextDraft) -> str:
    return text.made_from if text.body else ""  # the title of a link is made from nothing


def _question_texts(draft: CourseDraft) -> Iterator[_Text]:
    for question in draft.check.questions if draft.check else ():
        original = wording_fingerprint(question)
        for words in question.translations:
            yield (words.locale, question.key, *_wording(words)), words.made_from, original


def _wording(words: QuestionWords) -> tuple[str, ...]:
    choices = {choice.key: {"text": choice.text, "feedback": choice.feedback} for choice in words.choices}
    return whole_wording(words.prompt, words.feedback, choices, words.accepted)


def _known_lessons(newest: CourseVersion | None) -> _Known:
    texts = LessonText.objects.filter(lesson_version__course_version=newest) if newest else LessonText.objects.none()
    rows = texts.values_list("locale", "lesson_version__lesson__key", "title", "body", "source_hash")
    return {(locale, key, title, body): source for locale, key, title, body, source in rows}


def _known_pages(newest: CourseVersion | None) -> _Known:
    texts = ResourceText.objects.filter(resource__course_version=newest) if newest else ResourceText.objects.none()
    rows = texts.values_list("locale", "resource__key", "body", "source_hash")
    return {(locale, key, body): source for locale, key, body, source in rows}


def _known_questions(newest: CourseVersion | None) -> _Known:
    """Of every version, as a question may come back; the newest wins."""
    if newest is None:
        return {}
    texts = QuestionText.objects.filter(question_version__question__assessment__course=newest.course_id)
    rows = texts.order_by("question_version__n").values_list(
        "locale", "question_version__question__key", "prompt", "feedback", "choices", "accepted", "source_hash"
    )
    return {(locale, key, *whole_wording(*words)): source for locale, key, *words, source in rows}
