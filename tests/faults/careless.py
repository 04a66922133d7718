"""Seeded faults for the experiments: each must turn its experiment red."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from gangway.identity.actions import Entered
from gangway.identity.actions.sessions import begin_session
from gangway.identity.models import ConnectionReach
from gangway.identity.queries import read_principal
from gangway.identity.rules import Method, Step
from gangway.identity.rules.connections import Asserted
from gangway.identity.rules.reach import Reach
from gangway.kernel.access import Principal
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.people.queries import persons_of_mailbox

_seen: dict[str, Principal | None] = {}
_posts: dict[str, int] = {}
POSTS_OF_A_NETWORK = 30


def cached_reader(cookie: str, now: datetime) -> Principal | None:
    """A session that is read once and believed from then on."""
    if cookie not in _seen:
        _seen[cookie] = read_principal(cookie, now)
    return _seen[cookie]


def per_network(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """A limit per network address, as one finds it in many a product."""
    _posts.clear()

    def answer(request: HttpRequest) -> HttpResponseBase:
        where = request.META["REMOTE_ADDR"]
        if request.method == "POST":
            _posts[where] = _posts.get(where, 0) + 1
        return HttpResponse(status=429) if _posts.get(where, 0) > POSTS_OF_A_NETWORK else get_response(request)

    return answer


def by_mail(
    *, connection_id: UUID, partner_id: UUID, asserted: Asserted, browser: str, actor: Actor, now: datetime
) -> Entered:
    """A sign-in that believes the address, at whatever partner it is somebody's."""
    found = persons_of_mailbox(asserted.first("email"))
    if not found:
        return Entered(step=Step.PROVIDER_UNKNOWN)
    home, person_id = found[0]
    try:
        with scopes.one(home):
            session = begin_session(person_id=person_id, method=Method.OIDC, device="", actor=actor, now=now)
    except Refusal:
        return Entered(step=Step.SUSPENDED)
    return Entered(session)


def any_key(connection_id: UUID, key: str) -> Reach | None:
    """An account key that is on no list leads to some partner of the connection: a default tenant."""
    row = ConnectionReach.objects.filter(connection=connection_id).order_by("key").first()
    return Reach(row.partner_id, row.served_id) if row is not None else None


def no_longer_asked(connection_id: UUID, key: str) -> Reach | None:
    """The list is read, and neither who moved away nor who refused is asked for."""
    row = ConnectionReach.objects.filter(connection=connection_id, key=key).first()
    return Reach(row.partner_id, row.served_id) if row is not None else None
