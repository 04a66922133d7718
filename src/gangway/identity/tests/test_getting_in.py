"""The pages of getting in, as browsers meet them: the happy path, the stranger, the scanner, the revoked."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gangway.identity.jobs import write_asked
from gangway.identity.models import Challenge, Session
from gangway.identity.queries import read_principal
from gangway.identity.tests.conftest import CSRF, ME, NUMBER, Browser, World, csrf, letters, sign_in_letter
from gangway.kernel import clock
from gangway.kernel.models import AuditEntry, OutboxEvent
from gangway.kernel.tenancy import scopes
from gangway.people.actions import person_leaves, resume_person, suspend_person
from gangway.people.queries import person

pytestmark = pytest.mark.django_db


def state_of(someone: object) -> str:
    with scopes.one(someone.partner_id):  # type: ignore[attr-defined]
        return person(someone.id).state  # type: ignore[attr-defined]


# ---------------------------------------------------------------- the happy paths


def test_code_typed_in_the_browser_that_asked(house: World, browser: Browser) -> None:
    answer = browser.ask("ana@nordwind.example", next="/courses")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in/code")
    page = browser.get("/sign-in/code")
    assert 'autocomplete="one-time-code"' in page.content.decode()
    assert page["Cache-Control"] == "no-store"

    answer = browser.press("/sign-in/code", code=sign_in_letter().code)
    assert answer["Location"] == "/welcome?next=%2Fcourses"
    cookie = answer.cookies["gangway"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie.value not in str(Session.objects.values_list("digest", flat=True))
    assert browser.signed_in
    assert state_of(house.ana) == "active"
    (event,) = OutboxEvent.objects.filter(name="identity.person.signed_in.v1")
    assert event.payload == {
        "person_id": str(house.ana.id),
        "method": "code",
        "first": True,
        "synthetic": False,
    }
    assert AuditEntry.objects.filter(verb="identity.session.begin", actor_id=str(house.ana.id)).exists()


def test_link_pressed_in_the_browser_that_asked(house: World, browser: Browser) -> None:
    browser.ask("ana@nordwind.example")
    path = sign_in_letter().path
    assert "one-time-code" not in browser.get(path).content.decode()
    assert browser.press(path).status_code == 302
    assert browser.signed_in
    assert Session.objects.get().method == "link"


def test_link_and_code_in_another_browser(house: World, browser: Browser, other_browser: Browser) -> None:
    browser.ask("ana@nordwind.example")
    letter = sign_in_letter()
    assert "one-time-code" in other_browser.get(letter.path).content.decode()
    assert other_browser.press(letter.path, code=letter.code).status_code == 302
    assert other_browser.signed_in
    assert not browser.signed_in


def test_the_second_sign_in_is_not_the_first_and_goes_where_it_wanted(house: World, browser: Browser) -> None:
    browser.ask("ana@nordwind.example")
    browser.press("/sign-in/code", code=sign_in_letter().code)
    answer = browser.press(
        "/welcome?next=/courses", next="/courses", name="Ana López", locale="de", zone="Europe/Berlin"
    )
    assert answer["Location"] == "/courses"
    again = Browser()
    again.ask("ANA@Nordwind.example", next="/courses")
    assert again.press("/sign-in/code", code=sign_in_letter().code)["Location"] == "/courses"
    events = OutboxEvent.objects.filter(name="identity.person.signed_in.v1").order_by("number")
    assert [event.payload["first"] for event in events] == [True, False]
    with scopes.one(house.ana.partner_id):
        assert (person(house.ana.id).locale, person(house.ana.id).zone) == ("de", "Europe/Berlin")


def test_the_welcome_refuses_a_zone_that_is_none_and_keeps_what_was_typed(house: World, browser: Browser) -> None:
    browser.ask("ana@nordwind.example")
    browser.press("/sign-in/code", code=sign_in_letter().code)
    answer = browser.press("/welcome", name="Ana Maria", locale="en", zone="Mars/Base")
    assert answer.status_code == 400
    assert "Ana Maria" in answer.content.decode()


# ---------------------------------------------------------------- known and unknown look alike


def test_known_and_unknown_addresses_get_the_same_answer(house: World) -> None:
    seen = []
    for email in ("ana@nordwind.example", "nobody@nordwind.example"):
        browser = Browser()
        asked = browser.ask(email)
        page = browser.get("/sign-in/code")
        wrong = browser.press("/sign-in/code", code="123456")
        seen.append(
            (
                asked.status_code,
                asked["Location"],
                sorted(asked.cookies),
                neutral(page.content.decode(), email),
                wrong.status_code,
                neutral(wrong.content.decode(), email),
            )
        )
    assert seen[0] == seen[1]
    assert len(letters()) == 1


def test_asking_costs_the_same_statements_for_known_and_unknown(house: World) -> None:
    """By construction: the page only notes the asking; who is there is looked up by the worker."""
    seen = []
    for email in ("ana@nordwind.example", "nobody@nordwind.example"):
        browser = Browser()
        token = csrf(browser.get("/sign-in"))
        with CaptureQueriesContext(connection) as queries:
            browser.post("/sign-in", {"email": email, "csrfmiddlewaretoken": token})
        seen.append([query["sql"].split(" ")[:3] for query in queries if "SAVEPOINT" not in query["sql"]])
    assert seen[0] == seen[1]
    assert seen[0]
    assert not letters()
    assert write_asked(clock.now()) == 2
    assert write_asked(clock.now()) == 0
    assert len(letters()) == 1
    assert set(Challenge.objects.values_list("address", flat=True)) == {""}


def neutral(body: str, email: str) -> str:
    """A page without the address that was typed, its token and number, which change every time, and the clock."""
    body = re.sub(r"<time.*?</time>|data-after=\"\d+\"", "", body)
    return CSRF.sub("", NUMBER.sub("NUMBER", body.replace(email, "ADDRESS")))


def test_nobody_guesses_into_an_unknown_address(house: World, browser: Browser) -> None:
    browser.ask("nobody@nordwind.example")
    for number in range(5):
        browser.press("/sign-in/code", code=f"{number:06d}")
    assert not browser.signed_in
    assert browser.get("/sign-in/code").status_code == 410


def test_what_is_no_address_is_said_at_the_field(house: World, browser: Browser) -> None:
    answer = browser.ask("not an address")
    assert answer.status_code == 400
    assert "no mail address" in answer.content.decode()
    assert not Challenge.objects.exists()


@pytest.mark.parametrize("email", ["ana@nordwind.example\x00", "\ud800@x.example", "a" * 400 + "@x.example", "@"])
def test_hostile_addresses_are_refused_not_broken(house: World, browser: Browser, email: str) -> None:
    assert browser.ask(email.encode("utf-8", "replace").decode()).status_code in (302, 400)
    assert not letters()


# ---------------------------------------------------------------- scanners


def test_scanners_spend_nothing(house: World, browser: Browser) -> None:
    """Every link opened by HEAD and GET, and its form posted, from browsers that did not ask: nothing is spent."""
    browser.ask("ana@nordwind.example")
    letter = sign_in_letter()
    tried = 0
    for scanner in (Client(), Client(enforce_csrf_checks=True), Browser()):
        for _round in range(4):
            assert scanner.head(letter.path).status_code == 200
            assert scanner.get(letter.path).status_code == 200
            assert not scanner.post(letter.path).cookies.get("gangway")
            assert not scanner.post(letter.path, {"code": ""}).cookies.get("gangway")
            assert not scanner.post(letter.path, {"code": "click"}).cookies.get("gangway")
            assert not scanner.post("/sign-in/code", {"code": letter.code}).cookies.get("gangway")
            tried += 6
    robot = Browser()
    for _round in range(4):  # a scripted browser that presses whatever button stands there
        assert robot.press(letter.path).status_code == 400
        tried += 1
    assert tried == 76
    challenge = Challenge.objects.get()
    assert (challenge.used_at, challenge.proven_at, challenge.wrong_tries) == (None, None, 0)
    assert not Session.objects.exists()
    assert browser.press(letter.path).status_code == 302
    assert browser.signed_in


def test_a_get_in_the_asking_browser_spends_nothing(house: World, browser: Browser) -> None:
    browser.ask("ana@nordwind.example")
    for _round in range(3):
        browser.get(sign_in_letter().path)
    assert not browser.signed_in
    assert browser.post(sign_in_letter().path).status_code == 403  # a press without the page's CSRF token


def test_the_code_alone_is_nothing_in_another_browser(house: World, browser: Browser, other_browser: Browser) -> None:
    browser.ask("ana@nordwind.example")
    other_browser.ask("caz@suedstern.example")
    other_browser.press("/sign-in/code", code=sign_in_letter(0).code)
    assert not other_browser.signed_in


# ---------------------------------------------------------------- once, five tries, ten minutes


def test_a_spent_letter_says_when_and_offers_another(house: World, browser: Browser, other_browser: Browser) -> None:
    browser.ask("ana@nordwind.example")
    letter = sign_in_letter()
    with time_machine.travel(clock.now() + timedelta(minutes=1), tick=False):
        browser.press("/sign-in/code", code=letter.code)
    page = other_browser.get(letter.path)
    assert page.status_code == 410
    assert "It was used on" in page.content.decode()
    assert other_browser.press(letter.path, code=letter.code).status_code == 410
    assert not other_browser.signed_in

    asked = other_browser.post("/sign-in/again", {"link": letter.link, "csrfmiddlewaretoken": csrf(page)})
    assert asked["Location"] == "/sign-in/code"
    assert len(letters()) == 2
    assert "ana@" not in other_browser.get("/sign-in/code").content.decode()
    other_browser.press("/sign-in/code", code=sign_in_letter().code)
    assert other_browser.signed_in


def test_five_wrong_codes_close_the_letter_for_the_right_one_too(house: World, browser: Browser) -> None:
    browser.ask("ana@nordwind.example")
    letter = sign_in_letter()
    for left in (4, 3, 2, 1):
        assert f"{left} more tries" in browser.press("/sign-in/code", code=letter.wrong).content.decode()
    assert browser.press("/sign-in/code", code=letter.wrong).status_code == 410
    assert browser.press("/sign-in/code", code=letter.code).status_code == 410
    assert browser.press(letter.path).status_code == 410
    assert not browser.signed_in


def test_the_fifth_try_may_be_the_right_one(house: World, browser: Browser) -> None:
    browser.ask("ana@nordwind.example")
    letter = sign_in_letter()
    for _try in range(4):
        browser.press("/sign-in/code", code=letter.wrong)
    browser.press("/sign-in/code", code=letter.code)
    assert browser.signed_in


def test_after_ten_minutes_neither_code_nor_link_works(house: World, browser: Browser) -> None:
    browser.ask("ana@nordwind.example")
    letter = sign_in_letter()
    with time_machine.travel(clock.now() + timedelta(minutes=10), tick=False):
        assert browser.press("/sign-in/code", code=letter.code).status_code in (302, 410)
        assert browser.press(letter.path).status_code == 410
        assert not browser.signed_in


def test_the_seventh_letter_in_a_quarter_of_an_hour_waits_for_everybody_alike(house: World) -> None:
    for email in ("ana@nordwind.example", "nobody@nordwind.example"):
        for _ask in range(6):
            assert Browser().ask(email).status_code == 302
        answer = Browser().ask(email)
        assert answer.status_code == 429
        assert "The next can go on" in answer.content.decode()
    assert len(letters()) == 6
    assert Browser().ask("caz@suedstern.example").status_code == 302


# ---------------------------------------------------------------- one mailbox, two partners


def test_the_same_mailbox_at_two_partners_chooses_after_the_proof(house: World, browser: Browser) -> None:
    browser.ask("eva@freelance.example")
    assert len(letters()) == 1
    assert browser.press("/sign-in/code", code=sign_in_letter().code)["Location"] == "/sign-in/choose"
    page = browser.get("/sign-in/choose").content.decode()
    assert "Nordwind" in page
    assert "Südstern" in page
    assert not browser.signed_in
    stranger = browser.press("/sign-in/choose", person=str(house.ana.id))
    assert stranger.status_code == 404
    assert browser.press("/sign-in/choose", person=str(house.eva_suedstern.id)).status_code == 302
    assert Session.objects.get().partner_id == house.eva_suedstern.partner_id
    assert browser.get("/sign-in/choose")["Location"] == "/sign-in"


def test_nobody_chooses_in_a_browser_that_did_not_prove(house: World, browser: Browser, other_browser: Browser) -> None:
    browser.ask("eva@freelance.example")
    browser.press("/sign-in/code", code=sign_in_letter().code)
    answer = other_browser.post("/sign-in/choose", {"person": str(house.eva_nordwind.id)})
    assert answer.status_code == 403
    assert other_browser.get("/sign-in/choose")["Location"] == "/sign-in"


def test_proven_in_another_browser_the_choice_stands_there(
    house: World, browser: Browser, other_browser: Browser
) -> None:
    browser.ask("eva@freelance.example")
    letter = sign_in_letter()
    assert other_browser.press(letter.path, code=letter.code)["Location"] == "/sign-in/choose"
    assert browser.get("/sign-in/choose")["Location"] == "/sign-in"
    assert other_browser.press("/sign-in/choose", person=str(house.eva_nordwind.id)).status_code == 302
    assert other_browser.signed_in


# ---------------------------------------------------------------- revoked


@pytest.mark.parametrize("shut_out", [person_leaves, suspend_person])
def test_shutting_out_ends_sessions_links_and_codes_at_once(
    house: World, browser: Browser, other_browser: Browser, shut_out: object
) -> None:
    browser.ask("ana@nordwind.example")
    browser.press("/sign-in/code", code=sign_in_letter().code)
    assert browser.signed_in
    other_browser.ask("ana@nordwind.example")
    letter = sign_in_letter()
    with scopes.one(house.ana.partner_id):
        shut_out(person_id=house.ana.id, actor=ME, now=clock.now())  # type: ignore[operator]

    assert not browser.signed_in
    assert other_browser.press("/sign-in/code", code=letter.code).status_code == 410
    assert not other_browser.signed_in
    Browser().ask("ana@nordwind.example")
    assert len(letters()) == 2


def test_a_session_of_before_stays_dead_when_the_person_is_let_in_again(house: World, browser: Browser) -> None:
    """The epoch was raised: that the person is active again does not revive what it voided."""
    browser.ask("ana@nordwind.example")
    browser.press("/sign-in/code", code=sign_in_letter().code)
    with scopes.one(house.ana.partner_id):
        suspend_person(person_id=house.ana.id, actor=ME, now=clock.now())
        resume_person(person_id=house.ana.id, actor=ME, now=clock.now())
    assert state_of(house.ana) == "active"
    assert not browser.signed_in


# ---------------------------------------------------------------- sessions


def test_sign_out_and_the_list_of_sign_ins(house: World, browser: Browser, other_browser: Browser) -> None:
    for each in (browser, other_browser):
        each.ask("ana@nordwind.example")
        each.press("/sign-in/code", code=sign_in_letter().code)
    stranger = Browser()
    stranger.ask("caz@suedstern.example")
    stranger.press("/sign-in/code", code=sign_in_letter().code)
    page = browser.get("/account/sessions")
    assert len(re.findall(r"/account/sessions/[0-9a-f-]{36}/end", page.content.decode())) == 2

    anas = Session.objects.filter(person_id=house.ana.id).order_by("started_at")
    token = csrf(page)
    path = f"/account/sessions/{anas[1].id}/end"
    theirs = csrf(stranger.get("/account/sessions"))
    refused = stranger.post(path, {"csrfmiddlewaretoken": theirs})
    never = stranger.post(f"/account/sessions/{house.ana.id}/end", {"csrfmiddlewaretoken": theirs})
    assert (refused.status_code, never.status_code) == (404, 404)
    assert other_browser.signed_in
    assert browser.post(path, {"csrfmiddlewaretoken": token})["Location"] == "/account/sessions"
    assert not other_browser.signed_in
    assert browser.post("/sign-out", {"csrfmiddlewaretoken": token})["Location"] == "/sign-in"
    assert not browser.signed_in


def test_signed_out_pages_lead_to_the_door_and_back(house: World, browser: Browser) -> None:
    answer = browser.get("/account/sessions")
    assert answer["Location"] == "/sign-in?next=%2Faccount%2Fsessions"
    page = browser.get(answer["Location"]).content.decode()
    assert 'value="/account/sessions"' in page


@pytest.mark.parametrize("next_path", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"])
def test_next_never_leaves_this_host(house: World, browser: Browser, next_path: str) -> None:
    browser.ask("ana@nordwind.example", next=next_path)
    answer = browser.press("/sign-in/code", code=sign_in_letter().code)
    assert urlsplit(answer["Location"]).netloc == ""
    assert "evil" not in answer["Location"]
    assert "evil" not in browser.press("/welcome", next=next_path, name="Ana", locale="en", zone="UTC")["Location"]


def test_a_session_is_read_in_one_statement(house: World, django_assert_num_queries: object) -> None:
    browser = Browser()
    browser.ask("dee@acme.example")
    browser.press("/sign-in/code", code=sign_in_letter().code)
    cookie = browser.cookies["gangway"].value
    with django_assert_num_queries(1):  # type: ignore[operator]
        dee = read_principal(cookie, clock.now())
    assert dee is not None
    assert (dee.person_id, dee.name, dee.staff, dee.email) == (house.dee.id, "Dee", True, "dee@acme.example")
    assert {(grant.role, grant.reach.value) for grant in dee.grants} == {("platform_admin", "host")}
    assert not dee.welcomed
    assert read_principal(cookie + "x", clock.now()) is None
    assert read_principal(cookie, clock.now() + timedelta(hours=12)) is None
