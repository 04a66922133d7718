"""L2: a partner's IT connects the partner by a link, without an account. Opening it acts on nothing."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gangway.identity import actions, queries
from gangway.identity.access import CONNECT_TEAM
from gangway.identity.documents import sheets as documents
from gangway.identity.queries import ConnectionRow, SetUpLinkRow, TokenRow
from gangway.identity.rules.connections import ConnectionKind
from gangway.identity.rules.paste import PASTE
from gangway.identity.rules.trial import PAIRS, Provider
from gangway.identity.views.browser import page
from gangway.identity.views.connections import addresses, choice, free_key, light, our_addresses
from gangway.identity.views.mapping import mapping, said
from gangway.identity.views.providing import tell, told, typed_over
from gangway.kernel import clock
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.language import explain
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route

BY_LINK = "a partner's IT connects it by a link, without an account"


def open_link(token: str) -> SetUpLinkRow:
    """The link of an address while it holds; the same answer for one that never was, was closed or ran out."""
    found = queries.set_up_link(token, clock.now())
    if found is None:
        raise NotFound
    return found


def link_actor(link: SetUpLinkRow) -> Actor:
    return Actor(ActorKind.LINK, str(link.id), "it link")


# ---------------------------------------------------------------- behind the link


@require_safe
@route(public=BY_LINK)
def it(request: Request, token: str) -> HttpResponse:
    """Who asks, for what, and what it takes; what is connected by now; and for the provider at hand, what works."""
    link = open_link(token)
    with scopes.one(link.partner_id):
        rows = tuple(row for row in queries.connections() if row.owner is None)
        uses = queries.uses([row.id for row in rows], clock.now())
        chosen = request.GET.get("with", "")
        sheet = queries.sheet_page(clock.now())
        context = {
            "link": link,
            "token": token,
            "sheet_words": documents.sentence(sheet),
            "sheet_light": documents.light(sheet.standing),
            "rows": [(row, light(row, uses[row.id])) for row in rows],
            "domains": queries.domain_claims(clock.now()),
            "providers": list(Provider),
            "chosen": chosen if chosen in list(Provider) else "",
            "pairs": PAIRS.get(Provider(chosen)) if chosen in list(Provider) else None,
            "ticket": _ticket(request, link, token),
        }
    return page(request, "it", context)


def _ticket(request: Request, link: SetUpLinkRow, token: str) -> str:
    """The whole errand as plain text, for whatever the IT keeps its work in."""
    return "\n".join(
        [
            _("Connect %(vendor)s's partner training") % {"vendor": link.vendor_name},
            "",
            _("Asked by: %(name)s, %(mail)s") % {"name": link.asker, "mail": link.asker_mail},
            _("What: single sign-on (OpenID Connect or SAML 2.0), and if wanted provisioning (SCIM 2.0)"),
            _("Data: name, work mail address, language, groups that you choose. No passwords."),
            _("Who sees it: your own admins and the vendor's channel team"),
            _("Role needed: application administrator of your identity provider"),
            _("Effort: two values here, three there, one try"),
            _("Where: %(url)s") % {"url": request.build_absolute_uri(reverse("identity:it", args=[token]))},
        ]
    )


@require_POST
@route(public=BY_LINK)
def it_add(request: Request, token: str) -> HttpResponse:
    """Begin a connection; it opens nothing before it was tried."""
    link = open_link(token)
    with scopes.one(link.partner_id):
        kind = choice(ConnectionKind, "kind", request.POST.get("kind", ""))
        provider = _provider(request.POST.get("with", ""))
        made = actions.add_connection(
            kind=kind, key=free_key(kind), name=_name(kind), actor=link_actor(link), now=clock.now()
        )
    return _to(token, made, provider)


def _provider(named: str) -> Provider | None:
    return Provider(named) if named in list(Provider) else None


def _to(token: str, connection_id: UUID, provider: Provider | None) -> HttpResponse:
    path = reverse("identity:it_connection", args=[token, connection_id])
    return HttpResponseRedirect(f"{path}?with={provider.value}" if provider else path)


def _name(kind: ConnectionKind) -> str:
    return {
        ConnectionKind.SCIM: "Directory (SCIM)",
        ConnectionKind.SAML: "Sign-in (SAML)",
        ConnectionKind.OIDC: "Sign-in (OpenID Connect)",
    }[kind]


@require_http_methods(["GET", "HEAD", "POST"])
@route(public=BY_LINK)
def it_connection(request: Request, token: str, connection_id: UUID) -> HttpResponse:
    """One connection: the values for both sides, the try, and opening it."""
    link = open_link(token)
    with scopes.one(link.partner_id):
        row = queries.connection(connection_id)
        if row.owner is not None:  # another company's IT looks after it
            raise NotFound
        if request.method != "POST":
            return _shown(request, link, token, row)
        try:
            shown = _done(request, link, row)
        except NotFound:
            raise
        except Refusal as refusal:
            return _shown(request, link, token, row, error=explain(refusal), status=422)
        if shown:
            return _shown(request, link, token, row, issued=shown)
    return _to(token, connection_id, _provider(request.GET.get("with", "")))


def _done(request: Request, link: SetUpLinkRow, row: ConnectionRow) -> str:
    """What was pressed; a token that was issued."""
    match request.POST.get("do", ""):
        case "tell":
            tell(request, row, link_actor(link))
        case "map" if row.kind.signs_in:
            actions.set_conduct(connection_id=row.id, conduct=said(request), actor=link_actor(link), now=clock.now())
        case "token":
            return actions.issue_token(connection_id=row.id, actor=link_actor(link), now=clock.now()).token
        case "open":
            actions.open_tried(connection_id=row.id, actor=link_actor(link), now=clock.now())
        case _:
            raise NotFound
    return ""


def _shown(
    request: Request,
    link: SetUpLinkRow,
    token: str,
    row: ConnectionRow,
    *,
    error: str = "",
    issued: str = "",
    status: int = 200,
) -> HttpResponse:
    now = clock.now()
    row = queries.connection(row.id)
    trial = queries.last_trial(row.id)
    known = told(row)
    provider = _provider(request.GET.get("with", ""))
    paste = PASTE.get((provider, row.kind)) if provider else None
    ours = our_addresses(row)
    holding = [one for one in queries.tokens(row.id) if one.revoked_at is None and one.expires_at > now]
    context = {
        "link": link,
        "token": token,
        "row": row,
        "light": light(row, queries.uses([row.id], now)[row.id]),
        "addresses": [(name, ours[what]) for name, what in paste.ours] if paste else addresses(row),
        "chosen": provider.value if provider else "",
        "offered": [one for one in Provider if one is Provider.OTHER or (one, row.kind) in PASTE],
        "paste": paste,
        "told": typed_over(request, row) if error else known,
        "known": bool(known),
        "trial": trial,
        "mapping": mapping(row),
        "steps": _steps(row, bool(known), trial is not None and trial.passed, holding),
        "holding": holding,
        "error": error,
        "issued": issued,
    }
    return page(request, "it_connection", context, status=status)


def _steps(row: ConnectionRow, told_: bool, tried: bool, holding: Sequence[TokenRow]) -> list[tuple[str, str, str]]:
    """The errand as a line of steps: what is done, where one is, what comes. A directory has nothing to try: it is
    heard once it is open."""
    open_ = row.state.value == "active"
    if row.kind.signs_in:
        steps = [(_("Begun"), True), (_("Values given"), told_), (_("Tried"), tried), (_("Open"), open_)]
    else:
        heard = any(one.last_used_at for one in holding)
        steps = [(_("Begun"), True), (_("Token issued"), bool(holding)), (_("Open"), open_), (_("It has asked"), heard)]
    here = next((n for n, (_title, done) in enumerate(steps) if not done), len(steps))
    return [(title, "", "done" if done else "here" if n == here else "ahead") for n, (title, done) in enumerate(steps)]


# ---------------------------------------------------------------- on the desk


@require_http_methods(["GET", "POST"])
@route(right=CONNECT_TEAM)
def it_links(request: Request) -> HttpResponse:
    """Make a link for the company's IT, shown once; close those that are open."""
    principal, now = request.principal, clock.now()
    made, error = None, ""
    with scopes.one(principal.partner_id):
        if request.method == "POST":
            try:
                made = actions.make_set_up_link(asked_by=principal.person_id, actor=principal.actor, now=now)
            except Refusal as refusal:
                error = explain(refusal)
        url = request.build_absolute_uri(reverse("identity:it", args=[made.token])) if made else ""
        context = {"link_url": url, "error": error, "links": queries.open_links(now)}
    return page(request, "it_links", context, status=409 if error else 200)


@require_POST
@route(right=CONNECT_TEAM)
def close_it_link(request: Request, link_id: UUID) -> HttpResponse:
    """It opens nothing any more."""
    with scopes.one(request.principal.partner_id):
        actions.close_set_up_link(link_id=link_id, actor=request.principal.actor, now=clock.now())
    return HttpResponseRedirect(reverse("identity:it_links"))
