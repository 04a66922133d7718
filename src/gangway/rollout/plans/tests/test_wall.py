"""C6: where each partner stands, by what was seen, in a constant number of statements."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gangway.identity.actions.sessions import begin_session
from gangway.identity.rules import Method
from gangway.kernel.actor import Actor
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.kernel.tenancy.scopes import Mode, Scope
from gangway.partners import actions as partners
from gangway.rollout.plans.queries import wall as queries
from gangway.rollout.plans.rules.steps import Step

OPERATOR = Actor.operator()


def steps(now: datetime) -> dict[str, Step]:
    with scopes.host():
        return {tile.slug: column.step for column in queries.wall(now) for tile in column.tiles}


def test_a_partner_moves_by_what_was_seen(world: Any, now: datetime) -> None:
    assert steps(now) == {"nordwind": Step.TEAM_NAMED, "suedstern": Step.AGREED}
    with scopes.one(world.suedstern):
        begin_session(person_id=world.caz.id, method=Method.CODE, device="", actor=world.caz.actor, now=now)
    later = now + timedelta(days=20)
    assert steps(later) == {"nordwind": Step.TEAM_NAMED, "suedstern": Step.DOOR_CHOSEN}
    with scopes.host():
        columns = queries.wall(later)
    (caz,) = next(column for column in columns if column.step is Step.DOOR_CHOSEN).tiles
    assert (caz.days, caz.stuck, caz.skipped) == (20, True, ("Team named",))
    assert queries.wall_words(columns) == (
        "0 of 2 partners have somebody who signed in; 0 have a first award. "
        "2 stand still for 14 days or more; Nordwind longest, for 20 days."
    )


def test_the_admin_who_agrees_is_not_yet_the_teams_first_sign_in(world: Any, now: datetime) -> None:
    with scopes.one(world.nordwind):
        begin_session(person_id=world.ben.id, method=Method.CODE, device="", actor=world.ben.actor, now=now)
    assert steps(now)["nordwind"] is Step.DOOR_CHOSEN
    with scopes.one(world.nordwind):
        begin_session(person_id=world.ana.id, method=Method.CODE, device="", actor=world.ana.actor, now=now)
    assert steps(now)["nordwind"] is Step.FIRST_SIGN_IN


def test_a_sign_in_on_the_operators_word_is_no_step(world: Any, now: datetime) -> None:
    unproven = next(method for method in Method if not method.proves_mailbox)
    with scopes.one(world.suedstern):
        begin_session(person_id=world.caz.id, method=unproven, device="", actor=world.caz.actor, now=now)
    assert steps(now)["suedstern"] is Step.AGREED


def test_hosts_shells_and_closed_partners_have_no_tile(world: Any, now: datetime) -> None:
    partners.apply_partners(rows=[Line(2, {"slug": "shell", "name": "S", "kind": "shell"})], actor=OPERATOR, now=now)
    assert set(steps(now)) == {"nordwind", "suedstern"}


def test_a_channel_manager_sees_their_own_partners_only(world: Any, now: datetime) -> None:
    with scopes.one(world.nordwind):
        partners.set_portfolio(person_id=world.dee.id, looked_after=True, actor=OPERATOR, now=now)
    with scopes.within(Scope(Mode.PORTFOLIO, person_id=world.dee.id)):
        tiles = [tile.slug for column in queries.wall(now) for tile in column.tiles]
    assert tiles == ["nordwind"]


def test_the_wall_costs_the_same_for_any_number_of_partners(world: Any, now: datetime) -> None:
    def cost() -> int:
        with (
            scopes.host(),
            CaptureQueriesContext(
                connection,
            ) as seen,
        ):
            queries.wall(now)
        return len(seen)

    before = cost()
    rows = [Line(n, {"slug": f"p{n}", "name": f"Partner {n}", "type": "msp"}) for n in range(2, 32)]
    partners.apply_partners(rows=rows, actor=OPERATOR, now=now)
    assert cost() == before


@pytest.mark.usefixtures("now")
def test_the_page_and_who_may_see_it(world: Any, client_of: Any) -> None:
    text = client_of(world.dee).get(reverse("plans:wall")).content.decode()
    assert "Nordwind" in text
    assert "Südstern" in text
    for outsider in (world.ben, world.ana):
        answer = client_of(outsider).get(reverse("plans:wall"))
        assert answer.status_code == 403
        assert "Südstern" not in answer.content.decode()
