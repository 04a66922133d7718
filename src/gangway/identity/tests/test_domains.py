"""Mail domains: claimed on the desk, proven by a real name server on loopback or by a letter, given up."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine

from gangway.identity import actions, jobs, queries
from gangway.identity.models import DomainClaim
from gangway.identity.tests.conftest import ME, Browser, World, admit, letters, sign_in_letter
from gangway.identity.tests.zone import Zone, serving
from gangway.kernel import clock, dns
from gangway.kernel.actions import ACTIONS, action
from gangway.kernel.actor import Actor
from gangway.kernel.models import AuditEntry
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.messaging.models import Message
from gangway.partners import queries as partners

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]


@pytest.fixture
def zone(settings: Any) -> Iterator[Zone]:
    with serving() as served:
        settings.DNS_SERVERS = served.address
        yield served


@pytest.fixture
def admin(house: World) -> Browser:
    """Kim administers Nordwind."""
    kim = admit(house.ana.partner_id, "Kim", "kim@nordwind.example", clock.now(), roles=("partner_admin",))
    browser = Browser()
    browser.ask(kim.email)
    browser.press("/sign-in/code", code=sign_in_letter().code)
    return browser


def claim(house: World, name: str = "nordwind.example", *, actor: Actor = ME) -> UUID:
    with scopes.one(house.ana.partner_id):
        return actions.claim_domain(name=name, actor=actor, now=clock.now())


def row_of(claim_id: UUID) -> DomainClaim:
    with scopes.host():
        return DomainClaim.objects.get(pk=claim_id)


def publish(zone: Zone, claim_id: UUID) -> None:
    row = row_of(claim_id)
    zone.says[f"_gangway.{row.name}"] = [f'"gangway-verify={row.token}"', '"v=spf1 -all"']


# ---------------------------------------------------------------- the name server


def test_texts_are_read_joined_and_a_missing_name_is_no_error(zone: Zone) -> None:
    zone.says["a.example"] = ['"one" "two"', '"three"']
    zone.says["empty.example"] = []
    assert sorted(dns.texts("a.example")) == ["onetwo", "three"]
    assert dns.texts("nothing.example") == dns.texts("empty.example") == dns.texts("a..example") == ()


def test_a_broken_name_server_is_silence_not_a_no(zone: Zone) -> None:
    zone.broken = True
    with pytest.raises(dns.Silent):
        dns.texts("a.example")


def test_no_action_asks_the_internet(zone: Zone) -> None:
    @action("test.asks", scoped=False)
    def asks(*, actor: Actor, now: Any) -> None:
        dns.texts("a.example")

    ACTIONS.pop("test.asks")  # known to nobody else
    with pytest.raises(RuntimeError, match="network"):
        asks(actor=ME, now=clock.now())
    assert zone.asked == []


# ---------------------------------------------------------------- by DNS


def test_a_domain_is_proven_on_the_desk(house: World, admin: Browser, zone: Zone) -> None:
    assert "Your first domain" in admin.get("/desk/domains").content.decode()
    answer = admin.press("/desk/domains", domain="@Nordwind.example")
    page = admin.get(answer["Location"]).content.decode()
    (row,) = _claims(house)
    assert row.record in page
    assert row.value in page

    admin.press(answer["Location"], do="look")
    assert "The record is not there yet" in admin.get(answer["Location"]).content.decode()
    assert not partners.domain_proven(house.ana.partner_id, "x@nordwind.example")

    publish(zone, row.id)
    with time_machine.travel(clock.now() + timedelta(seconds=11)):
        admin.press(answer["Location"], do="look")
        assert "Your company speaks for addresses at" in admin.get(answer["Location"]).content.decode()
    assert partners.domain_proven(house.ana.partner_id, "x@nordwind.example")
    assert not partners.domain_proven(house.caz.partner_id, "x@nordwind.example")


def _claims(house: World) -> Any:
    with scopes.one(house.ana.partner_id):
        return queries.domain_claims(clock.now())


def test_two_presses_in_a_moment_ask_once(house: World, admin: Browser, zone: Zone) -> None:
    where = admin.press("/desk/domains", domain="nordwind.example")["Location"]
    for _ in range(3):
        admin.press(where, do="look")
    assert zone.asked == ["_gangway.nordwind.example"]


def test_the_job_finds_what_was_published_and_waits_longer_each_time(house: World, zone: Zone) -> None:
    claim_id, start = claim(house), clock.now()
    assert jobs.look_at_domains.func() == 1
    assert jobs.look_at_domains.func() == 0  # not due yet
    assert row_of(claim_id).looked == "missing"
    publish(zone, claim_id)
    with time_machine.travel(start + timedelta(minutes=6)):
        assert jobs.look_at_domains.func() == 1
    assert row_of(claim_id).state == "proven"
    assert partners.partners_of_domain("x@nordwind.example") == [house.ana.partner_id]
    with time_machine.travel(start + timedelta(days=3)):
        assert jobs.look_at_domains.func() == 0


def test_nobody_looks_for_ever(house: World, zone: Zone) -> None:
    claim_id = claim(house)
    with time_machine.travel(clock.now() + timedelta(days=61)):
        assert jobs.look_at_domains.func() == 1
        assert jobs.look_at_domains.func() == 0
    assert row_of(claim_id).state == "given_up"


def test_a_silent_zone_proves_and_ends_nothing(house: World, zone: Zone) -> None:
    claim_id, zone.broken = claim(house), True
    jobs.look_at_domains.func()
    assert (row_of(claim_id).state, row_of(claim_id).looked) == ("waiting", "silent")


def test_the_value_of_another_claim_proves_nothing(house: World, zone: Zone) -> None:
    """Südstern publishes nothing, and claims what Nordwind proves."""
    mine = claim(house)
    with scopes.one(house.caz.partner_id):
        theirs = actions.claim_domain(name="nordwind.example", actor=ME, now=clock.now())
    publish(zone, mine)
    assert jobs.look_at_domains.func() == 2
    assert (row_of(mine).state, row_of(theirs).state) == ("proven", "waiting")
    assert row_of(theirs).looked == "other"
    assert partners.partners_of_domain("x@nordwind.example") == [house.ana.partner_id]


def test_given_up_it_speaks_for_nobody_and_begins_anew_with_another_value(house: World, zone: Zone) -> None:
    claim_id = claim(house)
    publish(zone, claim_id)
    jobs.look_at_domains.func()
    before = row_of(claim_id).token
    with scopes.one(house.ana.partner_id):
        actions.give_up_domain(claim_id=claim_id, actor=ME, now=clock.now())
    assert partners.partners_of_domain("x@nordwind.example") == []

    assert claim(house) == claim_id
    jobs.look_at_domains.func()
    assert row_of(claim_id).token != before
    assert row_of(claim_id).state == "waiting"  # what stands in the zone is the old value


# ---------------------------------------------------------------- refused


def test_public_mail_domains_are_refused_with_a_reason(house: World, admin: Browser) -> None:
    answer = admin.press("/desk/domains", domain="gmail.com")
    assert answer.status_code == 422
    assert "anybody gets a mailbox" in answer.content.decode()
    assert _claims(house) == []
    with pytest.raises(actions.PublicDomain):
        claim(house, "Mail.GMail.com")


@pytest.mark.parametrize(
    "name", ["", "not a domain", "localhost", "127.0.0.1", "a" * 300 + ".example", "x\x00.example"]
)
def test_what_is_no_domain_is_refused_beside_the_field(house: World, admin: Browser, name: str) -> None:
    assert admin.press("/desk/domains", domain=name).status_code == 422
    with pytest.raises(Invalid):
        claim(house, name)


def test_spellings_of_one_domain_are_one_claim(house: World) -> None:
    assert claim(house, "MÜLLER.example") == claim(house, "xn--mller-kva.example")


def test_a_partner_has_so_many_and_no_more(house: World) -> None:
    for number in range(50):
        claim(house, f"d{number}.example")
    with pytest.raises(Invalid, match="50 domains"):
        claim(house, "one-more.example")


def test_another_partner_and_a_learner_see_nothing(house: World, admin: Browser, browser: Browser) -> None:
    claim_id = claim(house)
    with scopes.one(house.caz.partner_id):
        with pytest.raises(NotFound):
            queries.domain_claim(claim_id, clock.now())
        with pytest.raises(NotFound):
            actions.give_up_domain(claim_id=claim_id, actor=ME, now=clock.now())
    browser.ask(house.ana.email)
    browser.press("/sign-in/code", code=sign_in_letter().code)
    assert browser.get("/desk/domains").status_code == 403
    assert browser.get(f"/desk/domains/{claim_id}").status_code == 403


# ---------------------------------------------------------------- by a letter


def code_of() -> str:
    found = re.search(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", letters("identity.domain_code")[-1].text)
    assert found
    return found[0]


def test_a_code_to_its_masters_proves_it(house: World, admin: Browser) -> None:
    where = admin.press("/desk/domains", domain="nordwind.example")["Location"]
    assert admin.press(where, do="send", master="hostmaster").status_code == 302
    with scopes.host():
        message = Message.objects.get(letter_key="identity.domain_code")
    assert message.mailbox  # another mailbox than hers
    code = code_of()

    wrong = admin.press(where, do="type", code="00000-00000")
    assert wrong.status_code == 422
    assert "4 more tries" in wrong.content.decode()
    assert admin.press(where, do="type", code="12").status_code == 400
    assert admin.press(where, do="type", code=code.lower()).status_code == 302
    assert partners.domain_proven(house.ana.partner_id, "x@nordwind.example")
    assert AuditEntry.objects.filter(verb="identity.domain.prove").count() == 1


def test_five_wrong_codes_close_a_letter(house: World, admin: Browser) -> None:
    where = admin.press("/desk/domains", domain="nordwind.example")["Location"]
    admin.press(where, do="send", master="postmaster")
    code = code_of()
    for _ in range(5):
        admin.press(where, do="type", code="00000-00000")
    assert admin.press(where, do="type", code=code).status_code == 410
    assert not partners.domain_proven(house.ana.partner_id, "x@nordwind.example")


def test_a_code_grows_old_and_letters_go_once_an_hour(house: World, admin: Browser) -> None:
    where = admin.press("/desk/domains", domain="nordwind.example")["Location"]
    admin.press(where, do="send", master="admin")
    code = code_of()
    assert admin.press(where, do="send", master="admin").status_code == 429
    with time_machine.travel(clock.now() + timedelta(days=3, minutes=1)):
        assert admin.press(where, do="type", code=code).status_code == 410
        assert admin.press(where, do="send", master="admin").status_code == 302


@pytest.mark.parametrize("master", ["ceo", "admin@evil.example", ""])
def test_no_other_mailbox_is_written_to(house: World, admin: Browser, master: str) -> None:
    where = admin.press("/desk/domains", domain="nordwind.example")["Location"]
    assert admin.press(where, do="send", master=master).status_code == 404
    assert letters("identity.domain_code") == []
