"""Groups in the console and on the desk: the list, one group with its people, and choosing one for people."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangway.kernel import clock
from gangway.kernel.language import explain
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, placed
from gangway.partners.queries import get_partner, host_partner, partners_called
from gangway.people import access, queries
from gangway.people.access import CONSOLE, DESK, Place, chosen_ids
from gangway.people.actions import delete_group, join_group, make_group, quit_group, rename_group
from gangway.people.forms import CHOICES, GroupForm
from gangway.people.queries import GroupRow
from gangway.ui import render
from gangway.ui.listing import answer


def _groups(request: Request, place: Place) -> HttpResponseBase:
    """Every group in reach; at the desk those of the own partner."""
    context = {
        "make": place.url("people:make_group") if _may_edit(request, place) else "",
        "empty_title": gettext("No groups yet"),
        "empty_text": gettext("Put people who are treated alike into a group: choose them in the list of people."),
    }
    sentence = gettext("People who are treated alike. Files name a group by its key, which never changes.")
    spec = queries.GROUP_LIST if place is CONSOLE else queries.OWN_GROUPS
    return answer(
        request,
        spec,
        title=gettext("Groups"),
        sentence=sentence,
        shell=place.shell,
        template="people/groups.jinja",
        context=context,
    )


groups = require_GET(placed(_groups, CONSOLE, right=access.SEE_PEOPLE))
groups_team = require_GET(placed(_groups, DESK, right=access.SEE_TEAM))


def _may_edit(request: Request, place: Place) -> bool:
    right = access.EDIT_PEOPLE if place is CONSOLE else access.EDIT_TEAM
    return right.allows(request.principal)


def _make(request: Request, place: Place) -> HttpResponse:
    """Make a group: at a partner in reach, or at the own one."""
    host = host_partner()
    form = GroupForm(partner=host.slug if host else "")
    if request.method == "POST":
        form = GroupForm.read(request.POST.dict())
        try:
            partner_id = request.principal.partner_id if place is DESK else _partner(form.partner)
            with scopes.one(partner_id):
                group_id = make_group(key=form.key, name=form.name, actor=request.principal.actor, now=clock.now())
            return HttpResponseRedirect(place.url("people:group", group_id))
        except Refusal as refusal:
            field = refusal.field if refusal.field in ("key", "name", "partner") else "key"
            form = replace(form, errors={field: explain(refusal)})
    context = {
        "form": form,
        "shell_kind": place.shell,
        "groups": place.url("people:groups"),
        "partners": _offered(form.partner if request.method == "POST" else "") if place is CONSOLE else (),
    }
    return render(request, "people/group_make.jinja", context, status=422 if form.errors else 200)


make = require_http_methods(["GET", "POST"])(placed(_make, CONSOLE, right=access.EDIT_PEOPLE))
make_team = require_http_methods(["GET", "POST"])(placed(_make, DESK, right=access.EDIT_TEAM))


def _offered(typed: str) -> list[tuple[str, str]]:
    """The partners to choose from: everybody in reach, or of too many those that begin as was typed."""
    found, other = partners_called("", CHOICES + 1), gettext("Choose a partner")
    if len(found) > CHOICES:
        found, other = partners_called(typed, CHOICES) if typed else (), gettext("Look for another one")
    return [("", other), *((row.slug, row.name) for row in found)] if found else []


def _partner(typed: str) -> UUID:
    """The partner of this key, as far as the right reaches; the same answer for one beyond and for none."""
    if not typed:
        raise Invalid(
            field="partner", problem="No partner was chosen.", mend="Choose one, or write how its name begins."
        )
    try:
        return get_partner(typed).id
    except (NotFound, ValueError) as error:
        if partners_called(typed, 1):
            raise Invalid(
                field="partner", problem="No partner has exactly this key.", mend="Choose the one you mean."
            ) from error
        raise Invalid(
            field="partner", problem="No partner that begins so is yours to see.", mend="See the list of partners."
        ) from error


def _group(request: Request, place: Place, group_id: UUID) -> GroupRow:
    """A group that may be changed from here: in the console whom the right reaches, on the desk own groups only."""
    if place is CONSOLE:
        return queries.group(group_id)
    with scopes.one(request.principal.partner_id):
        return queries.group(group_id)


def _one(request: Request, place: Place, group_id: UUID) -> HttpResponseBase:
    """Who is in this group?"""
    found = _group(request, place, group_id)
    words = ngettext("%(n)s person is in it.", "%(n)s people are in it.", found.people) % {"n": found.people}
    context = {
        "group": found,
        "may_edit": _may_edit(request, place),
        "rename": place.url("people:rename_group", found.id),
        "delete": place.url("people:delete_group", found.id),
        "quit": place.url("people:quit_group", found.id),
        "courses": _onward(place, "learning:of_group", found.id) if found.people else "",
        "crumbs": [(gettext("Groups"), place.url("people:groups")), (found.name, "")],
        "empty_title": gettext("Nobody is in this group"),
        "empty_text": gettext("Choose people in the list of people, then put them into this group."),
    }
    return answer(
        request,
        queries.people_in_group(found.id, desk=place is DESK),
        title=found.name,
        sentence=words,
        shell=place.shell,
        template="people/group.jinja",
        context=context,
    )


def _onward(place: Place, route: str, group_id: UUID) -> str:
    """Where something above has a page about a group: people know nothing of it but the name of its address."""
    try:
        return place.url(route, group_id)
    except NoReverseMatch:
        return ""


group = require_GET(placed(_one, CONSOLE, right=access.SEE_PEOPLE))
group_team = require_GET(placed(_one, DESK, right=access.SEE_TEAM))


def _rename(request: Request, place: Place, group_id: UUID) -> HttpResponse:
    """Call a group something else."""
    found = _group(request, place, group_id)
    with scopes.one(found.partner_id):
        name = request.POST.get("name", "")[:1000]
        rename_group(group_id=found.id, name=name, actor=request.principal.actor, now=clock.now())
    return HttpResponseRedirect(place.url("people:group", found.id))


rename = require_POST(placed(_rename, CONSOLE, right=access.EDIT_PEOPLE))
rename_team = require_POST(placed(_rename, DESK, right=access.EDIT_TEAM))


def _delete(request: Request, place: Place, group_id: UUID) -> HttpResponse:
    """Delete an empty group."""
    found = _group(request, place, group_id)
    with scopes.one(found.partner_id):
        delete_group(group_id=found.id, actor=request.principal.actor, now=clock.now())
    return HttpResponseRedirect(place.url("people:groups"))


delete = require_POST(placed(_delete, CONSOLE, right=access.EDIT_PEOPLE))
delete_team = require_POST(placed(_delete, DESK, right=access.EDIT_TEAM))


def _quit(request: Request, place: Place, group_id: UUID) -> HttpResponse:
    """Take people out of a group."""
    found = _group(request, place, group_id)
    ids = chosen_ids(request)
    with scopes.one(found.partner_id):
        quit_group(group_id=found.id, person_ids=ids, actor=request.principal.actor, now=clock.now())
    from_page = request.POST.get("from") == "person" and len(ids) == 1
    return HttpResponseRedirect(place.page_of(ids[0]) if from_page else place.url("people:group", found.id))


quit_ = require_POST(placed(_quit, CONSOLE, right=access.EDIT_PEOPLE))
quit_team = require_POST(placed(_quit, DESK, right=access.EDIT_TEAM))


def _join(request: Request, place: Place) -> HttpResponse:
    """Choose a group for people, and put them into it."""
    people = [place.person(request, person_id) for person_id in chosen_ids(request)]
    partners = {person.partner_id for person in people}
    if len(partners) > 1:
        raise Invalid(
            field="ids",
            problem="A group belongs to one partner, and these people belong to several.",
            mend="Narrow the list to one partner, and choose again.",
        )
    (partner_id,) = partners
    offered = queries.groups_of_partner(partner_id)
    chosen = request.POST.get("group", "")
    if chosen:
        return _put(request, place, people, partner_id, chosen)
    context = {
        "shell_kind": place.shell,
        "people": people,
        "offered": [(str(group_id), f"{name} ({key})") for group_id, key, name in offered],
        "action": place.url("people:join_group"),
        "make": place.url("people:make_group"),
        "back": place.page_of(people[0].id) if len(people) == 1 else place.list,
    }
    return render(request, "people/group_join.jinja", context)


join = require_POST(placed(_join, CONSOLE, right=access.EDIT_PEOPLE))
join_team = require_POST(placed(_join, DESK, right=access.EDIT_TEAM))


def _put(
    request: Request, place: Place, people: Sequence[queries.PersonRow], partner_id: UUID, chosen: str
) -> HttpResponse:
    try:
        group_id = UUID(chosen)
    except ValueError as error:
        raise NotFound from error
    with scopes.one(partner_id):
        ids = [person.id for person in people]
        join_group(group_id=group_id, person_ids=ids, actor=request.principal.actor, now=clock.now())
    if request.POST.get("from") == "person" and len(people) == 1:
        return HttpResponseRedirect(place.page_of(people[0].id))
    return HttpResponseRedirect(place.url("people:group", group_id))
