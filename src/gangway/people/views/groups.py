"""Groups in the console and on the desk: the list, one group with its people, and choosing one for people."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangway.kernel import clock
from gangway.kernel.language import explain
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.partners.queries import find_partner, host_partner, partner_by_id
from gangway.people import access, queries
from gangway.people.actions import delete_group, join_group, make_group, quit_group, rename_group
from gangway.people.forms import GroupForm, chosen_ids
from gangway.people.queries import GroupRow
from gangway.people.views.places import CONSOLE, DESK, Place
from gangway.ui import render
from gangway.ui.listing import answer


@require_GET
@route(right=access.SEE_PEOPLE)
def groups(request: Request) -> HttpResponseBase:
    """Every group in reach."""
    return _groups(request, CONSOLE)


@require_GET
@route(right=access.SEE_TEAM)
def groups_team(request: Request) -> HttpResponseBase:
    """The groups of the own partner."""
    return _groups(request, DESK)


def _groups(request: Request, place: Place) -> HttpResponseBase:
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


def _may_edit(request: Request, place: Place) -> bool:
    right = access.EDIT_PEOPLE if place is CONSOLE else access.EDIT_TEAM
    return right.allows(request.principal)


@require_http_methods(["GET", "POST"])
@route(right=access.EDIT_PEOPLE)
def make(request: Request) -> HttpResponse:
    """Make a group at a partner in reach."""
    return _make(request, CONSOLE)


@require_http_methods(["GET", "POST"])
@route(right=access.EDIT_TEAM)
def make_team(request: Request) -> HttpResponse:
    """Make a group at the own partner."""
    return _make(request, DESK)


def _make(request: Request, place: Place) -> HttpResponse:
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
    context = {"form": form, "shell_kind": place.shell, "groups": place.url("people:groups")}
    return render(request, "people/group_make.jinja", context, status=422 if form.errors else 200)


def _partner(slug: str) -> UUID:
    """The partner of this key, as far as the right reaches; the same answer for one beyond and for none."""
    try:
        return partner_by_id(find_partner(slug).id).id
    except Refusal as refusal:
        problem = "No partner with this key is yours to see."
        raise Invalid(field="partner", problem=problem, mend="See the list of partners.") from refusal


def _group(request: Request, place: Place, group_id: UUID) -> GroupRow:
    """A group that may be changed from here: in the console whom the right reaches, on the desk own groups only."""
    if place is CONSOLE:
        return queries.group(group_id)
    with scopes.one(request.principal.partner_id):
        return queries.group(group_id)


@require_GET
@route(right=access.SEE_PEOPLE)
def group(request: Request, group_id: UUID) -> HttpResponseBase:
    """Who is in this group?"""
    return _one(request, CONSOLE, group_id)


@require_GET
@route(right=access.SEE_TEAM)
def group_team(request: Request, group_id: UUID) -> HttpResponseBase:
    """Who is in this group of ours?"""
    return _one(request, DESK, group_id)


def _one(request: Request, place: Place, group_id: UUID) -> HttpResponseBase:
    found = _group(request, place, group_id)
    words = ngettext("%(n)s person is in it.", "%(n)s people are in it.", found.people) % {"n": found.people}
    context = {
        "group": found,
        "may_edit": _may_edit(request, place),
        "rename": place.url("people:rename_group", found.id),
        "delete": place.url("people:delete_group", found.id),
        "quit": place.url("people:quit_group", found.id),
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


@require_POST
@route(right=access.EDIT_PEOPLE)
def rename(request: Request, group_id: UUID) -> HttpResponse:
    """Call a group in reach something else."""
    return _rename(request, CONSOLE, group_id)


@require_POST
@route(right=access.EDIT_TEAM)
def rename_team(request: Request, group_id: UUID) -> HttpResponse:
    """Call an own group something else."""
    return _rename(request, DESK, group_id)


def _rename(request: Request, place: Place, group_id: UUID) -> HttpResponse:
    found = _group(request, place, group_id)
    with scopes.one(found.partner_id):
        name = request.POST.get("name", "")[:1000]
        rename_group(group_id=found.id, name=name, actor=request.principal.actor, now=clock.now())
    return HttpResponseRedirect(place.url("people:group", found.id))


@require_POST
@route(right=access.EDIT_PEOPLE)
def delete(request: Request, group_id: UUID) -> HttpResponse:
    """Delete an empty group in reach."""
    return _delete(request, CONSOLE, group_id)


@require_POST
@route(right=access.EDIT_TEAM)
def delete_team(request: Request, group_id: UUID) -> HttpResponse:
    """Delete an empty group of ours."""
    return _delete(request, DESK, group_id)


def _delete(request: Request, place: Place, group_id: UUID) -> HttpResponse:
    found = _group(request, place, group_id)
    with scopes.one(found.partner_id):
        delete_group(group_id=found.id, actor=request.principal.actor, now=clock.now())
    return HttpResponseRedirect(place.url("people:groups"))


@require_POST
@route(right=access.EDIT_PEOPLE)
def quit_(request: Request, group_id: UUID) -> HttpResponse:
    """Take people out of a group in reach."""
    return _quit(request, CONSOLE, group_id)


@require_POST
@route(right=access.EDIT_TEAM)
def quit_team(request: Request, group_id: UUID) -> HttpResponse:
    """Take colleagues out of a group."""
    return _quit(request, DESK, group_id)


def _quit(request: Request, place: Place, group_id: UUID) -> HttpResponse:
    found = _group(request, place, group_id)
    ids = chosen_ids(request.POST.getlist("ids"))
    with scopes.one(found.partner_id):
        quit_group(group_id=found.id, person_ids=ids, actor=request.principal.actor, now=clock.now())
    from_page = request.POST.get("from") == "person" and len(ids) == 1
    return HttpResponseRedirect(place.page_of(ids[0]) if from_page else place.url("people:group", found.id))


@require_POST
@route(right=access.EDIT_PEOPLE)
def join(request: Request) -> HttpResponse:
    """Choose a group for people in reach, and put them into it."""
    return _join(request, CONSOLE)


@require_POST
@route(right=access.EDIT_TEAM)
def join_team(request: Request) -> HttpResponse:
    """Choose a group for colleagues, and put them into it."""
    return _join(request, DESK)


def _join(request: Request, place: Place) -> HttpResponse:
    people = [place.person(request, person_id) for person_id in chosen_ids(request.POST.getlist("ids"))]
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
