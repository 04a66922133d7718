"""The house with one fault, for the scanners to find: the link's page lets in whoever presses, or merely looks."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import path

from gangway.config.urls import urlpatterns as house
from gangway.identity.actions.sessions import begin_session
from gangway.identity.models import Challenge
from gangway.identity.queries.doors import link_digest
from gangway.identity.rules import Method
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes


def careless(request: HttpRequest, token: str) -> HttpResponse:
    """A magic link as many products build it."""
    row = Challenge.objects.filter(link=link_digest(token), used_at=None).first()
    if row is None or request.method == "HEAD":
        return HttpResponse("used")
    Challenge.objects.filter(pk=row.pk).update(used_at=clock.now())
    who, now = row.people[0], clock.now()
    with scopes.one(UUID(who["partner"])):
        begin_session(person_id=UUID(who["person"]), method=Method.LINK, device="", actor=Actor.operator(), now=now)
    return HttpResponse("in")


urlpatterns = [path("sign-in/link/<str:token>", careless, name="careless"), *house]
