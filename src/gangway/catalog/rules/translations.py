"""Translations: which text somebody reads, what a translation was made from, and when it is stale."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from gangway.kernel.refusal import Invalid
from gangway.kernel.values import clean_locale

_HASHES = {32: "md5", 40: "sha1", 64: "sha256"}
_SAID = re.compile(r"""original_hash["']?\s*:\s*["']?([0-9a-fA-F]{32,64})\b""")
_HEAD = 2000
"""Only at the beginning of a file is it said what it was made from."""


@dataclass(frozen=True, kw_only=True)
class TextDraft:
    """The words of a lesson or a page in another language. `made_from`: the hash of its original, "": not said."""

    key: str
    title: str
    body: str
    html: str
    made_from: str = ""


@dataclass(frozen=True, kw_only=True)
class TranslationDraft:
    """What a course says in another language; empty lines are said as in the original.

    `modules`: what each is called, by its name in the original. `kept`: the things to keep; a link has a title only.
    """

    locale: str
    title: str = ""
    summary: str = ""
    unlocks: str = ""
    lessons: tuple[TextDraft, ...] = ()
    modules: tuple[tuple[str, str], ...] = ()
    kept: tuple[TextDraft, ...] = ()


def said_original(text: str) -> str:
    """The hash of its original that a translation names at its beginning (`original_hash: …`), or ""."""
    found = _SAID.search(text[:_HEAD])
    return found[1].lower() if found and len(found[1]) in _HASHES else ""


def made_from(said: str, original: bytes, fingerprint: str) -> str:
    """What to keep of it: the original's `fingerprint` where the hash is that of its very bytes, else the hash."""
    kind = _HASHES.get(len(said))
    if kind is None:
        return ""
    return fingerprint if hashlib.new(kind, original, usedforsecurity=False).hexdigest() == said else said


def origin(text: TextDraft, known: tuple[str, str, str] | None, original: str) -> str:
    """The hash of the original that a lesson's translation was made from: what it says itself; else, where its words
    are those of before, what is known of it; else the present `original`. `known`: title, body and hash of before.
    """
    if text.made_from:
        return text.made_from
    if known is not None and known[:2] == (text.title, text.body):
        return known[2]
    return original


def is_stale(source_hash: str, original: str) -> bool:
    """Whether a translation was made from another text than what its original says now."""
    return source_hash != original


def fallbacks(wanted: str) -> tuple[str, ...]:
    """The languages that serve who wants one, nearest first: pt-BR, pt. The course's own comes after them."""
    try:
        tag = clean_locale(wanted)
    except Invalid:
        return (wanted,)
    parts = tag.split("-")
    return tuple("-".join(parts[:n]) for n in range(len(parts), 0, -1))


def nearest_locale(offered: Iterable[str], wanted: str, original: str) -> str:
    """The offered language that serves best: one of the fallbacks, else the language of the original."""
    there = set(offered)
    return next((name for name in fallbacks(wanted) if name in there), original)


def is_another_language(shown: str, wanted: str) -> bool:
    """Whether a reader has to be told: pt serves who wants pt-BR, en does not."""
    return fallbacks(shown)[-1].lower() != fallbacks(wanted)[-1].lower()
