"""The plan that every page stands on, and the facts they share."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request
from gangway.rollout.plans import actions, queries


class NoPlan(Refusal):
    code = "plans.no_plan"
    status = 404
    message = "No rollout plan runs yet."
    next_step = "Start one on the page “Plan”, or with `gangway plan new`."


@contextmanager
def at_host(request: Request) -> Iterator[None]:
    """The plan belongs to the vendor's own partner. Staff work there, whatever partners their grants reach beside."""
    with scopes.one(request.principal.partner_id):
        yield


def running() -> queries.PlanRow:
    """The running plan. Refuses with NoPlan."""
    plan = queries.current_plan()
    if plan is None:
        raise NoPlan()
    return plan


@dataclass(frozen=True, slots=True)
class Written:
    """What a page hands to an action: the plan, and the instant."""

    plan: queries.PlanRow
    now: datetime


@contextmanager
def writing(request: Request) -> Iterator[Written]:
    """Write in the host's scope; afterwards the criteria that this made due are asked, so that the page is right."""
    now = clock.now()
    with at_host(request):
        yield Written(running(), now)
    actions.evaluate_due(actor=Actor.job("plans.evaluate_due"), now=now)


def raci_of(request: Request, plan: queries.PlanRow) -> tuple[queries.RaciRowRow, ...]:
    """The RACI with its contacts named: call it outside `at_host`, where the reader's right reaches partners."""
    with at_host(request):
        rows = queries.raci(plan.id)
    return queries.name_contacts(rows)


def owners(rows: Iterable[queries.RaciRowRow]) -> dict[str, str]:
    """RACI row key → who does it."""
    return {row.key: row.responsible or row.title for row in rows}
