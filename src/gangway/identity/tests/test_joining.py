"""Strangers join: by domain, by code, by being let in. What they learn before their mailbox is proven: nothing."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.http import HttpResponse

from gangway.identity import actions, queries
from gangway.identity.jobs import write_asked
from gangway.identity.models import AccessCode, Challenge, CodeUse, JoinRequest
from gangway.identity.rules.joining import check_sign
from gangway.identity.tests.conftest import ME, Browser, Someone, World, admit, letters, sign_in_letter
from gangway.kernel import clock
from gangway.kernel.models import OutboxEvent
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.messaging.models import Message
from gangway.partners.actions import keep_domain, set_state
from gangway.people.actions import person_leaves, suspend_person
from gangway.people.models import Person

pytestmark = pytest.mark.django_db
COMPANY = "/sign-in/join/company"


@pytest.fixture
def admin(house: World) -> Browser:
    kim = admit(house.ana.partner_id, "Kim", "kim@kim.example", clock.now(), roles=("partner_admin",))
    return come_in(kim, Browser())


def come_in(someone: Someone, browser: Browser) -> Browser:
    browser.ask(someone.email)
    browser.press("/sign-in/code", code=sign_in_letter().code)
    return browser


def prove(browser: Browser, email: str, code: str = "", name: str = "Nora Neu") -> HttpResponse:
    """Fill in the form, and type the code of the letter."""
    answer = browser.press("/sign-in/join", name=name, email=email, access_code=code)
    assert answer.status_code == 302, answer.content.decode()
    write_asked(clock.now())
    return browser.press("/sign-in/code", code=_code_for(email))


def _code_for(email: str) -> str:
    kinds = letters("identity.join") + letters("identity.sign_in")
    newest = max(kinds, key=lambda row: row.at)
    found = re.search(r"\b\d{6}\b", newest.text)
    assert found
    return found[0]


def page(browser: Browser) -> str:
    return browser.get(COMPANY).content.decode()


def let_in_by_domain(*partner_ids: UUID, domain: str = "nordwind.example", policy: bool = True) -> None:
    for partner_id in partner_ids:
        with scopes.one(partner_id):
            keep_domain(name=domain, actor=ME, now=clock.now())
            actions.set_join_policy(by_domain=policy, actor=ME, now=clock.now())


def make(partner_id: UUID, seats: int = 2, days: int = 30) -> str:
    with scopes.one(partner_id):
        return actions.make_access_code(label="A class", seats=seats, days=days, actor=ME, now=clock.now()).code


def person_at(partner_id: UUID, email: str) -> Person | None:
    with scopes.one(partner_id):
        return Person.objects.filter(email_key=email).exclude(state="left").first()


# ---------------------------------------------------------------- by domain


def test_a_colleague_of_a_proven_domain_is_in_after_the_code(house: World, browser: Browser) -> None:
    let_in_by_domain(house.ana.partner_id)
    assert "Join your company here" in browser.get("/sign-in").content.decode()
    assert prove(browser, "nora@nordwind.example")["Location"] == COMPANY
    assert "Join Nordwind" in page(browser)
    assert browser.press(COMPANY, partner=str(house.ana.partner_id)).status_code == 302
    assert browser.signed_in
    nora = person_at(house.ana.partner_id, "nora@nordwind.example")
    assert nora is not None
    assert (nora.name, nora.state) == ("Nora Neu", "active")
    (fact,) = OutboxEvent.objects.filter(name="identity.person.joined.v1")
    assert fact.payload["by"] == "domain"
    assert not Challenge.objects.exclude(joining="").exists()


def test_without_the_partners_word_they_wait(house: World, browser: Browser, admin: Browser) -> None:
    let_in_by_domain(house.ana.partner_id, policy=False)
    prove(browser, "nora@nordwind.example")
    assert "Join Nordwind" not in page(browser)
    assert browser.press(COMPANY, partner=str(house.ana.partner_id)).status_code == 404
    assert "You asked to be let in" in browser.press(COMPANY, wait="yes").content.decode()
    assert person_at(house.ana.partner_id, "nora@nordwind.example") is None
    seen = admin.get("/desk/joining").content.decode()
    assert "nora@nordwind.example" in seen
    (row,) = JoinRequest.objects.all()
    assert admin.press_at("/desk/joining", f"/desk/joining/{row.id}/admit").status_code == 302
    nora = person_at(house.ana.partner_id, "nora@nordwind.example")
    assert nora is not None
    assert nora.state == "invited"
    row.refresh_from_db()
    assert (row.state, row.who) == ("admitted", "")


def test_one_domain_at_two_partners_is_a_choice(house: World, browser: Browser) -> None:
    let_in_by_domain(house.ana.partner_id, house.caz.partner_id, domain="group.example")
    prove(browser, "nora@group.example")
    assert "Join Nordwind" in page(browser)
    assert "Join Südstern" in page(browser)
    browser.press(COMPANY, partner=str(house.caz.partner_id))
    assert person_at(house.caz.partner_id, "nora@group.example") is not None
    assert person_at(house.ana.partner_id, "nora@group.example") is None


@pytest.mark.parametrize("gone", [suspend_person, person_leaves])
def test_who_was_shut_out_comes_back_by_nobodys_word_but_an_admins(house: World, browser: Browser, gone: Any) -> None:
    let_in_by_domain(house.ana.partner_id)
    with scopes.one(house.ana.partner_id):
        gone(person_id=house.ana.id, actor=ME, now=clock.now())
    code = make(house.ana.partner_id)
    prove(browser, house.ana.email, code)
    assert "Join Nordwind" not in page(browser)
    assert browser.press(COMPANY, partner=str(house.ana.partner_id)).status_code in (404, 409)
    assert not browser.signed_in


def test_a_partner_that_was_never_offered_is_not_found(house: World, browser: Browser) -> None:
    let_in_by_domain(house.ana.partner_id)
    prove(browser, "nora@elsewhere.example")
    for partner_id in (house.ana.partner_id, house.dee.partner_id, "nonsense"):
        assert browser.press(COMPANY, partner=str(partner_id)).status_code == 404
    assert not browser.signed_in


# ---------------------------------------------------------------- by code


def test_a_code_lets_in_as_many_as_it_has_seats(house: World) -> None:
    code = make(house.ana.partner_id, seats=2)
    for number in range(3):
        browser = Browser()
        prove(browser, f"n{number}@home.example", code)
        browser.press(COMPANY, partner=str(house.ana.partner_id))
        assert browser.signed_in is (number < 2)
    seen = page(browser)
    assert "All seats of that access code are taken" in seen
    assert "Ask whoever gave it to you for another one." in seen
    assert "All seats of your access code are taken" in browser.press(COMPANY, wait="yes").content.decode()
    with scopes.one(house.ana.partner_id):
        assert sorted(CodeUse.objects.values_list("seat", flat=True)) == [1, 2]


def test_an_ended_closed_or_foreign_code_opens_nothing(house: World) -> None:
    ended, closed = make(house.ana.partner_id, days=1), make(house.ana.partner_id)
    with scopes.one(house.ana.partner_id):
        row = AccessCode.objects.get(tail=closed[-4:])
        actions.close_access_code(code_id=row.id, actor=ME, now=clock.now())
    with scopes.one(house.caz.partner_id), pytest.raises(NotFound):
        actions.close_access_code(code_id=row.id, actor=ME, now=clock.now())
    with time_machine.travel(clock.now() + timedelta(days=2)):
        for number, code in enumerate((ended, closed)):
            browser = Browser()
            prove(browser, f"n{number}@home.example", code)
            assert "That access code has ended" in page(browser)
            browser.press(COMPANY, partner=str(house.ana.partner_id))
            assert not browser.signed_in


def test_a_code_of_a_suspended_partner_is_none(house: World, browser: Browser) -> None:
    code = make(house.ana.partner_id)
    with scopes.one(house.ana.partner_id):
        set_state(state="suspended", actor=ME, now=clock.now())
    prove(browser, "nora@home.example", code)
    assert "none of ours" in page(browser)


def test_somebody_of_another_partner_joins_a_second_one(house: World, browser: Browser) -> None:
    code = make(house.ana.partner_id)
    prove(browser, house.caz.email, code, name="Caz")
    seen = page(browser)
    assert "Join Nordwind" in seen
    assert "Südstern, as Caz" in seen
    browser.press(COMPANY, partner=str(house.ana.partner_id))
    assert browser.signed_in
    assert person_at(house.ana.partner_id, house.caz.email) is not None


def test_a_printed_link_fills_the_code_in(house: World, browser: Browser) -> None:
    answer = browser.get("/join/4F7K-2QW9-ZT00-1ABC")
    assert "4F7K-2QW9-ZT00-1ABC" in browser.get(answer["Location"]).content.decode()


def test_a_mistyped_code_is_seen_before_anybody_looks_for_it(house: World, browser: Browser) -> None:
    code = make(house.ana.partner_id)
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    answer = browser.press("/sign-in/join", name="Nora", email="nora@home.example", access_code=wrong)
    assert answer.status_code == 400
    assert "a sign is missing or wrong" in answer.content.decode()
    assert letters("identity.join") == []


def test_guessing_ends_after_five_codes_a_day(house: World) -> None:
    real = make(house.ana.partner_id)
    for number in range(5):
        with time_machine.travel(clock.now() + timedelta(minutes=16 * number)):
            prove(browser := Browser(), "eve@evil.example", _never(number))
            assert "none of ours" in page(browser)
    with time_machine.travel(clock.now() + timedelta(minutes=90)):
        answer = Browser().press("/sign-in/join", name="Eve", email="eve@evil.example", access_code=real)
        assert answer.status_code == 429
        assert Browser().press("/sign-in/join", name="Eve", email="eve@evil.example").status_code == 302
        assert Browser().press("/sign-in/join", name="N", email="n@home.example", access_code=real).status_code == 302


def _never(number: int) -> str:
    signs = f"{number}" + "Z" * 14
    return signs + check_sign(signs)


# ---------------------------------------------------------------- nothing is told


def test_before_the_proof_every_answer_is_alike(house: World) -> None:
    """Known and unknown address, right and wrong code, proven domain or none: status, place and words are one."""
    let_in_by_domain(house.ana.partner_id)
    tries = [
        (house.ana.email, ""),
        ("nobody@nordwind.example", ""),
        ("nobody@home.example", ""),
        ("nobody2@home.example", make(house.ana.partner_id)),
        ("nobody3@home.example", _never(1)),
    ]
    answers = set()
    for email, code in tries:
        browser = Browser()
        answer = browser.press("/sign-in/join", name="Nora", email=email, access_code=code)
        write_asked(clock.now())
        words = browser.get("/sign-in/code").content.decode().replace(email, "…")
        answers.add((answer.status_code, answer["Location"], _plain(words)))
    assert len(answers) == 1


def _plain(words: str) -> str:
    main = words[words.index("<h1") : words.index("</main>")]
    main = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", main)
    return re.sub(r"\b[0-9A-Z]{2}-[0-9A-Z]{3}\b|<time.*?</time>|\d+", "", main)


def test_the_letter_names_no_partner(house: World, browser: Browser) -> None:
    let_in_by_domain(house.ana.partner_id)
    browser.press("/sign-in/join", name="Nora", email="nora@nordwind.example")
    write_asked(clock.now())
    (letter,) = letters("identity.join")
    assert "Nordwind" not in letter.text
    with scopes.host():
        row = Message.objects.get(pk=letter.id)
    assert row.person_id is None
    assert row.tenant_id == house.dee.partner_id


def test_without_the_code_nobody_is_made(house: World, browser: Browser, other_browser: Browser) -> None:
    let_in_by_domain(house.ana.partner_id)
    browser.press("/sign-in/join", name="Nora", email="nora@nordwind.example")
    write_asked(clock.now())
    assert browser.get(COMPANY).status_code == 302
    assert browser.press(COMPANY, partner=str(house.ana.partner_id)).status_code == 302
    browser.press("/sign-in/code", code=_code_for("nora@nordwind.example"))
    assert other_browser.get(COMPANY).status_code == 302  # another browser has proven nothing
    assert person_at(house.ana.partner_id, "nora@nordwind.example") is None


@pytest.mark.parametrize(
    ("name", "email"), [("", "n@home.example"), ("Nora", "no address"), ("N\x00", "n@home.example")]
)
def test_what_cannot_be_is_said_beside_the_field(house: World, browser: Browser, name: str, email: str) -> None:
    assert browser.press("/sign-in/join", name=name, email=email).status_code == 400
    assert letters("identity.join") == []


# ---------------------------------------------------------------- the waiting room


def test_whom_nobody_knows_waits_at_the_channel_team(house: World, browser: Browser) -> None:
    prove(browser, "nora@home.example")
    browser.press(COMPANY, wait="yes")
    dee = come_in(house.dee, Browser())
    assert "nora@home.example" in dee.get("/console/joining").content.decode()
    (row,) = JoinRequest.objects.all()
    answer = f"/console/joining/{row.id}/admit"
    wrong = dee.press_at("/console/joining", answer, partner="no-such-partner")
    assert wrong.status_code == 422
    assert "no partner" in wrong.content.decode()
    assert dee.press_at("/console/joining", answer, partner="nordwind").status_code == 302
    assert person_at(house.ana.partner_id, "nora@home.example") is not None


def test_asked_twice_is_once_and_declined_is_said_when_asked_again(house: World, admin: Browser) -> None:
    let_in_by_domain(house.ana.partner_id, policy=False)
    for _ in range(2):
        prove(browser := Browser(), "nora@nordwind.example")
        if "You asked on" not in page(browser):
            browser.press(COMPANY, wait="yes")
    (row,) = JoinRequest.objects.all()
    assert admin.press_at("/desk/joining", f"/desk/joining/{row.id}/decline").status_code == 302
    prove(browser := Browser(), "nora@nordwind.example")
    assert "You were not let in" in page(browser)
    browser.press(COMPANY, wait="yes")
    assert JoinRequest.objects.count() == 1
    with time_machine.travel(clock.now() + timedelta(days=8)):
        prove(browser := Browser(), "nora@nordwind.example")
        browser.press(COMPANY, wait="yes")
    assert JoinRequest.objects.filter(state="waiting").count() == 1


def test_nobody_answers_for_another_partner(house: World, browser: Browser, admin: Browser) -> None:
    let_in_by_domain(house.caz.partner_id, domain="suedstern.example", policy=False)
    prove(browser, "nora@suedstern.example")
    browser.press(COMPANY, wait="yes")
    (row,) = JoinRequest.objects.all()
    assert "nora@" not in admin.get("/desk/joining").content.decode()
    assert admin.press_at("/desk/joining", f"/desk/joining/{row.id}/admit").status_code == 404
    dee = come_in(house.dee, Browser())
    assert dee.press_at("/console/joining", f"/console/joining/{row.id}/decline").status_code == 404
    with scopes.one(house.ana.partner_id), pytest.raises(NotFound):
        actions.admit_stranger(request_id=row.id, actor=ME, now=clock.now())
    learner = come_in(house.eva_nordwind, Browser())
    assert learner.get("/desk/joining").status_code in (302, 403)


def test_what_strangers_said_is_forgotten(house: World, browser: Browser) -> None:
    prove(browser, "nora@home.example")
    browser.press(COMPANY, wait="yes")
    other = Browser()
    other.press("/sign-in/join", name="Otto", email="otto@home.example")
    assert Challenge.objects.exclude(joining="").count() == 1
    later = clock.now() + timedelta(days=91)
    assert actions.forget_joining(actor=ME, now=later) == 1
    assert not Challenge.objects.exclude(joining="").exists()
    assert not JoinRequest.objects.exists()


# ---------------------------------------------------------------- the desk


def test_an_admin_makes_a_code_that_is_shown_once(house: World, admin: Browser, browser: Browser) -> None:
    made = admin.press_at("/desk/joining", "/desk/joining/codes", label="Autumn academy", seats="3", days="30")
    shown = re.search(r'id="code"[^>]*>([0-9A-Z-]{19})<', made.content.decode())
    assert shown
    seen = admin.get("/desk/joining").content.decode()
    assert "Autumn academy" in seen
    assert shown[1] not in seen
    prove(browser, "nora@home.example", shown[1].lower())
    browser.press(COMPANY, partner=str(house.ana.partner_id))
    assert browser.signed_in
    ledger = admin.get("/desk/joining").content.decode()
    assert "1 of 3 seats taken" in ledger
    assert re.search(r"Who took them</summary><ol><li>1 · <bdi>Nora Neu</bdi>", ledger)
    row = AccessCode.objects.get()
    admin.press_at("/desk/joining", f"/desk/joining/codes/{row.id}/close")
    row.refresh_from_db()
    assert row.closed_at is not None


@pytest.mark.parametrize(
    ("label", "seats", "days"),
    [("", "3", "30"), ("A", "0", "30"), ("A", "x", "30"), ("A", "3", "731"), ("A", "3", "٣")],
)
def test_a_code_that_cannot_be_is_refused_with_what_was_typed(
    house: World, admin: Browser, label: str, seats: str, days: str
) -> None:
    answer = admin.press_at("/desk/joining", "/desk/joining/codes", label=label, seats=seats, days=days)
    assert answer.status_code == 422
    assert not AccessCode.objects.exists()


def test_the_policy_is_set_and_taken_back(house: World, admin: Browser) -> None:
    let_in_by_domain(house.ana.partner_id, policy=False)
    admin.press("/desk/joining", by_domain="on")
    assert queries.lets_in_by_domain(house.ana.partner_id)
    admin.press("/desk/joining")
    assert not queries.lets_in_by_domain(house.ana.partner_id)


def test_a_partner_has_so_many_codes(house: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gangway.identity.actions.joining.CODES_AT_MOST", 2)
    make(house.ana.partner_id)
    make(house.ana.partner_id)
    with pytest.raises(Invalid, match="2 codes"):
        make(house.ana.partner_id)
