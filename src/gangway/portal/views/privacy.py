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
from gangway.kernel.web import Request, placed, route
from gangway.messaging import queries as messaging
from gangway.people import queries as people
from gangway.people.access import CONSOLE, DESK, EDIT_PEOPLE, EDIT_TEAM, SEE_PEOPLE, SEE_TEAM, Place
from gangway.people.queries import ROLE_WORDS, PersonRow
from gangway.portal import access, actions, queries
from gangway.portal.views.held import drawn
from gangway.portal.views.persons import trail
from gangway.ui import render


@require_GET
@route(right=access.OWN, private=True)
def my_data(request: Request) -> HttpResponse:
    """What Gangway holds about me."""
    me = people.person(request.principal.person_id)
    return _data(request, me, private=True, context={"shell_kind": "portal", "trail": ()})


def _data_of(request: Request, place: Place, person_id: UUID) -> HttpResponse:
    """What is held about somebody, for whoever answers their request.

    At the desk without what is theirs alone: sign-ins, lessons, attempts, answers.
    """
    person = place.person(request, person_id)
    context = {"shell_kind": place.shell, "trail": trail(place, person)}
    with scopes.one(person.partner_id):
        return _data(request, person, private=place is CONSOLE, context=context)


data = require_GET(placed(_data_of, CONSOLE, right=access.HAND_OUT))
data_team = require_GET(placed(_data_of, DESK, right=access.HAND_OUT_TEAM))


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
        "sections": [drawn(part) for part in held if part.rows],
        "nothing": [gettext(part.title) for part in held if not part.rows],
    }
    return render(request, "portal/data.jinja", context)


def _erase(request: Request, place: Place, person_id: UUID) -> HttpResponse:
    """Erase somebody, after saying what goes and what stays."""
    person = place.person(request, person_id)
    with scopes.one(person.partner_id):
        root = people.whole(person.id)[0]
    if root != person.id:
        return HttpResponseRedirect(place.url("portal:erase", root))
    unsure = request.method == "POST" and request.POST.get("sure") != "yes"
    if request.method == "POST" and not unsure:
        with scopes.one(person.partner_id):
            actions.erase(person_id=person.id, actor=request.principal.actor, now=clock.now())
        return HttpResponseRedirect(place.url("portal:person", person.id))
    goes, stays = queries.after_erasing()
    context = {
        "shell_kind": place.shell,
        "trail": trail(place, person),
        "person": person,
        "goes": [gettext(words) for words in goes],
        "stays": [gettext(words) for words in stays],
        "back": place.url("portal:person", person.id),
        "unsure": unsure,
    }
    return render(request, "portal/erase.jinja", context, status=422 if unsure else 200)


erase = require_http_methods(["GET", "POST"])(placed(_erase, CONSOLE, right=access.HAND_OUT))
erase_team = require_http_methods(["GET", "POST"])(placed(_erase, DESK, right=access.HAND_OUT_TEAM))


def _leave(request: Request, place: Place, person_id: UUID) -> HttpResponse:
    """Somebody has left: what is void from then on, said before."""
    person, now = place.person(request, person_id), clock.now()
    with scopes.one(person.partner_id):
        if request.method == "POST":
            actions.leave(person_id=person.id, actor=request.principal.actor, now=now)
            return HttpResponseRedirect(place.url("portal:receipt", person.id))
        context = {
            "shell_kind": place.shell,
            "trail": trail(place, person),
            "person": person,
            "doors": identity.open_doors(person.id, now),
            "letters": messaging.waiting_letters(person.id),
            "roles": [gettext(ROLE_WORDS.get(row.role, row.role)) for row in people.roles_held(person.id, now)],
            "back": place.url("portal:person", person.id),
        }
    return render(request, "portal/leave.jinja", context)


leave = require_http_methods(["GET", "POST"])(placed(_leave, CONSOLE, right=EDIT_PEOPLE))
leave_team = require_http_methods(["GET", "POST"])(placed(_leave, DESK, right=EDIT_TEAM))


def _receipt(request: Request, place: Place, person_id: UUID) -> HttpResponse:
    """The leaver's receipt: one calm page to pin to a ticket."""
    person = place.person(request, person_id)
    with scopes.one(person.partner_id):
        found = queries.receipt(person.id)
        partner = people.profile(person.id, clock.now()).partner
        by = identity.connection(found.by_connection).name if found.by_connection else ""
    if found.by_person:
        by = people.names([found.by_person]).get(found.by_person, "")
    context = {
        "shell_kind": place.shell,
        "trail": trail(place, person),
        "person": person,
        "partner": partner,
        "receipt": found,
        "by": by,
        "roles": [gettext(ROLE_WORDS.get(role, role)) for role in found.roles],
    }
    return render(request, "portal/receipt.jinja", context)


receipt = require_GET(placed(_receipt, CONSOLE, right=SEE_PEOPLE))
receipt_team = require_GET(placed(_receipt, DESK, right=SEE_TEAM))
