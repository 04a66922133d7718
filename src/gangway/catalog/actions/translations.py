"""The texts of a version in other languages, each with the hash of the original it was made from."""

from collections.abc import Mapping

from gangway.catalog.models import CourseVersion, LessonText, LessonVersion
from gangway.catalog.rules import CourseDraft, TextDraft, text_fingerprint

_AT_ONCE = 200
Known = Mapping[tuple[str, str], LessonText]


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
                source_hash=_made_from(text, before.get((text.key, said.locale)), originals[text.key]),
            )
            for said in draft.translations
            for text in said.lessons
        ],
        batch_size=_AT_ONCE,
    )


def _made_from(text: TextDraft, before: LessonText | None, original: str) -> str:
    if text.made_from:
        return text.made_from
    if before is not None and (before.title, before.body) == (text.title, text.body):
        return before.source_hash
    return original


def _before(version: CourseVersion) -> Known:
    """The texts of the version before this one, by lesson and language."""
    texts = LessonText.objects.filter(
        lesson_version__course_version__course=version.course_id, lesson_version__course_version__n=version.n - 1
    )
    found = texts.select_related("lesson_version__lesson").defer("html")
    return {(text.lesson_version.lesson.key, text.locale): text for text in found}
