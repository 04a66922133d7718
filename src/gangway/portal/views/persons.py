"""The page of one person, in the console and on the desk. It joins storeys, so it stands in the top one."""

from collections.abc import Mapping
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_GET

from gangway.identity import queries as identity
from gangway.identity.access import RESET_FACTORS, VIEW_AS
from gangway.identity.queries import OUTSIDE
from gangway.kernel import clock
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.learning.access import ENROL, ENROL_TEAM
from gangway.people import queries as people
from gangway.people.access import (
    CONSOLE,
    DESK,
    EDIT_PEOPLE,
    EDIT_TEAM,
    GIVE_ROLES,
    GIVE_TEAM_ROLES,
    SEE_PEOPLE,
    SEE_TEAM,
    Place,
)
from gangway.people.queries import REACH_WORDS, ROLE_WORDS, MergeRow, PersonRow, RoleRow
from gangway.portal import access, queries
from gangway.portal.queries import PersonPage
from gangway.ui import render
from gangway.ui.words import capital, day, moment

_LETTER_WORDS = {
    "goes": gettext_noop("The address is saved, and the invitation goes out now."),
    "again": gettext_noop("The invitation goes out now."),
    "later": gettext_noop("The address is saved. The invitation goes out when the partner is launched."),
}


def trail(place: Place, who: PersonRow) -> tuple[tuple[str, str], ...]:
    """The way to a person's page, for crumbs."""
    label = gettext("Team") if place is DESK else gettext("People")
    return ((label, place.list), (who.name, place.page_of(who.id)))


@require_GET
@route(right=SEE_PEOPLE)
def person(request: Request, person_id: UUID) -> HttpResponse:
    """Who is this, may they come in, and what do they hold?"""
    return _person(request, CONSOLE, person_id)


@require_GET
@route(right=SEE_TEAM)
def person_team(request: Request, person_id: UUID) -> HttpResponse:
    """The same for the own team, and for people below whom their partner lets be seen."""
    people.teammate(person_id)
    return _person(request, DESK, person_id)


def _person(request: Request, place: Place, person_id: UUID) -> HttpResponse:
    me = request.principal
    page = queries.person_page(me, person_id, clock.now(), results=may_see_results(request, person_id))
    who = page.profile.person
    own = place is CONSOLE or who.partner_id == me.partner_id
    here = who.state not in ("left", "erased")
    console = place is CONSOLE
    may_edit = own and (EDIT_PEOPLE if console else EDIT_TEAM).allows(me)
    may_give = own and (GIVE_ROLES if console else GIVE_TEAM_ROLES).allows(me)
    may_hand_out = own and (access.HAND_OUT if console else access.HAND_OUT_TEAM).allows(me)
    with scopes.one(who.partner_id):
        merge, merged = people.merged_into(who.id), people.merged_accounts(who.id)
        known = people.persons([*(row.gone_id for row in merged), *((merge.stays_id,) if merge else ())])
    context = {
        "page": page,
        "shell_kind": place.shell,
        "suffix": place.suffix,
        "people": place.people,
        "sentence": _where_to(merge, known) if merge else sentence(page),
        "merged": [(known[row.gone_id], row) for row in merged],
        "into": known[merge.stays_id] if merge else None,
        "done": gettext(_LETTER_WORDS[said]) if (said := request.GET.get("letter")) in _LETTER_WORDS else "",
        "outside": page.arrival.arrival in OUTSIDE,
        "roles": [(row, *role_words(row)) for row in page.profile.roles],
        "may_edit": may_edit and here and who.id != me.person_id,
        "may_merge": may_edit,
        "may_group": may_edit and here,
        "may_give": may_give and here and bool(page.gives),
        "may_take": page.gives if may_give else frozenset(),
        "may_hand_out": may_hand_out,
        "may_enrol": own and (ENROL if console else ENROL_TEAM).allows(me) and who.state != "erased",
        "own": who.id == me.person_id,
        "has_receipt": own and who.state in ("left", "suspended") and queries.has_receipt(who.id),
        "second_proof": bool(identity.holders_of_factors([who.id])),
        "may_look": console and here and page.profile.partner.kind != "host" and _may_look(request, person_id),
        "may_reset": console and page.profile.partner.kind != "host" and RESET_FACTORS.allows(me),
        "managed": _managed(who),
        "languages": dict(settings.LANGUAGES),
    }
    return render(request, "portal/person.jinja", context)


def _where_to(merge: MergeRow, known: Mapping[UUID, PersonRow]) -> str:
    """Where somebody went who was merged into another account."""
    said = gettext("Merged into the account of %(name)s on %(day)s: what could move is there, the rest is here.")
    return said % {"name": known[merge.stays_id].name, "day": day(merge.merged_at).striptags()}


def _may_look(request: Request, person_id: UUID) -> bool:
    """Whether one may see Gangway with this person's eyes: never with those of somebody who sees more."""
    return VIEW_AS.allows(request.principal) and not identity.sees_beyond(person_id, clock.now())


def may_see_results(request: Request, person_id: UUID) -> bool:
    """Whether the right to see results reaches this person, too: it may reach less far than seeing people."""
    if not access.SEE_RESULTS.allows(request.principal):
        return False
    try:
        with scopes.within(access.SEE_RESULTS.scope(request.principal)):
            people.person(person_id)
    except NotFound:
        return False
    return True


def sentence(page: PersonPage) -> str:
    """Where a person stands, since when, and whether they were here lately."""
    who, last = page.profile.person, page.sign_ins.last_at
    words = {
        "invited": gettext("Invited on %(day)s and has not come in yet."),
        "active": gettext("Came in first on %(day)s."),
        "suspended": gettext("Suspended since %(day)s: nobody lets them in until the account is opened again."),
        "left": gettext("Left on %(day)s. What they learned stays."),
        "erased": gettext("Erased on %(day)s: dates and certificate numbers are left, without a name."),
    }[who.state]
    since = {"invited": who.invited_at, "active": who.activated_at}.get(who.state) or page.profile.since
    said = words % {"day": day(since).striptags()}
    if last is not None and who.state == "active":
        said = f"{said} {gettext('Signed in last on %(moment)s.') % {'moment': moment(last).striptags()}}"
    return said


def role_words(row: RoleRow) -> tuple[str, str]:
    """A role in words, and how far it reaches."""
    reach = row.where or gettext(REACH_WORDS[row.reach])
    if row.where and row.reach == "tree":
        reach = gettext("%(partner)s and those below it") % {"partner": row.where}
    return capital(gettext(ROLE_WORDS.get(row.role, row.role))), reach


def _managed(who: PersonRow) -> str:
    """Who alone may change the person, in words; "" where everybody may."""
    kind, _, _rest = who.managed_by.partition(":")
    return {"": "", "scim": gettext("their company's directory (SCIM)")}.get(kind, who.managed_by)
