"""What Gangway holds about somebody, as a page and a file; erasing them; the receipt of who left."""

import json
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from gangway.identity import queries as identity
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.messaging import queries as messaging
from gangway.people import queries as people
from gangway.people.access import EDIT_PEOPLE, EDIT_TEAM, SEE_PEOPLE, SEE_TEAM
from gangway.people.queries import ROLE_WORDS, PersonRow
from gangway.portal import access, actions, queries
from gangway.portal.queries import Held
from gangway.portal.views.persons import CONSOLE, DESK, Place
from gangway.ui import render
from gangway.ui.words import moment

SHOWN = 100  # rows of a section on the page; the file holds all


@require_GET
@route(right=access.OWN, private=True)
def my_data(request: Request) -> HttpResponse:
    """What Gangway holds about me."""
    me = people.person(request.principal.person_id)
    return _data(request, me, private=True, context={"shell_kind": "portal", "trail": ()})


@require_GET
@route(right=access.HAND_OUT)
def data(request: Request, person_id: UUID) -> HttpResponse:
    """What is held about somebody in reach, for whoever answers their request."""
    return _data_of(request, CONSOLE, person_id, private=True)


@require_GET
@route(right=access.HAND_OUT_TEAM)
def data_team(request: Request, person_id: UUID) -> HttpResponse:
    """The same about a colleague, without what is theirs alone: sign-ins, lessons, attempts, answers."""
    return _data_of(request, DESK, person_id, private=False)


def _data_of(request: Request, place: Place, person_id: UUID, *, private: bool) -> HttpResponse:
    person = place.own(request, person_id)
    context = {"shell_kind": place.shell, "trail": place.trail(person)}
    with scopes.one(person.partner_id):
        return _data(request, person, private=private, context=context)


def _data(request: Request, person: PersonRow, *, private: bool, context: dict[str, Any]) -> HttpResponse:
    if request.GET.get("as") == "json":
        whole = queries.document(person.id, clock.now(), private=private)
        response = HttpResponse(json.dumps(whole, ensure_ascii=False, indent=1), content_type="application/json")
        response["Content-Disposition"] = f'attachment; filename="gangway-{person.id}.json"'
        return response
    held = queries.held_about(person.id, private=private)
    context |= {
        "person": person,
        "private": private,
        "sections": [_drawn(part) for part in held if part.rows],
        "nothing": [gettext(part.title) for part in held if not part.rows],
    }
    return render(request, "portal/data.jinja", context)


def _drawn(part: Held) -> dict[str, Any]:
    columns = list(part.rows[0])
    return {
        "title": gettext(part.title),
        "columns": [gettext(column) for column in columns],
        "rows": [[_cell(row.get(column)) for column in columns] for row in part.rows[:SHOWN]],
        "more": max(len(part.rows) - SHOWN, 0),
    }


def _cell(value: Any) -> Any:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if hasattr(value, "isoformat"):
        return moment(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


@require_http_methods(["GET", "POST"])
@route(right=access.HAND_OUT)
def erase(request: Request, person_id: UUID) -> HttpResponse:
    """Erase somebody in reach, after saying what goes and what stays."""
    return _erase(request, CONSOLE, person_id)


@require_http_methods(["GET", "POST"])
@route(right=access.HAND_OUT_TEAM)
def erase_team(request: Request, person_id: UUID) -> HttpResponse:
    """Erase a colleague, after saying what goes and what stays."""
    return _erase(request, DESK, person_id)


def _erase(request: Request, place: Place, person_id: UUID) -> HttpResponse:
    person = place.own(request, person_id)
    unsure = request.method == "POST" and request.POST.get("sure") != "yes"
    if request.method == "POST" and not unsure:
        with scopes.one(person.partner_id):
            actions.erase(person_id=person.id, actor=request.principal.actor, now=clock.now())
        return HttpResponseRedirect(place.url("portal:person", person.id))
    goes, stays = queries.after_erasing()
    context = {
        "shell_kind": place.shell,
        "trail": place.trail(person),
        "person": person,
        "goes": [gettext(words) for words in goes],
        "stays": [gettext(words) for words in stays],
        "back": place.url("portal:person", person.id),
        "unsure": unsure,
    }
    return render(request, "portal/erase.jinja", context, status=422 if unsure else 200)


@require_http_methods(["GET", "POST"])
@route(right=EDIT_PEOPLE)
def leave(request: Request, person_id: UUID) -> HttpResponse:
    """Somebody in reach has left: what is void from then on, said before."""
    return _leave(request, CONSOLE, person_id)


@require_http_methods(["GET", "POST"])
@route(right=EDIT_TEAM)
def leave_team(request: Request, person_id: UUID) -> HttpResponse:
    """A colleague has left."""
    return _leave(request, DESK, person_id)


def _leave(request: Request, place: Place, person_id: UUID) -> HttpResponse:
    person, now = place.own(request, person_id), clock.now()
    with scopes.one(person.partner_id):
        if request.method == "POST":
            actions.leave(person_id=person.id, actor=request.principal.actor, now=now)
            return HttpResponseRedirect(place.url("portal:receipt", person.id))
        context = {
            "shell_kind": place.shell,
            "trail": place.trail(person),
            "person": person,
            "doors": identity.open_doors(person.id, now),
            "letters": messaging.waiting_letters(person.id),
            "roles": [gettext(ROLE_WORDS.get(row.role, row.role)) for row in people.roles_held(person.id, now)],
            "back": place.url("portal:person", person.id),
        }
    return render(request, "portal/leave.jinja", context)


@require_GET
@route(right=SEE_PEOPLE)
def receipt(request: Request, person_id: UUID) -> HttpResponse:
    """The leaver's receipt: one calm page to pin to a ticket."""
    return _receipt(request, CONSOLE, person_id)


@require_GET
@route(right=SEE_TEAM)
def receipt_team(request: Request, person_id: UUID) -> HttpResponse:
    """The receipt of a colleague who left."""
    return _receipt(request, DESK, person_id)


def _receipt(request: Request, place: Place, person_id: UUID) -> HttpResponse:
    person = place.own(request, person_id)
    with scopes.one(person.partner_id):
        found = queries.receipt(person.id)
        partner = people.profile(person.id, clock.now()).partner
    context = {
        "shell_kind": place.shell,
        "trail": place.trail(person),
        "person": person,
        "partner": partner,
        "receipt": found,
        "by": people.names([found.by_person]).get(found.by_person, "") if found.by_person else "",
        "roles": [gettext(ROLE_WORDS.get(role, role)) for role in found.roles],
    }
    return render(request, "portal/receipt.jinja", context)
