"""Vocabulary and pure decisions of the catalogue: what a course is before it is rows, and when two are the same."""

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from gangway.catalog.rules.references import Reference
from gangway.catalog.rules.sources import SourceFile, file_faults
from gangway.catalog.rules.translations import TranslationDraft
from gangway.catalog.rules.wordings import CheckWords, QuestionWords, Slip
from gangway.kernel.refusal import Invalid
from gangway.kernel.said import Said, said
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


def complaints(draft: CourseDraft) -> list[Said]:
    """Everything an author must mend before this can be a course, in words; empty when it can."""
    return [*course_complaints(draft), *(what for _, what in check_complaints(draft))]


def course_complaints(draft: CourseDraft) -> list[Said]:
    """What must be mended of the course, but for its check."""
    too_long = said("It is longer than {n} characters.", n=TITLE_LENGTH)
    found = [_of(part, too_long) for part, title in _titles(draft) if len(title) > TITLE_LENGTH]
    found += [_of("key", problem) for problem in _key_problems(draft.key)]
    if not draft.title:
        found.append(said("The course has no title."))
    if not draft.lessons:
        found.append(said("The course has no lessons."))
    found += _key_faults(said("Lessons"), [lesson.key for lesson in draft.lessons])
    found += _key_faults(said("Resources"), [resource.key for resource in draft.resources])
    return found + file_faults(draft.files)


def check_complaints(draft: CourseDraft) -> list[tuple[int, Said]]:
    """What must be mended of the check, each with the number of its question, 0: the whole check."""
    check = draft.check
    if check is None:
        return []
    whole = [] if 1 <= check.pass_percent <= 100 else [_no_number("pass_percent", 100)]
    if not check.questions:
        whole.append(said("The knowledge check has no questions."))
    elif check.draw is not None and not 1 <= check.draw <= len(check.questions):
        whole.append(_no_number("draw", len(check.questions)))
    whole += _key_faults(said("Questions"), [question.key for question in check.questions])
    lessons = {lesson.key for lesson in draft.lessons}
    return [(0, what) for what in whole] + [
        (n, _of(said("question {n}", n=n), problem))
        for n, question in enumerate(check.questions, start=1)
        for problem in _question_problems(question, lessons)
    ]


def _of(part: str, problem: Said) -> Said:
    return said("{where}: {problem}", where=part, problem=problem)


def _no_number(name: str, high: int) -> Said:
    return said("“{name}” must be a whole number from {low} to {high}.", name=name, low=1, high=high)


def _key_problems(key: str) -> list[Said]:
    try:
        clean_key(key)
    except Invalid as no:
        return [no.said]
    return []


def _titles(draft: CourseDraft) -> Iterator[tuple[str, str]]:
    """Everything that is called something, and what it is called."""
    yield from (("title", draft.title), ("unlocks", draft.unlocks), ("licence", draft.licence))
    for lesson in draft.lessons:
        yield said("title of the lesson “{key}”", key=lesson.key), lesson.title
        yield said("name of the module “{name}”", name=f"{lesson.module[:20]}…"), lesson.module
    for kept in draft.resources:
        yield said("title of the resource “{key}”", key=kept.key), kept.title
    for words in draft.translations:
        for part, title in _translated_titles(words):
            yield said("{where}, {part}", where=part, part=words.locale), title


def _translated_titles(words: TranslationDraft) -> Iterator[tuple[str, str]]:
    yield from (("title", words.title), ("unlocks", words.unlocks))
    for text in words.lessons:
        yield said("title of the lesson “{key}”", key=text.key), text.title
    for original, name in words.modules:
        yield said("name of the module “{name}”", name=original), name
    for text in words.kept:
        yield said("title of the resource “{key}”", key=text.key), text.title


def _question_problems(question: QuestionDraft, lessons: set[str]) -> list[Said]:
    found = []
    count, right = len(question.choices), sum(choice.correct for choice in question.choices)
    if not question.prompt:
        found.append(said("It asks nothing."))
    if question.kind is QuestionKind.SHORT_TEXT:
        if not any(comparable(answer) for answer in question.accepted):
            found.append(said("It accepts no answer."))
    elif not 2 <= count <= MAX_CHOICES:
        found.append(said("It needs between 2 and {most} choices, and has {count}.", most=MAX_CHOICES, count=count))
    elif question.kind is QuestionKind.MULTIPLE and not right:
        found.append(said("It has no right choice."))
    elif question.kind is not QuestionKind.MULTIPLE and right != 1:
        found.append(said("It needs exactly one right choice, and has {count}.", count=right))
    if question.lesson and question.lesson not in lessons:
        found.append(said("It leads back to the lesson “{key}”, which this course does not have.", key=question.lesson))
    return found


def _key_faults(part: Said, keys: Iterable[str]) -> list[Said]:
    """What is wrong with the keys of a course's parts: each is a slug, and stands once."""
    seen: set[str] = set()
    found = []
    for key in keys:
        if not key or slug(key) != key:
            shown = key[:KEY_LENGTH]
            found.append(_of(part, said("The key “{key}” must be lower-case words joined by hyphens.", key=shown)))
        if key in seen:
            found.append(_of(part, said("“{name}” stands twice.", name=key)))
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
