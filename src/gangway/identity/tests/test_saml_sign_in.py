"""A sign-in by SAML, over the addresses that browsers and providers use.

A provider's page posts from another site: no cookie of ours comes with it. So answers are posted by a browser without
cookies here, and the browser that was sent goes on from where that leads.
"""

import base64
import zlib
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client
from lxml import etree
from tests.conformance.saml.provider import SAMLP, SHAPES, Answer, Shape, keys, posted, signed

from gangway.identity import actions, queries
from gangway.identity.models import FailedSignIn, SamlAnswer
from gangway.identity.queries import ConnectionRow
from gangway.identity.rules import Step
from gangway.identity.rules.connections import ConnectionKind, ConnectionState
from gangway.identity.rules.saml import CIRCLES, SamlReason, step_of
from gangway.identity.saml.metadata import read_metadata
from gangway.identity.tests.conftest import ME, Browser, World
from gangway.identity.tests.connections import connect
from gangway.identity.tests.test_saml_settings import metadata
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes

PROVIDER = "https://idp.example/metadata"


@pytest.fixture
def way(house: World) -> ConnectionRow:
    """Nordwind's connection, which admits whom its provider names."""
    return connected(house)


def connected(house: World, shape: Shape = SHAPES[0]) -> ConnectionRow:
    row = connect(house.ana.partner_id, ConnectionKind.SAML, admits=True)
    found = read_metadata(
        metadata(PROVIDER).replace(keys("idp").der.encode(), shape.keys.der.encode()), https_only=True, now=clock.now()
    )
    with scopes.one(house.ana.partner_id):
        actions.set_saml_metadata(
            connection_id=row.id,
            metadata=found,
            subject_attribute=shape.subject_attribute,
            actor=ME,
            now=clock.now(),
        )
    return row


def asked(browser: Client, way: ConnectionRow, **query: str) -> etree._Element:
    """Go to the provider; what the browser brings it."""
    answer = browser.get(f"/sso/{way.route}", query)
    assert answer.status_code == 302
    address = urlsplit(answer["Location"])
    assert (address.netloc, address.path) == ("idp.example", "/sso")
    asks = parse_qs(address.query)
    request = etree.fromstring(zlib.decompress(base64.b64decode(asks["SAMLRequest"][0]), -15))
    assert asks["RelayState"] == [request.get("ID")]
    return request


def says(way: ConnectionRow, request: etree._Element, subject: str = "nw-7", **changes: Any) -> Answer:
    """What an honest provider answers."""
    us = queries.us(way)
    now = datetime.now(clock.now().tzinfo).replace(microsecond=0)
    mail = {"mail": (f"{subject}@elsewhere.example",), "displayName": ("Ana López",)}
    return Answer(
        provider_id=PROVIDER,
        entity_id=us.entity_id,
        acs_url=us.acs_url,
        request_id=request.get("ID"),
        subject=subject,
        now=now,
        attributes=mail,
        assertion_id=f"_a{now.timestamp():.0f}{subject}",
    ).but(**changes)


def post(way: ConnectionRow, answer: str, state: str = "") -> HttpResponse:
    """As the provider's page does, from another site: no cookie, no token of ours, and another host name asked."""
    elsewhere = Client(enforce_csrf_checks=True)
    form = {"SAMLResponse": answer, "RelayState": state}
    return elsewhere.post(f"/sso/{way.route}/acs", form, headers={"host": "other.example"})


def sign_in(browser: Client, way: ConnectionRow, shape: Shape = SHAPES[0], **changes: Any) -> HttpResponse:
    request = asked(browser, way)
    return browser.get(post(way, posted(signed(shape, says(way, request, **changes))))["Location"])


def last_failure() -> tuple[str, str]:
    row = FailedSignIn.objects.order_by("-at", "-id").first()
    assert row is not None
    return row.step, row.reason


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_whom_the_provider_names_is_in(house: World, browser: Browser, shape: Shape) -> None:
    way = connected(house, shape)
    answer = sign_in(browser, way, shape)
    assert answer.status_code == 302
    assert browser.signed_in
    with scopes.one(house.ana.partner_id):
        assert queries.person_of_subject(way.id, "nw-7") is not None


def test_it_leads_to_where_they_wanted_to_go(way: ConnectionRow, browser: Browser) -> None:
    request = asked(browser, way, next="/account/sessions")
    on = post(way, posted(signed(SHAPES[0], says(way, request))))
    assert on.status_code == 303
    assert on["Location"].startswith(f"/sso/{way.route}/arrive?answer=")
    assert "account%2Fsessions" in browser.get(on["Location"])["Location"]


def test_the_request_names_us_whatever_host_is_asked(way: ConnectionRow, browser: Browser, settings: Any) -> None:
    answer = browser.get(f"/sso/{way.route}", headers={"host": "evil.example"})
    raw = zlib.decompress(base64.b64decode(parse_qs(urlsplit(answer["Location"]).query)["SAMLRequest"][0]), -15)
    request = etree.fromstring(raw)
    assert request.tag == f"{{{SAMLP}}}AuthnRequest"
    assert request.get("AssertionConsumerServiceURL") == f"{settings.BASE_URL}/sso/{way.route}/acs"
    assert request.findtext("{*}Issuer") == f"{settings.BASE_URL}/sso/{way.route}/metadata"
    assert b"evil.example" not in raw
    assert b"evil.example" not in browser.get(f"/sso/{way.route}/metadata", headers={"host": "evil.example"}).content


def test_another_browser_gets_nothing(way: ConnectionRow, browser: Browser, other_browser: Browser) -> None:
    """Neither somebody who was sent themselves, nor one who keeps no cookies; and it is not spent by their trying."""
    request = asked(browser, way)
    asked(other_browser, way)
    on = post(way, posted(signed(SHAPES[0], says(way, request))))["Location"]
    assert other_browser.get(on)["Location"] == f"/sso/{way.route}"
    assert Client().get(on).status_code == 403
    assert last_failure() == (Step.PROVIDER_FOREIGN, SamlReason.BROWSER)
    assert not other_browser.signed_in
    browser.get(on)
    assert browser.signed_in


def test_an_answer_to_nothing_begins_a_sign_in_of_its_own(way: ConnectionRow, browser: Browser) -> None:
    request = asked(browser, way)
    good = says(way, request)
    unsolicited = (
        posted(signed(SHAPES[0], good.but(in_response_to="", confirmed_request=""))),
        posted(signed(SHAPES[0], good.but(request_id="_never-asked"))),
        "no answer at all",
        "",
    )
    for answer in unsolicited:
        on = post(way, answer, state="/console")
        assert (on.status_code, on["Location"]) == (303, f"/sso/{way.route}")
    with scopes.one(way.partner_id):
        assert not SamlAnswer.objects.exists()
    assert not FailedSignIn.objects.exists()


def test_an_answer_works_once(way: ConnectionRow, browser: Browser, other_browser: Browser) -> None:
    """Posted twice while its request waits: the second time it was used. Fetched twice: a new sign-in."""
    request = asked(browser, way)
    answer = posted(signed(SHAPES[0], says(way, request)))
    first, second = post(way, answer)["Location"], post(way, answer)["Location"]
    assert browser.get(second).status_code == 403
    assert last_failure() == (Step.PROVIDER_FOREIGN, SamlReason.REPLAYED)
    assert browser.get(first)["Location"] == f"/sso/{way.route}"  # the departure was spent by the second
    assert not browser.signed_in
    on = post(way, answer)
    assert on["Location"] == f"/sso/{way.route}"


@pytest.mark.parametrize(
    ("changes", "step", "reason"),
    [
        ({"audience": "https://other.example"}, Step.PROVIDER_FOREIGN, SamlReason.AUDIENCE),
        ({"recipient": "https://other.example"}, Step.PROVIDER_FOREIGN, SamlReason.RECIPIENT),
        ({"status": "urn:oasis:names:tc:SAML:2.0:status:Responder"}, Step.PROVIDER_REFUSED, SamlReason.REFUSED),
        ({"confirmed_request": ""}, Step.PROVIDER_FOREIGN, SamlReason.NO_REQUEST),
    ],
)
def test_what_is_refused_is_said_with_a_number(
    way: ConnectionRow, browser: Browser, changes: dict[str, Any], step: Step, reason: SamlReason
) -> None:
    answer = sign_in(browser, way, **changes)
    assert answer.status_code == 403
    assert "Try again" in answer.content.decode()
    assert last_failure() == (step, reason)
    assert not browser.signed_in


def test_another_partners_provider_speaks_for_its_own_people_only(house: World, browser: Browser) -> None:
    """The same provider, key and subject at Südstern: its answer opens nothing at Nordwind."""
    way = connected(house)
    theirs = connect(house.caz.partner_id, ConnectionKind.SAML, admits=True)
    request = asked(browser, way)
    answer = posted(signed(SHAPES[0], says(theirs, request)))
    assert post(theirs, answer)["Location"] == f"/sso/{theirs.route}"
    browser.get(post(way, answer)["Location"])
    assert last_failure() == (Step.PROVIDER_FOREIGN, SamlReason.DESTINATION)


def test_an_answer_that_lies_too_long_is_gone(
    way: ConnectionRow, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = asked(browser, way)
    on = post(way, posted(signed(SHAPES[0], says(way, request))))["Location"]
    later = clock.now() + timedelta(minutes=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert browser.get(on)["Location"] == f"/sso/{way.route}"


def test_a_browser_does_not_go_in_circles(way: ConnectionRow, browser: Browser) -> None:
    for _ in range(CIRCLES):
        asked(browser, way)
    assert browser.get(f"/sso/{way.route}").status_code == 403
    assert last_failure() == (Step.PROVIDER_FOREIGN, SamlReason.CIRCLES)


def test_a_connection_without_metadata_leads_nowhere(house: World, browser: Browser) -> None:
    way = connect(house.ana.partner_id, ConnectionKind.SAML)
    assert browser.get(f"/sso/{way.route}").status_code == 502
    assert last_failure() == (Step.PROVIDER_BROKEN, SamlReason.SETTINGS)


def test_addresses_of_other_connections_do_not_exist(house: World, way: ConnectionRow) -> None:
    oidc = connect(house.ana.partner_id, ConnectionKind.OIDC)
    for route in (oidc.route, "never-existed"):
        assert Client().post(f"/sso/{route}/acs").status_code == 404
        assert Client().get(f"/sso/{route}/arrive").status_code == 404
        assert Client().get(f"/sso/{route}/metadata").status_code == 404
    assert Client().get(f"/sso/{way.route}/metadata")["Content-Type"] == "application/samlmetadata+xml"
    with scopes.one(house.ana.partner_id):
        actions.set_connection_state(connection_id=way.id, state=ConnectionState.OFF, actor=ME, now=clock.now())
    assert Client().get(f"/sso/{way.route}/metadata").status_code == 404
    assert Client().post(f"/sso/{way.route}/acs").status_code == 404


def test_only_the_provider_itself_counts_as_broken() -> None:
    """A broken provider may open the fallback, so nothing that anybody can post leads there."""
    broken = {reason for reason in SamlReason if step_of(reason) is Step.PROVIDER_BROKEN}
    assert broken == {SamlReason.SETTINGS, SamlReason.SILENT}
