"""What the vendor's courses earn, and how long it lasts."""

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from gangway.credentials import access, queries
from gangway.credentials.actions import define_credential
from gangway.credentials.queries import CredentialRow
from gangway.credentials.rules import DEFAULT_VALID_MONTHS
from gangway.kernel import clock
from gangway.kernel.language import clauses, explain, number
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.partners.queries import host_id
from gangway.ui import render
from gangway.ui.listing import answer


@require_GET
@route(right=access.DEFINE)
def definitions(request: Request) -> HttpResponseBase:
    """What does each course earn, and for how long?"""
    courses, endless = queries.credential_counts(owner_id=host_id())
    parts = [ngettext("%(n)s course earns an award", "%(n)s courses earn an award", courses) % {"n": number(courses)}]
    if endless:
        parts.append(ngettext("%(n)s never expires", "%(n)s never expire", endless) % {"n": number(endless)})
    return answer(
        request,
        queries.CREDENTIAL_LIST,
        title=gettext("What courses earn"),
        sentence=clauses(parts) + "." if courses else gettext("No course earns anything yet."),
        context={
            "crumbs": _crumbs(""),
            "empty_title": gettext("No course earns anything yet"),
            "empty_text": gettext("Publish a course: it earns an award from then on, and here you say for how long."),
        },
    )


@require_http_methods(["GET", "POST"])
@route(right=access.DEFINE)
def definition(request: Request, credential: str) -> HttpResponse:
    """What is it called, and how long is it valid?"""
    owner_id = host_id()
    found = queries.credential(credential, owner_id=owner_id)
    typed = {"title": found.title, "valid_months": str(found.valid_months or "")}
    errors: dict[str, str] = {}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "")[:300].strip() for name in typed}
        try:
            with scopes.one(owner_id):
                define_credential(
                    key=found.key,
                    course_id=found.course_id,
                    title=typed["title"],
                    valid_months=_months(typed["valid_months"]),
                    actor=request.principal.actor,
                    now=clock.now(),
                )
            return HttpResponseRedirect(f"{reverse('credentials:definition', args=[found.key])}?saved=yes")
        except Invalid as refusal:
            errors[refusal.field or "title"] = explain(refusal)
    context = {
        "found": found,
        "typed": typed,
        "errors": errors,
        "crumbs": (*_crumbs(reverse("credentials:definitions")), (found.title, "")),
        "sentence": _sentence(found),
        "saved": request.GET.get("saved") == "yes" and not errors,
        "usual": number(DEFAULT_VALID_MONTHS),
    }
    return render(request, "credentials/definition.jinja", context, status=422 if errors else 200)


def _crumbs(address: str) -> tuple[tuple[str, str], ...]:
    """Down to the list of what courses earn; no address: that is the page itself."""
    return ((gettext("Awards"), reverse("credentials:awards")), (gettext("What courses earn"), address))


def _months(typed: str) -> int | None:
    if not typed:
        return None
    if not typed.isascii() or not typed.isdigit():
        raise Invalid(field="valid_months", problem="That is no number of months.", mend="Write 24, or leave it empty.")
    return int(typed)


def _sentence(found: CredentialRow) -> str:
    held = ngettext("%(n)s was issued.", "%(n)s were issued.", found.held) % {"n": number(found.held)}
    earned = gettext("Whoever completes “%(course)s” earns it.") % {"course": found.course}
    return f"{earned} {held if found.held else gettext('Nobody holds it yet.')}"
