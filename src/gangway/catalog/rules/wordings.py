"""The wording of a check in other languages: what a translation of a question is, and what is wrong with one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gangway.kernel.said import Said, said


@dataclass(frozen=True, kw_only=True)
class ChoiceWords:
    """A choice in another language; `key` is the original's letter."""

    key: str
    text: str
    feedback: str = ""


@dataclass(frozen=True, kw_only=True)
class QuestionWords:
    """A question in another language. `accepted` typed answers come on top of the original's.

    `made_from`: the hash of the original it was made from, "": not said. `leads`: as in `QuestionDraft`.
    """

    locale: str
    prompt: str
    prompt_html: str = ""
    choices: tuple[ChoiceWords, ...] = ()
    accepted: tuple[str, ...] = ()
    feedback: str = ""
    made_from: str = ""
    leads: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CheckWords:
    """What a check says of itself in another language, together or not at all."""

    locale: str
    title: str
    intro: str
    made_from: str = ""


def whole_wording(
    prompt: str, feedback: str, choices: Mapping[str, Mapping[str, str]], accepted: Sequence[str]
) -> tuple[str, ...]:
    """Everything that a translation of a question says, to compare it with what it said before."""
    told = [part for key in sorted(choices) for part in (key, *sorted(choices[key].items()))]
    return (prompt, feedback, str(told), str(list(accepted)))


class SlipKind(StrEnum):
    """Why a translation of a question, a module's name or a title is not used."""

    UNKNOWN = "unknown"
    MODULE = "module"
    RESOURCE = "resource"
    CHOICES = "choices"
    ANSWER = "answer"
    PARTS = "parts"


@dataclass(frozen=True, kw_only=True)
class Slip:
    """A translation in `file` that is not used, of the question, module or resource `key`; `found` and `needed` count
    choices.
    """

    file: str
    locale: str
    key: str
    kind: SlipKind
    found: int = 0
    needed: int = 0

    @property
    def sentence(self) -> Said:
        """What is wrong, and what is shown instead."""
        if self.kind == SlipKind.UNKNOWN:
            return said("The check has no question “{key}”, so its translation is not used.", key=self.key)
        if self.kind == SlipKind.MODULE:
            return said("The course has no module “{key}”, so its translation is not used.", key=self.key)
        if self.kind == SlipKind.RESOURCE:
            return said("The course has nothing to keep called “{key}”, so its title is not used.", key=self.key)
        if self.kind == SlipKind.CHOICES:
            return said(
                "“{key}” has {found} choices instead of the {needed} of its original, so the original is shown.",
                key=self.key,
                found=self.found,
                needed=self.needed,
            )
        if self.kind == SlipKind.ANSWER:
            return said(
                "“{key}” marks other answers as right than its original, so the original is shown.", key=self.key
            )
        return said(
            "“{key}” leaves out the prompt, a choice or a feedback of its original, so the original is shown.",
            key=self.key,
        )


def slip_of(
    *, asked: Iterable[ChoiceWords], feedback: str, words: QuestionWords, same_answer: bool
) -> tuple[SlipKind, int, int] | None:
    """Why `words` are no whole translation of a question with these choices and this feedback; None: they are one.

    A question is shown in one language whole, so whatever its original says must be said. `same_answer`: the
    translation marks no answer as right, or the same ones.
    """
    originals = tuple(asked)
    found, needed = len(words.choices), len(originals)
    if found != needed:
        return SlipKind.CHOICES, found, needed
    if not same_answer:
        return SlipKind.ANSWER, 0, 0
    said_of = [(bool(feedback), words.feedback), (True, words.prompt)]
    for original, choice in zip(originals, words.choices, strict=True):
        said_of += [(True, choice.text), (bool(original.feedback), choice.feedback)]
    if any(is_needed and not text for is_needed, text in said_of):
        return SlipKind.PARTS, 0, 0
    return None
