"""Documents people have already: into a working copy as lessons, or as the beginning of a new course."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from gangway.catalog import access, queries
from gangway.catalog.actions import new_working_copy
from gangway.catalog.documents.embeds import find_embed, with_links
from gangway.catalog.documents.folder import folder_of, lessons_of
from gangway.catalog.documents.kinds import Kind, judge
from gangway.catalog.documents.pictures import take_picture
from gangway.catalog.documents.refusals import DocumentRefused
from gangway.catalog.documents.words import escaped, titled
from gangway.catalog.markdown import outline
from gangway.catalog.markdown.manifest import key_of
from gangway.catalog.markdown.read import manifest_of, named
from gangway.catalog.markdown.source import HeldSource, ZipSource, hold
from gangway.catalog.rules import MAX_SOURCE_BYTES
from gangway.catalog.views.opened import Opened
from gangway.kernel import clock
from gangway.kernel.language import explain
from gangway.kernel.refusal import Invalid, Refusal
from gangway.kernel.said import said
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import clean_locale
from gangway.kernel.web import Request, route
from gangway.partners.queries import host_id
from gangway.ui import render

Uploads = Sequence[tuple[str, bytes]]


@dataclass
class Brought:
    """What became of uploads: files as they are to be, lessons by path, pictures by path and name, and what was not
    taken, in sentences.
    """

    changes: dict[str, bytes | None] = field(default_factory=dict)
    lessons: tuple[str, ...] = ()
    pictures: dict[str, str] = field(default_factory=dict)
    left_out: Sequence[str] = ()


@require_http_methods(["GET", "POST"])
@route(right=access.EDIT_COURSES)
def bring(request: Request, course: str) -> HttpResponse:
    """Documents, videos and pictures into a working copy; a zip by itself replaces the whole folder."""
    opened = Opened.of(course)
    error: Refusal | None = None
    if request.method == "POST":
        try:
            brought = _linked(request, opened) if request.POST.get("do") == "link" else _brought(request, opened)
            opened.save(request, brought.changes)
        except Refusal as refusal:
            error = refusal
        else:
            if brought.lessons or brought.pictures or brought.left_out:
                return render(request, "catalog/brought.jinja", {"opened": Opened.of(course), "brought": brought})
            return HttpResponseRedirect(reverse("catalog:edit", args=[course]))
    return _bring_page(request, opened, error)


def _bring_page(request: Request, opened: Opened, error: Refusal | None) -> HttpResponse:
    field = ("address" if request.POST.get("do") == "link" else "files") if error else ""
    context = {
        "opened": opened,
        "errors": {field: explain(error)} if error else {},
        "typed": {name: request.POST.get(name, "") for name in ("title", "address")},
    }
    return render(request, "catalog/bring.jinja", context, status=422 if error else 200)


def _linked(request: Request, opened: Opened) -> Brought:
    """A lesson with a video that stays where it is."""
    address, title = request.POST.get("address", "").strip(), request.POST.get("title", "").strip()[:200]
    if find_embed(address) is None:
        raise Invalid(
            field="address",
            problem="This is no address of a video on YouTube or Vimeo.",
            mend="Copy it from the address line of the video's own page.",
        )
    text = f"# {escaped(title) or gettext('Video')}\n\n{with_links(address)}\n"
    changes, paths = outline.added(opened.source, [(title or gettext("Video"), text)])
    return Brought(changes=changes, lessons=paths)


def _brought(request: Request, opened: Opened) -> Brought:
    uploads = _uploads(request)
    kinds = [judge(name, data) for name, data in uploads]
    if kinds == [Kind.ARCHIVE]:
        held = _unzipped(*uploads[0])
        gone: dict[str, bytes | None] = dict.fromkeys(opened.copy.files)
        return Brought(changes=gone | {path: file.data for path, file in held.files.items()})
    pictures = [
        (name, *take_picture(name, data))
        for (name, data), kind in zip(uploads, kinds, strict=True)
        if kind is Kind.PICTURE
    ]
    brought = Brought(
        changes={path: data for _, path, data in pictures}, pictures={path: titled(name) for name, path, _ in pictures}
    )
    rest = [upload for upload, kind in zip(uploads, kinds, strict=True) if kind is not Kind.PICTURE]
    if rest:
        kept = tuple(path for path in opened.copy.files if path.startswith(("pictures/", "videos/", "resources/")))
        found = lessons_of(rest, there=queries.working_bytes(opened.copy, kept))
        changes, brought.lessons = outline.added(
            opened.source,
            [(page.title, f"# {escaped(page.title)}\n\n{with_links(page.body)}\n") for page in found.lessons],
        )
        brought.changes |= changes | found.files
        brought.left_out = found.left_out
    return brought


def _uploads(request: Request) -> Uploads:
    files = request.FILES.getlist("files")
    if not files:
        raise Invalid(field="files", problem="No file was chosen.", mend="Choose one or more, then press the button.")
    if sum(file.size or 0 for file in files) > MAX_SOURCE_BYTES:
        raise Invalid(
            field="files", problem="Together these files are larger than 64 MB.", mend="Bring them one after the other."
        )
    return [(file.name or "file", file.read()) for file in files]


def _unzipped(name: str, data: bytes) -> HeldSource:
    """The folder in a zip, read as `gangway course import` reads it; refuses what that refuses, and foreign kinds."""
    held = named(hold(ZipSource(io.BytesIO(data), name)), titled(name))
    for file in held.files.values():
        if file.text is None and judge(file.path, file.data) is Kind.ARCHIVE:
            raise DocumentRefused(
                file=file.path,
                problem=said("It is an archive inside other uploads."),
                mend=said("Bring a zip by itself, or unpack it first."),
            )
    manifest_of(held)
    return held


@require_http_methods(["GET", "POST"])
@route(right=access.EDIT_COURSES)
def new(request: Request) -> HttpResponse:
    """Begin a course: with an empty first lesson, from a zip of Markdown, or from documents."""
    typed = {name: request.POST.get(name, "").strip() for name in ("title", "key", "locale")}
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            key, files, left_out = _begun(request, typed)
            with scopes.one(host_id()):
                new_working_copy(key=key, files=files, actor=request.principal.actor, now=clock.now())
        except Refusal as refusal:
            errors[refusal.field if refusal.field in typed else "files"] = explain(refusal)
        else:
            if left_out:
                context = {"opened": Opened.of(key), "brought": Brought(left_out=left_out)}
                return render(request, "catalog/brought.jinja", context)
            return HttpResponseRedirect(reverse("catalog:edit", args=[key]))
    return render(request, "catalog/new.jinja", {"typed": typed, "errors": errors}, status=422 if errors else 200)


def _begun(request: Request, typed: Mapping[str, str]) -> tuple[str, Mapping[str, bytes], Sequence[str]]:
    """Key and files of the new course, and what could not be taken."""
    uploads = _uploads(request) if request.FILES.getlist("files") else ()
    if len(uploads) == 1 and judge(*uploads[0]) is Kind.ARCHIVE:
        held = _unzipped(*uploads[0])
        return manifest_of(held).head.key, {path: file.data for path, file in held.files.items()}, ()
    title = typed["title"][:200] or (titled(uploads[0][0]) if uploads else "")
    if not title:
        raise Invalid(field="title", problem="A course needs a title.", mend="Type one, or choose a file.")
    key, locale = typed["key"] or key_of(title), clean_locale(typed["locale"] or "en")
    if not uploads:
        return key, outline.begun(key=key, title=title, locale=locale, first=gettext("First lesson")), ()
    folder = folder_of(uploads, key=key, title=title, locale=locale)
    return key, folder.files, folder.left_out
