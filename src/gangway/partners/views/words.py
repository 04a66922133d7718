"""Partner types and tiers: named, ranked, added, removed. Keys never change."""

from collections.abc import Mapping

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from gangway.kernel import clock
from gangway.kernel.language import explain
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.partners import access, queries
from gangway.partners.actions import define_types_and_tiers, remove_tier, remove_type
from gangway.partners.forms import WordsForm
from gangway.partners.queries import FALLBACK_WORDS, PRIMARY_WORDS
from gangway.partners.views.reach import everywhere
from gangway.ui import render


@require_http_methods(["GET", "POST"])
@route(right=access.BRING_PARTNERS)
def words(request: Request) -> HttpResponse:
    """The words that partner files and forms are checked against."""
    everywhere()
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            with scopes.one(request.principal.partner_id):
                _write(request)
            return HttpResponseRedirect(reverse("partners:words"))
        except Refusal as found:
            refusal = found
    context = {
        "types": queries.types_in_use(),
        "tiers": queries.tiers_in_use(),
        "ways": {"primary": _choices(PRIMARY_WORDS), "fallback": _choices(FALLBACK_WORDS)},
        "typed": request.POST if refusal else {},
        "section": request.POST.get("section", "") if refusal else "",
        "errors": {refusal.field or "": explain(refusal)} if refusal else {},
        "sentence": gettext("Partner files and forms know these words. A key never changes; a name may."),
    }
    return render(request, "partners/words.jinja", context, status=422 if refusal else 200)


def _choices(words: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(value, gettext(text)) for value, text in words.items()]


def _write(request: Request) -> None:
    now, actor = clock.now(), request.principal.actor
    section, gone = request.POST.get("section", ""), request.POST.get("remove", "")
    if gone:
        remove = remove_tier if section == "tiers" else remove_type
        remove(key=gone, actor=actor, now=now)
        return
    form = WordsForm.read(request.POST.dict(), [key for key, _ in queries.types()], [key for key, _ in queries.tiers()])
    define_types_and_tiers(types=form.types, tiers=form.tiers, actor=actor, now=now)
