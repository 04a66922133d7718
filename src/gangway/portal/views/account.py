"""You: how one is called and spoken to, which letters one gets, where one is signed in."""

from collections.abc import Mapping
from zoneinfo import available_timezones

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from gangway.identity import queries as identity
from gangway.kernel import clock
from gangway.kernel.language import explain
from gangway.kernel.refusal import Invalid
from gangway.kernel.web import Request, route
from gangway.messaging import actions as messaging
from gangway.messaging.queries import DECLINABLE, declined
from gangway.people.actions import set_profile
from gangway.portal import access
from gangway.ui import render

FIELDS = ("name", "locale", "zone")


@require_http_methods(["GET", "HEAD", "POST"])
@route(right=access.OWN, private=True)
def you(request: Request) -> HttpResponse:
    """Is this me, and how am I spoken to?"""
    me = request.principal
    typed: Mapping[str, str] = {"name": me.name, "locale": me.locale, "zone": me.zone}
    unwanted = declined(me.person_id)
    errors: list[tuple[str, str]] = []
    if request.method == "POST":
        typed = {name: request.POST.get(name, "")[:1000] for name in FIELDS}
        unwanted = frozenset(kind.value for kind in DECLINABLE if kind.value not in request.POST.getlist("wanted"))
        try:
            _save(request, typed, unwanted)
            return HttpResponseRedirect(f"{reverse('portal:account')}?saved=yes")
        except Invalid as problem:
            errors.append((problem.field or "name", explain(problem)))
    context = {
        "typed": typed,
        "errors": errors,
        "saved": request.GET.get("saved") == "yes",
        "languages": settings.LANGUAGES,
        "zones": [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())],
        "kinds": [(kind.value, kind.value not in unwanted) for kind in DECLINABLE],
        "sign_ins": identity.sign_ins(me.person_id, clock.now()),
        "me": me,
    }
    return render(request, "portal/account.jinja", context, status=422 if errors else 200)


def _save(request: Request, typed: Mapping[str, str], unwanted: frozenset[str]) -> None:
    me, now = request.principal, clock.now()
    set_profile(person_id=me.person_id, **typed, actor=me.actor, now=now)
    before = declined(me.person_id)
    for kind in DECLINABLE:
        if kind.value in unwanted and kind.value not in before:
            messaging.decline(person_id=me.person_id, category=kind, actor=me.actor, now=now)
        elif kind.value in before and kind.value not in unwanted:
            messaging.accept(person_id=me.person_id, category=kind, actor=me.actor, now=now)
