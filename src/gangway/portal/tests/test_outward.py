"""Connections out: the canary as a picture, the other environment as a diff, promoting and taking it back."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.world import OPERATOR, World

from gangway.identity import actions as identity
from gangway.identity import queries as identity_queries
from gangway.identity.actions.scim.holding import open_hold
from gangway.identity.rules import Step
from gangway.identity.rules.connections import ConnectionKind
from gangway.identity.rules.scim import HoldKind
from gangway.kernel import clock
from gangway.kernel.evidence import Asking, Finding
from gangway.kernel.ids import new_id
from gangway.kernel.models import AuditEntry
from gangway.kernel.tenancy import scopes
from gangway.partners.actions import edit_partner
from gangway.rollout.operations import actions as operations
from gangway.rollout.operations import queries
from gangway.rollout.operations.evidence import diff_empty
from gangway.rollout.operations.models import Comparison
from gangway.rollout.operations.rules import digest_of, read, written
from gangway.rollout.rehearsal import actions as rehearsal
from gangway.rollout.rehearsal import queries as rehearsals
from gangway.rollout.rehearsal.evidence import canary_green
from gangway.rollout.rehearsal.rules import Cause

PAGE = "operations:outward"
Browse = Callable[[Any], Client]


@pytest.fixture(autouse=True)
def environment(settings: Any) -> None:
    settings.GANGWAY_ENVIRONMENT = "production"


def here() -> dict[str, dict[str, dict[str, Any]]]:
    found: dict[str, dict[str, dict[str, Any]]] = copy.deepcopy(json.loads(json.dumps(queries.configured())))
    return found


def upload(browser: Client, text: str, name: str = "sandbox.json") -> Any:
    return browser.post(reverse("operations:compare"), {"file": SimpleUploadedFile(name, text.encode())})


def finding(world: World) -> Finding:
    with scopes.host():
        return diff_empty(Asking(host_id=world.host, plan_id=new_id(), now=clock.now()))


def test_nothing_was_compared_and_no_night_rehearsed(world: World, client_of: Browse) -> None:
    page = client_of(world.dee).get(reverse(PAGE)).content.decode()
    assert "No night was rehearsed in the last 30 days." in page
    assert "Nobody has compared this installation" in page
    assert "No event is parked" in page
    assert page.count('<tr><th scope="row">') == 30
    assert finding(world).n == 0


def test_connections_of_partners_that_do_not_work_are_named(world: World, client_of: Browse) -> None:
    dee, now = client_of(world.dee), clock.now()
    assert "No partner has opened a connection yet" in dee.get(reverse(PAGE)).content.decode()
    with scopes.one(world.nordwind):
        said: dict[str, Any] = {"active": True, "actor": OPERATOR, "now": now}
        made = [
            identity.add_connection(kind=kind, key=kind.value, name=f"By {kind.value}", **said)
            for kind in (ConnectionKind.OIDC, ConnectionKind.SCIM)
        ]
    page = dee.get(reverse(PAGE)).content.decode()
    assert "2 connections of partners are open, and none of them failed within a week." in page
    for step in (Step.PROVIDER_BROKEN, Step.PROVIDER_BROKEN, Step.PROVIDER_REFUSED):
        identity.note_provider_failure(
            connection_id=made[0], partner_id=world.nordwind, step=step, reason="no_answer", actor=OPERATOR, now=now
        )
    with CaptureQueriesContext(connection) as once:
        page = dee.get(reverse(PAGE)).content.decode()
    assert "2 connections of partners are open; 1 does not work as it should." in page
    assert "2 sign-ins failed within a week for a reason of the connection." in page
    assert reverse("identity:connection_of", args=[world.nordwind, made[0]]) in page
    with scopes.one(world.nordwind):
        open_hold(connection_id=made[1], kind=HoldKind.REMOVALS, seen=11, allowed=10, actor=OPERATOR, now=now)
    with CaptureQueriesContext(connection) as twice:
        page = dee.get(reverse(PAGE)).content.decode()
    assert "it waits for a decision" in page
    assert len(once) == len(twice)
    with scopes.host():
        later = identity_queries.connected(now + timedelta(days=8))
    assert [(row.failed, row.held_at) for row in later.rows] == [(0, now)]


def test_an_equal_export_is_evidence_until_something_is_configured(world: World, client_of: Browse) -> None:
    dee = client_of(world.dee)
    assert upload(dee, written(here(), "sandbox")).status_code == 302
    page = dee.get(reverse(PAGE)).content.decode()
    assert "Sandbox and production differ in nothing." in page
    assert "by Dee Diaz, in the file sandbox.json" in page
    assert finding(world).holds
    with scopes.one(world.nordwind):
        edit_partner(said={"accent": "#123456"}, actor=OPERATOR, now=clock.now())
    assert "Something was configured here since" in dee.get(reverse(PAGE)).content.decode()
    assert not finding(world).holds


def test_an_export_of_the_same_environment_proves_nothing(world: World, client_of: Browse) -> None:
    upload(client_of(world.dee), written(here(), "production"))
    assert finding(world).n == 1
    assert not finding(world).holds
    assert "proves nothing" in str(finding(world).words)


def test_what_differs_is_promoted_from_the_page_and_taken_back(world: World, client_of: Browse) -> None:
    dee, before, wanted = client_of(world.dee), here(), here()
    wanted["partners"]["nordwind"]["accent"] = "#123456"
    wanted["courses"]["x"] = {"title": "X"}
    upload(dee, written(wanted, "sandbox"))
    assert not finding(world).holds
    page = dee.get(reverse(PAGE)).content.decode()
    assert "Sandbox and production differ in 2 places." in page
    assert "partners nordwind, accent" in page
    assert "Promote 1 difference" in page
    assert "By hand: Publish" in page
    row = queries.latest_comparison()
    assert row is not None
    assert dee.post(reverse("operations:promote", args=[row.id])).status_code == 302
    assert here()["partners"]["nordwind"]["accent"] == "#123456"
    (made,) = queries.promotions()
    assert made.actor_id == str(world.dee.id)
    again = dee.post(reverse("operations:promote", args=[row.id]))
    assert again.status_code == 409
    assert "has changed since its differences were looked at" in again.content.decode()
    assert dee.post(reverse("operations:undo", args=[made.id])).status_code == 302
    assert here() == before
    assert dee.post(reverse("operations:undo", args=[made.id])).status_code == 409
    assert "Taken back on" in dee.get(reverse(PAGE)).content.decode()


def test_a_refusal_stands_on_the_page_and_nothing_was_changed(world: World, client_of: Browse) -> None:
    dee, before, wanted = client_of(world.dee), here(), here()
    wanted["types"]["reseller"]["name"] = "Dealer"
    wanted["partners"]["nordwind"]["zone"] = "Mars/North"
    upload(dee, written(wanted, "sandbox"))
    row = queries.latest_comparison()
    assert row is not None
    answer = dee.post(reverse("operations:promote", args=[row.id]))
    assert answer.status_code == 409
    assert "partners nordwind, zone cannot be set" in answer.content.decode()
    assert here() == before


def test_only_the_latest_comparison_can_be_promoted(world: World, client_of: Browse) -> None:
    dee, wanted = client_of(world.dee), here()
    wanted["types"]["reseller"]["name"] = "Dealer"
    upload(dee, written(wanted, "sandbox"))
    old = queries.latest_comparison()
    assert old is not None
    upload(dee, written(here(), "sandbox"))
    assert dee.post(reverse("operations:promote", args=[old.id])).status_code == 404
    with scopes.host():
        assert Comparison.objects.count() == 2  # both stay as evidence


@pytest.mark.parametrize(
    "text", ["", "no json", '{"gangway": 1}', '{"gangway": 2, "environment": "sandbox"}', "edited"]
)
def test_a_file_that_cannot_be_used_is_said_beside_the_field(world: World, client_of: Browse, text: str) -> None:
    if text == "edited":
        text = written(here(), "sandbox").replace("Nordwind", "Westwind")
    answer = upload(client_of(world.dee), text)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert queries.latest_comparison() is None


def test_who_has_no_right_changes_nothing(world: World, client_of: Browse) -> None:
    row = operations.compare(export=read(written(here(), "sandbox")), source="x", actor=OPERATOR, now=clock.now())
    for person in (world.ana, world.ben, world.caz):
        browser = client_of(person)
        assert browser.get(reverse(PAGE)).status_code == 403
        assert upload(browser, written(here(), "sandbox")).status_code == 403
        for route in (reverse("operations:promote", args=[row]), reverse("operations:undo", args=[row])):
            assert browser.post(route).status_code == 403
        assert browser.post(reverse("operations:canary"), {"on": "yes"}).status_code == 403
    dee = client_of(world.dee)
    for name in ("promote", "undo"):
        assert dee.post(reverse(f"operations:{name}", args=[new_id()])).status_code == 404
    assert not rehearsals.canary_on()


# ---------------------------------------------------------------- the canary


def test_the_switch_goes_before_the_setting(world: World, client_of: Browse, settings: Any) -> None:
    dee = client_of(world.dee)
    settings.REHEARSE_NIGHTLY = True
    assert rehearsals.canary_on()
    assert "The nightly rehearsal is switched on." in dee.get(reverse(PAGE)).content.decode()
    assert dee.post(reverse("operations:canary"), {"on": "no"}).status_code == 302
    assert not rehearsals.canary_on()
    assert "The nightly rehearsal is switched off." in dee.get(reverse(PAGE)).content.decode()
    dee.post(reverse("operations:canary"), {"on": "no"})
    (entry,) = AuditEntry.objects.filter(verb="rehearsal.canary.set")
    assert entry.changes == {"was": True, "on": False}
    settings.REHEARSE_NIGHTLY = False
    dee.post(reverse("operations:canary"), {"on": "yes"})
    assert rehearsals.canary_on()


def test_each_night_has_its_place(world: World, client_of: Browse) -> None:
    now = clock.now()
    shell = rehearsal.lay_ground(type_key="", actor=OPERATOR, now=now)
    with scopes.one(shell):
        for back, passed in ((1, True), (2, True), (3, False), (40, False)):
            at = now - timedelta(days=back)
            made = rehearsal.begin_run(cause=Cause.NIGHT, type_key="", actor=OPERATOR, now=at)
            rehearsal.note_step(run_id=made, step={"name": "reach", "passed": passed, "ms": 3}, actor=OPERATOR, now=at)
            rehearsal.end_run(run_id=made, actor=OPERATOR, now=at)
        by_hand = rehearsal.begin_run(cause=Cause.PAGE, type_key="", actor=OPERATOR, now=now)
        rehearsal.end_run(run_id=by_hand, problem="x", actor=OPERATOR, now=now)
    found = rehearsals.canary_nights(now, UTC)
    assert [night.passed for night in found[-4:]] == [False, True, True, None]
    page = client_of(world.dee).get(reverse(PAGE)).content.decode()
    assert "Of the last 30 days, the nightly rehearsal passed on 2, failed on 1 and did not run on 27." in page
    with scopes.host():
        asking = Asking(host_id=world.host, plan_id=new_id(), now=now, parameters={"days": 2})
        assert canary_green(asking).holds
        assert not canary_green(Asking(host_id=world.host, plan_id=new_id(), now=now)).holds  # three, unless said


def test_the_page_costs_the_same_for_one_promotion_and_for_many(
    world: World, client_of: Browse, django_assert_max_num_queries: Any
) -> None:
    dee = client_of(world.dee)
    dee.get(reverse(PAGE))
    with scopes.host(), django_assert_max_num_queries(60) as first:
        dee.get(reverse(PAGE))
    for name in ("A", "B", "C"):
        wanted = here()
        wanted["types"]["reseller"]["name"] = name
        export = read(written(wanted, "sandbox"))
        seen = digest_of(queries.configured())
        operations.promote(export=export, source="x", seen=seen, actor=world.dee.actor, now=clock.now())
    with scopes.host(), django_assert_max_num_queries(len(first.captured_queries) + 1):
        dee.get(reverse(PAGE))
