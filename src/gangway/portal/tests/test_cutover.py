"""A cutover as a page: what is next, what was seen, who said so."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.world import OPERATOR, World

from gangway.kernel import clock, wiring
from gangway.kernel.ids import new_id
from gangway.kernel.tenancy import scopes
from gangway.portal.tests.test_outward import here, upload
from gangway.portal.views.cutover import took
from gangway.rollout.operations import actions, queries
from gangway.rollout.operations.models import Cutover
from gangway.rollout.operations.rules import written
from gangway.rollout.rehearsal.events import RehearsalEnded

Browse = Callable[[Any], Client]


@pytest.fixture
def begun(world: World) -> Any:
    return actions.begin_cutover(actor=OPERATOR, now=clock.now() - timedelta(minutes=12))


def page(browser: Client, cutover_id: Any) -> str:
    return browser.get(reverse("operations:cutover", args=[cutover_id])).content.decode()


def note(browser: Client, cutover_id: Any, step: str, words: str = "", result: str = "expected") -> Any:
    told = {"step": step, "words": words, "result": result}
    return browser.post(reverse("operations:note_step", args=[cutover_id]), told)


def test_it_is_begun_once_and_carried_on(world: World, client_of: Browse) -> None:
    dee = client_of(world.dee)
    assert "Nobody has carried it out yet." in dee.get(reverse("operations:outward")).content.decode()
    first, second = (dee.post(reverse("operations:begin_cutover")) for _ in range(2))
    (row,) = queries.cutovers()
    assert first["Location"] == second["Location"] == reverse("operations:cutover", args=[row.id])
    shown = dee.get(reverse("operations:outward")).content.decode()
    assert "Carry it on" in shown
    assert "0 of 8 steps went as expected. Next: Look at what differs." in shown


def test_what_gangway_must_see_cannot_be_said_before(world: World, client_of: Browse, begun: Any) -> None:
    dee = client_of(world.dee)
    shown = page(dee, begun)
    assert "Step 1 of 8: Look at what differs" in shown
    assert "gangway config export &gt; sandbox.json" in shown
    assert "Gangway has not seen it yet" in shown
    refused = note(dee, begun, "look", "I saw it")
    assert refused.status_code == 409
    assert "since the one before it no export was compared" in refused.content.decode()
    upload(dee, written(here(), "sandbox"))
    assert "Gangway saw it on" in page(dee, begun)
    assert note(dee, begun, "look").status_code == 302
    shown = page(dee, begun)
    assert "Seen by Gangway" in shown
    assert "12 minutes" in shown
    assert "Step 2 of 8" in shown


def test_a_step_that_went_otherwise_needs_words_and_stays(world: World, client_of: Browse, begun: Any) -> None:
    dee = client_of(world.dee)
    upload(dee, written(here(), "sandbox"))
    note(dee, begun, "look")
    for result in ("expected", "otherwise"):
        refused = note(dee, begun, "before", result=result)
        assert refused.status_code == 422
        assert "Say in a few words what you saw." in refused.content.decode()
    note(dee, begun, "before", "A course <b>failed</b>.", result="otherwise")
    shown = page(dee, begun)
    assert "Went otherwise" in shown
    assert "A course &lt;b&gt;failed&lt;/b&gt;." in shown
    assert "Step 2 of 8" in shown
    note(dee, begun, "before", "Done.")
    assert f"Said by {world.dee.name}" in page(dee, begun)
    assert note(dee, begun, "before", "Again.").status_code == 409


def test_it_is_ended_with_a_reason(world: World, client_of: Browse, begun: Any) -> None:
    dee, ends = client_of(world.dee), reverse("operations:end_cutover", args=[begun])
    assert dee.post(ends, {"why": ""}).status_code == 422
    assert dee.post(ends, {"why": "The directory was down."}).status_code == 302
    shown = page(dee, begun)
    assert "Ended: 0 of 8 steps went as expected. “The directory was down.”" in shown
    assert "It went as expected" not in shown
    assert dee.post(ends, {"why": "Twice."}).status_code == 409
    assert "Ended before" in dee.get(reverse("operations:outward")).content.decode()


def test_who_may_not_promote_looks_and_a_partner_finds_nothing(world: World, client_of: Browse, begun: Any) -> None:
    missing = new_id()
    for who, status in ((world.dee, 200), (world.ana, 403)):
        assert client_of(who).get(reverse("operations:cutover", args=[begun])).status_code == status
    assert client_of(world.dee).get(reverse("operations:cutover", args=[missing])).status_code == 404
    for name in ("operations:note_step", "operations:end_cutover"):
        assert client_of(world.dee).post(reverse(name, args=[missing])).status_code == 404
        assert client_of(world.ana).post(reverse(name, args=[begun])).status_code == 403
    assert client_of(world.ana).post(reverse("operations:begin_cutover")).status_code == 403


def test_the_page_asks_as_much_however_much_was_noted(world: World, client_of: Browse, begun: Any) -> None:
    dee = client_of(world.dee)
    upload(dee, written(here(), "sandbox"))
    note(dee, begun, "look")
    note(dee, begun, "before", "Done.")
    page(dee, begun)
    with CaptureQueriesContext(connection) as few:
        page(dee, begun)
    note(dee, begun, "try", "No.", result="otherwise")
    note(dee, begun, "try", "Done.")
    with CaptureQueriesContext(connection) as many:
        page(dee, begun)
    assert len(few) == len(many)


def test_a_rehearsal_that_passed_is_heard(world: World, begun: Any) -> None:
    now = clock.now()
    event = RehearsalEnded(run_id=new_id(), passed=True, failed="")
    with scopes.one(world.host):
        for reaction in wiring.groups()["operations"][RehearsalEnded.name]:
            reaction.handler(event, wiring.Fact(new_id(), world.host, event.run_id, now, 1, OPERATOR))
        assert Cutover.objects.get().rehearsed_at == now


def test_durations_are_said_as_people_say_them() -> None:
    assert [took(seconds) for seconds in (0, 1, 59, 60, 3_600)] == [
        "0 seconds", "1 second", "59 seconds", "1 minute", "60 minutes",
    ]  # fmt: skip
