"""Who comes in from the vendor's own portal, and who does not, whatever the portal, the browser or a forger says.

Every case is a whole hand-over over HTTP; a session is the only measure. The controls at the end take a check away and
must let somebody in.
"""

import json
from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any
from uuid import UUID

import pyotp
import pytest
import time_machine

from gangway.identity import actions
from gangway.identity.actions import handover as handing
from gangway.identity.actions.candidates import candidate_of
from gangway.identity.handover import read_keys, tokens
from gangway.identity.models import AuthenticatorApp, FailedSignIn, HandOver, Session
from gangway.identity.rules import Step
from gangway.identity.rules.connections import ConnectionState
from gangway.identity.rules.handover import SOURCE, PortalReason, PublicKey
from gangway.identity.tests.conftest import ME, Browser, Someone, World, sign_in_letter
from gangway.identity.tests.connections import connect, prove
from gangway.identity.tests.openid import b64, key
from gangway.identity.tests.portal import Portal, open_portal, public
from gangway.kernel import clock, secrets
from gangway.kernel.tenancy import scopes
from gangway.partners.actions import set_state
from gangway.partners.models import Partner
from gangway.partners.queries import host_partner
from gangway.people.actions import name_elsewhere, person_leaves, suspend_person
from gangway.people.queries import person_elsewhere

pytestmark = pytest.mark.django_db


def known(someone: Someone, subject: str = "4711") -> None:
    with scopes.one(someone.partner_id):
        name_elsewhere(person_id=someone.id, source=SOURCE, value=subject, actor=ME, now=clock.now())


@pytest.fixture
def portal(house: World) -> Portal:
    open_portal()
    known(house.ana)
    return Portal()


def last() -> tuple[str, str]:
    with scopes.host():
        row = FailedSignIn.objects.order_by("-at", "-id")[0]
    return row.step, row.reason


# ── who comes in ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_there_and_back(portal: Portal, house: World) -> None:
    answer = portal.hand_over("/courses/first-steps")
    assert answer.status_code == 302
    assert "first-steps" in answer["Location"]
    session = Session.objects.get()
    assert (session.person_id, session.method) == (house.ana.id, "portal")
    assert portal.browser.signed_in


@pytest.mark.parametrize(
    ("pasted", "how"),
    [
        (public("ec", "P-256"), {"with_key": key("ec", "P-256"), "algorithm": "ES256"}),
        (public("ed", "Ed25519"), {"with_key": key("ed", "Ed25519"), "algorithm": "EdDSA"}),
        (json.dumps({**json.loads(public("two")), "alg": "PS256"}), {"with_key": key("two"), "algorithm": "PS256"}),
        (json.dumps({"keys": [json.loads(public("two"))]}), {"with_key": key("two")}),
        (key("two").as_pem(private=False).decode(), {"with_key": key("two"), "kid": key("two").thumbprint()}),
    ],
)
def test_the_second_key_takes_the_place_of_the_first(portal: Portal, pasted: str, how: dict[str, Any]) -> None:
    host = host_partner()
    assert host is not None
    with scopes.one(host.id):
        (found,) = read_keys(pasted)
        actions.add_portal_key(key=found, actor=ME, now=clock.now())
    assert portal.hand_over().status_code == 302  # the first still holds
    with scopes.one(host.id):
        actions.close_portal_key(kid="one", actor=ME, now=clock.now())
    assert Portal().hand_over().status_code == 403
    assert last()[1] == PortalReason.KEY_UNKNOWN.value
    assert Portal(how=how).hand_over().status_code == 302


def test_a_first_time_proves_the_mailbox_once(portal: Portal, house: World) -> None:
    portal.claims = {"sub": "eva-1", "email": "Eva@Freelance.example"}
    answer = portal.hand_over("/library")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/code")
    assert not Session.objects.exists()
    done = portal.browser.press("/sign-in/code", code=sign_in_letter().code)
    assert done.status_code == 302
    session = Session.objects.get()
    assert session.person_id == house.eva_nordwind.id  # of the partner that the token names, not of Südstern
    with scopes.one(house.eva_nordwind.partner_id):
        assert person_elsewhere(SOURCE, "eva-1") == house.eva_nordwind.id
    again = Portal(claims={"sub": "eva-1", "email": "changed@freelance.example"})
    assert again.hand_over().status_code == 302
    assert again.browser.signed_in


def test_what_a_start_asked_for_wins_over_the_token(portal: Portal) -> None:
    portal.claims = {"return_to": "/courses"}
    assert "library" in portal.hand_over("/library")["Location"]
    assert "courses" in portal.hand_over()["Location"]


# ── who does not ────────────────────────────────────────────────────────────────────────────────────────────────────


def forged_none(portal: Portal, nonce: str) -> str:
    body = portal.token(nonce).split(".")[1]
    return f"{b64(json.dumps({'alg': 'none', 'kid': 'one'}).encode())}.{body}."


def forged_hs256(portal: Portal, nonce: str) -> str:
    portal.how = {"with_key": key("one").as_pem(private=False), "algorithm": "HS256", "kid": "one"}
    return portal.token(nonce)


def how(**more: Any) -> Any:
    def forge(portal: Portal, nonce: str) -> str:
        portal.how = more
        return portal.token(nonce)

    return forge


def says(**more: Any) -> Any:
    def forge(portal: Portal, nonce: str) -> str:
        now = int(clock.now().timestamp())
        return portal.token(nonce, **{k: now + v[0] if isinstance(v, tuple) else v for k, v in more.items()})

    return forge


def changed_body(portal: Portal, nonce: str) -> str:
    head, _, tail = portal.token(nonce).split(".")
    _, body, _ = portal.token(nonce, sub="of-caz").split(".")
    return f"{head}.{body}.{tail}"


FORGED: dict[str, tuple[Any, PortalReason]] = {
    "alg none": (forged_none, PortalReason.ALGORITHM),
    "HS256 with the public key": (forged_hs256, PortalReason.ALGORITHM),
    "another key under the same kid": (how(with_key=key("evil"), kid="one"), PortalReason.SIGNATURE),
    "a kid nobody knows": (how(with_key=key("evil")), PortalReason.KEY_UNKNOWN),
    "a kid that is a path": (how(with_key=key("evil"), kid="../../dev/null"), PortalReason.KEY_UNKNOWN),
    "its own key in the header": (
        how(with_key=key("evil"), kid="one", jwk=key("evil").as_dict(private=False)), PortalReason.SIGNATURE
    ),
    "its own key at an address": (
        how(with_key=key("evil"), kid="one", jku="https://evil.example/jwks"), PortalReason.SIGNATURE
    ),
    "crit": (how(crit=["b64"], b64=False), PortalReason.CRITICAL),
    "another algorithm of the family": (how(algorithm="RS512"), PortalReason.ALGORITHM),
    "another algorithm of the key": (how(algorithm="PS256"), PortalReason.ALGORITHM),
    "another body": (changed_body, PortalReason.SIGNATURE),
    "wrong issuer": (says(iss="https://evil.example"), PortalReason.ISSUER),
    "wrong audience": (says(aud="https://other.example/handover"), PortalReason.AUDIENCE),
    "two audiences": (says(aud=["http://localhost/handover", "x"]), PortalReason.AUDIENCE),
    "expired": (says(iat=(-400,), exp=(-200,)), PortalReason.LATE),
    "holds for an hour": (says(exp=(3600,)), PortalReason.TOO_LONG),
    "not yet": (says(iat=(200,), exp=(300,)), PortalReason.EARLY),
    "no jti": (says(jti=None), PortalReason.TOKEN_ID),
    "no subject": (says(sub=None), PortalReason.SUBJECT),
    "no partner": (says(partner=None), PortalReason.PARTNER),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_forged_tokens(portal: Portal, name: str) -> None:
    forge, reason = FORGED[name]
    answer = portal.post(forge(portal, portal.start()))
    assert answer.status_code == 403
    assert last() == (Step.PORTAL_FOREIGN.value, reason.value)
    assert not Session.objects.exists()
    assert not portal.browser.signed_in


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "é.é.é", "." * 40, "e30." + "A" * 20_000 + ".x", "e30.e30.e30.e30.e30"]
)
def test_what_is_no_token_begins_anew(portal: Portal, token: str) -> None:
    answer = Browser().post("/handover", {"token": token})
    assert (answer.status_code, answer["Location"]) == (303, "/handover/start?return_to=%2F")


def test_a_link_signs_nobody_in(portal: Portal) -> None:
    """Also with a token that would be believed: it may stand in a log, a Referer, or a mail that a scanner opens."""
    token = portal.token(portal.start())
    answer = portal.browser.get("/handover", {"token": token, "jwt": token, "return_to": "//evil.example"})
    assert (answer.status_code, answer["Location"]) == (303, "/handover/start?return_to=%2F")
    assert not Session.objects.exists()


def test_a_token_nobody_asked_for_begins_anew(portal: Portal) -> None:
    for nonce in (None, "made-up"):
        answer = Browser().post("/handover", {"token": portal.token(nonce)})
        assert answer.status_code == 303
        assert answer["Location"].startswith("/handover/start")
    assert not Session.objects.exists()


def test_the_nonce_of_another_browser(portal: Portal) -> None:
    """Login CSRF: an attacker starts in their browser, and posts their own token by the victim's."""
    victim = Browser()
    token = portal.token(portal.start())
    left = Browser().post("/handover", {"token": token})["Location"]
    answer = victim.get(left)
    assert answer.status_code == 403
    assert last()[1] == PortalReason.BROWSER.value
    portal.start(browser=victim)  # with a cookie of its own it is sent on, to come back as itself
    assert victim.get(left)["Location"].startswith("/handover/start")
    assert not victim.signed_in
    assert not Session.objects.exists()


def test_a_token_counts_once(portal: Portal) -> None:
    token = portal.token(portal.start())
    assert portal.post(token).status_code == 302
    again = Browser().post("/handover", {"token": token})
    assert again.status_code == 403
    assert "each one lets you in once" in again.content.decode()
    assert last()[1] == PortalReason.REPLAYED.value
    assert Session.objects.count() == 1


def test_a_token_id_counts_once_at_every_worker(portal: Portal) -> None:
    """The store is the database: another nonce does not help, and two workers race for one row."""
    assert portal.hand_over(jti="the-same").status_code == 302
    other = Portal()
    assert other.hand_over(jti="the-same").status_code == 403
    assert last()[1] == PortalReason.REPLAYED.value
    assert not other.browser.signed_in


def test_what_came_is_fetched_once_and_soon(portal: Portal) -> None:
    left = Browser().post("/handover", {"token": portal.token(portal.start())})["Location"]
    with time_machine.travel(clock.now() + timedelta(minutes=3)):
        assert portal.browser.get(left)["Location"].startswith("/handover/start")
    again = Browser().post("/handover", {"token": portal.token(portal.start())})["Location"]
    assert portal.browser.get(again).status_code == 302
    assert portal.browser.get(again)["Location"].startswith("/handover/start")
    assert Session.objects.count() == 1


def test_a_start_is_over_after_a_quarter_of_an_hour(portal: Portal) -> None:
    nonce = portal.start()
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        assert portal.post(portal.token(nonce)).status_code == 403
    assert not Session.objects.exists()


def test_no_circles(portal: Portal) -> None:
    for _ in range(5):
        portal.start()
    assert portal.browser.get("/handover/start").status_code == 403
    assert last()[1] == PortalReason.CIRCLES.value


# ── whose it is ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_somebody_nobody_knows(portal: Portal) -> None:
    answer = portal.hand_over(sub="new", email="new@nordwind.example")
    assert answer.status_code == 403
    assert "no account here" in answer.content.decode()
    assert last()[0] == Step.PORTAL_UNKNOWN.value


def test_an_address_alone_finds_nobody(portal: Portal, house: World) -> None:
    """Ana is known by another name: whoever has her address now is not her."""
    assert portal.hand_over(sub="imposter", email=house.ana.email).status_code == 403
    assert last()[0] == Step.PORTAL_UNKNOWN.value


def test_another_partners_person(portal: Portal, house: World) -> None:
    known(house.caz, "of-caz")
    assert portal.hand_over(sub="of-caz", email=house.caz.email).status_code == 403  # at Nordwind there is no such
    assert last()[0] == Step.PORTAL_UNKNOWN.value
    there = Portal()
    assert there.hand_over(partner="suedstern", sub="of-caz").status_code == 302
    assert Session.objects.get().person_id == house.caz.id


@pytest.mark.parametrize("partner", ["never", "acme", "NORDWIND", "nordwind/../suedstern"])
def test_partners_that_are_none(portal: Portal, house: World, partner: str) -> None:
    known(house.dee, "4711")
    with scopes.one(house.dee.partner_id):
        Partner.objects.filter(pk=house.dee.partner_id).update(slug="acme")
    assert portal.hand_over(partner=partner, email=house.dee.email).status_code == 403
    assert last()[0] == Step.PORTAL_UNKNOWN.value
    assert not Session.objects.exists()


def _suspended(house: World) -> None:
    suspend_person(person_id=house.ana.id, actor=ME, now=clock.now())


def _left(house: World) -> None:
    person_leaves(person_id=house.ana.id, actor=ME, now=clock.now())


def _closed(house: World) -> None:
    set_state(state="suspended", actor=ME, now=clock.now())


@pytest.mark.parametrize(
    ("happens", "step"), [(_suspended, Step.SUSPENDED), (_left, Step.LEFT), (_closed, Step.PARTNER_CLOSED)]
)
def test_who_is_shut_out(portal: Portal, house: World, happens: Any, step: Step) -> None:
    token = portal.token(portal.start())
    left = Browser().post("/handover", {"token": token})["Location"]
    with scopes.one(house.ana.partner_id):
        happens(house)  # between the token and the page
    assert portal.browser.get(left).status_code == 403
    assert last()[0] == step.value
    assert not Session.objects.exists()


def test_a_session_ends_with_the_access(portal: Portal, house: World) -> None:
    portal.hand_over()
    with scopes.one(house.ana.partner_id):
        _suspended(house)
    assert not portal.browser.signed_in


def test_who_has_a_company_sign_in_has_that_door_alone(portal: Portal, house: World) -> None:
    prove(house.ana.partner_id)
    connect(house.ana.partner_id, domains=["nordwind.example"])
    answer = portal.hand_over()
    assert answer.status_code == 403
    assert "company" in answer.content.decode()
    assert last()[0] == Step.PORTAL_COVERED.value


def test_whoever_holds_a_factor_is_asked_for_it(portal: Portal, house: World) -> None:
    seed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    with scopes.one(house.ana.partner_id):
        AuthenticatorApp.objects.create(
            person_id=house.ana.id, secret=secrets.seal(seed), added_at=clock.now(), confirmed_at=clock.now()
        )
    answer = portal.hand_over("/library")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/factor")
    assert not Session.objects.exists()
    done = portal.browser.press("/sign-in/factor", code=pyotp.TOTP(seed).at(clock.now()))
    assert done.status_code == 302
    assert "library" in done["Location"]
    assert Session.objects.get().method == "portal"


# ── open, off, forgotten ────────────────────────────────────────────────────────────────────────────────────────────


def test_off_opens_nothing(portal: Portal) -> None:
    token = portal.token(portal.start())
    left = Browser().post("/handover", {"token": token})["Location"]
    host = host_partner()
    assert host is not None
    with scopes.one(host.id):
        actions.set_portal_state(state=ConnectionState.OFF, actor=ME, now=clock.now())
    for path in ("/handover", "/handover/start", left):
        assert portal.browser.get(path).status_code == 404
    assert Browser().post("/handover", {"token": token}).status_code == 404


def test_what_is_over_is_forgotten(portal: Portal) -> None:
    portal.start()
    portal.hand_over()
    Browser().post("/handover", {"token": portal.token(portal.start())})
    assert HandOver.objects.exclude(brought="").count() == 1
    actions.forget_handovers(actor=ME, now=clock.now() + timedelta(minutes=3))
    assert not HandOver.objects.exclude(brought="").exists()
    assert HandOver.objects.count() == 3
    assert actions.forget_handovers(actor=ME, now=clock.now() + timedelta(days=2)) == 3


# ── the controls: each takes one check away ─────────────────────────────────────────────────────────────────────────


def test_control_signatures(portal: Portal, monkeypatch: Any) -> None:
    def unchecked(token: str, key: Any, algorithm: str) -> Any:
        return json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))

    monkeypatch.setattr(tokens.tokens, "verified", unchecked)
    portal.how = {"with_key": key("evil"), "kid": "one"}
    assert portal.hand_over().status_code == 302


def test_control_algorithms(portal: Portal, monkeypatch: Any) -> None:
    monkeypatch.setattr(tokens, "key_of", lambda header, keys, now: PublicKey("one", header["alg"], keys[0].jwk))
    portal.how = {"algorithm": "RS512"}
    assert portal.hand_over().status_code == 302


def test_control_the_browser(portal: Portal, monkeypatch: Any) -> None:
    monkeypatch.setattr(handing.secrets, "same", lambda one, other: True)
    victim = Browser()
    portal.start(browser=victim)
    assert portal.post(portal.token(portal.start()), browser=victim).status_code == 302
    assert victim.signed_in


def test_control_the_partner(portal: Portal, house: World, monkeypatch: Any) -> None:
    known(house.caz, "of-caz")

    def anywhere(source: str, value: str) -> UUID | None:
        with scopes.host():
            return person_elsewhere(source, value)

    monkeypatch.setattr(handing.people, "person_elsewhere", anywhere)
    assert portal.hand_over(sub="of-caz").status_code == 404  # the scope is the second wall: there they are nobody
    assert not Session.objects.exists()


def test_control_the_door_of_the_company(portal: Portal, house: World, monkeypatch: Any) -> None:
    prove(house.ana.partner_id)
    connect(house.ana.partner_id, domains=["nordwind.example"])
    monkeypatch.setattr(
        handing, "direct_candidate", lambda partner_id, person_id, now: candidate_of(partner_id, person_id)
    )
    assert portal.hand_over().status_code == 302
