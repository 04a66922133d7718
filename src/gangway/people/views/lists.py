"""People in the console; inviting, suspending and letting in again, there and on the desk."""

from collections.abc import Sequence
from dataclasses import replace

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangway.kernel import clock
from gangway.kernel.language import explain
from gangway.kernel.lists import BulkAction
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, placed, route
from gangway.people import access, queries
from gangway.people.access import CONSOLE, DESK, Place, chosen_ids
from gangway.people.actions import admit_person, resume_person, suspend_person
from gangway.people.forms import InviteForm
from gangway.ui import render
from gangway.ui.listing import answer


def came_in(count: queries.PeopleCount) -> str:
    """The sentence above people: how many of them came in, how many have not looked yet."""
    if not count.here:
        return gettext("Nobody has been invited yet.")
    words = ngettext("%(n)s of %(all)s person came in.", "%(n)s of %(all)s people came in.", count.here)
    sentence = words % {"n": count.active, "all": count.here}
    if count.invited:
        more = ngettext(
            "%(n)s was invited and has not come yet.", "%(n)s were invited and have not come yet.", count.invited
        )
        sentence = f"{sentence} {more % {'n': count.invited}}"
    return sentence


def _done(request: Request) -> str:
    """What the page before this one did, said once more where the person lands; only what is really so."""
    if (count := request.GET.get("suspended", "")).isdecimal() and len(count) < 4:
        words = ngettext("%(n)s person was suspended.", "%(n)s people were suspended.", int(count))
        return f"{words % {'n': int(count)}} {gettext('They cannot come in from now on.')}"
    return ""


@require_http_methods(["GET", "POST"])
@route(right=access.EDIT_TEAM)
def invite(request: Request) -> HttpResponse:
    """Invite one colleague; the form keeps what was typed."""
    form = InviteForm()
    if request.method == "POST":
        form = InviteForm.read(request.POST.dict())
        try:
            with scopes.one(request.principal.partner_id):
                person_id = admit_person(
                    name=form.name, email=form.email, actor=request.principal.actor, now=clock.now()
                )
            return HttpResponseRedirect(f"{reverse('people:team')}?invited={person_id}")
        except Refusal as refusal:
            field = refusal.field if refusal.field in ("name", "email") else "email"
            form = replace(form, errors={field: explain(refusal)})
    return render(request, "people/invite.jinja", {"form": form}, status=422 if form.errors else 200)


def _resume(request: Request, place: Place) -> HttpResponse:
    """Let suspended people come in again."""
    people = _chosen(request, place)
    for person in people:
        with scopes.one(person.partner_id):
            resume_person(person_id=person.id, actor=request.principal.actor, now=clock.now())
    return HttpResponseRedirect(_back(request, place, people))


resume = require_POST(placed(_resume, CONSOLE, right=access.EDIT_PEOPLE))
resume_team = require_POST(placed(_resume, DESK, right=access.EDIT_TEAM))


def _suspend(request: Request, place: Place) -> HttpResponse:
    """Suspend people, after one look at who they are."""
    people = _chosen(request, place)
    back = _back(request, place, people)
    if request.POST.get("sure") != "yes":
        context = {"people": people, "shell_kind": place.shell, "back": back, "again": place.url("people:suspend")}
        return render(request, "people/suspend.jinja", {**context, "one": _from_page(request, people)})
    for person in people:
        with scopes.one(person.partner_id):
            suspend_person(person_id=person.id, actor=request.principal.actor, now=clock.now())
    return HttpResponseRedirect(back if _from_page(request, people) else f"{back}?suspended={len(people)}")


suspend = require_POST(placed(_suspend, CONSOLE, right=access.EDIT_PEOPLE))
suspend_team = require_POST(placed(_suspend, DESK, right=access.EDIT_TEAM))


def _chosen(request: Request, place: Place) -> Sequence[queries.PersonRow]:
    """The people who were chosen; on the desk only those it shows."""
    read = queries.teammate if place is DESK else queries.person
    return [read(person_id) for person_id in chosen_ids(request)]


def _from_page(request: Request, people: Sequence[queries.PersonRow]) -> bool:
    """Whether the button stood on a person's own page."""
    return request.POST.get("from") == "person" and len(people) == 1


def _back(request: Request, place: Place, people: Sequence[queries.PersonRow]) -> str:
    return place.page_of(people[0].id) if _from_page(request, people) else reverse(place.people)


_COURSES = BulkAction("courses", gettext_noop("Courses"), "learning:many")  # the same roles may do both


@require_GET
@route(right=access.SEE_PEOPLE)
def people(request: Request) -> HttpResponseBase:
    """Every person in reach: searched, filtered, exported."""
    context = {
        "done": _done(request),
        "empty_title": gettext("No people yet"),
        "empty_text": gettext("Bring the first of them: paste rows from a spreadsheet, or choose a file."),
        "may_bring": access.BRING_PEOPLE.allows(request.principal),
    }
    counts = queries.people_counts().values()
    total = queries.PeopleCount(
        invited=sum(count.invited for count in counts),
        active=sum(count.active for count in counts),
        suspended=sum(count.suspended for count in counts),
    )
    return answer(
        request,
        replace(queries.PEOPLE_LIST, bulk=(*queries.PEOPLE_LIST.bulk, _COURSES)),
        title=gettext("People"),
        sentence=came_in(total),
        template="people/people.jinja",
        context=context,
    )
