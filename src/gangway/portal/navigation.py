"""Where one can go from each shell. A place is shown to those whom the right of its route lets in."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import resolve, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_noop

from gangway.kernel.access import Principal, Right
from gangway.partners import queries as partners
from gangway.ui.shell import Account, Brand, Group, Item, Kind, Shell, Viewing


@dataclass(frozen=True, slots=True)
class Place:
    """route: name of the page; label: in English, translated when shown; key: the letter after `g`."""

    route: str
    label: str
    icon: str
    key: str = ""


PORTAL: Sequence[tuple[str, Sequence[Place]]] = (
    (
        "",
        (
            Place("portal:home", gettext_noop("Home"), "home"),
            Place("learning:courses", gettext_noop("Courses"), "book-open"),
            Place("learning:library", gettext_noop("Library"), "search"),
            Place("credentials:mine", gettext_noop("Certificates"), "award"),
        ),
    ),
)
DESK: Sequence[tuple[str, Sequence[Place]]] = (
    (
        "",
        (
            Place("portal:desk", gettext_noop("Home"), "home"),
            Place("people:team", gettext_noop("Team"), "users"),
            Place("learning:enrolments_team", gettext_noop("Enrolments"), "graduation-cap"),
            Place("identity:team_requests", gettext_noop("Requests"), "life-buoy"),
            Place("identity:joining", gettext_noop("Joining"), "user-plus"),
            Place("identity:domains", gettext_noop("Mail domains"), "globe"),
            Place("identity:connections", gettext_noop("Connections"), "plug"),
            Place("partners:signing_in", gettext_noop("Signing in"), "key-round"),
        ),
    ),
)
CONSOLE: Sequence[tuple[str, Sequence[Place]]] = (
    (
        gettext_noop("Rollout"),
        (
            Place("portal:setup", gettext_noop("Set-up"), "flag", "s"),
            Place("plans:week", gettext_noop("Plan"), "calendar", "p"),
            Place("plans:gantt", gettext_noop("Timeline"), "chart", "t"),
            Place("plans:wall", gettext_noop("Partner wall"), "columns-3", "w"),
            Place("launches:list", gettext_noop("Launches"), "send", "l"),
            Place("plans:raci", gettext_noop("Who does what"), "grid", "r"),
        ),
    ),
    (
        gettext_noop("Partners"),
        (
            Place("partners:list", gettext_noop("Partners"), "building", "o"),
            Place("people:list", gettext_noop("People"), "users", "e"),
            Place("identity:specs", gettext_noop("Tech specs"), "scroll-text", "v"),
            Place("identity:requests", gettext_noop("Requests"), "life-buoy", "q"),
            Place("identity:strangers", gettext_noop("Waiting room"), "hourglass", "j"),
            Place("messaging:list", gettext_noop("Letters"), "mail", "m"),
            Place("insights:figures", gettext_noop("Figures"), "bars", "f"),
        ),
    ),
    (
        gettext_noop("Learning"),
        (
            Place("catalog:list", gettext_noop("Courses"), "book-open", "c"),
            Place("catalog:paths", gettext_noop("Paths"), "route", "h"),
            Place("learning:enrolments", gettext_noop("Enrolments"), "graduation-cap", "n"),
            Place("learning:rules", gettext_noop("Enrolment rules"), "list-checks", "u"),
            Place("credentials:awards", gettext_noop("Awards"), "award", "d"),
        ),
    ),
    (
        gettext_noop("Machine"),
        (
            Place("rehearsal:rehearsal", gettext_noop("Rehearsal"), "circle-play", "b"),
            Place("identity:vendor_portal", gettext_noop("Vendor's portal"), "key-round", "z"),
            Place("operations:outward", gettext_noop("Connections out"), "plug", "y"),
            Place("portal:operator", gettext_noop("Operator"), "activity", "x"),
            Place("portal:audit", gettext_noop("Audit"), "list", "a"),
        ),
    ),
)
_BY_KIND = {"portal": PORTAL, "desk": DESK, "console": CONSOLE, "plain": ()}


def shell_for(request: HttpRequest, kind: Kind) -> Shell:
    """The shell of one request: brand of the visitor's partner, the places they may go, their menu."""
    visitor: Principal | None = getattr(request, "visitor", None)
    if visitor is None:
        host = partners.host_partner()
        return Shell(brand=Brand(name=host.name if host else "Gangway"), notice=_notice())
    groups = tuple(
        Group(label=gettext(label) if label else "", items=items)
        for label, places in _BY_KIND[kind]
        if (items := _open_to(visitor, places, request.path))
    )
    return Shell(
        brand=_brand(visitor),
        groups=groups,
        account=_account(visitor, kind),
        viewing=_viewing(visitor),
        notice=_notice(),
        home=reverse("portal:home"),
    )


def _viewing(visitor: Principal) -> Viewing | None:
    """The banner above every page that is shown as somebody else sees it: the viewer reads it in their own language."""
    if visitor.viewer is None:
        return None
    with translation.override(visitor.viewer.locale):
        until = f"{visitor.viewer.until.astimezone(timezone.get_current_timezone()):%H:%M}"
        words = gettext("You see what %(name)s sees. Read only, until %(time)s.")
        return Viewing(
            words=words % {"name": visitor.name, "time": until},
            stop=gettext("Stop"),
            url=reverse("identity:stop_viewing"),
            locale=visitor.viewer.locale,
            direction="rtl" if translation.get_language_bidi() else "ltr",
        )


def _notice() -> str:
    """What stands above every page of a sandbox."""
    if settings.GANGWAY_ENVIRONMENT == "production":
        return ""
    return gettext("This is a sandbox: no letter leaves it. What it would send is kept, to be read in the console.")


def may_enter(visitor: Principal, route: str) -> bool:
    """Whether the right that the route declares is one of the visitor's."""
    right = _right_of(route)
    return right is not None and right.allows(visitor)


@cache
def _right_of(route: str) -> Right | None:
    """The same for as long as the process runs: looking an address up costs as much as a small query."""
    right: Right | None = resolve(reverse(route)).func.right  # type: ignore[attr-defined]
    return right


def _open_to(visitor: Principal, places: Sequence[Place], path: str) -> tuple[Item, ...]:
    shown = []
    for place in places:
        if may_enter(visitor, place.route):
            url = reverse(place.route)
            shown.append(Item(label=gettext(place.label), url=url, icon=place.icon, current=path == url, key=place.key))
    return tuple(shown)


def _brand(visitor: Principal) -> Brand:
    vendor, brand = partners.vendor_and_brand(visitor.partner_id)
    if brand is None:
        return Brand(name=vendor)
    return Brand(name=brand.name, accent=brand.accent, vendor="" if visitor.staff else vendor)


def _account(visitor: Principal, kind: Kind) -> Account:
    others = [
        ("portal", "portal:home", gettext("My learning"), "home"),
        ("desk", "portal:desk", gettext("Partner desk"), "users"),
        ("console", "portal:setup", gettext("Console"), "columns"),
    ]
    items = [
        Item(label=label, url=reverse(route), icon=icon)
        for other, route, label, icon in others
        if other != kind and may_enter(visitor, route)
    ]
    if visitor.viewer is None:  # who only looks has no account here
        items.append(Item(label=gettext("You"), url=reverse("portal:account"), icon="user"))
        items.append(Item(label=gettext("Security"), url=reverse("identity:security"), icon="shield-check"))
    sign_out = "" if visitor.viewer else reverse("identity:sign_out")
    return Account(name=visitor.name, detail=visitor.partner_name, items=items, sign_out=sign_out)
