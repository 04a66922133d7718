"""What a browser keeps about getting in: which challenge is its own, for which address, and the session."""

import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from gangway.identity.actions import NewSession
from gangway.identity.rules import CHALLENGE_LIFE, CHOICE_LIFE, device, safe_next
from gangway.identity.rules.connections import FALLBACK_LIFE
from gangway.kernel import clock, secrets

ASKED, ASKED_FOR = "gangway_asked", "gangway_asked_for"
DOORS = "/sign-in"
SECONDS = int((CHALLENGE_LIFE + CHOICE_LIFE).total_seconds())
KNOWN = int(FALLBACK_LIFE.total_seconds())  # so long what a company answered in a browser counts there


@dataclass(frozen=True, slots=True)
class AskedFor:
    """How a browser asks: by an address `typed`, or by the `invitation` or `link` of a letter sent to one.

    `joining`: what a stranger said who wants to join, sealed.
    """

    shown: str = ""
    typed: str = ""
    invitation: str = ""
    link: str = ""
    next_path: str = "/"
    joining: str = ""

    @property
    def known(self) -> bool:
        return bool(self.typed or self.invitation or self.link)


def page(request: HttpRequest, template: str, context: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """A page that no cache keeps: it may hold a secret, or belong to one moment."""
    response = render(request, f"identity/{template}.jinja", context or {}, status=status)
    response["Cache-Control"] = "no-store"
    return response


def browser_of(request: HttpRequest) -> str:
    """The secret by which this browser's challenges are its own; "" where it never asked."""
    return request.COOKIES.get(ASKED, "")[:64]


def asked_for(request: HttpRequest) -> AskedFor:
    """What this browser asked for, from a cookie only we can read or write."""
    try:
        return AskedFor(**json.loads(secrets.unseal(request.COOKIES.get(ASKED_FOR, ""))))
    except (ValueError, TypeError, InvalidTag):
        return AskedFor()


def remember(response: HttpResponse, browser: str, asked: AskedFor) -> HttpResponse:
    """Make the challenge this browser's own."""
    words = json.dumps({name: getattr(asked, name) for name in AskedFor.__slots__})
    keep(response, ASKED_FOR, secrets.seal(words), path=DOORS, max_age=SECONDS)
    return own(response, browser)


def own(response: HttpResponse, browser: str) -> HttpResponse:
    """Let a browser be known at the doors: by a challenge that it asked for or proved, or by what its company said."""
    keep(response, ASKED, browser, path=DOORS, max_age=KNOWN)
    return response


def let_in(request: HttpRequest, session: NewSession, next_path: str) -> HttpResponse:
    """Signed in: the session's cookie, and on to the welcome or to where they wanted to go."""
    target = safe_next(next_path)
    if session.welcome:
        target = f"{reverse('identity:welcome')}?{urlencode({'next': target})}"
    response = HttpResponseRedirect(target)
    left = int((session.expires_at - clock.now()).total_seconds())
    keep(response, settings.SESSION_COOKIE, session.cookie, path="/", max_age=left)
    for name in (ASKED, ASKED_FOR):
        response.delete_cookie(name, path=DOORS)
    rotate_token(request)
    return response


def device_of(request: HttpRequest) -> str:
    return device(request.headers.get("User-Agent", ""))


def session_cookie(request: HttpRequest) -> str:
    return request.COOKIES.get(settings.SESSION_COOKIE, "")


def keep(response: HttpResponse, name: str, value: str, *, path: str, max_age: int) -> None:
    """A cookie that no script reads and no other site sends along."""
    response.set_cookie(
        name, value, max_age=max_age, path=path, httponly=True, samesite="Lax", secure=settings.SESSION_SECURE
    )
