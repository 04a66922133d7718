"""C6: the partner wall."""

from django.http import HttpResponse

from gangway.kernel import clock
from gangway.kernel.web import Request, route
from gangway.partners.queries import portfolio_of
from gangway.rollout.plans import access
from gangway.rollout.plans.queries import wall as queries
from gangway.ui import render


@route(right=access.SEE_WALL)
def wall(request: Request) -> HttpResponse:
    """A column per step, a tile per partner in reach; `?partners=mine`: of those the reader looks after."""
    mine = portfolio_of(request.principal.person_id)
    only_mine = bool(mine) and request.GET.get("partners") == "mine"
    columns = queries.wall(clock.now(), mine if only_mine else None)
    context = {
        "columns": columns,
        "sentence": queries.wall_words(columns),
        "mine": len(mine),
        "only_mine": only_mine,
    }
    return render(request, "plans/wall.jinja", context)
