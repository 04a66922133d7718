"""The prompts of a check as pages show them, by the same rules as lessons: pictures, videos and links of the folder."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gangway.catalog.markdown.links import Leading, Site
from gangway.catalog.markdown.render import Rendered, finish, parse
from gangway.catalog.rules import CheckDraft, QuestionDraft, QuestionWords, Reference


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A check with its prompts drawn, and what these refer to and show."""

    check: CheckDraft
    references: Sequence[Reference]
    shown: frozenset[str]


_LEADS = re.compile(r' (?:src|href)="(\.\./[^"]*)"')


def drawn(check: CheckDraft, site: Site, file: str, files: Mapping[str, str]) -> Drawn:
    """Draw every prompt of the check in `file`, and of its translations; `files`: language → path of a translation."""
    pages: list[Rendered] = []

    def draw(path: str, prompt: str) -> tuple[str, tuple[str, ...]]:
        parsed = parse(prompt)
        page = finish(parsed, Leading(replace(site, places={**site.places, path: parsed.places}), path))
        pages.append(page)
        return page.html, tuple(sorted(set(_LEADS.findall(page.html))))

    def question(asked: QuestionDraft) -> QuestionDraft:
        html, leads = draw(file, asked.prompt)
        words = tuple(translated(one) for one in asked.translations)
        return replace(asked, prompt_html=html, leads=leads, translations=words)

    def translated(words: QuestionWords) -> QuestionWords:
        html, leads = draw(files[words.locale], words.prompt)
        return replace(words, prompt_html=html, leads=leads)

    whole = replace(check, questions=tuple(question(asked) for asked in check.questions))
    return Drawn(
        check=whole,
        references=[found for page in pages for found in page.references],
        shown=frozenset().union(*(page.shown for page in pages)),
    )
