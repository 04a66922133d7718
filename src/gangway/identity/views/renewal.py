"""M5: IT gives the new certificate, secret or token of one connection by a link, without an account. Opening it acts on
nothing."""

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from gangway.identity import actions, queries
from gangway.identity.actions import NothingNewThere, OldOne, RenewalOver
from gangway.identity.queries import RenewalRow
from gangway.identity.rules.expiry import Credential, Ending
from gangway.identity.rules.saml import METADATA_LIMIT, SigningCertificate
from gangway.identity.saml.fetching import fetch_metadata
from gangway.identity.saml.metadata import read_given
from gangway.identity.views.browser import page
from gangway.identity.views.providing import day_of
from gangway.kernel import clock
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.language import explain
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.ui import words


def instead(ending: Ending, *, told: bool, staff: bool) -> str:
    """What to do about it, on the page of the connection; "" where nobody has been told yet."""
    if ending.waiting and staff:
        text = _("A new one, which ends with %(tail)s, was taken; their directory has not shown it yet.")
    elif ending.waiting:
        text = _(
            "A new one, which ends with %(tail)s, is there; your directory has not shown it yet. Enter it there. If "
            "nobody has it any more, revoke it and issue another."
        )
    elif not told:
        text = ""
    elif staff:
        text = _("Its admins and IT have a link by mail that takes the new one.")
    elif ending.what is Credential.TOKEN:
        text = _("Issue a new one below, or take it by the link in the letter.")
    else:
        text = _("Give the new one below, or by the link in the letter.")
    return text % {"tail": ending.waiting}


def runs_out(ending: Ending) -> str:
    """ "The certificate …3f2a runs out in 23 days, on 3 May." """
    left, day = ending.days(clock.now()), words.day(ending.ends_at).striptags()
    if left < 0:
        said = {
            Credential.CERTIFICATE: _("The certificate ran out on %(day)s."),
            Credential.SECRET: _("The client secret ran out on %(day)s."),
            Credential.TOKEN: _("The token ran out on %(day)s."),
        }
        return said[ending.what] % {"day": day}
    match ending.what:
        case Credential.CERTIFICATE:
            text = ngettext(
                "The certificate runs out in %(n)s day, on %(day)s.",
                "The certificate runs out in %(n)s days, on %(day)s.",
                left,
            )
        case Credential.SECRET:
            text = ngettext(
                "The client secret runs out in %(n)s day, on %(day)s.",
                "The client secret runs out in %(n)s days, on %(day)s.",
                left,
            )
        case Credential.TOKEN:
            text = ngettext(
                "The token in use runs out in %(n)s day, on %(day)s.",
                "The token in use runs out in %(n)s days, on %(day)s.",
                left,
            )
    return text % {"n": left, "day": day}


@require_http_methods(["GET", "HEAD", "POST"])
@route(public="a partner's IT renews what its connection lives on by a link, without an account")
def renew(request: Request, token: str) -> HttpResponse:
    """What runs out, and the new one in its place."""
    link, error = queries.renewal_link(token, clock.now()), ""
    if request.method == "POST":
        try:
            with scopes.one(link.partner_id):
                issued = _taken(request, link)
            return _shown(request, token, queries.renewal_link(token, clock.now()), done=True, issued=issued)
        except NotFound:
            raise
        except RenewalOver:
            link = queries.renewal_link(token, clock.now())
        except Refusal as refusal:
            error = explain(refusal)
    return _shown(request, token, link, error=error)


def _taken(request: Request, link: RenewalRow) -> str:
    """Take what the form gives; a token that was issued, else "". The provider is asked outside any action."""
    actor, now = Actor(ActorKind.LINK, str(link.id), "renewal link"), clock.now()
    if not link.holds(now):
        raise RenewalOver
    match link.what:
        case Credential.CERTIFICATE:
            given = _given(request, link)
            try:
                actions.renew_certificate(link_id=link.id, certificates=given, actor=actor, now=now)
            except OldOne as old:
                raise NothingNewThere if request.POST.get("do") == "ask" else old from None
        case Credential.SECRET:
            actions.renew_secret(
                link_id=link.id,
                client_secret=request.POST.get("client_secret", "").strip(),
                expires_on=day_of(request.POST.get("secret_expires_on", "")),
                actor=actor,
                now=now,
            )
        case Credential.TOKEN:
            tail = request.POST.get("tail", "")
            return actions.renew_token(link_id=link.id, tail=tail, actor=actor, now=now).token
    return ""


def _given(request: Request, link: RenewalRow) -> tuple[SigningCertificate, ...]:
    known, https_only = queries.saml_settings(link.connection.id), settings.BASE_URL.startswith("https://")
    if known is None:
        raise NotFound
    if request.POST.get("do") == "ask":
        raw = fetch_metadata(known.metadata_url, https_only=https_only)
    elif (file := request.FILES.get("file")) is not None:
        raw = file.read(METADATA_LIMIT + 1)
    else:
        raw = request.POST.get("given", "").strip().encode()
    if not raw:
        raise Invalid(
            field="given", problem="Nothing was given.", mend="Choose the file, or paste the certificate or metadata."
        )
    return read_given(raw, entity_id=known.entity_id, https_only=https_only, now=clock.now())


def _shown(
    request: Request, token: str, link: RenewalRow, *, error: str = "", done: bool = False, issued: str = ""
) -> HttpResponse:
    now = clock.now()
    with scopes.one(link.partner_id):
        saml = queries.saml_settings(link.connection.id)
    context = {
        "link": link,
        "token": token,
        "holds": link.holds(now),
        "sentence": runs_out(link.ending) if link.ending else "",
        "waiting": link.ending.waiting if link.ending else "",
        "metadata_url": saml.metadata_url if saml else "",
        "given": request.POST if error else {},
        "error": error,
        "done": done,
        "issued": issued,
    }
    over = not link.holds(now) and not done
    return page(request, "renewal", context, status=422 if error else 410 if over else 200)
