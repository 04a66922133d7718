"""D4, the groups that a directory brings: to what each leads here, and who would get it before it is so.

It joins a company's connection with the vendor's rules of learning, so it stands in the top storey.
"""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from gangway.identity import queries as identity
from gangway.identity.access import CONNECT_TEAM, SEE_CONNECTIONS
from gangway.identity.actions import scim as actions
from gangway.identity.queries import scim
from gangway.identity.queries.scim import LedGroup
from gangway.kernel import clock
from gangway.kernel.language import explain
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.learning.queries import led_by_groups
from gangway.partners.queries import PartnerRow, partner_by_id
from gangway.people import queries as people
from gangway.people.queries import ROLE_WORDS
from gangway.ui import render

NAMES_SHOWN = 20


@require_http_methods(["GET", "POST"])
@route(right=CONNECT_TEAM)
def led_team(request: Request, connection_id: UUID) -> HttpResponse:
    """The own directory's groups. `group` and `role` in the address: who would get that role, before it is saved."""
    with scopes.one(request.principal.partner_id):
        if request.method != "POST":
            return _page(request, connection_id, "desk")
        group_id, role = _id(request.POST.get("group", "")), request.POST.get("role", "")
        try:
            actions.lead_group(
                connection_id=connection_id,
                group_id=group_id,
                role=role,
                actor=request.principal.actor,
                now=clock.now(),
            )
        except NotFound:
            raise
        except Refusal as refusal:
            return _page(
                request,
                connection_id,
                "desk",
                error=explain(refusal),
                status=422 if refusal.status == 400 else refusal.status,
            )
    return HttpResponseRedirect(f"{reverse('portal:led_team', args=[connection_id])}?done=saved")


@require_GET
@route(right=SEE_CONNECTIONS)
def led(request: Request, partner_id: UUID, connection_id: UUID) -> HttpResponse:
    """The same, looked at by those who look after the partner."""
    partner = partner_by_id(partner_id)
    with scopes.one(partner.id):
        return _page(request, connection_id, "console")


def _page(request: Request, connection_id: UUID, shell: str, *, error: str = "", status: int = 200) -> HttpResponse:
    now, partner = clock.now(), partner_by_id(scopes.writer())
    row = identity.connection(connection_id)
    if row.kind.signs_in:
        raise NotFound
    groups = scim.led_groups(row.id, row.group_rules)
    leads = led_by_groups([one.key for one in groups], partner)
    offered = people.roles_to_give(request.principal.person_id, partner, now) if shell == "desk" else ()
    leading = sum(bool(one.role or leads.get(one.key)) for one in groups)
    context = {
        "shell_kind": shell,
        "partner": partner,
        "row": row,
        "sentence": _sentence(leading, len(groups)),
        "groups": [(one, leads.get(one.key, ()), _role(one.role)) for one in groups],
        "offered": [("", gettext("No role")), *((role, _role(role)) for role in offered)] if offered else [],
        "preview": _preview(request, groups, offered, partner),
        "done": request.GET.get("done", ""),
        "error": error,
    }
    return render(request, "portal/led.jinja", context, status=status)


def _sentence(leading: int, groups: int) -> str:
    """ "2 of 5 groups lead to something here." """
    if not groups:
        return gettext("The directory has brought no group yet.")
    words = ngettext(
        "%(n)s of %(all)s group leads to something here.", "%(n)s of %(all)s groups lead to something here.", groups
    )
    return words % {"n": leading, "all": groups}


def _role(role: str) -> str:
    return gettext(ROLE_WORDS.get(role, role)) if role else ""


def _preview(
    request: Request, groups: tuple[LedGroup, ...], offered: tuple[str, ...], partner: PartnerRow
) -> dict[str, Any]:
    """Who would hold the role that the address names; empty without one. NotFound: no group of this connection."""
    if "group" not in request.GET:
        return {}
    group_id, role = _id(request.GET["group"]), request.GET.get("role", "")
    group = next((one for one in groups if one.group_id == group_id), None)
    if group is None or (role and role not in offered):
        raise NotFound
    now = clock.now()
    holding = people.holders_among(role, group.people, now) if role else set()
    losing = people.holders_among(group.role, group.people, now) if group.role and group.role != role else set()
    gaining = [one for one in group.people if role and one not in holding]
    shown = people.names([*gaining[:NAMES_SHOWN], *sorted(losing)[:NAMES_SHOWN]])
    return {
        "group": group,
        "role": role,
        "role_words": _role(role),
        "before_words": _role(group.role),
        "gaining": sorted(shown[one] for one in gaining[:NAMES_SHOWN] if one in shown),
        "gaining_n": len(gaining),
        "holding_n": len(holding),
        "losing_n": len(losing),
        "same": role == group.role,
    }


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
