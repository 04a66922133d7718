"""A layout description: how a folder that was not made for Gangway becomes a course, without touching its files.

```yaml
course:                      # what course.yaml would say
  key: security-101          # required: the course's name for ever
  title: Security 101
  summary: One or two sentences.
  unlocks: What the learner gets for it.
  locale: en                 # default en
  assign: everyone           # everyone | nobody, default everyone
  licence: CC0 1.0, Example Ltd.
lessons:
  include: ["[0-9].[0-9] *.md"]      # shell patterns over paths; default every .md that is no README or check
  exclude: ["* quiz.md"]
  order: name                # name (numbers count as numbers) | listed (the order of the patterns)
modules:                     # optional headings over lessons: the first pattern that fits names the module
  - files: "1.*"
    title: Foundations
resources:                   # optional, things to keep
  - title: The glossary
    url: https://example.org/glossary
check: check.yaml            # optional; `--check` on the command line wins
links:                       # optional, only where the folder links like the site it was made for
  pages: ["_articles/{path}.md"]     # the file behind the address /path/; the first that is there wins
locales:                     # optional, where the translations stand: see locales.py
  files: "translations/{locale}/{name}"
```

A lesson's key is its file name without the leading number, so it survives renumbering; its title is its first heading,
or else its file name; its minutes come from its words.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from gangway.catalog.markdown.locales import Locales, read_locales
from gangway.catalog.markdown.yaml import Fields, load
from gangway.catalog.rules import Assign, natural_order, slug, without_number
from gangway.kernel.refusal import Invalid
from gangway.kernel.said import said, together
from gangway.kernel.values import clean_key, clean_locale


@dataclass(frozen=True, kw_only=True)
class LessonFile:
    """One lesson's file and what the description says about it; empty fields are taken from the file itself."""

    path: str
    key: str
    title: str = ""
    module: str = ""
    minutes: int | None = None


@dataclass(frozen=True, kw_only=True)
class ResourceFile:
    key: str
    title: str
    path: str = ""
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Head:
    """What a course says about itself, wherever that stands."""

    key: str
    title: str
    summary: str
    unlocks: str
    locale: str
    assign: Assign
    licence: str
    minutes: int | None


@dataclass(frozen=True, kw_only=True)
class Layout:
    head: Head
    include: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    listed: bool = False
    modules: tuple[tuple[str, str], ...] = ()
    resources: tuple[ResourceFile, ...] = ()
    check: str = ""
    addresses: tuple[str, ...] = ()
    locales: Locales = field(default_factory=Locales)


NEVER_LESSONS = (
    "readme*",
    "license*",
    "licence*",
    "contributing*",
    "code_of_conduct*",
    "security.md",
    "check.md",
    "notices.md",
)


def read_layout(file: str, text: str) -> Layout:
    fields = Fields(file, load(file, text))
    course = fields.inner("course") or Fields(file, {})
    head = read_head(course)
    course.done()
    lessons = fields.inner("lessons") or Fields(file, {})
    order = lessons.one_of("order", ("name", "listed"), "name")
    layout = Layout(
        head=head,
        include=tuple(lessons.texts("include")) or ("*.md",),
        exclude=tuple(lessons.texts("exclude")),
        listed=order == "listed",
        modules=tuple(_module(part) for part in fields.parts("modules", lambda _: "modules")),
        resources=read_resources(fields),
        check=fields.text("check", ""),
        addresses=_addresses(fields.inner("links")),
        locales=read_locales(fields.inner("locales")),
    )
    lessons.done()
    fields.done()
    return layout


def read_head(fields: Fields) -> Head:
    try:
        key, locale = clean_key(fields.text("key")), clean_locale(fields.text("locale", "en"))
    except Invalid as no:
        name = no.field or ""
        problem = said("{where}: {problem}", where=name, problem=together(no.said, no.step))
        raise fields.unreadable(problem, name) from None
    assign = fields.one_of("assign", Assign, Assign.EVERYONE)
    return Head(
        key=key,
        title=fields.text("title"),
        summary=fields.text("summary", ""),
        unlocks=fields.text("unlocks", ""),
        locale=locale,
        assign=Assign(assign),
        licence=fields.text("licence", ""),
        minutes=fields.whole("minutes", None, 1, 10_000),
    )


def read_resources(fields: Fields) -> tuple[ResourceFile, ...]:
    found = []
    for entry in fields.parts("resources", lambda _: "resources"):
        title, path, url = entry.text("title"), entry.text("file", ""), entry.text("url", "")
        if bool(path) == bool(url) or (url and not url.startswith(("https://", "http://"))):
            raise entry.unreadable(
                said("“{title}” needs either a file of this course or a web address (https://…).", title=title)
            )
        found.append(ResourceFile(key=entry.text("key", slug(title)), title=title, path=path, url=url))
        entry.done()
    return tuple(found)


def _addresses(links: Fields | None) -> tuple[str, ...]:
    if links is None:
        return ()
    patterns = tuple(links.texts("pages"))
    for pattern in patterns:
        if pattern.count("{path}") != 1 or pattern.startswith("/"):
            problem = said(
                "“{pattern}” must be a path of the folder with one {part} in it.", pattern=pattern, part="{path}"
            )
            raise links.unreadable(problem, "pages")
    links.done()
    return patterns


def _module(entry: Fields) -> tuple[str, str]:
    pattern, title = entry.text("files"), entry.text("title")
    entry.done()
    return pattern, title


def arrange(layout: Layout, paths: Iterable[str]) -> list[LessonFile]:
    """The lessons among `paths`, in order; the order in which the paths were found does not matter.

    Where files share a name but for its number, their keys keep the number.
    """
    chosen = [path for path in paths if _is_lesson(layout, path)]
    chosen.sort(key=lambda path: (_listed_at(layout, path) if layout.listed else 0, natural_order(path), path))
    keys = Counter(lesson_key(path) for path in chosen)
    return [
        LessonFile(
            path=path,
            key=lesson_key(path) if keys[lesson_key(path)] == 1 else slug(path.rpartition(".")[0]),
            module=_module_of(layout, path),
        )
        for path in chosen
    ]


def lesson_key(path: str) -> str:
    return slug(without_number(PurePosixPath(path).stem)) or slug(path)


def _is_lesson(layout: Layout, path: str) -> bool:
    name = PurePosixPath(path).name
    return (
        path.lower().endswith((".md", ".markdown"))
        and any(matches(path, pattern) for pattern in layout.include)
        and not any(matches(path, pattern) for pattern in layout.exclude)
        and (path in layout.include or not any(fnmatchcase(name.lower(), pattern) for pattern in NEVER_LESSONS))
    )


def matches(path: str, pattern: str) -> bool:
    """Shell pattern in which `*` stays inside one folder and `**/` means any depth, as people expect of paths."""
    if pattern.startswith("**/"):
        return matches(PurePosixPath(path).name, pattern[3:]) or fnmatchcase(path, f"*/{pattern[3:]}")
    parts, patterns = path.split("/"), pattern.split("/")
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))


def _listed_at(layout: Layout, path: str) -> int:
    return next(n for n, pattern in enumerate(layout.include) if matches(path, pattern))


def _module_of(layout: Layout, path: str) -> str:
    return next((title for pattern, title in layout.modules if matches(path, pattern)), "")
