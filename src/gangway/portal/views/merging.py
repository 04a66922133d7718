"""Two accounts of one human: who they may be, what making one of them would do, doing it, and taking it back."""

from contextlib import nullcontext
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext, gettext_noop, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from gangway.identity import queries as identity
from gangway.kernel import clock
from gangway.kernel.language import explain, number
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, placed
from gangway.learning import queries as learning
from gangway.people import queries as people
from gangway.people.access import CONSOLE, DESK, EDIT_PEOPLE, EDIT_TEAM, Place
from gangway.people.actions import NothingMerged, merge_persons, unmerge_person
from gangway.people.queries import ROLE_WORDS, STATE_WORDS, PersonRow
from gangway.portal import access, queries
from gangway.portal.views.persons import may_see_results, trail
from gangway.ui import render
from gangway.ui.words import capital, listing

LATE_WORDS = {
    people.Late.ERASED: gettext_noop("One of the two was erased, for good."),
    people.Late.OVER: gettext_noop("The time for it is over."),
    people.Late.CLOSED: gettext_noop("The account that stayed is not open. Open it, or undo the merge that closed it."),
    people.Late.TAKEN: gettext_noop("Somebody else has the mail address by now."),
}


def _twins(request: Request, place: Place) -> HttpResponse:
    """Who may be one human with two accounts? By name, or by how their addresses begin; thirty to a page. Where nobody
    said which, by what there is."""
    alike = people.Alike.ADDRESS if request.GET.get("by") == people.Alike.ADDRESS else people.Alike.NAME
    after = _uuid(request.GET.get("after", ""))
    with scopes.one(request.principal.partner_id) if place is DESK else nullcontext():
        found = people.likely_twins(alike, after)
        if "by" not in request.GET and not found.twins and (other := people.likely_twins(people.Alike.ADDRESS)).twins:
            alike, found = people.Alike.ADDRESS, other
    context = {
        "shell_kind": place.shell,
        "suffix": place.suffix,
        "people": place.people,
        "alike": alike.value,
        "twins": found.twins,
        "after": found.after,
        "begun": after is not None,
        "sentence": _how_many(alike, len(found.twins), whole=after is None and found.after is None),
        "states": {state: gettext(words) for state, words in STATE_WORDS.items()},
    }
    return render(request, "portal/twins.jinja", context)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


twins = require_GET(placed(_twins, CONSOLE, right=EDIT_PEOPLE))
twins_team = require_GET(placed(_twins, DESK, right=EDIT_TEAM))


def _how_many(alike: people.Alike, found: int, *, whole: bool) -> str:
    """How many there are, where one page holds them all; else what stands on a page of them."""
    if not whole:
        return gettext("There is more than one page of them: whoever is made one leaves it.")
    if alike is people.Alike.NAME:
        words = ngettext(
            "%(n)s name stands for more than one account.",
            "%(n)s names stand for more than one account each.",
            found,
        )
        return words % {"n": number(found)} if found else gettext("Nobody here is called like somebody else.")
    words = ngettext(
        "%(n)s beginning of an address stands for accounts of different names.",
        "%(n)s beginnings of addresses stand for accounts of different names.",
        found,
    )
    return words % {"n": number(found)} if found else gettext("No address here begins like another one.")


def _merge(request: Request, place: Place, person_id: UUID) -> HttpResponse:
    """With whom is this person to be made one? Likely ones are listed; anybody else is found by their address."""
    person = place.person(request, person_id)
    address, error = request.GET.get("email", "").strip(), ""
    with scopes.one(person.partner_id):
        if address:
            try:
                other = people.person_of_mailbox(address)
                return HttpResponseRedirect(place.url("portal:merge_with", person.id, other.id))
            except Refusal as refusal:
                error = explain(refusal)
        found = people.twins_of(person.id)
    context = {
        "shell_kind": place.shell,
        "suffix": place.suffix,
        "trail": trail(place, person),
        "person": person,
        "twins": found,
        "address": address,
        "error": error,
        "states": {state: gettext(words) for state, words in STATE_WORDS.items()},
    }
    return render(request, "portal/merge.jinja", context, status=422 if error else 200)


merge = require_GET(placed(_merge, CONSOLE, right=EDIT_PEOPLE))
merge_team = require_GET(placed(_merge, DESK, right=EDIT_TEAM))


def _merge_with(request: Request, place: Place, person_id: UUID, other_id: UUID) -> HttpResponse:
    """Side by side, the one who stays first; what will happen in words; and doing it, pressed once."""
    stays, now = place.person(request, person_id), clock.now()
    refusal: Refusal | None = None
    with scopes.one(stays.partner_id):
        goes = people.person(other_id)
        if request.method == "POST":
            try:
                merge_persons(stays_id=stays.id, gone_id=goes.id, actor=request.principal.actor, now=now)
                return HttpResponseRedirect(place.page_of(stays.id))
            except NotFound:
                raise
            except Refusal as error:
                refusal = error
        ahead = people.look_merge(stays_id=stays.id, gone_id=goes.id)
        roles = [gettext(ROLE_WORDS.get(role, role)) for role in people.roles_that_end(goes.id, now)]
    context = {
        "shell_kind": place.shell,
        "suffix": place.suffix,
        "trail": trail(place, stays),
        "stays": stays,
        "goes": goes,
        "sides": [_side(request, place, one) for one in (stays, goes)],
        "ahead": [(capital(gettext(row.words)), row) for row in ahead],
        "roles": roles,
        "refusal": explain(refusal) if refusal else "",
        "undo_days": number(people.UNDO_LIFE.days),
        "back": place.page_of(stays.id),
    }
    return render(request, "portal/merge_with.jinja", context, status=422 if refusal else 200)


merge_with = require_http_methods(["GET", "POST"])(placed(_merge_with, CONSOLE, right=EDIT_PEOPLE))
merge_with_team = require_http_methods(["GET", "POST"])(placed(_merge_with, DESK, right=EDIT_TEAM))


def _side(request: Request, place: Place, who: PersonRow) -> list[tuple[str, str]]:
    """What an account has, as pairs of words. Tries are the person's own: the desk is not told of them."""
    page = queries.person_page(request.principal, who.id, clock.now(), results=may_see_results(request, who.id))
    with scopes.one(who.partner_id):
        known, tries = identity.known_to(who.id), learning.tries_of(who.id)
    nothing = gettext("none")
    told: list[tuple[str, Any]] = [
        (gettext("Mail address"), who.email),
        (gettext("State"), gettext(STATE_WORDS[who.state])),
        (gettext("Known to the company's sign-in"), known),
        (gettext("Numbers in other systems"), [value for _, value in page.profile.external_ids]),
        (gettext("Roles"), [gettext(ROLE_WORDS.get(row.role, row.role)) for row in page.profile.roles]),
        (gettext("Groups"), [name for _, name in page.groups]),
    ]
    if page.courses is not None:
        done = [line.title for line in page.courses if line.completed_at]
        told += [
            (gettext("Courses completed"), done),
            (gettext("Courses not completed"), [line.title for line in page.courses if not line.completed_at]),
        ]
    if page.awards is not None:
        told.append((gettext("Certificates"), [award.title for award in page.awards]))
    if access.HAND_OUT.allows(request.principal) and place is CONSOLE:
        told.append((gettext("Tries at checks"), number(tries)))
    return [(name, (value if isinstance(value, str) else listing(value or [])) or nothing) for name, value in told]


def _unmerge(request: Request, place: Place, person_id: UUID) -> HttpResponse:
    """What goes back and what cannot, said before; and taking a merge back."""
    gone, now = place.person(request, person_id), clock.now()
    refusal: Refusal | None = None
    with scopes.one(gone.partner_id):
        merge = people.merged_into(gone.id)
        if merge is None:
            raise NothingMerged
        if request.method == "POST":
            try:
                unmerge_person(gone_id=gone.id, actor=request.principal.actor, now=now)
                return HttpResponseRedirect(place.page_of(gone.id))
            except NotFound:
                raise
            except Refusal as error:
                refusal = error
        stays = people.person(merge.stays_id)
        late = people.too_late(merge, now)
        rows = people.look_unmerge(merge)
    context = {
        "shell_kind": place.shell,
        "trail": trail(place, gone),
        "stays": stays,
        "gone": gone,
        "merge": merge,
        "late": gettext(LATE_WORDS[late]) if late else "",
        "back": [(capital(gettext(row.words)), row) for row in rows],
        "kept": sum(row.kept for row in rows),
        "refusal": explain(refusal) if refusal else "",
        "page": place.page_of(stays.id),
    }
    return render(request, "portal/unmerge.jinja", context, status=422 if refusal else 200)


unmerge = require_http_methods(["GET", "POST"])(placed(_unmerge, CONSOLE, right=EDIT_PEOPLE))
unmerge_team = require_http_methods(["GET", "POST"])(placed(_unmerge, DESK, right=EDIT_TEAM))
