"""Signatures as evidence: each writes an event, and the plan sees what was signed and whether it still holds."""

from typing import Any

import pytest

from gangway.identity import actions, evidence, queries
from gangway.identity.queries import live_sheet
from gangway.identity.tests.conftest import ME, World
from gangway.identity.tests.test_specs import conduct, of_type, sign  # noqa: F401  (a fixture)
from gangway.kernel import clock
from gangway.kernel.evidence import Asking, Finding
from gangway.kernel.models import OutboxEvent
from gangway.kernel.tenancy import scopes

pytestmark = pytest.mark.django_db
LINK = "0198a000-0000-7000-8000-000000000001"


def asked(house: World, query: Any, **parameters: int) -> Finding:
    asking = Asking(host_id=house.dee.partner_id, plan_id=house.dee.id, now=clock.now(), parameters=parameters)
    with scopes.host():
        found: Finding = query(asking)
    return found


def sign_sheet(partner_id: Any) -> None:
    with scopes.one(partner_id):
        now = clock.now()
        actions.sign_sheet(digest=live_sheet(now).digest, locale="en", signer="Ida", link_id=LINK, actor=ME, now=now)


def told(name: str) -> list[dict[str, Any]]:
    with scopes.host():
        return list(OutboxEvent.objects.filter(name=name).values_list("payload", flat=True))


def test_each_signature_is_an_event_and_a_second_of_the_same_is_none(of_type: World) -> None:  # noqa: F811
    for _ in range(2):
        sign(of_type)
        sign_sheet(of_type.ana.partner_id)
    (spec,) = told("identity.spec.signed.v1")
    (sheet,) = told("identity.sheet.signed.v1")
    page = queries.spec_page("reseller", clock.now())
    assert (spec["type_key"], spec["digest"]) == ("reseller", page.live.digest)
    with scopes.one(of_type.ana.partner_id):
        assert sheet["digest"] == live_sheet(clock.now()).digest


def test_the_plan_sees_specs_until_what_was_agreed_moves(of_type: World) -> None:  # noqa: F811
    before = asked(of_type, evidence.specs_signed)
    assert (before.holds, before.value, before.n) == (False, 0, 1)
    sign(of_type)
    after = asked(of_type, evidence.specs_signed)
    assert (after.holds, after.value, after.n) == (True, 1, 1)
    conduct(of_type.ana.partner_id, claims={"email": "upn"})
    assert not asked(of_type, evidence.specs_signed).holds


def test_without_a_partner_of_a_type_nothing_is_proven(house: World) -> None:
    found = asked(house, evidence.specs_signed)
    assert (found.holds, found.n) == (False, 0)
    assert not asked(house, evidence.sheets_signed).holds


def test_the_plan_sees_sheets_until_one_has_to_be_signed_again(of_type: World) -> None:  # noqa: F811
    assert not asked(of_type, evidence.sheets_signed, partners=1).holds
    sign_sheet(of_type.ana.partner_id)
    sign_sheet(of_type.caz.partner_id)
    assert asked(of_type, evidence.sheets_signed, partners=2).holds
    assert not asked(of_type, evidence.sheets_signed, partners=3).holds
    conduct(of_type.ana.partner_id, admits=True)
    found = asked(of_type, evidence.sheets_signed, partners=1)
    assert (found.holds, found.value, found.n) == (False, 1, 2)
