"""The console's Mail (which letters went out, and what became of them), and the page behind "no more of these"."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from gangway import ui
from gangway.kernel import clock, language
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.messaging import actions, queries
from gangway.messaging.access import SEE_MAIL
from gangway.messaging.returns.reports import NotReadable, NotTheProvider, read_events
from gangway.ui import listing


@require_safe
@route(right=SEE_MAIL)
def mail(request: Request) -> HttpResponseBase:
    """Every letter in reach, youngest first."""
    context = {
        "unread": queries.reading_problem(),
        "empty_title": _("No letter yet"),
        "empty_text": _("The first one goes out when a person is admitted with an invitation. It will stand here."),
    }
    return listing.answer(
        request,
        queries.MAIL_LIST,
        title=_("Mail"),
        sentence=_sentence(),
        template="messaging/list.jinja",
        context=context,
    )


def _sentence() -> str:
    """ "380 sent, 7 bounced and 2 waiting.", or nothing where there is nothing."""
    counts = queries.state_counts()
    sent = _("%(n)d sent")
    if not queries.bounces_known():
        sent = _("%(n)d sent (whether any of them came back is unknown: no mailbox and no mail provider tells us)")
    waiting = counts["queued"] + counts["sending"]
    parts = (
        (counts["sent"], sent),
        (counts["bounced"], _("%(n)d bounced")),
        (counts["failed"], _("%(n)d given up")),
        (counts["kept"], _("%(n)d kept here, because this installation sends no mail")),
        (waiting, _("%(n)d waiting")),
    )
    said = [words % {"n": count} for count, words in parts if count]
    return _("%(parts)s.") % {"parts": language.listing(said)} if said else ""


@require_safe
@route(right=SEE_MAIL)
def message(request: Request, message_id: UUID) -> HttpResponse:
    """One letter: where it stands and why. The words of a letter that carries a code or link stay closed here."""
    found = queries.message(message_id, secrets_shown=False)
    context = {"message": found, "replies": queries.replies_to(message_id)}
    return ui.render(request, "messaging/message.jinja", context)


@csrf_exempt  # RFC 8058: the mail program posts by itself; the token in the path is the proof
@require_http_methods(["GET", "HEAD", "POST"])
@route(public="declining a kind of letter by the link in one of them")
def decline(request: Request, token: str) -> HttpResponse:
    """No more of these: a GET only asks, a POST does it."""
    asked = queries.declining(token)
    if request.method == "POST":
        with scopes.one(asked.partner_id):
            actions.decline(
                person_id=asked.person_id,
                category=asked.category,
                actor=Actor(ActorKind.LINK, "decline", "mail"),
                now=clock.now(),
            )
    return ui.render(request, "messaging/decline.jinja", {"done": request.method == "POST"})


@csrf_exempt  # the provider has no cookie of ours; its secret or signature is the proof
@require_http_methods(["HEAD", "POST"])
@route(public="what a mail provider reports, proven by its secret or signature")
def provider_events(request: Request, provider: str) -> HttpResponse:
    """What came back, as the mail provider says. About letters we do not know it is 200 too: it shall not ask again."""
    if not queries.events_ready(provider):
        raise NotFound
    if request.method == "HEAD":  # some providers look whether anybody is there
        return HttpResponse()
    try:
        told = read_events(provider, request, secret=settings.MAIL_EVENTS_SECRET, key=settings.MAIL_EVENTS_KEY)
    except NotTheProvider:
        return _not_proven(request)
    except NotReadable:
        return HttpResponse("This is not a report of that provider.\n", status=400, content_type="text/plain")
    for returned in told:
        actions.take_return(returned=returned, actor=Actor(ActorKind.CONNECTION, provider, "mail"), now=clock.now())
    return HttpResponse()


def _not_proven(request: Request) -> HttpResponse:
    """401 asks for the secret (Amazon SNS sends it only then); 403 says that what was sent is wrong."""
    if "HTTP_AUTHORIZATION" in request.META or not settings.MAIL_EVENTS_SECRET:
        return HttpResponse("Wrong secret or signature.\n", status=403, content_type="text/plain")
    answer = HttpResponse("A secret is needed.\n", status=401, content_type="text/plain")
    answer["WWW-Authenticate"] = 'Basic realm="mail events"'
    return answer
