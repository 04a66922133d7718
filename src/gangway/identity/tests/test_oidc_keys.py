"""Keys and addresses of an OpenID provider that change, while people sign in."""

from datetime import timedelta

import pytest
import time_machine

from gangway.identity.models import OidcSettings, Session
from gangway.identity.tests.conftest import Browser
from gangway.identity.tests.oidc_way import Way, last_failure, way
from gangway.identity.tests.openid import key, said, signed
from gangway.identity.tests.test_oidc_sign_in import wrong_key
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes

pytestmark = pytest.mark.django_db
__all__ = ["way"]


def test_a_new_key_is_looked_up_once_a_minute(way: Way) -> None:
    provider = way.provider
    provider.keys = [key("two")]
    provider.key = key("two")
    way.sign_in()
    assert way.browser.signed_in
    asked = provider.seen["/jwks"]
    for _ in range(3):
        wrong_key(kid="nobody")(provider)
        way.sign_in()
        assert last_failure() == "key_unknown"
    assert provider.seen["/jwks"] == asked
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        way.sign_in()
    assert provider.seen["/jwks"] == asked + 1


@pytest.mark.parametrize("kid", ["one", None])
def test_a_new_key_under_the_name_of_the_old_one_is_looked_up(way: Way, kid: str | None) -> None:
    provider = way.provider
    listed = {**key("two").as_dict(private=False), "kid": kid}
    provider.replies["/jwks"] = said({"keys": [{name: value for name, value in listed.items() if value is not None}]})
    provider.token = lambda claims: signed(claims, key("two"), kid=kid)
    way.sign_in()
    assert way.browser.signed_in
    wrong_key(kid=kid)(provider)
    way.browser = Browser()
    assert way.sign_in().status_code == 403
    assert last_failure() == "signature"


def test_a_key_taken_back_opens_nothing_after_an_hour(way: Way) -> None:
    provider = way.provider
    provider.keys = [key("two")]  # and somebody still signs with the first
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        way.sign_in()
        assert last_failure() == "key_unknown"
        provider.key = key("two")
        way.sign_in()
        assert way.browser.signed_in


def test_keys_that_cannot_be_looked_up_hold_for_a_day(way: Way) -> None:
    way.provider.replies["/jwks"] = (500, {}, b"")
    begun = clock.now()
    with time_machine.travel(begun + timedelta(hours=23)):
        way.sign_in()
        assert way.browser.signed_in
    way.browser = Browser()
    with time_machine.travel(begun + timedelta(hours=25)):
        assert [way.sign_in().status_code for _ in range(2)] == [502, 502]
    assert Session.objects.count() == 1


def test_a_document_that_now_names_another_issuer_changes_nothing(way: Way) -> None:
    """Discovery game: the address was taken over, and leads to somebody else's keys."""
    provider = way.provider
    provider.says = {"issuer": "https://evil.example"}
    provider.keys = [key("evil")]
    wrong_key(kid="evil")(provider)
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        way.sign_in()
    assert last_failure() == "issuer"
    with scopes.host():
        assert OidcSettings.objects.get().document["issuer"] == provider.issuer


def test_endpoints_that_move_are_followed(way: Way) -> None:
    provider = way.provider
    provider.says = {"jwks_uri": f"{provider.issuer}/moved"}
    provider.keys, provider.key = [key("two")], key("two")
    provider.replies["/moved"] = said({"keys": [key("two").as_dict(private=False)]})
    provider.replies["/jwks"] = (404, {}, b"")
    way.sign_in()
    assert way.browser.signed_in
