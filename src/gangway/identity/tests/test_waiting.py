"""For what a connection waits that is not open yet: said to the channel manager and to the partner."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.identity import actions
from gangway.identity.queries import waiting_connections
from gangway.identity.rules.connections import ConnectionKind, ConnectionState
from gangway.identity.rules.trial import Met, Rule, refused
from gangway.identity.rules.waiting import Tried, Waiting, WaitsFor, waits_for
from gangway.identity.tests.conftest import ME, World
from gangway.identity.tests.connections import prove
from gangway.identity.tests.test_connection_pages import browser_of
from gangway.identity.tests.test_it import draft
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TIMES = st.integers(0, 1000).map(lambda hours: NOW - timedelta(hours=hours))


@given(
    made_at=TIMES,
    signs_in=st.booleans(),
    told_at=st.none() | TIMES,
    tried=st.none() | st.builds(Tried, at=TIMES, passed=st.booleans()),
    proven=st.booleans(),
    asked_zones=st.lists(TIMES, max_size=2),
)
def test_it_waits_for_one_thing_that_is_missing(
    made_at: datetime,
    signs_in: bool,
    told_at: datetime | None,
    tried: Tried | None,
    proven: bool,
    asked_zones: list[datetime],
) -> None:
    found = waits_for(
        made_at=made_at, signs_in=signs_in, told_at=told_at, tried=tried, proven=proven, asked_zones=asked_zones
    )
    ready = not signs_in or (told_at is not None and tried is not None and tried.passed)
    by_state = {WaitsFor.OPENING: proven, WaitsFor.DNS: not proven and bool(asked_zones)}
    by_state[WaitsFor.ADMIN] = not proven and not asked_zones
    if ready:
        assert by_state[found.what]
    else:
        assert found.what in (WaitsFor.VALUES, WaitsFor.TRY, WaitsFor.MENDING)
    times = {made_at, *asked_zones} | {at for at in (told_at, tried.at if tried else None) if at}
    assert found.since in times


def test_a_failed_try_waits_for_a_better_one() -> None:
    given_ = {"made_at": NOW, "signs_in": True, "told_at": NOW, "proven": True, "asked_zones": []}
    assert waits_for(tried=Tried(NOW, False), **given_) == Waiting(WaitsFor.MENDING, NOW)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_the_channel_manager_sees_for_what_it_waits(house: World) -> None:
    dee, now = browser_of(house.dee), clock.now()
    pages = [f"/console/partners/{house.ana.partner_id}{more}" for more in ("", "/connections")]

    def said() -> WaitsFor:
        with scopes.one(house.ana.partner_id):
            (row,) = waiting_connections(now)
        for path in [*pages, f"{pages[1]}/{row.id}"]:
            assert row.words.partition("%(moment)s")[0] in unescape(dee.get(path).content.decode()), path
        return row.what

    with scopes.one(house.ana.partner_id):
        made = actions.add_connection(kind=ConnectionKind.OIDC, key="oidc-0", name="Okta", actor=ME, now=now)
    assert said() is WaitsFor.VALUES
    with scopes.one(house.ana.partner_id):
        actions.set_connection_state(connection_id=made, state=ConnectionState.OFF, actor=ME, now=now)
    shown = draft(house)
    assert said() is WaitsFor.TRY
    with scopes.one(house.ana.partner_id):
        actions.keep_trial(connection_id=shown.id, met=refused("oidc.issuer", "x"), claims=[], actor=ME, now=now)
    assert said() is WaitsFor.MENDING
    with scopes.one(house.ana.partner_id):
        actions.keep_trial(connection_id=shown.id, met=[Met(Rule.SIGNED, True)], claims=[], actor=ME, now=now)
    assert said() is WaitsFor.ADMIN
    with scopes.one(house.ana.partner_id):
        actions.claim_domain(name="nordwind.example", actor=ME, now=now)
    assert said() is WaitsFor.DNS
    prove(house.ana.partner_id)
    assert said() is WaitsFor.OPENING
    with scopes.one(house.ana.partner_id):
        actions.open_tried(connection_id=shown.id, actor=ME, now=now)
        assert waiting_connections(now) == ()
    with scopes.one(house.caz.partner_id):
        assert waiting_connections(now) == ()
