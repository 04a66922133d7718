"""Which files of a folder are translations, of which lesson, into which language.

A folder made for Gangway holds them in `locales/LANGUAGE/`, named like their originals; any other is described:

```yaml
locales:
  files: "translations/{locale}/{name}"    # where a translation stands; also {folder}: the original's folder
  names: {zh: zh-Hans}                     # optional: what the folder calls a language → what it is
  texts:                                   # optional: what the course says of itself in each language
    de: {title: Sicherheit 101, summary: …, unlocks: …, modules: {Foundations: Grundlagen}, resources: {key: Titel}}
```
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gangway.catalog.markdown.yaml import Fields, load
from gangway.catalog.rules import Slip, SlipKind
from gangway.kernel.refusal import Invalid
from gangway.kernel.said import said, together
from gangway.kernel.values import clean_locale

OWN_PLACE = "locales/{locale}/{folder}/{name}"
_PARTS = {"locale": "[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*", "folder": ".+", "name": "[^/]+"}


@dataclass(frozen=True, kw_only=True)
class CourseWords:
    """What a course says of itself in one language; "" where that is not translated.

    `modules` by their names in the original, `resources` by their keys: titles. `file`: where it stands.
    """

    title: str = ""
    summary: str = ""
    unlocks: str = ""
    modules: Mapping[str, str] = field(default_factory=dict)
    resources: Mapping[str, str] = field(default_factory=dict)
    file: str = ""


@dataclass(frozen=True, kw_only=True)
class Locales:
    """Where translations stand, what languages are called there, and what the course says of itself in them."""

    place: str = OWN_PLACE
    names: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, CourseWords] = field(default_factory=dict)


def read_locales(fields: Fields | None) -> Locales:
    """The part `locales:` of a layout description."""
    if fields is None:
        return Locales()
    place = fields.text("files", OWN_PLACE)
    if place.count("{locale}") != 1 or place.count("{name}") != 1 or place.count("{folder}") > 1:
        parts = {"locale": "{locale}", "name": "{name}", "folder": "{folder}"}
        problem = said("“files” must hold {locale} and {name} once each, and {folder} at most once.", **parts)
        raise fields.unreadable(problem, "files")
    names = _each(fields, "names")
    words = {language: read_words(fields.part(entry, language)) for language, entry in _each(fields, "texts").items()}
    fields.done()
    return Locales(
        place=place,
        names={name: _locale(fields, str(said)) for name, said in names.items()},
        words={_locale(fields, language): said for language, said in words.items()},
    )


def read_words(fields: Fields, file: str = "locales") -> CourseWords:
    """Title, summary and unlocks of a course in one language, and what its modules and things to keep are called."""
    words = CourseWords(
        title=fields.text("title", ""),
        summary=fields.text("summary", ""),
        unlocks=fields.text("unlocks", ""),
        modules=_named(fields, "modules"),
        resources=_named(fields, "resources"),
        file=file,
    )
    fields.done()
    return words


def _named(fields: Fields, name: str) -> dict[str, str]:
    """Names and what each is called, as `name: words` lines; empty words are none."""
    inner = fields.inner(name)
    said = {one: inner.text(one, "") for one in inner.names()} if inner else {}
    return {one: words for one, words in said.items() if words}


def slips_of(words_of: Mapping[str, CourseWords], modules: Iterable[str], resources: Iterable[str]) -> tuple[Slip, ...]:
    """What is called something in another language that the course does not have."""
    there = {SlipKind.MODULE: set(modules), SlipKind.RESOURCE: set(resources)}
    return tuple(
        Slip(file=words.file, locale=locale, key=key, kind=kind)
        for locale, words in sorted(words_of.items())
        for kind, named in ((SlipKind.MODULE, words.modules), (SlipKind.RESOURCE, words.resources))
        for key in named
        if key not in there[kind]
    )


def own_words(file: str, text: str) -> CourseWords:
    """The same from `locales/LANGUAGE/course.yaml`."""
    return read_words(Fields(file, load(file, text)), file)


def translations(locales: Locales, originals: Iterable[str], paths: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Path of each translation → its language and the path of its original. An original is no translation."""
    lessons = set(originals)
    by_place = {_place_of(locales, path): path for path in sorted(lessons, reverse=True)}
    pattern, found = _pattern(locales.place), dict[str, tuple[str, str]]()
    taken = set[tuple[str, str]]()
    for path in sorted(paths):
        match = pattern.fullmatch(path)
        if match is None or path in lessons:
            continue
        parts = match.groupdict()
        original = by_place.get((parts.get("folder") or "", parts["name"]))
        locale = _called(locales, parts["locale"])
        if original is not None and locale and (locale, original) not in taken:
            taken.add((locale, original))
            found[path] = (locale, original)
    return found


def _place_of(locales: Locales, path: str) -> tuple[str, str]:
    """What an original is known by among the translations: its folder, where the pattern has one, and its name."""
    folder, _, name = path.rpartition("/")
    return (folder if "{folder}" in locales.place else "", name)


def _pattern(place: str) -> re.Pattern[str]:
    words = re.escape(place).replace(r"\{", "{").replace(r"\}", "}")
    words = words.replace("{folder}/", f"(?:(?P<folder>{_PARTS['folder']})/)?")
    for name, part in _PARTS.items():
        words = words.replace("{" + name + "}", f"(?P<{name}>{part})")
    return re.compile(words)


def _called(locales: Locales, name: str) -> str:
    """The language that the folder calls `name`, or "" for what is none."""
    try:
        return locales.names.get(name) or clean_locale(name)
    except Invalid:
        return ""


def _each(fields: Fields, name: str) -> dict[str, Any]:
    values = fields.raw(name)
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise fields.unreadable(said("“{name}” must be a list of “language: value” lines.", name=name), name)
    return {str(key): value for key, value in values.items()}


def _locale(fields: Fields, name: str) -> str:
    try:
        return clean_locale(name)
    except Invalid as no:
        raise fields.unreadable(together(no.said, no.step)) from None
