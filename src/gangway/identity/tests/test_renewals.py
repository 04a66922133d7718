"""What a connection lives on runs out: both sides are told once per step, and IT gives the new one by a link."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.conformance.saml.provider import keys

from gangway.identity import actions, queries
from gangway.identity.jobs import watch_expiry_at
from gangway.identity.models import ApiToken, ExpiryNotice, OidcSettings, RenewalLink, SamlSettings
from gangway.identity.queries import ConnectionRow, read_token
from gangway.identity.rules.connections import ConnectionKind, ConnectionState, TokenRight
from gangway.identity.tests.conftest import ME, Someone, World, admit, letters
from gangway.identity.tests.connections import connect
from gangway.identity.tests.oidc_way import Way, way
from gangway.identity.tests.oidc_way import tell as tell_oidc
from gangway.identity.tests.openid import SECRET
from gangway.identity.tests.test_connection_pages import browser_of
from gangway.identity.tests.test_saml_settings import answers, metadata, read
from gangway.kernel import clock
from gangway.kernel.models import AuditEntry
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.people.actions import give_to

pytestmark = pytest.mark.django_db
__all__ = ["way"]
LINK = re.compile(r"/renew/[\w-]+")


@pytest.fixture
def ben(house: World) -> Someone:
    with scopes.one(house.ana.partner_id):
        give_to(person_id=house.dee.id, actor=ME, now=clock.now())
    return admit(house.ana.partner_id, "Ben", "ben@nordwind.example", clock.now(), roles=("partner_admin",))


@pytest.fixture
def directory(house: World, ben: Someone) -> ConnectionRow:
    row = connect(house.ana.partner_id, ConnectionKind.SCIM)
    with scopes.one(row.partner_id):
        actions.issue_token(connection_id=row.id, life=timedelta(days=61), actor=ME, now=clock.now())
    return row


@pytest.fixture
def saml(house: World, ben: Someone) -> ConnectionRow:
    row = connect(house.ana.partner_id, ConnectionKind.SAML)
    with scopes.one(row.partner_id):
        actions.set_saml_metadata(
            connection_id=row.id,
            metadata=read(metadata()),
            url="https://idp.example/metadata",
            actor=ME,
            now=clock.now(),
        )
        shown = SamlSettings.objects.get()
        ends_at = clock.now() + timedelta(days=20)
        shown.certificates[0]["not_after"] = ends_at.isoformat()
        shown.save()
    return row


def link_of() -> str:
    found = LINK.search(letters("identity.expiry")[-1].text)
    assert found
    return found[0]


def fingerprints(row: ConnectionRow) -> list[str]:
    with scopes.one(row.partner_id):
        found = queries.saml_settings(row.id)
    assert found is not None
    return [one.fingerprint for one in found.certificates if one.may_sign(clock.now())]


# ---------------------------------------------------------------- told


def test_both_sides_are_told_once_per_step(directory: ConnectionRow, house: World) -> None:
    begin, looks = clock.now() + timedelta(minutes=1), (0, 1, 1, 2, 30, 31, 32, 53, 54, 55, 62)
    assert [day for day in looks if watch_expiry_at(begin + timedelta(days=day))] == [1, 31, 54]
    told, manager = letters("identity.expiry"), letters("identity.expiry_manager")
    assert {row.to for row in told} == {"ben@nordwind.example"}  # Ana is a learner
    assert {row.to for row in manager} == {"dee@acme.example"}
    assert "Nordwind: the token of Their sign-in runs out on" in manager[0].subject
    assert not any(LINK.search(row.text) for row in manager)
    with scopes.host():
        kept = ExpiryNotice.objects.order_by("told_at").values_list("step", "people")
        assert list(kept) == [(60, 1), (30, 1), (7, 1)]
    with scopes.one(house.caz.partner_id):
        assert not ExpiryNotice.objects.exists()


def test_nobody_is_told_of_what_is_closed_or_does_not_end(directory: ConnectionRow, way: Way) -> None:
    with scopes.one(directory.partner_id):
        actions.set_connection_state(connection_id=directory.id, state=ConnectionState.OFF, actor=ME, now=clock.now())
    assert watch_expiry_at(clock.now() + timedelta(days=50)) == 0  # the provider's secret has no last day


def test_a_new_token_that_nobody_shows_yet_calms_nobody(directory: ConnectionRow) -> None:
    later = clock.now() + timedelta(days=40)
    with scopes.one(directory.partner_id):
        old = ApiToken.objects.get()
        actions.note_token_use(token_id=old.id, actor=ME, now=later)
        new = actions.issue_token(connection_id=directory.id, actor=ME, now=later)
    assert watch_expiry_at(later) == 1
    actions.note_token_use(token_id=new.token_id, actor=ME, now=later + timedelta(days=1))
    assert watch_expiry_at(clock.now() + timedelta(days=55)) == 0


def test_who_is_told_where_nobody_looks_after_the_partner(house: World, ben: Someone, saml: ConnectionRow) -> None:
    """Somebody at the vendor hears of it all the same."""
    with scopes.one(house.ana.partner_id):
        give_to(person_id=None, actor=ME, now=clock.now())
    boss = admit(house.dee.partner_id, "Ada", "ada@acme.example", clock.now(), roles=("platform_admin",))
    told_now()
    assert boss.email in {row.to for row in letters("identity.expiry_manager")}
    assert {row.to for row in letters("identity.expiry")} == {"ben@nordwind.example"}


def test_a_sign_in_of_the_vendor_s_own_is_watched_by_its_platform_admins(house: World) -> None:
    admit(house.dee.partner_id, "Ada", "ada@acme.example", clock.now(), roles=("platform_admin",))
    row = connect(house.dee.partner_id, ConnectionKind.SAML)
    with scopes.one(row.partner_id):
        actions.set_saml_metadata(connection_id=row.id, metadata=read(metadata()), actor=ME, now=clock.now())
        shown = SamlSettings.objects.get()
        shown.certificates[0]["not_after"] = (clock.now() + timedelta(days=20)).isoformat()
        shown.save()
    told_now()
    assert "ada@acme.example" in {row.to for row in letters("identity.expiry")}
    assert not letters("identity.expiry_manager")
    where, it = link_of(), Client()
    assert it.post(where, {"given": keys("next").certificate}).status_code == 200
    assert "in the console" in unescape(it.get(where).content.decode())


# ---------------------------------------------------------------- the link


def told_now(days: int = 0) -> datetime:
    now = clock.now() + timedelta(days=days)
    assert watch_expiry_at(now) == 1
    return now


def test_opening_it_changes_nothing_and_pressing_without_the_tail_neither(directory: ConnectionRow) -> None:
    with time_machine.travel(told_now(days=31)):
        where, it, audited = link_of(), Client(), AuditEntry.objects.count()
        page = unescape(it.get(where).content.decode())
        assert "The token in use runs out in 30 days" in page or "in 29 days" in page
        assert it.head(where).status_code == 200
        assert it.post(where).status_code == 422  # as a scanner presses
        assert AuditEntry.objects.count() == audited
        assert ApiToken.objects.count() == 1
        assert not RenewalLink.objects.filter(used_at__isnull=False).exists()


def test_a_directory_gets_its_new_token_once_and_the_old_one_holds(directory: ConnectionRow, house: World) -> None:
    old = ApiToken.objects.get()
    with time_machine.travel(told_now(days=31)):
        where, it = link_of(), Client()
        page = it.post(where, {"tail": f" …{old.tail}"}).content.decode()
        token = next(word for word in page.replace("<", " ").replace(">", " ").split() if word.startswith("gw_scim_"))
        assert read_token(token, TokenRight.SCIM, clock.now()) is not None
        assert ApiToken.objects.get(pk=old.pk).revoked_at is None
        again = it.post(where, {"tail": old.tail})
        assert again.status_code == 410
        assert "It works once" in unescape(again.content.decode())
        assert token not in it.get(where).content.decode()
        assert ApiToken.objects.count() == 2
        assert AuditEntry.objects.filter(verb="identity.renewal.token", actor_kind="link").count() == 1
        with scopes.one(directory.partner_id):
            (renewed,) = queries.connection_page(directory.id, clock.now()).renewed
        assert renewed.what.value == "token"


def test_a_token_that_was_taken_and_is_not_entered_yet_is_named_everywhere(
    directory: ConnectionRow, ben: Someone, house: World
) -> None:
    """Desk, console, the links of colleagues and the next letter name it, and ask nobody to take another."""
    old = ApiToken.objects.get()
    desk = (ben, f"/desk/connections/{directory.id}")
    console = (house.dee, f"/console/partners/{directory.partner_id}/connections/{directory.id}")

    def said(who: Someone, where: str) -> str:
        return unescape(browser_of(who).get(where).content.decode())

    admit(directory.partner_id, "Lena", "lena@nordwind.example", clock.now(), roles=("partner_it",))
    now = told_now(days=31)
    actions.note_token_use(token_id=old.id, actor=ME, now=now)
    first, second = (LINK.findall(row.text)[0] for row in letters("identity.expiry"))
    with time_machine.travel(now):
        assert "Issue a new one below" in said(*desk)
        assert Client().post(first, {"tail": old.tail}).status_code == 200
        new = ApiToken.objects.exclude(pk=old.pk).get()
        for page in (said(*desk), said(*console)):
            assert f"A new one, which ends with {new.tail}," in page
            assert "new one below" not in page
        page = unescape(Client().get(second).content.decode())
        assert f"It ends with {new.tail}" in page
        assert "Take a new token" not in page
    told_now(days=54)
    assert f"A new one, which ends with {new.tail}, was taken" in letters("identity.expiry")[-1].text
    assert "does not show it yet" in letters("identity.expiry_manager")[-1].text
    actions.note_token_use(token_id=new.id, actor=ME, now=now)
    with time_machine.travel(now):
        assert new.tail not in said(*desk).split("Tokens")[0]


def test_certificates_hold_side_by_side_until_the_old_one_runs_out(
    saml: ConnectionRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_now()
    (old,), where, it = fingerprints(saml), link_of(), Client()
    page = unescape(it.get(where).content.decode())
    assert "The certificate runs out in 19 days" in page or "in 20 days" in page
    assert "https://idp.example/metadata" in page
    file = SimpleUploadedFile("new.pem", keys("next").certificate.encode())
    assert it.post(where, {"file": file}).status_code == 200
    old_and_new = fingerprints(saml)
    assert len(old_and_new) == 2
    assert old_and_new[0] == old
    answers(monkeypatch, metadata())  # the nightly look finds the old one alone
    with scopes.one(saml.partner_id):
        actions.set_saml_metadata(
            connection_id=saml.id,
            metadata=read(metadata()),
            url="https://idp.example/metadata",
            actor=ME,
            now=clock.now(),
        )
    assert set(fingerprints(saml)) == set(old_and_new)


def test_the_link_of_a_colleague_says_that_the_new_one_is_here(saml: ConnectionRow) -> None:
    admit(saml.partner_id, "Lena", "lena@nordwind.example", clock.now(), roles=("partner_it",))
    told_now()
    first, second = (LINK.findall(row.text)[0] for row in letters("identity.expiry"))
    assert "given already" not in Client().get(second).content.decode()
    assert Client().post(first, {"given": keys("next").certificate}).status_code == 200
    assert "A new one was given already." in Client().get(second).content.decode()


def test_the_old_certificate_signs_nothing_once_it_ran_out(saml: ConnectionRow) -> None:
    told_now()
    (old,) = fingerprints(saml)
    assert Client().post(link_of(), {"given": keys("next").certificate}).status_code == 200
    with time_machine.travel(clock.now() + timedelta(days=21)):
        (new,) = fingerprints(saml)
    assert new != old
    assert watch_expiry_at(clock.now() + timedelta(days=15)) == 0


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("", "Nothing was given"),
        ("hello", "neither a certificate nor metadata"),
        (metadata("https://elsewhere.example", certificates=("next",)).decode(), "of another provider"),
        (keys("idp").certificate, "what stands here already"),
    ],
)
def test_what_is_no_new_certificate_changes_nothing(saml: ConnectionRow, given: str, why: str) -> None:
    told_now()
    before, where = fingerprints(saml), link_of()
    refused = Client().post(where, {"given": given})
    assert refused.status_code == 422
    assert why in unescape(refused.content.decode())
    assert fingerprints(saml) == before
    assert Client().post(where, {"given": metadata(certificates=("idp", "next")).decode()}).status_code == 200


def test_the_provider_s_own_address_is_asked(saml: ConnectionRow, monkeypatch: pytest.MonkeyPatch) -> None:
    told_now()
    monkeypatch.setattr(
        "gangway.identity.views.renewal.fetch_metadata", lambda url, **_: metadata(certificates=(next(there),))
    )
    there = iter(("idp", "next"))
    assert "name no new certificate yet" in Client().post(link_of(), {"do": "ask"}).content.decode()
    assert Client().post(link_of(), {"do": "ask"}).status_code == 200
    assert len(fingerprints(saml)) == 2


def test_a_new_secret_is_shown_and_the_old_one_stands_in(way: Way, ben: Someone) -> None:
    tell_oidc(way.connection, way.provider, secret_expires_on=clock.now().date() + timedelta(days=7))
    told_now()
    where = link_of()
    assert "is over" in Client().post(where, {"client_secret": "n", "secret_expires_on": "2020-01-01"}).content.decode()
    assert "stands here already" in Client().post(where, {"client_secret": SECRET}).content.decode()
    assert Client().post(where, {"client_secret": "not known there yet"}).status_code == 200
    assert way.sign_in().status_code == 302  # the old one stands in
    with scopes.one(way.connection.partner_id):
        OidcSettings.objects.update(old_secret_until=clock.now().date() - timedelta(days=1))
    assert way.sign_in().status_code == 502


def end_link(row: ConnectionRow) -> None:
    RenewalLink.objects.update(expires_at=clock.now() - timedelta(seconds=1))


def close_connection(row: ConnectionRow) -> None:
    with scopes.one(row.partner_id):
        actions.set_connection_state(connection_id=row.id, state=ConnectionState.OFF, actor=ME, now=clock.now())


@pytest.mark.parametrize(("end", "status"), [(end_link, 410), (close_connection, 404)])
def test_a_link_that_is_over_takes_nothing(saml: ConnectionRow, end: Callable[..., None], status: int) -> None:
    told_now()
    before, where = fingerprints(saml), link_of()
    end(saml)
    for answer in (Client().get(where), Client().post(where, {"given": keys("next").certificate})):
        assert answer.status_code == status
    assert fingerprints(saml) == before
    assert Client().get("/renew/never-existed").status_code == 404


def test_a_link_gives_its_own_connection_and_kind_alone(saml: ConnectionRow, house: World) -> None:
    told_now()
    link = queries.renewal_link(link_of().removeprefix("/renew/"), clock.now())
    said: dict[str, Any] = {"link_id": link.id, "actor": ME, "now": clock.now()}
    with scopes.one(saml.partner_id), pytest.raises(NotFound):
        actions.renew_secret(client_secret="x", expires_on=None, **said)
    with scopes.one(saml.partner_id), pytest.raises(NotFound):
        actions.renew_token(tail="abcd", **said)
    with scopes.one(house.caz.partner_id), pytest.raises(NotFound):
        actions.renew_certificate(certificates=read(metadata(certificates=("next",))).certificates, **said)


def test_the_desk_and_the_console_say_it(saml: ConnectionRow, ben: Someone, house: World) -> None:
    told_now()
    seen = {
        browser_of(ben): (f"/desk/connections/{saml.id}", "/desk/connections"),
        browser_of(house.dee): (
            f"/console/partners/{saml.partner_id}/connections/{saml.id}",
            f"/console/partners/{saml.partner_id}/connections",
        ),
    }
    for browser, paths in seen.items():
        for path in paths:
            assert "The certificate runs out in" in unescape(browser.get(path).content.decode()), path
    assert "1 person was written to" in browser_of(ben).get(f"/desk/connections/{saml.id}").content.decode()
