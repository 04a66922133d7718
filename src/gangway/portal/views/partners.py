"""Partners as the channel team sees them: the list, C7 with its review sheet, who looks after whom."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from gangway.identity import queries as identity
from gangway.identity.access import ADMIT_STRANGERS, ASK_ACCESS, HOST_CONNECTIONS, SEE_CONNECTIONS
from gangway.identity.actions import ask_access_now
from gangway.identity.queries import ReviewRow
from gangway.insights.queries import Funnel
from gangway.kernel import clock
from gangway.kernel.language import explain, say
from gangway.kernel.lists import chosen
from gangway.kernel.refusal import Invalid, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.partners.access import BRING_PARTNERS, EDIT_PARTNERS, SEE_PARTNERS
from gangway.partners.actions import set_state
from gangway.partners.queries import partner_by_id, portfolio_of
from gangway.people import queries as people
from gangway.people.access import BRING_PEOPLE
from gangway.people.actions import give_to
from gangway.portal import queries
from gangway.portal.views.team import arrival_bars
from gangway.ui import render, words
from gangway.ui.listing import answer


@require_GET
@route(right=SEE_PARTNERS)
def partners(request: Request) -> HttpResponseBase:
    """Every partner in reach."""
    me = str(request.principal.person_id)
    context = {
        "may_bring": BRING_PARTNERS.allows(request.principal),
        "may_host": HOST_CONNECTIONS.allows(request.principal),
        "mine": len(portfolio_of(request.principal.person_id)),
        "me": me,
        "only_mine": request.GET.get("manager") == me,
        "late": identity.overdue_reviews(clock.now().date()),
        "waiting": identity.how_many_wait(None) if ADMIT_STRANGERS.allows(request.principal) else 0,
        "empty_title": gettext("No partners yet"),
        "empty_text": gettext("Paste the rows of your sheet, or read a file: gangway partner apply partners.csv"),
    }
    return answer(
        request,
        people.PARTNERS_WITH_PEOPLE,
        title=gettext("Partners"),
        sentence=_partners_sentence(),
        template="portal/partners/list.jinja",
        context=context,
    )


def _partners_sentence() -> str:
    known, alive = people.partners_alive()
    said = ngettext(
        "Somebody came in at %(n)s of %(all)s partner.", "Somebody came in at %(n)s of %(all)s partners.", known
    )
    return said % {"n": alive, "all": known}


@require_GET
@route(right=SEE_PARTNERS)
def partner(request: Request, partner_id: UUID) -> HttpResponse:
    """C7: what does this partner need today?"""
    return _partner(request, partner_id)


def _partner(request: Request, partner_id: UUID, *, unasked: str = "", status: int = 200) -> HttpResponse:
    today = queries.partner_today(partner_id, clock.now())
    may_edit = EDIT_PARTNERS.allows(request.principal)
    managers = people.managers() if may_edit else ()
    context = {
        "today": today,
        "page": today.page,
        "sentence": came_in(today.funnel),
        "bars_of": arrival_bars(today.arrivals, reverse("partners:people", args=[partner_id])),
        "review": access_words(today.review),
        "may_ask": ASK_ACCESS.allows(request.principal) and (today.review is None or bool(today.review.confirmed_at)),
        "unasked": unasked,
        "asked": request.GET.get("done") == "asked",
        "may_edit": may_edit,
        "may_see_connections": SEE_CONNECTIONS.allows(request.principal),
        "may_host": HOST_CONNECTIONS.allows(request.principal),
        "may_bring": BRING_PEOPLE.allows(request.principal),
        "languages": dict(settings.LANGUAGES),
        "managers": [("", gettext("nobody yet")), *((str(row.person_id), row.name) for row in managers)],
    }
    return render(request, "portal/partners/one.jinja", context, status=status)


@require_POST
@route(right=ASK_ACCESS)
def ask_access(request: Request, partner_id: UUID) -> HttpResponse:
    """Ask its admins now to confirm who sees its data, without waiting for the quarter."""
    found = partner_by_id(partner_id)
    try:
        with scopes.one(found.id):
            ask_access_now(actor=request.principal.actor, now=clock.now())
    except Refusal as refusal:
        return _partner(request, found.id, unasked=explain(refusal), status=refusal.status)
    return HttpResponseRedirect(f"{reverse('partners:one', args=[found.id])}?done=asked")


def access_words(review: ReviewRow | None) -> str:
    """Whether the partner's admins confirmed who sees its data."""
    if review is None:
        return gettext("Its admins were not asked yet who sees its data. They are, each quarter after the launch.")
    if review.confirmed_at is not None:
        said = {"name": review.confirmed_by, "day": words.day(review.confirmed_at).striptags()}
        return gettext("%(name)s confirmed on %(day)s who sees its data.") % said
    day = {"day": words.day(review.due_on).striptags()}
    if review.standing == "overdue":
        return gettext("Overdue: its admins were to confirm by %(day)s who sees its data.") % day
    return gettext("Its admins are asked to confirm by %(day)s who sees its data.") % day


def came_in(funnel: Funnel) -> str:
    """The sentence above a partner: how many of its people came in, and how many are certified."""
    if not funnel.invited:
        return gettext("Nobody of this partner was invited yet.")
    said = ngettext(
        "%(came)s of %(invited)s invited person came in; %(certified)s certified.",
        "%(came)s of %(invited)s invited people came in; %(certified)s certified.",
        funnel.invited,
    )
    return said % {"came": funnel.came_in, "invited": funnel.invited, "certified": funnel.certified}


@require_GET
@route(right=SEE_PARTNERS)
def sheet(request: Request, partner_id: UUID) -> HttpResponse:
    """One page about a partner, to print or take into a review."""
    now = clock.now()
    today = queries.partner_today(partner_id, now)
    figures = [(row.kpi.title, say(row.sentence)) for row in queries.partner_figures(partner_id, now)]
    context = {
        "today": today,
        "page": today.page,
        "figures": figures,
        "sentence": came_in(today.funnel),
        "now": now,
    }
    return render(request, "portal/partners/sheet.jinja", context)


@require_POST
@route(right=EDIT_PARTNERS)
def change_state(request: Request, partner_id: UUID) -> HttpResponse:
    """Suspend a partner, after one look at whom it shuts out, or open it again."""
    found = partner_by_id(partner_id)
    state = request.POST.get("state", "")
    if state == "suspended" and request.POST.get("sure") != "yes":
        here = people.people_count(found.id).here
        return render(request, "portal/partners/state.jinja", {"partner": found, "state": state, "people": here})
    with scopes.one(found.id):
        set_state(state=state, actor=request.principal.actor, now=clock.now())
    return HttpResponseRedirect(reverse("partners:one", args=[found.id]))


@require_POST
@route(right=EDIT_PARTNERS)
def give(request: Request) -> HttpResponse:
    """Give partners to somebody of the channel team: one from its own page, many from the list by one more page."""
    rows = [partner_by_id(partner_id) for partner_id in _ticked(request)]
    if "manager" not in request.POST:
        managers = [(str(row.person_id), row.name) for row in people.managers()]
        return render(request, "portal/partners/give.jinja", {"partners": rows, "managers": managers})
    person_id = _person(request.POST["manager"])
    for found in rows:
        with scopes.one(found.id):
            give_to(person_id=person_id, actor=request.principal.actor, now=clock.now())
    if len(rows) == 1 and request.POST.get("back") == "one":
        return HttpResponseRedirect(reverse("partners:one", args=[rows[0].id]))
    return HttpResponseRedirect(reverse("partners:list"))


def _ticked(request: Request) -> Sequence[UUID]:
    return chosen(
        request.POST.getlist("ids"),
        none="No partner was chosen.",
        many="That is more than a page of partners.",
        mend="Choose partners in the list first.",
    )


def _person(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Invalid(field="manager", problem="That is no person.", mend="Choose one from the list.") from error
