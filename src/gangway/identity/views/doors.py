"""P1 sign-in, P2 code, the link's page, the invitation's page, the choice between partners.

A GET or HEAD here changes nothing, whoever sends it. A POST counts only with the CSRF cookie of a browser that was
shown the page, and then needs what identity.rules asks for.
"""

from datetime import datetime
from math import ceil
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gangway.identity import actions, queries
from gangway.identity.actions import Asked, Completed
from gangway.identity.queries import ChallengeRow
from gangway.identity.rules import RESEND_AFTER, Kind, Proof, State, safe_next, shown_number, typed_code
from gangway.identity.views.browser import (
    AskedFor,
    asked_for,
    browser_of,
    device_of,
    let_in,
    own,
    page,
    remember,
    session_cookie,
)
from gangway.identity.views.provider import remember_typed
from gangway.kernel import clock, secrets
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.language import say
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.web import Request, route

VISITOR = Actor(ActorKind.LINK, "sign-in page", "web")
pages = require_http_methods(["GET", "HEAD", "POST"])


@pages
@route(public="the way in")
def sign_in(request: Request) -> HttpResponse:
    """P1: one address, then one door: the sign-in of the company that has proven its domain, else the code by mail.

    Each address of a domain is answered alike, whether anybody has it or not.
    """
    next_path = safe_next(request.POST.get("next") or request.GET.get("next"))
    if request.visitor is not None and request.method != "POST":
        return HttpResponseRedirect(next_path)
    if request.method != "POST":
        return sign_in_page(request, next_path)
    email = request.POST.get("email", "").strip()
    if request.POST.get("by") != "mail" and (doors := queries.doors_of(email)):
        ways = page(request, "ways", {"doors": doors, "email": email, "next": next_path})
        return remember_typed(ways, email)
    return ask(request, AskedFor(shown=email, typed=email, next_path=next_path))


def sign_in_page(
    request: HttpRequest, next_path: str, *, email: str = "", error: str = "", status: int = 200, refused: bool = False
) -> HttpResponse:
    """P1. `refused`: a passkey did not open anything."""
    context = {"next": next_path, "email": email, "error": error, "party": queries.party(), "refused": refused}
    return page(request, "sign_in", context, status=status)


def ask(request: Request, asked: AskedFor) -> HttpResponse:
    """Ask for a letter; then the code's page, for known and unknown addresses alike."""
    browser = browser_of(request) or secrets.token()
    try:
        answer = _start(asked, browser)
    except Invalid as problem:
        return sign_in_page(request, asked.next_path, email=asked.typed, error=say(problem), status=problem.status)
    said = {"shown": asked.shown, "number": shown_number(answer.number)}
    if answer.sent_at is not None:
        return page(request, "sent", {**said, "sent_at": answer.sent_at, "until": answer.until})
    if answer.again_at is not None:
        limit = {**said, "again_at": answer.again_at, "invited": bool(asked.invitation)}
        return page(request, "limit", limit, status=429)
    return remember(HttpResponseRedirect("/sign-in/code"), browser, asked)


def _start(asked: AskedFor, browser: str) -> Asked:
    now = clock.now()
    if asked.invitation:
        return actions.follow_invitation(token=asked.invitation, browser=browser, actor=VISITOR, now=now)
    if asked.link:
        return actions.ask_again(link=asked.link, browser=browser, actor=VISITOR, now=now)
    return actions.note_asking(
        address=asked.typed, browser=browser, next_path=asked.next_path, joining=asked.joining, actor=VISITOR, now=now
    )


@require_POST
@route(public="asking for another letter instead of one that is lost, used or too old")
def again(request: Request) -> HttpResponse:
    """Another letter to the same address: the one this browser asked for, or the one of the letter's link."""
    link = request.POST.get("link", "")[:64]
    asked = AskedFor(link=link) if link else asked_for(request)
    return ask(request, asked) if asked.known else HttpResponseRedirect("/sign-in")


@pages
@route(public="the way in")
def code(request: Request) -> HttpResponse:
    """P2: where to type the code. It belongs to the challenge of this browser, whatever address it was."""
    challenge = queries.challenge_of_browser(browser_of(request), clock.now())
    if challenge is None:
        return HttpResponseRedirect("/sign-in")
    if challenge.choosing and challenge.joins:
        return HttpResponseRedirect("/sign-in/join/company")
    if challenge.choosing:
        return HttpResponseRedirect("/sign-in/choose")
    if challenge.asks_factor:
        return HttpResponseRedirect("/sign-in/factor")
    if challenge.state is not State.OPEN:
        return _closed(request, challenge)
    if request.method != "POST":
        return _code_page(request, challenge)
    return _try(request, challenge, link="", typed=request.POST.get("code", ""))


def _code_page(request: HttpRequest, challenge: ChallengeRow, error: str = "") -> HttpResponse:
    """What it says of the letter is the same for every address: when it was asked for, and when to ask again."""
    left = challenge.asked_at + RESEND_AFTER - clock.now()
    context = {
        "asked": asked_for(request),
        "error": error,
        "mail_is_kept": not settings.EMAIL_URL,
        "challenge": challenge,
        "again_in": max(0, ceil(left.total_seconds())),
    }
    return page(request, "code", context, status=400 if error else 200)


@pages
@route(public="the link in a sign-in letter")
def link(request: Request, token: str) -> HttpResponse:
    """One press in the browser that asked (or on the operator's word); the code as well in any other."""
    challenge = queries.challenge_of_link(token, browser_of(request), clock.now())
    if challenge is None:
        return _closed_as(request, State.UNKNOWN, None, stuck=token)
    if challenge.asks_factor:
        return HttpResponseRedirect("/sign-in/factor")
    if challenge.state is not State.OPEN:
        return _closed(request, challenge, link=token)
    if request.method != "POST":
        return _link_page(request, challenge)
    return _try(request, challenge, link=token, typed=request.POST.get("code", ""))


def _link_page(request: HttpRequest, challenge: ChallengeRow, error: str = "") -> HttpResponse:
    template = "link_press" if challenge.needs is Proof.PRESS else "link_code"
    return page(request, template, {"error": error, "number": challenge.number}, status=400 if error else 200)


def _try(request: Request, challenge: ChallengeRow, *, link: str, typed: str) -> HttpResponse:
    """A human's POST. What is no six-digit code is answered without counting as a try."""
    digits = typed_code(typed)
    if digits is None and (not link or challenge.needs is Proof.CODE):
        return _wrong(request, challenge, link, _("The code has six digits. It stands in the letter."))
    browser = browser_of(request) or secrets.token()
    completed = actions.complete_challenge(
        browser=browser,
        link=link,
        code=digits or "",
        device=device_of(request),
        replaces=session_cookie(request),
        actor=VISITOR,
        now=clock.now(),
    )
    return _answer(request, completed, browser, challenge, link)


def _answer(
    request: Request, done: Completed, browser: str, challenge: ChallengeRow | None, link: str = ""
) -> HttpResponse:
    if done.session is not None:
        return let_in(request, done.session, done.next_path)
    if done.joins:
        return own(HttpResponseRedirect("/sign-in/join/company"), browser)
    if done.choosing:
        return own(HttpResponseRedirect("/sign-in/choose"), browser)
    if done.asks_factor:
        return own(HttpResponseRedirect("/sign-in/factor"), browser)
    if done.state is State.OPEN and challenge is not None:
        words = _("That is not the code of the last letter. %(n)s more tries.") % {"n": done.tries_left}
        return _wrong(request, challenge, link, words)
    return _closed_as(request, done.state, None, number=challenge.number if challenge else "")


def _wrong(request: HttpRequest, challenge: ChallengeRow, link: str, words: str) -> HttpResponse:
    return _link_page(request, challenge, words) if link else _code_page(request, challenge, words)


def _closed(request: HttpRequest, challenge: ChallengeRow, link: str = "") -> HttpResponse:
    at = challenge.used_at if challenge.state is State.USED else challenge.expires_at
    mail = challenge.kind is Kind.MAIL and not challenge.joins
    return _closed_as(request, challenge.state, at, link if mail else "", number=challenge.number)


def _closed_as(
    request: HttpRequest, state: State, at: datetime | None, link: str = "", *, number: str = "", stuck: str = ""
) -> HttpResponse:
    """In plain words why this door is closed, and the button that opens another.

    number: what to name to those who help; stuck: the link that nobody knows, for which one press gives a number.
    """
    context = {
        "state": state.value,
        "at": at,
        "link": link,
        "can_ask": bool(link) or asked_for(request).known,
        "number": number,
        "stuck": ("link", stuck) if stuck else None,
    }
    return page(request, "closed", context, status=404 if state is State.UNKNOWN else 410)


@pages
@route(public="choosing a partner after the mailbox was proven in this browser")
def choose(request: Request) -> HttpResponse:
    """The same mailbox at several partners: which one is it today?"""
    browser = browser_of(request)
    open_choices = queries.choices(browser, clock.now())
    if not open_choices:
        return HttpResponseRedirect("/sign-in")
    if request.method != "POST":
        return page(request, "choose", {"choices": open_choices})
    done = actions.choose_person(
        browser=browser,
        person_id=_uuid(request.POST.get("person", "")),
        device=device_of(request),
        replaces=session_cookie(request),
        actor=VISITOR,
        now=clock.now(),
    )
    return _answer(request, done, browser, None)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error


@pages
@route(public="the invitation in a launch letter, which signs nobody in")
def invitation(request: Request, token: str) -> HttpResponse:
    """Offers to send a code to the stored address. Past its date it renews itself by the same press."""
    invited = queries.invitation(token, clock.now(), browser_of(request))
    if invited is None or not invited.valid:
        return _uninvited(request, ("invitation", token))
    if request.visitor is not None and request.visitor.person_id == invited.person_id and request.method != "POST":
        return HttpResponseRedirect("/")
    if request.method != "POST" or invited.companys:
        return page(request, "invitation", {"invited": invited, "expired": invited.expires_at <= clock.now()})
    return ask(request, AskedFor(shown=invited.mailbox_masked, invitation=token))


def _uninvited(request: HttpRequest, stuck: tuple[str, str] | None, number: str = "") -> HttpResponse:
    context = {"state": "uninvited", "at": None, "link": "", "can_ask": False, "number": number, "stuck": stuck}
    return page(request, "closed", context, status=404)


@require_POST
@route(public="asking for help with a link that opens nothing")
def stuck(request: Request) -> HttpResponse:
    """A number to name, for a link or invitation that opens nothing. Only a press makes one: looking writes nothing."""
    link, invited = (request.POST.get(name, "")[:64] for name in ("link", "invitation"))
    if not link and not invited:
        raise NotFound
    number = shown_number(actions.report_stuck(link=link, invitation=invited, actor=VISITOR, now=clock.now()))
    if invited:
        return _uninvited(request, None, number)
    return _closed_as(request, State.UNKNOWN, None, number=number)
