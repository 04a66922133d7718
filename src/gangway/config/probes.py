"""What machines ask of the installation: does it live, may it take requests, how is it doing."""

from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST

from gangway.config.metrics import exposition
from gangway.kernel import clock
from gangway.kernel.access import Right
from gangway.kernel.refusal import NotFound
from gangway.kernel.web import Request, route

ME = Right("config.me.see", "sees who they are signed in as", own=True)
_ready_since: list[bool] = []  # migrations only ever move forward under a running process


@route(public="a supervisor asks whether this process answers")
def healthz(request: Request) -> HttpResponse:
    """200 as soon as a process answers; touches nothing."""
    return HttpResponse("ok\n", content_type="text/plain")


@route(public="a load balancer asks whether to send requests here")
def readyz(request: Request) -> HttpResponse:
    """200 when the database answers and every migration is applied, else 503 and why."""
    problem = _problem()
    return HttpResponse(f"{problem or 'ready'}\n", content_type="text/plain", status=503 if problem else 200)


@route(public="Prometheus reads numbers, from this machine only")
def metrics(request: Request) -> HttpResponse:
    """Numbers only, for a scraper on this machine; through a proxy, or from elsewhere, it does not exist."""
    forwarded = "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META
    if forwarded or request.META.get("REMOTE_ADDR") not in {"127.0.0.1", "::1"}:
        raise NotFound
    return HttpResponse(exposition(clock.now()), content_type=CONTENT_TYPE_LATEST)


def _problem() -> str:
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _ready_since:
            executor = MigrationExecutor(connections["default"])
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                return "migrations are missing"
            _ready_since.append(True)
    except DatabaseError:
        return "the database does not answer"
    return ""


@route(right=ME)
def me(request: Request) -> JsonResponse:
    """Who this session belongs to. Reads nothing but session, person and partner: the floor of `gangway bench`."""
    who = request.principal
    return JsonResponse({"name": who.name, "partner": who.partner_name, "locale": who.locale, "zone": who.zone})
