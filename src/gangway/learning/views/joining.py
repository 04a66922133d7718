"""What those learn who join by themselves: an admin says it for each way to join."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from gangway.kernel import clock
from gangway.kernel.language import number
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.learning import actions, queries
from gangway.learning.access import ENROL_TEAM
from gangway.learning.forms import Target, offer
from gangway.learning.queries import AimRow
from gangway.ui import render


@require_http_methods(["GET", "HEAD", "POST"])
@route(right=ENROL_TEAM)
def joining(request: Request) -> HttpResponse:
    """What do those learn who join by themselves?"""
    own = request.principal.partner_id
    if request.method == "POST":
        with scopes.one(own):
            _aim(request)
        return redirect(f"{reverse('learning:joining')}?done=saved")
    with scopes.one(own):
        courses, paths = queries.joiners_may_learn(own)
        rows = queries.join_aims(courses, paths, clock.now())
    context = {
        "rows": [(row, str(Target(row.course_id, row.path_id)) if row.leads_somewhere else "") for row in rows],
        "offered": offer(courses, paths),
        "sentence": sentence(rows),
        "done": request.GET.get("done", ""),
    }
    return render(request, "learning/joining.jinja", context)


def sentence(rows: Sequence[AimRow]) -> str:
    """How many ways to join lead to something to learn."""
    led = sum(row.leads_somewhere for row in rows)
    if not led:
        return _("Who joins by themselves is enrolled in what is for everyone, and in nothing else.")
    words = ngettext(
        "%(led)s of %(n)s way to join leads to a course or a path.",
        "%(led)s of %(n)s ways to join lead to a course or a path.",
        len(rows),
    )
    return words % {"led": number(led), "n": number(len(rows))}


def _aim(request: Request) -> None:
    """NotFound for an id that is none, as for one of somebody else."""
    code, chosen = request.POST.get("code", ""), request.POST.get("course", "")
    try:
        code_id = UUID(code) if code else None
    except ValueError as error:
        raise NotFound from error
    about = Target.read(chosen) if chosen else Target()
    actions.aim_joining(
        code_id=code_id,
        course_id=about.course_id,
        path_id=about.path_id,
        actor=request.principal.actor,
        now=clock.now(),
    )
