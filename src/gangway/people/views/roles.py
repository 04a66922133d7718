"""Give a person a role, and take it away: in the console and on the desk."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_http_methods, require_POST

from gangway.kernel import clock
from gangway.kernel.access import Reach
from gangway.kernel.language import explain
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, placed
from gangway.partners.queries import PartnerRow, UnknownPartner, find_partner, partner_by_id
from gangway.people import access, queries
from gangway.people.access import CONSOLE, DESK, Place
from gangway.people.actions import grant_role, revoke_role
from gangway.people.forms import RoleForm
from gangway.people.queries import REACH_WORDS, ROLE_WORDS, PersonRow
from gangway.people.rules import KEEPS_ONE
from gangway.ui import render
from gangway.ui.words import capital


def _give(request: Request, place: Place, person_id: UUID) -> HttpResponse:
    """Give somebody a role."""
    person = place.person(request, person_id)
    with scopes.one(person.partner_id):
        partner = partner_by_id(person.partner_id)
    form = RoleForm()
    if request.method == "POST":
        form = RoleForm.read(request.POST.dict())
        try:
            _grant(request, person, form)
            return HttpResponseRedirect(place.page_of(person.id))
        except NotFound:
            raise
        except Refusal as refusal:
            field = refusal.field if refusal.field in ("reach", "partner", "until") else "role"
            form = replace(form, errors={field: explain(refusal)})
    roles = queries.roles_to_give(request.principal.person_id, partner, clock.now())
    context = {
        "shell_kind": place.shell,
        "person": person,
        "partner": partner,
        "form": form,
        "roles": [(role, capital(gettext(ROLE_WORDS[role])), gettext(WHAT_FOR[role])) for role in roles],
        "reaches": _reaches(partner),
        "back": place.page_of(person.id),
        "people": place.people,
    }
    return render(request, "people/give.jinja", context, status=422 if form.errors else 200)


give = require_http_methods(["GET", "POST"])(placed(_give, CONSOLE, right=access.GIVE_ROLES))
give_team = require_http_methods(["GET", "POST"])(placed(_give, DESK, right=access.GIVE_TEAM_ROLES))


def _grant(request: Request, person: PersonRow, form: RoleForm) -> None:
    reach = form.wide() if form.reach else None
    reach_id = _partner(form.partner) if form.partner and reach in (Reach.ONE, Reach.TREE) else None
    with scopes.one(person.partner_id):
        grant_role(
            person_id=person.id,
            role=form.role,
            reach=reach,
            reach_id=reach_id,
            until=form.end(timezone.get_current_timezone()),
            actor=request.principal.actor,
            now=clock.now(),
        )


def _partner(slug: str) -> UUID:
    """The partner of this key that the giver sees; the same answer for one beyond and for none."""
    found = find_partner(slug)
    try:
        return partner_by_id(found.id).id
    except NotFound as error:
        raise UnknownPartner(field="partner", slug=slug) from error


def _reaches(partner: PartnerRow) -> Sequence[tuple[str, str]]:
    """What may be chosen; the usual reach of the role stands first."""
    usual = ("", gettext("As is usual for the role"))
    if partner.kind != "host":
        return (usual, (Reach.TREE.value, gettext("Also the partners below %(partner)s") % {"partner": partner.name}))
    return (usual, *((reach, capital(gettext(words))) for reach, words in REACH_WORDS.items()))


def _take(request: Request, place: Place, person_id: UUID) -> HttpResponse:
    """Take a role from somebody, after one look at what that means."""
    person = place.person(request, person_id)
    role = request.POST.get("role", "")
    held = {row.role for row in _held(person)}
    if role not in held:
        return HttpResponseRedirect(place.page_of(person.id))
    with scopes.one(person.partner_id):
        last = role in KEEPS_ONE and queries.is_last(person.id, role, clock.now())
        if request.POST.get("sure") == "yes":
            revoke_role(person_id=person.id, role=role, actor=request.principal.actor, now=clock.now())
            return HttpResponseRedirect(place.page_of(person.id))
    context = {
        "shell_kind": place.shell,
        "person": person,
        "role": role,
        "role_words": gettext(ROLE_WORDS[role]),
        "last": last,
        "action": place.url("people:take", person.id),
        "back": place.page_of(person.id),
    }
    return render(request, "people/take.jinja", context)


take = require_POST(placed(_take, CONSOLE, right=access.GIVE_ROLES))
take_team = require_POST(placed(_take, DESK, right=access.GIVE_TEAM_ROLES))


def _held(person: PersonRow) -> Sequence[queries.RoleRow]:
    with scopes.one(person.partner_id):
        return queries.roles_held(person.id, clock.now())


WHAT_FOR: dict[str, str] = {
    "partner_admin": _("Brings and follows the team, gives these two roles, keeps the tier."),
    "partner_it": _("Connects the company's sign-in, sees the team."),
    "platform_admin": _("Everything, the machine and all roles included."),
    "programme_lead": _("Runs the rollout: plan, partners, people, launches."),
    "channel_manager": _("Looks after some partners and their people."),
    "content_owner": _("Courses, their languages and versions."),
    "trainer": _("Sessions and who is certified."),
    "sponsor": _("Sees the plan and decides at gates."),
}
