"""The publish check of a working copy, publishing it, catching up with a newer version, and throwing it away."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from gangway.catalog import access, queries
from gangway.catalog import actions as act
from gangway.catalog.markdown.examine import Examined, examine
from gangway.catalog.markdown.locales import translations
from gangway.catalog.markdown.read import manifest_of
from gangway.catalog.rules import CourseDraft
from gangway.catalog.views.courses import behind_in
from gangway.catalog.views.opened import Opened
from gangway.kernel import clock
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.kernel.wiring import part
from gangway.ui import render


@require_http_methods(["GET", "POST"])
@route(right=access.EDIT_COURSES)
def publish(request: Request, course: str) -> HttpResponse:
    """Whether it can be published, what stops it, what it changes for whom; then the button."""
    opened = Opened.of(course)
    examined = examine(opened.whole)
    if request.method != "POST" or examined.draft is None:
        return _check_page(request, opened, examined)
    try:
        with scopes.one(opened.copy.owner_id):
            act.publish_working_copy(key=course, draft=examined.draft, actor=request.principal.actor, now=clock.now())
    except (act.NewerVersion, act.ChangedMeanwhile, act.KeyChanged) as refusal:
        return _check_page(request, Opened.of(course), examined, refusal)
    return HttpResponseRedirect(reverse("catalog:course", args=[course]))


def _check_page(request: Request, opened: Opened, examined: Examined, refusal: Refusal | None = None) -> HttpResponse:
    draft, copy = examined.draft, opened.copy
    renamed = draft is not None and draft.key != copy.key
    idle = not copy.changed and _is_learned(copy)
    context = {
        "opened": opened,
        "examined": examined,
        "refusal": refusal or (act.KeyChanged(said=draft.key, key=copy.key) if draft and renamed else None),
        "idle": idle,
        "ready": draft is not None and not renamed and not copy.is_behind and not idle,
        "changes": queries.differences(draft, copy.base_n, owner_id=copy.owner_id) if draft and not renamed else None,
        "translations": _translations(opened) if draft else {},
        "waiting": _waiting(draft, copy.owner_id) if draft and not renamed and not idle else {},
        "amid": _amid(copy),
        "next_n": copy.base_n if copy.base_n and not copy.changed else (copy.newest_n or 0) + 1,
    }
    return render(request, "catalog/publish.jinja", context, status=refusal.status if refusal else 200)


def _translations(opened: Opened) -> dict[tuple[str, str], str]:
    """The file of each translated lesson, by the lesson's key and the language."""
    manifest = manifest_of(opened.source)
    keys = {lesson.path: lesson.key for lesson in manifest.lessons}
    found = translations(manifest.locales, keys, opened.copy.files)
    return {(keys[original], locale): path for path, (locale, original) in found.items()}


def _amid(copy: queries.WorkingCopyRow) -> int:
    """How many people have begun the course and not finished it, at the partners whom the reader sees."""
    course_id = queries.find_course(copy.key, owner_id=copy.owner_id)
    return sum(count(course_id) for count in part("AMID")) if course_id else 0


def _waiting(draft: CourseDraft, owner_id: UUID) -> dict[str, str]:
    """Of each language that will not be up to date: how many of its translations are stale or missing."""
    languages = queries.draft_languages(draft, owner_id=owner_id)
    return {row.locale: sentence for row in languages if (sentence := behind_in([row]))}


def _is_learned(copy: queries.WorkingCopyRow) -> bool:
    """Whether its base is what people who start now learn."""
    if copy.base_n is None:
        return False
    versions = queries.versions_of(copy.key, owner_id=copy.owner_id)
    return any(version.is_learned and version.n == copy.base_n for version in versions)


@require_POST
@route(right=access.EDIT_COURSES)
def catch_up(request: Request, course: str) -> HttpResponse:
    """Lay the changes over the newest version."""
    opened = Opened.of(course)
    with scopes.one(opened.copy.owner_id):
        act.catch_up(key=course, actor=request.principal.actor, now=clock.now())
    return HttpResponseRedirect(reverse("catalog:edit", args=[course]))


@require_http_methods(["GET", "POST"])
@route(right=access.EDIT_COURSES)
def discard(request: Request, course: str) -> HttpResponse:
    """Throw the working copy away, after one look at what would be lost."""
    opened = Opened.of(course)
    if request.method == "POST" and request.POST.get("sure") == "yes":
        with scopes.one(opened.copy.owner_id):
            act.discard_working_copy(key=course, actor=request.principal.actor, now=clock.now())
        is_new = opened.copy.base_n is None
        return HttpResponseRedirect(reverse("catalog:list") if is_new else reverse("catalog:course", args=[course]))
    return render(request, "catalog/discard.jinja", {"opened": opened})
