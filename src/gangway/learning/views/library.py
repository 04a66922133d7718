"""P10, the library: where is that card, and what else may I learn?"""

from django.http import HttpResponse
from django.utils.translation import gettext, ngettext

from gangway.kernel import clock
from gangway.kernel.language import clauses, number
from gangway.kernel.web import Request, route
from gangway.learning import queries
from gangway.learning.access import LEARN
from gangway.learning.queries import Library
from gangway.ui import render

LONGEST = 100  # characters of a search


@route(right=LEARN)
def library(request: Request) -> HttpResponse:
    """Search what my courses left me to keep, and the courses that I may begin on my own."""
    who = request.principal
    query = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST]
    shelves = queries.library(
        person_id=who.person_id, partner_id=who.partner_id, query=query, locale=who.locale, now=clock.now()
    )
    context = {"shelves": shelves, "query": query, "sentence": sentence(shelves, query)}
    return render(request, "learning/library.jinja", context)


def sentence(shelves: Library, query: str) -> str:
    """How much is there to keep and to begin; of a search, how much of it was found."""
    kept, courses, paths = len(shelves.kept), len(shelves.courses), len(shelves.paths)
    if query and not kept and not courses and not paths:
        return gettext("Nothing here has these words.")
    parts = []
    if kept:
        parts.append(ngettext("%(n)s thing to keep", "%(n)s things to keep", kept) % {"n": number(kept)})
    if paths:
        parts.append(ngettext("%(n)s path to begin", "%(n)s paths to begin", paths) % {"n": number(paths)})
    if courses:
        parts.append(ngettext("%(n)s course to begin", "%(n)s courses to begin", courses) % {"n": number(courses)})
    return clauses(parts) + "." if parts else gettext("There is nothing to keep or to begin yet.")
