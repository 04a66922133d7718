"""Paths in the console: which there are, one of them, making and changing one."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, resolve, reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from gangway.catalog import access, actions, queries
from gangway.catalog.actions import PathSpec
from gangway.catalog.forms import PathForm
from gangway.catalog.queries import PathPart, PathRow
from gangway.kernel import clock
from gangway.kernel.access import Right
from gangway.kernel.language import clauses, explain, number
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.partners.queries import host_id
from gangway.ui import render
from gangway.ui.listing import answer
from gangway.ui.words import minutes

FIELDS = ("name", "summary", "courses")


@require_GET
@route(right=access.SEE_COURSES)
def paths(request: Request) -> HttpResponseBase:
    """Which courses belong together, and in which order?"""
    n = queries.path_count()
    said = ngettext("%(n)s path leads through courses.", "%(n)s paths lead through courses.", n) % {"n": number(n)}
    context = {
        "may_change": access.CHANGE_PATHS.allows(request.principal),
        "empty_title": gettext("No paths yet"),
        "empty_text": gettext(
            "A path is a few courses in an order, of which one may wait for another. Whoever is on it sees one next "
            "thing at a time."
        ),
    }
    return answer(
        request,
        queries.PATH_LIST,
        title=gettext("Paths"),
        sentence=said if n else gettext("No path leads through courses yet."),
        template="catalog/paths.jinja",
        context=context,
    )


@require_GET
@route(right=access.SEE_COURSES)
def path(request: Request, path_id: UUID) -> HttpResponse:
    """What does this path lead through, and what waits for what?"""
    found = queries.path(path_id)
    parts = queries.path_parts(found)
    context = {
        "path": found,
        "parts": parts,
        "sentence": sentence(parts),
        "may_change": access.CHANGE_PATHS.allows(request.principal),
        "people": _people(request, found),
    }
    return render(request, "catalog/path.jinja", context)


def sentence(parts: tuple[PathPart, ...]) -> str:
    """How many courses, how long, and how many of them wait."""
    n, waiting = len(parts), sum(bool(part.waits_for) for part in parts)
    said = [ngettext("%(n)s course", "%(n)s courses", n) % {"n": number(n)}, minutes(sum(p.minutes for p in parts))]
    waits = ngettext("%(n)s waits for others", "%(n)s wait for others", waiting) % {"n": number(waiting)}
    return clauses([*said, waits if waiting else gettext("none waits for another")]) + "."


def _people(request: Request, found: PathRow) -> str:
    """The page of those who are on it, where something above shows them, and to this visitor."""
    try:
        address = reverse("learning:on_path", args=[found.id])
    except NoReverseMatch:
        return ""
    right: Right | None = getattr(resolve(address).func, "right", None)
    return address if right is not None and right.allows(request.principal) else ""


@require_http_methods(["GET", "POST"])
@route(right=access.CHANGE_PATHS)
def make(request: Request) -> HttpResponse:
    """Put courses in an order."""
    return _form(request, None, PathForm())


@require_http_methods(["GET", "POST"])
@route(right=access.CHANGE_PATHS)
def change(request: Request, path_id: UUID) -> HttpResponse:
    """Put them in another order, add one, take one out, let one wait for another."""
    found = queries.path(path_id)
    form = PathForm(
        name=found.name,
        summary=found.summary,
        order=tuple(step.course_id for step in found.steps),
        waits={step.course_id: step.waits_for for step in found.steps},
    )
    return _form(request, found, form)


def _form(request: Request, path: PathRow | None, form: PathForm) -> HttpResponse:
    """The form as it stands after the press, or the path's page once it is saved."""
    if request.method == "POST":
        form, press = PathForm.read(request.POST), request.POST.get("do", "save")
        if press != "save":
            form = form.after(press)
        else:
            try:
                return HttpResponseRedirect(reverse("catalog:path", args=[_write(request, path, form)]))
            except NotFound:
                raise
            except Refusal as refusal:
                field = refusal.field if refusal.field in FIELDS else "name"
                form = replace(form, errors={field: explain(refusal)})
    return render(request, "catalog/path_form.jinja", _context(path, form), status=422 if form.errors else 200)


def _context(path: PathRow | None, form: PathForm) -> Mapping[str, object]:
    titles = queries.courses_for_paths(host_id())
    order = tuple(one for one in form.order if one in titles)
    form = replace(form, order=order)
    title = gettext("Change this path") if path else gettext("Make a path")
    here = [(path.name, reverse("catalog:path", args=[path.id]))] if path else []
    return {
        "path": path,
        "form": form,
        "title": title,
        "titles": titles,
        "offered": [(str(key), words) for key, words in titles.items() if key not in order],
        "crumbs": [(gettext("Paths"), reverse("catalog:paths")), *here, (title, "")],
        "back": reverse("catalog:path", args=[path.id]) if path else reverse("catalog:paths"),
    }


def _write(request: Request, path: PathRow | None, form: PathForm) -> UUID:
    spec = PathSpec(name=form.name, summary=form.summary, steps=form.steps())
    with scopes.one(host_id()):
        if path is None:
            return actions.make_path(spec=spec, actor=request.principal.actor, now=clock.now())
        actions.change_path(path_id=path.id, spec=spec, actor=request.principal.actor, now=clock.now())
        return path.id
