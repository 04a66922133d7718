"""D2 team on the desk, the people of a partner in the console: who is in, who is stuck and why; and what mends it.

It joins people with the letters that invited them, so it stands in the top storey.
"""

from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangway.identity import queries as identity
from gangway.identity.access import CONNECT_TEAM, SEE_CONNECTIONS
from gangway.identity.actions import mend_address, send_again
from gangway.identity.queries import ArrivalCounts, arrival_of
from gangway.kernel import clock
from gangway.kernel.language import clauses, explain, number
from gangway.kernel.lists import BulkAction, ListSpec
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, placed, route
from gangway.learning.access import ENROL, ENROL_TEAM
from gangway.messaging.queries import bounces_known
from gangway.partners.queries import partner_by_id
from gangway.people import queries as people
from gangway.people.access import (
    BRING_PEOPLE,
    CONSOLE,
    DESK,
    EDIT_PEOPLE,
    EDIT_TEAM,
    SEE_PEOPLE,
    SEE_TEAM,
    Place,
    chosen_ids,
)
from gangway.portal.views.persons import trail
from gangway.ui import render
from gangway.ui.listing import answer


def came_in(count: ArrivalCounts) -> str:
    """The sentence above people: how many came in, and where the others are, those who are stuck first."""
    if not count.here:
        return gettext("Nobody is here yet.")
    words = ngettext("%(n)s of %(all)s person came in", "%(n)s of %(all)s people came in", count.here)
    parts = [words % {"n": number(count.came_in), "all": number(count.here)}]
    written = (
        ngettext("%(n)s has not come yet", "%(n)s have not come yet", count.written)
        if bounces_known()
        else ngettext(
            "%(n)s was written to, and whether the letter arrived is unknown",
            "%(n)s were written to, and whether the letters arrived is unknown",
            count.written,
        )
    )
    others = (
        (count.returned, ngettext("%(n)s never got the letter", "%(n)s never got the letter", count.returned)),
        (count.no_address, ngettext("%(n)s has no address", "%(n)s have no address", count.no_address)),
        (count.written, written),
        (count.waiting, ngettext("the letter to %(n)s waits", "the letters to %(n)s wait", count.waiting)),
        (count.uninvited, ngettext("%(n)s is not invited yet", "%(n)s are not invited yet", count.uninvited)),
        (count.suspended, ngettext("%(n)s is suspended", "%(n)s are suspended", count.suspended)),
        (
            count.unreached,
            ngettext(
                "%(n)s who came in has no mail address", "%(n)s who came in have no mail address", count.unreached
            ),
        ),
    )
    return clauses(parts + [words % {"n": number(n)} for n, words in others if n]) + "."


def arrival_bars(count: ArrivalCounts, people_list: str) -> list[tuple[str, int, str, str]]:
    """Label, number, nothing more to say, and the narrowed list behind it."""
    known = bounces_known()
    rows = (
        ("came_in", gettext("Came in"), count.came_in),
        ("written", gettext("Have not come yet") if known else gettext("Written to, arrival unknown"), count.written),
        ("returned", gettext("Letter came back"), count.returned),
        ("no_address", gettext("No mail address"), count.no_address),
        ("waiting", gettext("Letter waits"), count.waiting),
        ("uninvited", gettext("Not invited yet"), count.uninvited),
        ("suspended", gettext("Suspended"), count.suspended),
        ("unreached", gettext("Came in, no mail address"), count.unreached),
    )
    return [(label, n, "", f"{people_list}?state={state}") for state, label, n in rows if n or state == "came_in"]


def kept_elsewhere(request: Request, partner_id: UUID, place: Place) -> list[tuple[str, str]]:
    """Whom a company's directory keeps, in a sentence for each, with the page of the connection for those who may."""
    counts = people.managed_counts(partner_id)
    if not counts:
        return []
    with scopes.one(partner_id):
        rows = identity.connections()
    right = CONNECT_TEAM if place is DESK else SEE_CONNECTIONS
    told = []
    for row in rows:
        if not (n := counts.get(row.source, 0)):
            continue
        words = ngettext(
            "“%(directory)s” keeps %(n)s person: what changes there, changes here.",
            "“%(directory)s” keeps %(n)s people: what changes there, changes here.",
            n,
        )
        address = (
            reverse("identity:connection", args=[row.id])
            if place is DESK
            else reverse("identity:connection_of", args=[partner_id, row.id])
        )
        told.append(
            (words % {"directory": row.name, "n": number(n)}, address if right.allows(request.principal) else "")
        )
    return told


@require_GET
@route(right=SEE_TEAM)
def team(request: Request) -> HttpResponseBase:
    """D2: who is in, who is stuck, why?"""
    count = identity.arrival_counts(request.principal.partner_id)
    context = {
        "may_edit": EDIT_TEAM.allows(request.principal),
        "done": _done(request),
        "count": count,
        "bars_of": arrival_bars(count, reverse("people:team")),
        "kept": kept_elsewhere(request, request.principal.partner_id, DESK),
        "stuck": count.returned + count.no_address,
        "empty_title": gettext("Nobody is here yet"),
        "empty_text": gettext(
            "Invite your first colleague, or bring the team from a file. They get a letter with the way in."
        ),
    }
    return answer(  # noqa: S604  the shell of a page, not of a machine
        request,
        _giving(request, identity.TEAM_LIST, DESK),
        title=gettext("Team"),
        sentence=came_in(count),
        shell="desk",
        template="portal/team.jinja",
        context=context,
    )


@require_GET
@route(right=SEE_PEOPLE)
def people_of_partner(request: Request, partner_id: UUID) -> HttpResponseBase:
    """The people of one partner: who is in, who is stuck, why?"""
    found = partner_by_id(partner_id)
    count = identity.arrival_counts(found.id)
    trail = [
        (gettext("Partners"), reverse("partners:list")),
        (found.name, reverse("partners:one", args=[found.id])),
        (gettext("People"), ""),
    ]
    context = {
        "crumbs": trail,
        "partner": found,
        "may_bring": BRING_PEOPLE.allows(request.principal) and found.kind != "host",
        "done": _done(request),
        "count": count,
        "bars_of": arrival_bars(count, reverse("partners:people", args=[found.id])),
        "kept": kept_elsewhere(request, found.id, CONSOLE),
        "stuck": count.returned + count.no_address,
        "empty_title": gettext("Nobody is here yet"),
        "empty_text": gettext("Bring the first of them: paste rows from a spreadsheet, or choose a file."),
    }
    return answer(
        request,
        _giving(request, identity.arrivals_at(found.id), CONSOLE),
        title=gettext("People of %(partner)s") % {"partner": found.name},
        sentence=came_in(count),
        template="portal/people_of_partner.jinja",
        context=context,
    )


def _giving(request: Request, people_list: ListSpec, place: Place) -> ListSpec:
    """The list with one more thing to do with the people chosen in it, for those who may."""
    right, route = (ENROL_TEAM, "learning:many_team") if place is DESK else (ENROL, "learning:many")
    if not right.allows(request.principal):
        return people_list
    give = BulkAction("courses", gettext_noop("Courses"), route)
    return replace(people_list, bulk=(*people_list.bulk, give))


# ---------------------------------------------------------------- one person's letter


def _letter(request: Request, place: Place, person_id: UUID) -> HttpResponse:
    """What became of the letter to somebody who has not come in; mend the address, or send it again."""
    who = place.person(request, person_id)
    typed, error = who.email or "", ""
    with scopes.one(who.partner_id):
        if request.method == "POST":
            typed = request.POST.get("email", typed)[:1000]
            try:
                said = _send(request, person_id)
                return HttpResponseRedirect(f"{place.url('portal:person', person_id)}?letter={said}")
            except NotFound:
                raise
            except Refusal as refusal:
                error = explain(refusal)
        context = {
            "who": who,
            "at": arrival_of(person_id),
            "shell_kind": place.shell,
            "trail": (*trail(place, who), (gettext("The letter"), "")),
            "again": place.url("portal:letter", person_id),
            "typed": typed,
            "error": error,
            "mending": "email" in request.POST,
        }
    return render(request, "portal/letter.jinja", context, status=422 if error else 200)


letter = require_http_methods(["GET", "POST"])(placed(_letter, CONSOLE, right=EDIT_PEOPLE))
letter_team = require_http_methods(["GET", "POST"])(placed(_letter, DESK, right=EDIT_TEAM))


def _send(request: Request, person_id: UUID) -> str:
    """What was pressed; what the person's page says about it."""
    me, now = request.principal.actor, clock.now()
    if "email" in request.POST:
        goes = mend_address(person_id=person_id, email=request.POST["email"], actor=me, now=now)
        return "goes" if goes else "later"
    send_again(person_id=person_id, actor=me, now=now)
    return "again"


# ---------------------------------------------------------------- many


def _remind(request: Request, place: Place) -> HttpResponse:
    """Send the invitation again to people who were chosen in a list.

    Each in a transaction of its own; who may not be written to now is left alone, and counted.
    """
    chosen = [place.person(request, person_id) for person_id in chosen_ids(request)]
    back = place.list if place is DESK else reverse("partners:people", args=[chosen[0].partner_id])
    sent = 0
    for who in chosen:
        with scopes.one(who.partner_id):
            try:
                send_again(person_id=who.id, actor=request.principal.actor, now=clock.now())
                sent += 1
            except Refusal:
                continue
    return HttpResponseRedirect(f"{back}?reminded={sent}&left_alone={len(chosen) - sent}")


remind = require_POST(placed(_remind, CONSOLE, right=EDIT_PEOPLE))
remind_team = require_POST(placed(_remind, DESK, right=EDIT_TEAM))


def _done(request: Request) -> str:
    """What the page before this one did, said once more where the person lands; only what is really so."""
    if invited := request.GET.get("invited"):
        try:
            name = people.person(UUID(invited)).name
        except (ValueError, NotFound):
            return ""
        return gettext("%(name)s was invited. The letter is on its way.") % {"name": name}
    if suspended := _number(request, "suspended"):
        words = ngettext("%(n)s person was suspended.", "%(n)s people were suspended.", suspended)
        return f"{words % {'n': suspended}} {gettext('They cannot come in from now on.')}"
    if "reminded" in request.GET:
        return _reminded(_number(request, "reminded"), _number(request, "left_alone"))
    return ""


def _reminded(sent: int, left_alone: int) -> str:
    words = ngettext("%(n)s letter goes out now.", "%(n)s letters go out now.", sent) % {"n": sent}
    if not sent:
        words = gettext("No letter goes out.")
    if left_alone:
        more = ngettext(
            "%(n)s person was left alone: they came in, were written to less than a day ago, or cannot be reached.",
            "%(n)s people were left alone: they came in, were written to less than a day ago, or cannot be reached.",
            left_alone,
        )
        words = f"{words} {more % {'n': left_alone}}"
    return words


def _number(request: Request, name: str) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 4 else 0
