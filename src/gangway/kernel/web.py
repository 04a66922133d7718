"""What every route passes: who is asking, may they, in which scope, and how a refusal looks.

@route(right=access.SEE_TEAM)
def team(request: Request) -> HttpResponse: ...

@route(public="strangers verify a certificate")
def verify(request: Request, number: str) -> HttpResponse: ...

team_at_the_desk = placed(team_of, DESK, right=access.SEE_TEAM)
"""

import functools
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.module_loading import import_string

from gangway.kernel import audit, clock
from gangway.kernel.access import Principal, Right
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes

P = ParamSpec("P")
Place = TypeVar("Place")
GetResponse = Callable[[HttpRequest], HttpResponseBase]


class Request(HttpRequest):
    """A request behind PrincipalMiddleware. `principal` is for routes with a right; `visitor` may be nobody."""

    visitor: Principal | None

    @property
    def principal(self) -> Principal:
        visitor = self.visitor
        if visitor is None:
            raise RuntimeError("This route is public: read request.visitor, which may be None.")
        return visitor


class FirstThingsFirst(Refusal):
    """Signed in, but something must be done before any other page opens."""

    code = "access.first_things_first"
    status = 403
    message = "Your account waits for one thing to be done first."
    next_step = "Open {page} in a browser."


class Forbidden(Refusal):
    """Signed in, but without the right a page needs."""

    code = "access.forbidden"
    status = 403
    message = "This page is for people who may do this: {words}."
    next_step = "Ask a platform admin for the role, or go back to your start page."


class OnlyLooking(Refusal):
    """Somebody looks at pages as another person sees them: nothing can be changed, by them or for them."""

    code = "access.only_looking"
    status = 403
    message = "You see what {name} sees, and can change nothing here."
    next_step = "Press Stop first; then it is you again."


class TheirsAlone(Refusal):
    """Answers, sign-ins and second factors are nobody else's, whatever their rights."""

    code = "access.theirs_alone"
    status = 403
    message = "This page is for {name} alone."
    next_step = "Go back to their other pages, or press Stop."


class TooLong(Refusal):
    """A form with files that would fill the disk before any view could look at it."""

    code = "web.too_long"
    status = 413
    message = "What was sent is longer than {n} MB."
    next_step = "Send a smaller file."


# Megabytes of a form with files, which Django writes to the disk before a view is asked. Other bodies are bounded by
# DATA_UPLOAD_MAX_MEMORY_SIZE. A course may have 64; beyond it the page that takes courses says what to do.
MOST_SENT, MOST_SENT_BY_STRANGERS = 80, 10
MEGABYTE = 1024 * 1024


def _is_longer(request: HttpRequest, most: int) -> bool:
    """Whether a form with files says so. A body of unknown length is not read at all, so the header tells the truth."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return request.content_type == "multipart/form-data" and length.isdecimal() and int(length) > most * MEGABYTE


def principal_middleware(get_response: GetResponse) -> GetResponse:
    """Read the session once per request; speak the person's language and zone while answering."""
    read = import_string(settings.PRINCIPAL_READER)

    def answer(request: HttpRequest) -> HttpResponseBase:
        with audit.one_request():
            cookie = request.COOKIES.get(settings.SESSION_COOKIE)
            visitor = read(cookie, clock.now()) if cookie else None
            request.visitor = visitor  # type: ignore[attr-defined]
            if not hasattr(type(request), "principal"):
                type(request).principal = Request.principal  # type: ignore[attr-defined]
            locale = visitor.locale if visitor else translation.get_language_from_request(request)
            zone = visitor.zone if visitor else None
            with _speaking(locale, zone):
                most = MOST_SENT if visitor else MOST_SENT_BY_STRANGERS
                if _is_longer(request, most):
                    return refuse(request, TooLong(n=most))
                return _within(lambda: _speaking(locale, zone), get_response(request))

    return answer


@contextmanager
def _speaking(locale: str, zone: str | None) -> Iterator[None]:
    with translation.override(locale), timezone.override(zone):
        yield


SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


@contextmanager
def _looking(visitor: Principal | None, method: str | None, private: bool) -> Iterator[None]:
    """Read-only for whoever sees with another person's eyes: refused by method, and by the database's first word."""
    if visitor is None or visitor.viewer is None:
        yield
        return
    if private:
        raise TheirsAlone(name=visitor.name)
    if method not in SAFE:
        raise OnlyLooking(name=visitor.name)

    def refuse_writes(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip()[:7].upper().startswith(WRITES):
            raise OnlyLooking(name=visitor.name)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse_writes):
        yield


def route(
    *,
    right: Right | None = None,
    public: str = "",
    opens_early: bool = False,
    private: bool = False,
    ends_viewing: bool = False,
) -> Callable[[Callable[Concatenate[Request, P], HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Declare who may enter a view: exactly one of a right, or the reason why everybody may.

    opens_early: also for those who must be done with another page first (Principal.must_first).
    private: nobody sees it through another person's eyes. ends_viewing: the one way back from there.
    """
    if (right is None) == (not public):
        raise TypeError("A route declares a right, or says why it is public.")

    def declare(view: Callable[Concatenate[Request, P], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def enter(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            ours = cast(Request, request)
            try:
                with nullcontext() if ends_viewing else _looking(ours.visitor, request.method, private):
                    if right is None:
                        return view(ours, *args, **kwargs)
                    if ours.visitor is None:
                        return _to_sign_in(request)
                    if ours.visitor.must_first and not opens_early:
                        return _to_first_thing(request, reverse(ours.visitor.must_first))
                    if not right.allows(ours.visitor):
                        raise Forbidden(words=right.words)
                    scope = right.scope(ours.visitor)
                    with scopes.within(scope):
                        return _within(lambda: scopes.within(scope), view(ours, *args, **kwargs))
            except Refusal as refusal:
                return refuse(request, refusal)

        enter.right = right  # type: ignore[attr-defined]
        enter.public = public  # type: ignore[attr-defined]
        return enter

    return declare


def placed(
    view: Callable[Concatenate[Request, Place, P], HttpResponseBase], place: Place, *, right: Right
) -> Callable[..., HttpResponseBase]:
    """The route by which a view that several places have is entered from one of them; the view is told which."""

    @functools.wraps(view)
    def enter(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return view(request, place, *args, **kwargs)

    return route(right=right)(enter)


def refuse(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A refusal as a page, or as JSON for those who asked for it. NotFound looks the same whatever its cause."""
    if isinstance(refusal, NotFound):
        refusal = NotFound()
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse(refusal.as_dict(), status=refusal.status)
    context = {"refusal": refusal, "message": refusal.said, "step": refusal.step, "status": refusal.status}
    return HttpResponse(render_to_string("ui/errors/refusal.jinja", context, request=request), status=refusal.status)


def _to_first_thing(request: HttpRequest, target: str) -> HttpResponse:
    if request.headers.get("Accept", "").startswith("application/json"):
        return refuse(request, FirstThingsFirst(page=target))
    return _away_to(request, target)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"code": "access.signed_out", "message": "Sign in first.", "next_step": ""}, status=401)
    return _away_to(request, reverse(settings.SIGN_IN_ROUTE))


def _away_to(request: HttpRequest, target: str) -> HttpResponse:
    """To another page, which leads back here afterwards."""
    there = request.get_full_path() if request.method == "GET" else ""
    response = HttpResponseRedirect(f"{target}?{urlencode({'next': there})}" if there not in ("", "/") else target)
    if request.headers.get("HX-Request"):
        response = HttpResponseRedirect(target)
        response.status_code = 204
        response.headers["HX-Redirect"] = target
    return response


def _within(around: Callable[[], AbstractContextManager[Any]], response: HttpResponseBase) -> HttpResponseBase:
    """A streaming body is read after the view returned: each of its pieces is made within what the view ran in."""
    if isinstance(response, StreamingHttpResponse):
        response.streaming_content = _pieces(around, cast(Iterable[Any], response.streaming_content))
    return response


def _pieces(around: Callable[[], AbstractContextManager[Any]], body: Iterable[Any]) -> Iterator[Any]:
    iterator = iter(body)
    while True:
        with around():
            try:
                piece = next(iterator)
            except StopIteration:
                return
        yield piece
