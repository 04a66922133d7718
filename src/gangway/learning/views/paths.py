"""Paths: one of the learner's, beginning and leaving one, and who is on one for those who look after people."""

from contextlib import suppress
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from gangway.catalog import queries as catalog
from gangway.kernel import clock
from gangway.kernel.language import clauses, number
from gangway.kernel.web import Request, route
from gangway.learning import actions, queries
from gangway.learning.access import ENROL, LEARN
from gangway.learning.actions.paths import NotOnPath
from gangway.learning.queries import PathPage, Travellers
from gangway.learning.rules import ReasonKind
from gangway.ui import render
from gangway.ui.listing import answer
from gangway.ui.words import minutes


@require_GET
@route(right=LEARN)
def path(request: Request, path: str) -> HttpResponse:
    """How far am I, what next, and what waits for what?"""
    who = request.principal
    page = queries.path_page(
        person_id=who.person_id, partner_id=who.partner_id, path_key=path, locale=who.locale, now=clock.now()
    )
    return render(request, "learning/path.jinja", {"page": page, "sentence": sentence(page)})


def sentence(page: PathPage) -> str:
    """How many of its courses are done, and how long the rest takes."""
    n, left = len(page.stops), len(page.stops) - page.done
    if page.on_it and not left:
        return gettext("You have completed all of this path.")
    done = ngettext("%(done)s of %(n)s course is done", "%(done)s of %(n)s courses are done", n)
    said = [done % {"done": number(page.done), "n": number(n)}]
    if not page.on_it and not page.done:
        said = [ngettext("%(n)s course", "%(n)s courses", n) % {"n": number(n)}]
    said.append(gettext("%(time)s to the end") % {"time": minutes(page.minutes)})
    return clauses(said) + "."


@require_POST
@route(right=LEARN)
def begin(request: Request, path: str) -> HttpResponse:
    """Come onto a path because I want to; its page says what is first."""
    who = request.principal
    path_id = queries.path_to_join(who.partner_id, path)
    actions.join_path(
        person_id=who.person_id, path_id=path_id, reason=ReasonKind.SELF, actor=who.actor, now=clock.now()
    )
    return redirect("learning:path", path=path)


@require_POST
@route(right=LEARN)
def leave(request: Request, path: str) -> HttpResponse:
    """Leave a path that I began because I wanted to."""
    who = request.principal
    path_id = queries.path_to_leave(who.person_id, path)
    with suppress(NotOnPath):  # left in another window: all is said
        actions.leave_own_path(person_id=who.person_id, path_id=path_id, actor=who.actor, now=clock.now())
    return redirect("learning:courses")


@require_GET
@route(right=ENROL)
def on_path(request: Request, path_id: UUID) -> HttpResponseBase:
    """Who is on this path, and how far is each?"""
    found = catalog.path(path_id)
    home = (gettext("Paths"), reverse("catalog:paths"))
    context = {
        "crumbs": (home, (found.name, reverse("catalog:path", args=[found.id])), (gettext("Who is on it"), "")),
        "empty_title": gettext("Nobody is on this path yet"),
        "empty_text": gettext(
            "Choose people in the list of people and put them on it, or make a rule. They may also begin it "
            "themselves, in the library."
        ),
    }
    return answer(
        request,
        queries.on_path_list(found),
        title=gettext("On the path “%(name)s”") % {"name": found.name},
        sentence=how_many(queries.travellers(found)),
        template="learning/on_path.jinja",
        context=context,
    )


def how_many(found: Travellers) -> str:
    """How many are on it, and how many of them have done all of it."""
    if not found.people:
        return gettext("Nobody is on it yet.")
    said = []
    on_it = ngettext("%(n)s person is on it", "%(n)s people are on it", found.people)
    whole = ngettext("%(n)s has completed all of it", "%(n)s have completed all of it", found.done)
    for words, n in ((on_it, found.people), (whole, found.done)):
        said.append(words % {"n": number(found.stops_at) + "+" if n > found.stops_at else number(n)})
    return clauses(said) + "."
