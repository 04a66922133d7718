"""A check in another language: `locales/LANGUAGE/check.yaml`, or wherever a layout's `locales:` says.

```yaml
title: Wissenstest             # with intro, or the original's are shown
intro: Fünf Fragen. Nachschlagen ist erlaubt.
questions:
  - key: first-step            # which question of the original this is
    prompt: Wer ruft den Kunden zuerst an?
    feedback: Was der Frage folgt, wo das Original eines hat.
    choices:                   # in the order of the original's
      - {text: Sie, feedback: Wie im Original.}
      - Acme
  - {key: sla, prompt: Wofür steht SLA?, accepted: [Dienstgütevereinbarung]}
```

It may be a translated copy of the whole check: what says how a check is passed is left to the original, and what says
which answers are right is only compared with it.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from gangway.catalog.markdown.locales import Locales, translations
from gangway.catalog.markdown.source import Source, text_of
from gangway.catalog.markdown.yaml import Fields, load
from gangway.catalog.rules import (
    OWN_CHECK_WORDS,
    OWN_CHECKS,
    CheckDraft,
    CheckWords,
    ChoiceWords,
    QuestionDraft,
    QuestionKind,
    QuestionWords,
    Slip,
    SlipKind,
    made_from,
    said_original,
    slip_of,
    text_fingerprint,
    wording_fingerprint,
)
from gangway.kernel.said import said

_OF_THE_CHECK = ("pass_percent", "retake_minutes", "time_limit_minutes", "draw", "max_tries", "test_out")
_OF_A_QUESTION = ("kind", "lesson", "topic")


class Wording(NamedTuple):
    """What one file says, in the language `locale`: of the check, and of each question by its key."""

    locale: str
    words: CheckWords | None
    questions: Mapping[str, QuestionWords]
    slips: tuple[Slip, ...]


def wording_files(locales: Locales, check: str, own: str, paths: tuple[str, ...]) -> dict[str, str]:
    """Path of each translation of the check file `check` → its language, but for `own`, that of the course."""
    if not check:
        return {}
    if check in OWN_CHECKS:
        locales = replace(locales, place=OWN_CHECK_WORDS.replace("check.yaml", "{name}"))
    original = str(PurePosixPath(check).with_suffix(".yaml"))
    found = {path: locale for path, (locale, _) in translations(locales, [original], paths).items()}
    return {path: locale for path, locale in found.items() if locale != own and path != check}


def worded(source: Source, check: CheckDraft, file: str, files: Mapping[str, str]) -> CheckDraft:
    """The check of `file` with its translations; what cannot be used of them is named in `slips`."""
    original = source.read(file)
    found = [read_wording(path, locale, text_of(source, path), check, original) for path, locale in files.items()]
    found.sort(key=lambda one: one.locale)
    return replace(
        check,
        translations=tuple(one.words for one in found if one.words),
        slips=tuple(slip for one in found for slip in one.slips),
        questions=tuple(
            replace(asked, translations=tuple(one.questions[asked.key] for one in found if asked.key in one.questions))
            for asked in check.questions
        ),
    )


def read_wording(file: str, locale: str, text: str, check: CheckDraft, original: bytes) -> Wording:
    """One translation of `check`, whose file is `original`; refuses with CourseUnreadable what cannot be read."""
    fields = Fields(file, load(file, text))
    origin = said_original(text)
    title, intro = fields.text("title", ""), fields.text("intro", "")
    asked = {question.key: question for question in check.questions}
    questions: dict[str, QuestionWords] = {}
    slips = []
    seen = set[str]()
    for number, item in enumerate(fields.items("questions"), start=1):
        key, words, right = _question(file, number, item, locale)
        if key in seen:
            part = Fields(file, item, said("question {n}", n=number))
            raise part.unreadable(said("“{name}” stands twice.", name=key), "key")
        seen.add(key)
        if slip := _slip(asked.get(key), words, right):
            slips.append(Slip(file=file, locale=locale, key=key, kind=slip[0], found=slip[1], needed=slip[2]))
        else:
            made = made_from(origin, original, wording_fingerprint(asked[key]))
            typed = words.accepted if asked[key].kind is QuestionKind.SHORT_TEXT else ()
            questions[key] = replace(words, accepted=typed, made_from=made)
    for name in _OF_THE_CHECK:
        fields.raw(name)
    fields.done()
    made = made_from(origin, original, text_fingerprint(check.title, check.intro))
    whole = title and (intro or not check.intro)
    words_of = CheckWords(locale=locale, title=title, intro=intro, made_from=made) if whole else None
    return Wording(locale, words_of, questions, tuple(slips))


def _slip(
    original: QuestionDraft | None, words: QuestionWords, right: frozenset[str] | None
) -> tuple[SlipKind, int, int] | None:
    if original is None:
        return SlipKind.UNKNOWN, 0, 0
    choices = () if original.kind is QuestionKind.TRUE_FALSE else original.choices
    told = [ChoiceWords(key=choice.key, text=choice.text, feedback=choice.feedback) for choice in choices]
    same = right in (None, frozenset(choice.key for choice in original.choices if choice.correct))
    return slip_of(asked=told, feedback=original.feedback, words=words, same_answer=same)


def _question(file: str, number: int, item: Any, locale: str) -> tuple[str, QuestionWords, frozenset[str] | None]:
    """The key, the words, and the letters of the answers that the translation calls right (None: it calls none)."""
    fields = Fields(file, item, said("question {n}", n=number))
    key, prompt, feedback = fields.text("key"), fields.text("prompt", ""), fields.text("feedback", "")
    choices, right = _choices(file, number, fields.items("choices"))
    if isinstance(answer := fields.raw("answer"), bool):
        right = frozenset("t" if answer else "f")
    accepted = tuple(fields.texts("accepted"))
    for name in _OF_A_QUESTION:
        fields.raw(name)
    fields.done()
    words = QuestionWords(locale=locale, prompt=prompt, choices=choices, accepted=accepted, feedback=feedback)
    return key, words, right


def _choices(file: str, number: int, items: list[Any]) -> tuple[tuple[ChoiceWords, ...], frozenset[str] | None]:
    found, right = [], set()
    is_marked = False
    for n, item in enumerate(items):
        where = said("question {n}, choice {choice}", n=number, choice=n + 1)
        entry = Fields(file, {"text": item} if not isinstance(item, dict) else item, where)
        letter = chr(ord("a") + n)
        found.append(ChoiceWords(key=letter, text=entry.text("text", ""), feedback=entry.text("feedback", "")))
        marked = entry.raw("correct")
        is_marked = is_marked or marked is not None
        right |= {letter} if marked is True else set()
        entry.done()
    return tuple(found), frozenset(right) if is_marked else None
