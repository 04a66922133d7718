"""`course.yaml`: what a folder made for Gangway says about itself.

```yaml
key: partner-essentials
title: Partner Essentials
summary: One or two sentences.
unlocks: The Partner Essentials certificate.
locale: en
assign: everyone             # everyone | nobody
minutes: 25                  # optional; else the sum of the lessons and the check
licence: CC BY 4.0, Example Ltd.
lessons:                     # optional; else every .md file in the order of its name
  - 1-welcome.md
  - {file: 2-first-call.md, key: first-call, title: Your first call, module: Selling, minutes: 5}
resources:
  - {title: The call card, file: resources/call-card.md}
  - {title: Price list, url: "https://example.org/prices"}
check: check.yaml            # optional; else check.yaml or check.md where one stands
```
"""

import re
from dataclasses import dataclass, field
from typing import Any

from gangway.catalog.markdown.layout import (
    Head,
    Layout,
    LessonFile,
    ResourceFile,
    arrange,
    lesson_key,
    read_head,
    read_resources,
)
from gangway.catalog.markdown.locales import Locales
from gangway.catalog.markdown.yaml import Fields, load
from gangway.catalog.rules import Assign, slug
from gangway.kernel.said import said
from gangway.kernel.values import sort_key


@dataclass(frozen=True, kw_only=True)
class Manifest:
    head: Head
    lessons: tuple[LessonFile, ...]
    resources: tuple[ResourceFile, ...]
    check: str
    guessed: bool = False
    addresses: tuple[str, ...] = ()
    locales: Locales = field(default_factory=Locales)


def described(layout: Layout, paths: tuple[str, ...]) -> Manifest:
    """What a layout description makes of a folder's files."""
    lessons = tuple(arrange(layout, paths))
    return Manifest(
        head=layout.head,
        lessons=lessons,
        resources=layout.resources,
        check=layout.check,
        addresses=layout.addresses,
        locales=layout.locales,
    )


def guessed(name: str, paths: tuple[str, ...]) -> Manifest:
    """What a folder that says nothing about itself may mean: its name is the course's, and the Markdown files of the
    outermost folder that has any are the lessons."""
    title = " ".join(re.split(r"[-_\s]+", name)).strip()
    head = Head(
        key=key_of(name),
        title=title[:1].upper() + title[1:] or "Course",
        summary="",
        unlocks="",
        locale="en",
        assign=Assign.EVERYONE,
        licence="",
        minutes=None,
    )
    folders = sorted(
        {path.rpartition("/")[0] for path in paths}, key=lambda folder: (folder.count("/"), len(folder) > 0, folder)
    )
    arranged = (arrange(Layout(head=head, include=(f"{folder}/*.md".lstrip("/"),)), paths) for folder in folders)
    lessons = tuple(next((found for found in arranged if found), ()))
    return Manifest(head=head, lessons=lessons, resources=(), check=_own_check(paths), guessed=True)


def key_of(name: str) -> str:
    """A course's key made from its name."""
    return re.sub(r"[^a-z0-9]+", "-", sort_key(name))[:60].strip("-") or "course"


def _own_check(paths: tuple[str, ...]) -> str:
    return next((name for name in ("check.yaml", "check.md") if name in paths), "")


def read_manifest(file: str, text: str, paths: tuple[str, ...]) -> Manifest:
    fields = Fields(file, load(file, text))
    head = read_head(fields)
    resources = read_resources(fields)
    listed = [_lesson(file, item) for item in fields.items("lessons")]
    kept = {resource.path for resource in resources}
    found = arrange(Layout(head=head, include=("*.md",)), [path for path in paths if path not in kept])
    check = fields.text("check", _own_check(paths))
    fields.done()
    return Manifest(head=head, lessons=tuple(listed or found), resources=resources, check=check)


def _lesson(file: str, item: Any) -> LessonFile:
    if isinstance(item, str):
        return LessonFile(path=item, key=lesson_key(item))
    entry = Fields(file, item, "lessons")
    path = entry.text("file")
    key = entry.text("key", lesson_key(path))
    if slug(key) != key or not key:
        raise entry.unreadable(said("The key “{key}” must be lower-case words joined by hyphens.", key=key), "key")
    lesson = LessonFile(
        path=path,
        key=key,
        title=entry.text("title", ""),
        module=entry.text("module", ""),
        minutes=entry.whole("minutes", None, 1, 1_000),
    )
    entry.done()
    return lesson
