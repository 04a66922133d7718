"""One partner: what a row of a file would say of it, and whom to talk to there."""

from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from gangway.kernel import clock
from gangway.kernel.language import explain
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.partners import access, queries
from gangway.partners.actions import add_contact, change_contact, edit_partner, remove_contact
from gangway.partners.forms import PartnerForm
from gangway.ui import render


@require_http_methods(["GET", "POST"])
@route(right=access.EDIT_PARTNERS)
def edit(request: Request, partner_id: UUID) -> HttpResponse:
    """Change one partner; the form keeps what was typed."""
    found = queries.partner_by_id(partner_id)
    facts = queries.facts_of(found.id)
    form = PartnerForm.of(facts)
    if request.method == "POST":
        form = PartnerForm.read(request.POST.dict(), facts)
        if not form.errors:
            try:
                with scopes.one(found.id):
                    edit_partner(
                        said=form.said(facts), reason=form.reason, actor=request.principal.actor, now=clock.now()
                    )
                return HttpResponseRedirect(reverse("partners:one", args=[found.id]))
            except Invalid as refusal:
                form = replace(form, errors={refusal.field or "name": explain(refusal)})
    with scopes.one(found.id):
        tiers = queries.tier_history(found.id)
    context = {
        "partner": found,
        "form": form,
        "history": tiers,
        "types": _choices(queries.types()),
        "tiers": _choices(queries.tiers()),
        "parents": _choices(_possible_parents(found)),
        "parent_in_reach": found.parent == (facts["parent"] or None),  # one outside of it is neither shown nor moved
    }
    return render(request, "partners/edit.jinja", context, status=422 if form.errors else 200)


def _choices(pairs: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    return [("", gettext("none")), *pairs]


def _possible_parents(found: queries.PartnerRow) -> tuple[tuple[str, str], ...]:
    """Whoever the reader reaches."""
    rows = queries.list_partners()
    return tuple((row.slug, row.name) for row in rows if row.kind == "partner" and row.id != found.id)


@require_http_methods(["GET", "POST"])
@route(right=access.EDIT_PARTNERS)
def contacts(request: Request, partner_id: UUID) -> HttpResponse:
    """Whom to talk to there: each can be changed in place, one more added."""
    found = queries.partner_by_id(partner_id)
    error: Invalid | None = None
    if request.method == "POST":
        try:
            with scopes.one(found.id):
                add_contact(
                    name=request.POST.get("name", ""),
                    email=request.POST.get("email", ""),
                    main="main" in request.POST,
                    actor=request.principal.actor,
                    now=clock.now(),
                )
            return HttpResponseRedirect(reverse("partners:contacts", args=[found.id]))
        except Invalid as refusal:
            error = refusal
    return _contacts_page(request, found, error, "")


@require_POST
@route(right=access.EDIT_PARTNERS)
def contact(request: Request, partner_id: UUID, contact_id: UUID) -> HttpResponse:
    """Change or remove one contact. One of another partner is not found."""
    found = queries.partner_by_id(partner_id)
    now, actor = clock.now(), request.principal.actor
    try:
        with scopes.one(found.id):
            if contact_id not in {row.id for row in queries.contacts(found.id)}:
                raise NotFound
            if request.POST.get("do") == "remove":
                remove_contact(contact_id=contact_id, actor=actor, now=now)
            else:
                change_contact(
                    contact_id=contact_id,
                    name=request.POST.get("name", ""),
                    email=request.POST.get("email", ""),
                    main="main" in request.POST,
                    actor=actor,
                    now=now,
                )
    except Invalid as refusal:
        return _contacts_page(request, found, refusal, str(contact_id))
    return HttpResponseRedirect(reverse("partners:contacts", args=[found.id]))


def _contacts_page(request: Request, found: queries.PartnerRow, error: Invalid | None, where: str) -> HttpResponse:
    """`where`: the contact whose form was refused, "" for the new one; what was typed stays in it."""
    with scopes.one(found.id):
        rows = queries.contacts(found.id)
    context = {
        "partner": found,
        "contacts": rows,
        "where": where,
        "typed": request.POST if error else {},
        "errors": {error.field or "name": explain(error)} if error else {},
    }
    return render(request, "partners/contacts.jinja", context, status=422 if error else 200)
