"""D5, the access list: who sees what of ours, and is that still right?"""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from gangway.identity import actions, queries
from gangway.identity.access import CONFIRM_ACCESS
from gangway.identity.queries import METHOD_WORDS
from gangway.identity.rules.reviews import Door, Holder, Side, Standing, digest_of, next_quarter, text_of
from gangway.identity.views.browser import page
from gangway.kernel import clock
from gangway.kernel.language import explain
from gangway.kernel.lists import chosen, csv_line, safe_cell
from gangway.kernel.refusal import Invalid, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.people.queries import ROLE_WORDS
from gangway.ui import words


@require_http_methods(["GET", "HEAD", "POST"])
@route(right=CONFIRM_ACCESS)
def access(request: Request) -> HttpResponse:
    """The list as it is now; confirmed once each line has its answer."""
    with scopes.one(request.principal.partner_id):
        if request.method != "POST":
            return _page(request)
        try:
            _require_answers(request)
            actions.confirm_access(
                digest=request.POST.get("digest", ""),
                ends=_ends(request),
                actor=request.principal.actor,
                now=clock.now(),
            )
        except Refusal as refusal:
            return _page(request, error=explain(refusal), status=refusal.status)
    return HttpResponseRedirect(f"{reverse('identity:access')}?done=confirmed")


def _require_answers(request: Request) -> None:
    """Nobody is confirmed by leaving a page as it came. Raises Invalid with the names that have no answer; a list that
    changed meanwhile is refused by the action."""
    holders = queries.access_holders(clock.now())
    if request.POST.get("digest") != digest_of(text_of(holders)):
        return
    open_ = [one.name for one in holders if request.POST.get(f"answer-{one.person_id}") not in ("keeps", "ends")]
    if open_:
        raise Invalid(
            field="answers",
            problem="Not answered yet: {names}.",
            mend="Say of each whether it stays or ends.",
            names=open_,
        )


def _ends(request: Request) -> tuple[UUID, ...]:
    named = [name.removeprefix("answer-") for name, value in request.POST.items() if value == "ends"]
    if not named:
        return ()
    return chosen(named, none="Nobody was chosen.", many="That is more than a page of people.", mend="Reload the list.")


@require_safe
@route(right=CONFIRM_ACCESS)
def access_file(request: Request) -> HttpResponse:
    """The same as CSV."""
    with scopes.one(request.principal.partner_id):
        holders = queries.access_holders(clock.now())
    lines = [csv_line(["name", "email", "side", "roles", "ways_in", "last_sign_in", "last_by"])]
    for one in holders:
        at = one.last_at.isoformat(timespec="seconds") if one.last_at else ""
        told = (one.name, one.email, one.side.value, " ".join(one.roles), " ".join(one.doors), at, one.method)
        lines.append(csv_line([safe_cell(word) for word in told]))
    response = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="access-list.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _page(request: Request, *, error: str = "", status: int = 200) -> HttpResponse:
    now = clock.now()
    holders, review = queries.access_holders(now), queries.access_review(now)
    asked = review is not None and review.standing is not Standing.CONFIRMED
    context = {
        "rows": [(one, _roles(one), _doors(one), _last(one)) for one in holders],
        "sides": {
            Side.OWN: _("of your company"),
            Side.PARENT: _("of a company above yours"),
            Side.VENDOR: _("of your vendor"),
        },
        "review": review,
        "asked": asked,
        "overdue": review is not None and review.standing is Standing.OVERDUE,
        "digest": digest_of(text_of(holders)),
        "sentence": _sentence(holders),
        "next_on": next_quarter(queries.today_at(request.principal.partner_id, now)),
        "me": request.principal.person_id,
        "answered": {name: value for name, value in request.POST.items() if name.startswith("answer-")},
        "error": error,
        "done": request.GET.get("done", ""),
    }
    return page(request, "access", context, status=status)


def _sentence(holders: tuple[Holder, ...]) -> str:
    own, above, staff = (sum(one.side is side for one in holders) for side in (Side.OWN, Side.PARENT, Side.VENDOR))
    here = ngettext("%(n)s person of yours", "%(n)s people of yours", own) % {"n": own}
    there = ngettext("%(n)s of your vendor", "%(n)s of your vendor", staff) % {"n": staff}
    said = {"here": here, "there": there}
    if not above:
        return _("%(here)s and %(there)s see more than themselves.") % said
    said["above"] = ngettext("%(n)s of companies above yours", "%(n)s of companies above yours", above) % {"n": above}
    return _("%(here)s, %(above)s and %(there)s see more than themselves.") % said


def _roles(one: Holder) -> str:
    return words.listing([_(ROLE_WORDS[role]) for role in one.roles])


def _doors(one: Holder) -> str:
    said = {
        Door.COMPANY: _("your company's sign-in"),
        Door.PASSKEY: _("a passkey"),
        Door.PORTAL: _("the vendor's portal"),
        Door.MAIL: _("a code by mail"),
    }
    return words.listing([said[door] for door in one.doors])


def _last(one: Holder) -> str:
    if one.last_at is None:
        return _("never came in")
    told = {"moment": words.moment(one.last_at).striptags(), "by": _(METHOD_WORDS.get(one.method, ""))}
    return _("%(moment)s, by %(by)s") % told
