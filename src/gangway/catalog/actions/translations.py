"""The texts of a version in other languages, each with the hash of the original it was made from."""

from collections.abc import Mapping
from typing import Any

from gangway.catalog.models import (
    Assessment,
    AssessmentVersion,
    CourseResource,
    CourseVersion,
    LessonText,
    LessonVersion,
    QuestionText,
    QuestionVersion,
    ResourceText,
)
from gangway.catalog.rules import (
    CheckDraft,
    CourseDraft,
    QuestionDraft,
    QuestionWords,
    is_stale,
    origin,
    text_fingerprint,
    whole_wording,
    wording_fingerprint,
)

_AT_ONCE = 200
Known = Mapping[tuple[str, str], tuple[str, str, str]]


def add_translations(version: CourseVersion, draft: CourseDraft, places: Mapping[str, LessonVersion]) -> None:
    """Keep the draft's translations with a version that was made just now; `places`: its lessons by key.

    Where a translation does not say what it was made from, it keeps what is known of it if its words are those of the
    version before, and is taken as made from the present original if they are new.
    """
    if not any(said.lessons for said in draft.translations):
        return
    originals = {lesson.key: text_fingerprint(lesson.title, lesson.body) for lesson in draft.lessons}
    before = _before(version)
    LessonText.objects.bulk_create(
        [
            LessonText(
                owner_id=version.owner_id,
                lesson_version=places[text.key],
                locale=said.locale,
                title=text.title,
                body=text.body,
                html=text.html,
                source_hash=origin(text, before.get((text.key, said.locale)), originals[text.key]),
            )
            for said in draft.translations
            for text in said.lessons
        ],
        batch_size=_AT_ONCE,
    )


def _before(version: CourseVersion) -> Known:
    """The texts of the version before this one, by lesson and language."""
    texts = LessonText.objects.filter(
        lesson_version__course_version__course=version.course_id, lesson_version__course_version__n=version.n - 1
    )
    rows = texts.values_list("lesson_version__lesson__key", "locale", "title", "body", "source_hash")
    return {(key, locale): (title, body, made) for key, locale, title, body, made in rows}


def add_kept_texts(version: CourseVersion, draft: CourseDraft, resources: Mapping[str, CourseResource]) -> None:
    """Keep the translated pages to keep of a version that was made just now; `resources`: its own by key."""
    told = [(said.locale, text) for said in draft.translations for text in said.kept if text.body]
    if not told:
        return
    originals = {kept.key: text_fingerprint(kept.title, kept.body) for kept in draft.resources}
    texts = ResourceText.objects.filter(
        resource__course_version__course=version.course_id, resource__course_version__n=version.n - 1
    ).select_related("resource")
    before = {(text.resource.key, text.locale, text.body): text.source_hash for text in texts.defer("html")}
    fresh = []
    for locale, text in told:
        source = text.made_from or before.get((text.key, locale, text.body), originals[text.key])
        fresh.append(
            ResourceText(
                owner_id=version.owner_id,
                resource=resources[text.key],
                locale=locale,
                body=text.body,
                html=text.html,
                source_hash=source,
                stale=is_stale(source, originals[text.key]),
            )
        )
    ResourceText.objects.bulk_create(fresh)


def add_question_texts(version: QuestionVersion, draft: QuestionDraft) -> None:
    """Keep the translations of a question's version that was made just now. What they were made from is known as it is
    of lessons; a stale one is kept, and not shown.
    """
    texts = QuestionText.objects.filter(question_version__question=version.question_id).defer("prompt_html")
    before = {(text.locale, *_said(text)): text.source_hash for text in texts.order_by("question_version__n")}
    original = wording_fingerprint(draft)
    fresh = []
    for words in draft.translations:
        text = _question_text(version, words)
        text.source_hash = words.made_from or before.get((text.locale, *_said(text)), original)
        text.stale = is_stale(text.source_hash, original)
        fresh.append(text)
    QuestionText.objects.bulk_create(fresh)


def _question_text(version: QuestionVersion, words: QuestionWords) -> QuestionText:
    return QuestionText(
        owner_id=version.owner_id,
        question_version=version,
        locale=words.locale,
        prompt=words.prompt,
        prompt_html=words.prompt_html,
        choices={choice.key: {"text": choice.text, "feedback": choice.feedback} for choice in words.choices},
        accepted=list(words.accepted),
        feedback=words.feedback,
    )


def _said(text: QuestionText) -> tuple[str, ...]:
    return whole_wording(text.prompt, text.feedback, text.choices, text.accepted)


def check_words(check: CheckDraft, assessment: Assessment) -> dict[str, Any]:
    """What a check says of itself in other languages, each with the hash of the original it was made from."""
    before: dict[tuple[str, str, str], str] = {}
    versions = AssessmentVersion.objects.filter(assessment=assessment).order_by("n")
    for words in versions.values_list("words", flat=True):
        before |= {(locale, said["title"], said["intro"]): said["source_hash"] for locale, said in words.items()}
    original = text_fingerprint(check.title, check.intro)
    return {
        said.locale: {
            "title": said.title,
            "intro": said.intro,
            "source_hash": said.made_from or before.get((said.locale, said.title, said.intro), original),
        }
        for said in check.translations
    }
