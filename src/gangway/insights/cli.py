"""`gangway kpi`: the figures, as sentences or as one JSON document."""

from typing import Annotated

import typer

from gangway.insights import queries
from gangway.insights.actions import rebuild_journeys, recount
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.console import console, emit
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners


def kpi(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    partner: Annotated[str | None, typer.Option(help="Only this partner, by its key.")] = None,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="First count everything anew; let the worker stand still meanwhile.")
    ] = False,
) -> None:
    """Say where the KPIs stand, with how many people each rests on.

    Example: gangway kpi --partner nordwind --json
    """
    if rebuild:
        _rebuild()
    with scopes.one(partners.find_partner(partner).id) if partner else scopes.host():
        found = queries.figures(clock.now())
    emit(queries.document(found, partner), as_json, lambda: _say(found))


def _rebuild() -> None:
    """Journeys partner by partner, then all counts from them."""
    now, actor = clock.now(), Actor.operator()
    for partner_id in partners.partner_ids():
        with scopes.one(partner_id):
            rebuild_journeys(actor=actor, now=now)
    recount(actor=actor, now=now)


def _say(found: queries.Figures) -> None:
    console.print(f"{found.funnel_sentence}.".replace("..", "."), markup=False)
    for row in found.kpis:
        target = f", target over {round(row.kpi.target * 100)} %" if row.kpi.target is not None else ""
        verdict = f" [{row.verdict}{target}]" if row.verdict else ""
        console.print(f"\n{row.kpi.title}{verdict}\n  {row.sentence}", markup=False)
    if found.events_waiting:
        console.print(f"\n{found.events_waiting} facts are not counted yet; the worker is counting them.", markup=False)
