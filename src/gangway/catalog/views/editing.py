"""C12: what will the learner see? The lessons of a working copy, each as Markdown beside its page, and its head."""

import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath
from urllib.parse import unquote

from csp.decorators import csp
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header, quote_etag
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangway.catalog import access
from gangway.catalog.actions import ChangedMeanwhile
from gangway.catalog.markdown import outline
from gangway.catalog.markdown.examine import faults_of_file
from gangway.catalog.markdown.locales import translations
from gangway.catalog.markdown.preview import preview
from gangway.catalog.markdown.read import manifest_of
from gangway.catalog.markdown.refusals import CourseUnreadable
from gangway.catalog.markdown.source import retyped
from gangway.catalog.markdown.source import shown as as_typed
from gangway.catalog.queries import working_span
from gangway.catalog.rules import MAX_TEXT_BYTES, NOT_THERE, TITLE_LENGTH, FileKind, shown_type
from gangway.catalog.views.opened import Opened
from gangway.kernel.language import explain
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.web import Request, route
from gangway.ui import render, spans
from gangway.ui.policy import ALONE

_CHECK = """\
title: Knowledge check
pass_percent: 75
questions:
  - prompt: Who calls the customer first?
    choices:
      - {text: You do, correct: yes}
      - {text: The vendor does}
"""


@require_GET
@route(right=access.EDIT_COURSES)
def edit(request: Request, course: str) -> HttpResponse:
    """The lessons of a working copy in their order, and its other files."""
    return _outline_page(request, Opened.of(course))


def _outline_page(request: Request, opened: Opened, error: str = "") -> HttpResponse:
    lessons = opened.outline.lessons if opened.outline else ()
    listed = {lesson.path for lesson in lessons}
    context = {
        "opened": opened,
        "lessons": lessons,
        "others": [file for path, file in opened.copy.files.items() if path not in listed],
        "gone": [path for path in opened.copy.changed if path not in opened.copy.files],
        "error": error,
        "typed": request.POST.get("title", "") if error else "",
    }
    return render(request, "catalog/edit.jinja", context, status=422 if error else 200)


@require_POST
@route(right=access.EDIT_COURSES)
def arrange(request: Request, course: str) -> HttpResponse:
    """Move, add or remove a lesson, or add a knowledge check."""
    opened = Opened.of(course)
    path, title = request.POST.get("path", ""), request.POST.get("title", "").strip()[:200]
    there = reverse("catalog:edit", args=[course])
    match request.POST.get("do"):
        case "up" | "down" as way:
            opened.save(request, outline.moved(opened.source, path, -1 if way == "up" else 1))
        case "remove" if path in opened.copy.files:
            opened.save(request, outline.removed(opened.source, path))
        case "add" if not title:
            return _outline_page(request, opened, gettext("A lesson needs a title."))
        case "add":
            changes, [made] = outline.added(opened.source, [(title, f"# {title}\n\n")])
            opened.save(request, changes)
            there = reverse("catalog:file", args=[course, made])
        case "check":
            opened.save(request, {"check.yaml": _CHECK.encode()}, seen=NOT_THERE)
            there = reverse("catalog:file", args=[course, "check.yaml"])
        case _:
            raise NotFound
    return HttpResponseRedirect(there)


@dataclass
class Typed:
    """What stands in the form of a file: its text and what the person saw when they began to change it.

    `theirs`: what somebody else saved meanwhile. `errors` by field.
    """

    body: str
    seen: str
    theirs: str | None = None
    refusal: Refusal | None = None
    errors: dict[str, str] = field(default_factory=dict)
    details: dict[str, str] = field(default_factory=dict)


@require_http_methods(["GET", "POST"])
@route(right=access.EDIT_COURSES)
def file(request: Request, course: str, path: str) -> HttpResponse:
    """One text file: a lesson as Markdown with its page beside it, any other as text. What was typed is never lost."""
    opened = Opened.of(course)
    found = opened.copy.files.get(path)
    if found is None or found.kind != FileKind.TEXT:
        raise NotFound
    before = opened.source.read(path)
    typed = Typed(body=as_typed(before), seen=found.digest)
    if request.method == "POST":
        typed.body = request.POST.get("body", typed.body).replace("\r\n", "\n")
        typed.seen = request.POST.get("seen", found.digest)
        do = request.POST.get("do", "save")
        if do == "preview" and request.headers.get("HX-Request"):
            return render(request, "catalog/preview.jinja", {"preview": _preview(opened, path, typed.body)})
        if do == "details":
            typed.body = as_typed(before)
            return _details(request, opened, path, typed)
        if do == "save" and _saved(request, opened, path, before, typed):
            return HttpResponseRedirect(reverse("catalog:file", args=[course, path]))
    return _file_page(request, opened, path, typed)


def _saved(request: Request, opened: Opened, path: str, before: bytes, typed: Typed) -> bool:
    """Keep what was typed; where that is refused, the form says why and keeps it."""
    data = retyped(typed.body, before)
    try:
        if b"\0" in data or len(data) > MAX_TEXT_BYTES:
            raise Invalid(
                field="body",
                problem="This is no text of at most 1 MB.",
                mend="Make it shorter, or split it in two lessons.",
            )
        opened.save(request, {path: data}, seen=typed.seen)
    except ChangedMeanwhile as refusal:
        typed.theirs, typed.refusal, typed.seen = as_typed(before), refusal, opened.copy.files[path].digest
        return False
    except Invalid as refusal:
        typed.errors[refusal.field or "body"] = explain(refusal)
        return False
    return True


def _details(request: Request, opened: Opened, path: str, typed: Typed) -> HttpResponse:
    """A lesson's title, module, minutes and the name of its file."""
    said = {name: request.POST.get(name, "").strip() for name in ("title", "module", "minutes", "name")}
    name, minutes = said["name"] or path, said["minutes"]
    if opened.outline is None or opened.outline.lesson(path) is None:
        raise NotFound
    if minutes and not (minutes.isascii() and minutes.isdigit() and 1 <= int(minutes) <= 1000):
        typed.errors["minutes"] = gettext("Minutes are a whole number from 1 to 1,000, or empty.")
    if name != path and name in opened.copy.files:
        typed.errors["name"] = gettext("There is a file of this name already.")
    if not name.lower().endswith((".md", ".markdown")):
        typed.errors["name"] = gettext("The name of a lesson's file ends in .md.")
    typed.details = said
    if not typed.errors:
        try:
            changes = outline.detailed(
                opened.source,
                path,
                title=said["title"],
                module=said["module"],
                minutes=int(minutes) if minutes else None,
                name=name,
            )
            opened.save(request, changes)
            return HttpResponseRedirect(reverse("catalog:file", args=[opened.copy.key, name]))
        except Refusal as refusal:
            typed.errors["name"] = explain(refusal)
    return _file_page(request, opened, path, typed)


def _file_page(request: Request, opened: Opened, path: str, typed: Typed) -> HttpResponse:
    lesson = opened.outline.lesson(path) if opened.outline else None
    is_markdown = path.lower().endswith((".md", ".markdown"))
    locale, original = _locale(opened, path)
    context = {
        "opened": opened,
        "path": path,
        "file": opened.copy.files[path],
        "typed": typed,
        "lesson": lesson,
        "is_markdown": is_markdown,
        "preview": _preview(opened, path, typed.body) if is_markdown else None,
        "locale": locale,
        "original": opened.outline.lesson(original) if opened.outline and original else None,
        "faults": faults_of_file(opened.source, path) if request.method == "GET" else (),
        "title": lesson.title if lesson else path,
        "lesson_title": "" if lesson is None or lesson.title == outline.title_of(opened.source, path) else lesson.title,
    }
    status = 409 if typed.refusal else 422 if typed.errors else 200
    return render(request, "catalog/file.jinja", context, status=status)


def _preview(opened: Opened, path: str, text: str) -> dict[str, str]:
    """The page as learners get it; a front matter that cannot be read is said instead."""
    try:
        page = preview(opened.drawn, path, text)
    except CourseUnreadable as refusal:
        return {"title": "", "html": "", "problem": explain(refusal)}
    return {"title": page.title, "html": _in_console(opened, page.html), "problem": ""}


def _locale(opened: Opened, path: str) -> tuple[str, str]:
    """The language of a file and, of a lesson's translation, the path of its original, else "".

    The language is that of the course where it is no translation; "" while the folder cannot be read.
    """
    if opened.outline is None:
        return "", ""
    manifest = manifest_of(opened.source)
    found = translations(manifest.locales, [lesson.path for lesson in manifest.lessons], opened.copy.files)
    return found.get(path, (manifest.head.locale, ""))


_LEADS = re.compile(r'(src|href)="\.\./(lessons|keep|files)/([^"/#]+)[^"]*"')


def _in_console(opened: Opened, html: str) -> str:
    """The page's own addresses lead to where the same files are edited and shown here."""

    def led(match: re.Match[str]) -> str:
        key, kind = opened.copy.key, match[2]
        if kind == "files":
            return f'{match[1]}="{reverse("catalog:shown", args=[key, match[3]])}"'
        manifest = manifest_of(opened.source)
        parts = manifest.lessons if kind == "lessons" else manifest.resources
        path = next((part.path for part in parts if part.key == unquote(match[3])), "")
        return f'{match[1]}="{reverse("catalog:file", args=[key, path])}"' if path else ""

    return _LEADS.sub(led, html)


@csp(ALONE)
@require_GET
@route(right=access.EDIT_COURSES)
def shown(request: Request, course: str, digest: str) -> HttpResponse:
    """A file of a working copy as its pages show it: a picture, a video, its captions, or something to take away."""
    opened = Opened.of(course)
    path = next((path for path, file in opened.copy.files.items() if file.digest == digest), None)
    if path is None:
        raise NotFound
    kind = shown_type(working_span(opened.copy, path, 0, 4096))
    read = partial(working_span, opened.copy, path)
    response = spans.answer(request, quote_etag(digest), opened.copy.files[path].size, read)
    response["Content-Type"] = kind or "application/octet-stream"
    name = PurePosixPath(path).name
    response["Content-Disposition"] = content_disposition_header(not kind, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=3600"
    return response


_HEAD = ("title", "summary", "unlocks", "locale", "minutes", "licence", "assign")


@require_http_methods(["GET", "POST"])
@route(right=access.EDIT_COURSES)
def settings(request: Request, course: str) -> HttpResponse:
    """What the course says of itself: title, summary, what it unlocks, minutes, language, licence, who is enrolled."""
    opened = Opened.of(course)
    if opened.outline is None:
        return HttpResponseRedirect(reverse("catalog:edit", args=[course]))
    head = opened.outline.head
    typed = {name: str(getattr(head, name) or "") for name in _HEAD}
    errors: dict[str, str] = {}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "").replace("\r\n", "\n").strip() for name in _HEAD}
        errors = _head_errors(typed)
        if not errors:
            try:
                values = {**typed, "minutes": int(typed["minutes"]) if typed["minutes"] else None}
                opened.save(request, outline.headed(opened.source, values))
                return HttpResponseRedirect(reverse("catalog:edit", args=[course]))
            except CourseUnreadable as refusal:
                errors["locale"] = explain(refusal)
    context = {"opened": opened, "typed": typed, "errors": errors}
    return render(request, "catalog/settings.jinja", context, status=422 if errors else 200)


def _head_errors(typed: dict[str, str]) -> dict[str, str]:
    errors = {}
    if not typed["title"]:
        errors["title"] = gettext("A course needs a title.")
    for name in ("title", "unlocks", "licence"):
        if len(typed[name]) > TITLE_LENGTH:
            errors[name] = gettext("At most 300 characters.")
    minutes = typed["minutes"]
    if minutes and not (minutes.isascii() and minutes.isdigit() and 1 <= int(minutes) <= 10_000):
        errors["minutes"] = gettext("Minutes are a whole number from 1 to 10,000, or empty.")
    if typed["assign"] not in {"everyone", "nobody"}:
        errors["assign"] = gettext("Choose who is enrolled.")
    return errors
