"""C11: what exists, what is missing? The courses, the versions of one, and their files."""

from collections.abc import Sequence

from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from gangway.catalog import access, queries
from gangway.catalog.actions import begin_working_copy
from gangway.catalog.markdown.write import files_of, zip_stream
from gangway.kernel import clock
from gangway.kernel.language import clauses, language_name, listing, number
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.partners.queries import host_id
from gangway.people.queries import names
from gangway.ui import render
from gangway.ui.listing import answer


@require_GET
@route(right=access.SEE_COURSES)
def courses(request: Request) -> HttpResponseBase:
    """Every course with its newest version."""
    context = {
        "empty_title": gettext("No courses yet"),
        "empty_text": gettext("Begin one here, or bring a folder of Markdown: gangway course import FOLDER"),
    }
    return answer(
        request,
        queries.COURSE_LIST,
        title=gettext("Courses"),
        sentence=_sentence(),
        template="catalog/courses.jinja",
        context=context | _edited(request),
    )


def _edited(request: Request) -> dict[str, object]:
    """What is being edited, for whoever may."""
    if not access.EDIT_COURSES.allows(request.principal):
        return {"edited": (), "people": {}, "may_edit": False}
    edited = queries.open_copies(owner_id=host_id())
    return {"edited": edited, "people": names([one.changed_by for one in edited if one.changed_by]), "may_edit": True}


def _sentence() -> str:
    learned, drafts = queries.course_counts()
    if not learned and not drafts:
        return gettext("There is nothing to learn yet.")
    said = ngettext("%(n)s course can be learned.", "%(n)s courses can be learned.", learned) % {"n": learned}
    if not drafts:
        return said
    waiting = ngettext("%(n)s has a draft to publish.", "%(n)s have a draft to publish.", drafts) % {"n": drafts}
    return f"{said} {waiting}"


@require_GET
@route(right=access.SEE_COURSES)
def files(request: Request, course: str) -> HttpResponseBase:
    """The folder of one of the vendor's courses as a zip: of its newest version, or of `?version=`."""
    n = request.GET.get("version", "")
    folder = queries.course_folder(course, int(n) if n.isascii() and n.isdigit() else None, owner_id=host_id())
    response = StreamingHttpResponse(zip_stream(files_of(folder)), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{folder.key}-{folder.n}.zip"'
    return response


@require_GET
@route(right=access.SEE_COURSES)
def course(request: Request, course: str) -> HttpResponse:
    """C11, one of the vendor's courses: what is in its newest version, what there is to mend, and all its versions."""
    owner_id = host_id()
    inside = queries.course_inside(course, owner_id=owner_id)
    may_edit = access.EDIT_COURSES.allows(request.principal)
    context = {
        "inside": inside,
        "sentence": _state_of(inside),
        "spoken": _spoken(inside),
        "mend": _to_mend(inside),
        "versions": queries.versions_of(course, owner_id=owner_id),
        "kept": queries.kept_versions(course, owner_id=owner_id),
        "may_edit": may_edit,
        "is_edited": may_edit and queries.is_edited(course, owner_id=owner_id),
    }
    return render(request, "catalog/course.jinja", context)


def _state_of(inside: queries.CourseInside) -> str:
    if inside.learned_n is None:
        return gettext("Nobody can learn it yet: version %(n)s is a draft.") % {"n": number(inside.n)}
    if inside.learned_n != inside.n:
        words = gettext("Version %(learned)s is learned; version %(n)s is a draft.")
        return words % {"learned": number(inside.learned_n), "n": number(inside.n)}
    return gettext("Version %(n)s is learned.") % {"n": number(inside.n)}


def _spoken(inside: queries.CourseInside) -> str:
    """In how many languages it is there, and how much of that is stale or missing."""
    own = language_name(inside.locale)
    if not inside.languages:
        return gettext("It is there in %(own)s only.") % {"own": own}
    n = len(inside.languages)
    said = ngettext(
        "It is written in %(own)s and there in %(n)s more language.",
        "It is written in %(own)s and there in %(n)s more languages.",
        n,
    ) % {"own": own, "n": number(n)}
    behind = behind_in(inside.languages)
    return f"{said} {behind}" if behind else said + " " + gettext("Everything is up to date in each of them.")


def behind_in(languages: Sequence[queries.LanguageRow]) -> str:
    """How many translations into these languages are stale or missing, as a sentence; "" where none is."""
    stale, missing = sum(row.stale for row in languages), sum(row.missing for row in languages)
    parts = []
    if stale:
        parts.append(
            ngettext("%(n)s translation is stale", "%(n)s translations are stale", stale) % {"n": number(stale)}
        )
    if missing:
        parts.append(
            ngettext("%(n)s translation is missing", "%(n)s translations are missing", missing) % {"n": number(missing)}
        )
    return f"{clauses(parts)}." if parts else ""


def _to_mend(inside: queries.CourseInside) -> str:
    """How many links and pictures there are, and how many of them lead nowhere."""
    if not inside.links and not inside.pictures:
        return gettext("Its pages hold no link and no picture.")
    links = ngettext("%(n)s link", "%(n)s links", inside.links) % {"n": number(inside.links)}
    pictures = ngettext("%(n)s picture", "%(n)s pictures", inside.pictures) % {"n": number(inside.pictures)}
    held = gettext("Its pages hold %(parts)s.") % {"parts": listing([links, pictures])}
    gaps = len(inside.unresolved)
    if not gaps:
        return held + " " + gettext("All of them lead somewhere.")
    mend = ngettext("%(n)s leads nowhere or cannot be shown.", "%(n)s of them lead nowhere or cannot be shown.", gaps)
    return held + " " + mend % {"n": number(gaps)}


@require_POST
@route(right=access.EDIT_COURSES)
def begin(request: Request, course: str) -> HttpResponse:
    """Open the newest version in the editor, or go on where it is open already."""
    with scopes.one(host_id()):
        begin_working_copy(key=course, actor=request.principal.actor, now=clock.now())
    return HttpResponseRedirect(reverse("catalog:edit", args=[course]))
