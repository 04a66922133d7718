"""Awards as staff see them: who holds what, an award's history, and revoking one."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gangway.credentials import access, queries
from gangway.credentials.actions import revoke_award
from gangway.credentials.queries import REASON_WORDS, STATUS_WORDS
from gangway.credentials.rules import RevokeReason
from gangway.credentials.views.holder import verify_address
from gangway.kernel import clock
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.people import queries as people
from gangway.ui import render
from gangway.ui.listing import answer


@require_GET
@route(right=access.SEE_AWARDS)
def awards(request: Request) -> HttpResponseBase:
    """Who holds what, of the partners the visitor reaches."""
    return answer(
        request,
        queries.AWARD_LIST,
        title=_("Awards"),
        sentence=_("What people hold: issued when a course is completed, valid until it expires or is revoked."),
        context={
            "empty_title": _("Nobody holds an award yet"),
            "empty_text": _("The first one is issued the moment somebody completes a course that has a check."),
            "may_define": access.DEFINE.allows(request.principal),
        },
        template="credentials/awards.jinja",
    )


@require_GET
@route(right=access.SEE_AWARDS)
def award(request: Request, award_id: UUID) -> HttpResponse:
    """One award: its facts, its history, and the way to end it."""
    found = queries.award(award_id, clock.now())
    context = {
        "award": found,
        "person": people.person(found.person_id).name,
        "status": _(STATUS_WORDS[found.status]),
        "address": verify_address(found.number),
        "history": [
            (line.at, line.kind.value, _(REASON_WORDS[line.reason]) if line.reason else "")
            for line in queries.history(award_id)
        ],
        "reasons": [(reason.value, _(words)) for reason, words in REASON_WORDS.items()],
        "may_revoke": access.REVOKE.allows(request.principal) and found.revoked_at is None,
    }
    return render(request, "credentials/award.jinja", context)


@require_POST
@route(right=access.REVOKE)
def revoke(request: Request, award_id: UUID) -> HttpResponse:
    """End an award for good."""
    found = queries.award(award_id, clock.now())
    given = request.POST.get("reason", "")
    if given not in set(RevokeReason):
        raise Invalid(field="reason", problem=_("No reason was chosen."), mend=_("Choose why this award is revoked."))
    with scopes.one(found.partner_id):
        revoke_award(award_id=award_id, reason=RevokeReason(given), actor=request.principal.actor, now=clock.now())
    return HttpResponseRedirect(reverse("credentials:award", args=[award_id]))
