"""Vocabulary and pure decisions of the catalogue: what a course is before it is rows, and when two are the same."""

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from gangway.catalog.rules.references import Reference
from gangway.catalog.rules.sources import SourceFile, file_faults
from gangway.catalog.rules.translations import TranslationDraft
from gangway.catalog.rules.wordings import CheckWords, QuestionWords, Slip
from gangway.kernel.refusal import Invalid
from gangway.kernel.values import clean_key

WORDS_PER_MINUTE = 180
"""Silent reading of technical prose in a second language: the readers here rarely read in their first."""

LEAST_WORDS = 12
"""A file with fewer is no lesson, when we have to guess: a stub with a link to somewhere else."""

DEFAULT_PASS_PERCENT = 75
DEFAULT_RETAKE_MINUTES = 10
MAX_CHOICES = 26
TITLE_LENGTH = 300
KEY_LENGTH = 80


class VersionState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


class Assign(StrEnum):
    """Who is enrolled by rule when a version is published."""

    EVERYONE = "everyone"
    NOBODY = "nobody"


class AudienceKind(StrEnum):
    """Who sees a shared row."""

    ALL = "all"
    TYPE = "type"
    PARTNER = "partner"


class QuestionKind(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true_false"
    SHORT_TEXT = "short_text"


class ResourceKind(StrEnum):
    PAGE = "page"
    LINK = "link"


@dataclass(frozen=True, kw_only=True)
class ChoiceDraft:
    """One answer a learner may press. `key` is a letter that stays with it, whatever order is shown."""

    key: str
    text: str
    correct: bool
    feedback: str = ""


@dataclass(frozen=True, kw_only=True)
class QuestionDraft:
    """One question. `accepted` only for short text; `lesson` names the lesson to reread after a wrong answer; a draw
    takes from each `topic` in turn, "": its lesson is its topic. `leads`: the addresses
    within the course that its prompt shows or leads to.
    """

    key: str
    kind: QuestionKind
    prompt: str
    prompt_html: str
    choices: tuple[ChoiceDraft, ...] = ()
    accepted: tuple[str, ...] = ()
    feedback: str = ""
    lesson: str = ""
    topic: str = ""
    leads: tuple[str, ...] = ()
    translations: tuple[QuestionWords, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CheckDraft:
    """A bank of questions, and how it is passed. `draw`: how many of them a try asks, None: all. `max_tries`: None: as
    many as one likes. `test_out`: whether it may be taken before the lessons.
    """

    title: str
    intro: str
    pass_percent: int
    retake_minutes: int
    time_limit_minutes: int | None
    questions: tuple[QuestionDraft, ...]
    draw: int | None = None
    max_tries: int | None = None
    test_out: bool = True
    translations: tuple[CheckWords, ...] = ()
    slips: tuple[Slip, ...] = field(default=(), compare=False)
    """Translations that are not used, and why; for the author."""

    @property
    def asked(self) -> int:
        """How many questions a try asks."""
        return self.draw or len(self.questions)


@dataclass(frozen=True, kw_only=True)
class LessonDraft:
    key: str
    title: str
    module: str
    minutes: int
    body: str
    html: str


@dataclass(frozen=True, kw_only=True)
class ResourceDraft:
    """Something to keep after the course: a page of our own, or a link."""

    key: str
    kind: ResourceKind
    title: str
    url: str = ""
    body: str = ""
    html: str = ""


@dataclass(frozen=True, kw_only=True)
class CourseDraft:
    """A whole course as read from its source, sanitised and complete; nothing of it is a row yet."""

    key: str
    locale: str
    title: str
    summary: str
    unlocks: str
    minutes: int
    assign: Assign
    lessons: tuple[LessonDraft, ...]
    check: CheckDraft | None = None
    resources: tuple[ResourceDraft, ...] = ()
    licence: str = ""
    translations: tuple[TranslationDraft, ...] = ()
    references: tuple[Reference, ...] = field(default=(), compare=False, repr=False)
    """Every link and picture of the lessons and the pages to keep, and where it leads; for the author."""
    shown: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
    """The paths of the files that a learner may load, because a page shows them or leads to them."""
    slips: tuple[Slip, ...] = field(default=(), compare=False)
    """Translations that are not used, and why; for the author."""
    left_out: tuple[str, ...] = field(default=(), compare=False)
    """Files that look like lessons and were not taken, because nobody described the folder; for the author."""
    files: tuple[SourceFile, ...] = field(default=(), compare=False, repr=False)
    """The folder it was read from, whole. What changed for learners is judged without it."""

    @property
    def unresolved(self) -> tuple[Reference, ...]:
        """What leads nowhere or cannot be shown, each once."""
        return tuple(dict.fromkeys(found for found in self.references if found.is_unresolved))


def fingerprint(draft: CourseDraft) -> str:
    """The identity of a course's content: equal for equal sources, whatever machine read them.

    Rendered HTML and the author's warnings are made from the rest, and who is enrolled is no content.
    """
    return _digest(_source(asdict(draft)))


def check_fingerprint(check: CheckDraft) -> str:
    return _digest(_source(asdict(check)))


def question_fingerprint(question: QuestionDraft) -> str:
    return _digest(_source(asdict(question)))


def wording_fingerprint(question: QuestionDraft) -> str:
    """What a translation of a question was made from. What is right may change without making it stale: a translation
    holds words, by the letters of the choices.
    """
    return _digest(
        [question.kind, question.prompt, [(c.key, c.text, c.feedback) for c in question.choices], question.feedback]
    )


def text_fingerprint(title: str, body: str) -> str:
    """What a translation was made from: it is stale when this differs from the source's."""
    return _digest([title, body])


_NOT_CONTENT = {"html", "prompt_html", "references", "left_out", "assign", "files", "shown", "slips"}


_UNSAID: dict[str, object] = {
    "draw": None,
    "max_tries": None,
    "test_out": True,
    "topic": "",
    "translations": (),
    "leads": (),
    "modules": (),
    "kept": (),
}
"""What came to courses later, where a source says nothing of it: courses from before keep their identity."""


def _source(value: object) -> object:
    if isinstance(value, dict):
        said = {k: v for k, v in value.items() if k not in _NOT_CONTENT and not (k in _UNSAID and v == _UNSAID[k])}
        return {k: _source(v) for k, v in said.items()}
    if isinstance(value, list | tuple):
        return [_source(v) for v in value]
    return value


def _digest(value: object) -> str:
    canonical = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def reading_minutes(words: int) -> int:
    """Whole minutes to read `words`, never fewer than one."""
    return max(1, math.ceil(words / WORDS_PER_MINUTE))


def check_minutes(questions: int) -> int:
    """Whole minutes for a knowledge check: forty seconds a question."""
    return math.ceil(questions * 40 / 60)


def slug(text: str) -> str:
    """A key from words: lower-case letters and digits of any script, joined by single hyphens, at most 80."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "-", folded).strip("-")[:80].rstrip("-")


def natural_order(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key in which `2 b` comes before `10 a`, as people number their files."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name.casefold())
    return tuple((0, int(p), "") if p[0] in "0123456789" else (1, 0, p) for p in parts)


_NUMBERING = re.compile(r"^\s*[0-9]+(?:[.\-_][0-9]+)*[.)\-_\s]+\s*")


def without_number(stem: str) -> str:
    """A file's name without the number that only orders it: `1.2 Common threats` → `Common threats`."""
    rest = _NUMBERING.sub("", stem).strip()
    return rest or stem.strip()


def complaints(draft: CourseDraft) -> list[str]:
    """Everything an author must mend before this can be a course, in words; empty when it can."""
    found = [f"The {name} is longer than {TITLE_LENGTH} characters." for name in _too_long(draft)]
    found += [f"The course's key: {no}" for no in _key_problems(draft.key)]
    if not draft.title:
        found.append("The course has no title.")
    if not draft.lessons:
        found.append("The course has no lessons.")
    found += _key_faults("lesson", (lesson.key for lesson in draft.lessons))
    found += _key_faults("resource", (resource.key for resource in draft.resources))
    if draft.check:
        found += _check_complaints(draft.check, {lesson.key for lesson in draft.lessons})
    return found + file_faults(draft.files)


def _key_problems(key: str) -> list[str]:
    try:
        clean_key(key)
    except Invalid as no:
        return [str(no)]
    return []


def _too_long(draft: CourseDraft) -> list[str]:
    titles = {"title": draft.title, "line “unlocks”": draft.unlocks, "line “licence”": draft.licence}
    titles |= {f"title of the lesson “{lesson.key}”": lesson.title for lesson in draft.lessons}
    titles |= {f"name of the module “{lesson.module[:20]}…”": lesson.module for lesson in draft.lessons}
    titles |= {f"title in {said.locale}": said.title for said in draft.translations}
    titles |= {f"line “unlocks” in {said.locale}": said.unlocks for said in draft.translations}
    titles |= {
        f"title of the lesson “{text.key}” in {said.locale}": text.title
        for said in draft.translations
        for text in said.lessons
    }
    titles |= {f"name of a module in {said.locale}": name for said in draft.translations for _, name in said.modules}
    titles |= {
        f"title of the resource “{text.key}” in {said.locale}": text.title
        for said in draft.translations
        for text in said.kept
    }
    titles |= {f"title of the resource “{kept.key}”": kept.title for kept in draft.resources}
    return [name for name, title in titles.items() if len(title) > TITLE_LENGTH]


def _check_complaints(check: CheckDraft, lessons: set[str]) -> list[str]:
    found = []
    if not 1 <= check.pass_percent <= 100:
        found.append(f"The pass mark is {check.pass_percent} %; it must be between 1 and 100.")
    if not check.questions:
        found.append("The knowledge check has no questions.")
    elif check.draw is not None and not 1 <= check.draw <= len(check.questions):
        found.append(f"The check draws {check.draw} of its {len(check.questions)} questions.")
    found += _key_faults("question", (question.key for question in check.questions))
    for number, question in enumerate(check.questions, start=1):
        found += [f"Question {number} {problem}" for problem in _question_problems(question, lessons)]
    return found


def _question_problems(question: QuestionDraft, lessons: set[str]) -> list[str]:
    found = []
    right = sum(choice.correct for choice in question.choices)
    if not question.prompt:
        found.append("asks nothing.")
    if question.kind is QuestionKind.SHORT_TEXT:
        if not any(comparable(answer) for answer in question.accepted):
            found.append("accepts no answer.")
    elif not 2 <= len(question.choices) <= MAX_CHOICES:
        found.append(f"has {len(question.choices)} choices; it needs between 2 and {MAX_CHOICES}.")
    elif question.kind is QuestionKind.MULTIPLE and not right:
        found.append("has no right choice.")
    elif question.kind is not QuestionKind.MULTIPLE and right != 1:
        found.append(f"has {right} right choices; it needs exactly one.")
    if question.lesson and question.lesson not in lessons:
        found.append(f"sends people back to the lesson “{question.lesson}”, which this course does not have.")
    return found


def _key_faults(what: str, keys: Iterable[str]) -> list[str]:
    """What is wrong with the keys of a course's parts: each is a slug, and stands once."""
    seen: set[str] = set()
    found = []
    for key in keys:
        if not key or slug(key) != key:
            found.append(f"The key “{key[:KEY_LENGTH]}” of a {what} must be lower-case words joined by hyphens.")
        if key in seen:
            found.append(f"Two {what}s have the key “{key}”.")
        seen.add(key)
    return found


def comparable(text: str) -> str:
    """A typed answer as it is compared: case, spacing, width and closing punctuation do not count."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(folded.split()).strip(" .,;:!?\"'“”‘’«»()")


@dataclass(frozen=True, kw_only=True)
class AnswerKey:
    """What is right for one question: the keys of its right choices, or the texts it accepts."""

    right: frozenset[str] = frozenset()
    accepted: tuple[str, ...] = ()


def is_right(key: AnswerKey, answer: Sequence[str]) -> bool:
    """Whether an answer earns its point: all or nothing."""
    if key.accepted:
        typed = comparable(answer[0]) if answer else ""
        return bool(typed) and typed in {comparable(text) for text in key.accepted}
    return bool(answer) and frozenset(answer) == key.right
