"""Invitations, the operator's link, the first person of staff."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from gangway.identity import actions, queries
from gangway.identity.cli.people import sign_in_link
from gangway.identity.handlers import invite_admitted
from gangway.identity.models import Challenge, Invitation, Session
from gangway.identity.tests.conftest import (
    CSRF,
    ME,
    Browser,
    World,
    admit,
    csrf,
    invitation_path,
    letters,
    sign_in_letter,
)
from gangway.kernel import clock
from gangway.kernel.models import AuditEntry
from gangway.kernel.tenancy import scopes
from gangway.kernel.wiring import Fact
from gangway.messaging.queries import read_letter
from gangway.partners.queries import find_partner, host_partner
from gangway.people.actions import person_leaves, set_profile
from gangway.people.events import PersonAdmitted
from gangway.people.queries import holders

pytestmark = pytest.mark.django_db


def admitted(world: World, *, letter: bool = True) -> None:
    """The event of Ana's admission, as the relay hands it over."""
    now = clock.now()
    fact = Fact(world.ana.id, world.ana.partner_id, world.ana.id, now, 1, ME)
    with scopes.one(world.ana.partner_id):
        invite_admitted(PersonAdmitted(person_id=world.ana.id, letter=letter, source="csv"), fact)


# ---------------------------------------------------------------- invitations


def test_an_invitation_is_made_once_however_often_the_event_comes(house: World) -> None:
    admitted(house)
    admitted(house)
    assert Invitation.objects.count() == 1
    assert len(letters("identity.launch")) == 1


def test_who_is_not_written_to_is_not_invited(house: World) -> None:
    admitted(house, letter=False)
    assert not Invitation.objects.exists()
    assert not letters("identity.launch")


def test_the_launch_letter_says_what_the_playbook_asks_for(house: World, settings: object) -> None:
    settings.EMAIL_REPLY_TO = "team@acme.example"  # type: ignore[attr-defined]
    settings.ORIENTATION_URL = "https://meet.example/thursday"  # type: ignore[attr-defined]
    admitted(house)
    with scopes.host():
        letter = read_letter(letters("identity.launch")[0].id)
    assert letter.subject == "The Acme Cloud partner portal is live, and your account is ready"
    for words in (letter.text, letter.html):
        for part in (
            "/invitation/",
            "Partner Essentials",
            "knowledge check",
            "certification",
            "Reply to this letter",
            "Thursday",
            "The partner team of Acme Cloud",
        ):
            assert part in words, part
    settings.EMAIL_REPLY_TO = settings.ORIENTATION_URL = ""  # type: ignore[attr-defined]
    with scopes.host():
        quiet = read_letter(letters("identity.launch")[0].id).text
    assert "Reply" not in quiet
    assert "Thursday" not in quiet


def test_an_invitation_signs_nobody_in_but_sends_the_code_to_the_stored_address(house: World, browser: Browser) -> None:
    admitted(house)
    page = browser.get(invitation_path())
    assert page.status_code == 200
    assert "a…@nordwind.example" in page.content.decode()
    assert "ana@nordwind.example" not in page.content.decode()
    assert not letters()

    assert browser.press(invitation_path())["Location"] == "/sign-in/code"
    assert not browser.signed_in
    assert letters()[0].person_id == house.ana.id
    assert "ana@nordwind.example" not in browser.get("/sign-in/code").content.decode()
    browser.press("/sign-in/code", code=sign_in_letter().code)
    assert browser.signed_in
    assert Session.objects.get().person_id == house.ana.id


def test_scanners_get_no_code_sent_by_an_invitation(house: World) -> None:
    admitted(house)
    for scanner in (Client(enforce_csrf_checks=True), Browser()):
        for _round in range(5):
            scanner.head(invitation_path())
            scanner.get(invitation_path())
            scanner.post(invitation_path())
    assert not letters()
    assert Invitation.objects.get().followed_at is None


def test_another_letter_can_be_asked_for_without_knowing_the_address(house: World, browser: Browser) -> None:
    admitted(house)
    browser.press(invitation_path())
    first = sign_in_letter()
    again = {"csrfmiddlewaretoken": csrf(browser.get("/sign-in/code"))}
    assert browser.post("/sign-in/again", again)["Location"] == "/sign-in/code"
    assert len(letters()) == 1, "a letter needs half a minute: pressed twice it is one"
    with time_machine.travel(clock.now() + timedelta(seconds=31), tick=False):
        assert browser.post("/sign-in/again", again)["Location"] == "/sign-in/code"
        assert len(letters()) == 2
        assert browser.press("/sign-in/code", code=first.code).status_code == 400
        browser.press("/sign-in/code", code=sign_in_letter().code)
        assert browser.signed_in


def test_an_expired_invitation_renews_itself(house: World, browser: Browser) -> None:
    admitted(house)
    later = clock.now() + timedelta(days=61)
    with time_machine.travel(later, tick=False):
        assert "ran out on" in browser.get(invitation_path()).content.decode()
        assert browser.press(invitation_path())["Location"] == "/sign-in/code"
        assert Invitation.objects.get().expires_at == later + timedelta(days=60)
        assert "ran out on" not in Browser().get(invitation_path()).content.decode()
        browser.press("/sign-in/code", code=sign_in_letter().code)
        assert browser.signed_in
    assert AuditEntry.objects.filter(verb="identity.invitation.renew").count() == 1


def test_a_leavers_invitation_looks_like_one_that_never_was(house: World, browser: Browser) -> None:
    admitted(house)
    path = invitation_path()
    with scopes.one(house.ana.partner_id):
        person_leaves(person_id=house.ana.id, actor=ME, now=clock.now())
    gone, never = browser.get(path), browser.get("/invitation/never-was")
    words = [
        CSRF.sub("", page.content.decode()).replace(token, "TOKEN")
        for page, token in ((gone, path.rsplit("/", 1)[1]), (never, "never-was"))
    ]
    assert (gone.status_code, words[0]) == (never.status_code, words[1]) == (404, words[1])
    assert not letters()


def test_a_name_with_markup_stays_a_name(house: World) -> None:
    with scopes.one(house.ana.partner_id):
        set_profile(person_id=house.ana.id, name="<img src=x> & 'Ana'", actor=ME, now=clock.now())
    admitted(house)
    with scopes.host():
        letter = read_letter(letters("identity.launch")[0].id)
    assert "Hello <img src=x> & 'Ana'," in letter.text
    assert "<img src=x>" not in letter.html
    assert "&lt;img src=x&gt; &amp; &#39;Ana&#39;" in letter.html


@pytest.mark.parametrize("locale, direction", [("en", "ltr"), ("de", "ltr"), ("ar", "rtl")])
def test_every_letter_renders_in_every_language(house: World, browser: Browser, locale: str, direction: str) -> None:
    with scopes.one(house.ana.partner_id):
        set_profile(person_id=house.ana.id, locale=locale, actor=ME, now=clock.now())
    admitted(house)
    browser.ask("ana@nordwind.example")
    for key in ("identity.launch", "identity.sign_in"):
        with scopes.host():
            letter = read_letter(letters(key)[0].id)
        assert letter.subject
        assert "http" in letter.text
        assert f'lang="{locale}" dir="{direction}"' in letter.html
        assert "prefers-color-scheme: dark" in letter.html


# ---------------------------------------------------------------- the operator's link


def test_the_operators_link_needs_one_press_in_any_browser_and_works_once(house: World, browser: Browser) -> None:
    made = actions.operator_link(address="Ana@nordwind.example", partner_slug="nordwind", actor=ME, now=clock.now())
    for _look in range(3):
        assert browser.get(made.path).status_code == 200
        browser.head(made.path)
    assert not browser.signed_in
    assert browser.press(made.path).status_code == 302
    assert browser.signed_in
    assert Session.objects.get().method == "operator"
    late = Browser()
    assert late.press(made.path).status_code == 410
    assert not late.signed_in
    entry = AuditEntry.objects.get(verb="identity.operator_link.make")
    assert (entry.actor_kind, entry.changes) == ("operator", {"person": str(house.ana.id)})


def test_the_operators_link_dies_after_ten_minutes_and_with_the_access(house: World, browser: Browser) -> None:
    now = clock.now()
    old = actions.operator_link(address="ana@nordwind.example", partner_slug="nordwind", actor=ME, now=now)
    with time_machine.travel(now + timedelta(minutes=10), tick=False):
        assert browser.press(old.path).status_code == 410
    fresh = actions.operator_link(address="ana@nordwind.example", partner_slug="nordwind", actor=ME, now=now)
    with scopes.one(house.ana.partner_id):
        person_leaves(person_id=house.ana.id, actor=ME, now=now)
    assert browser.press(fresh.path).status_code == 410
    assert not browser.signed_in


def test_the_operator_reads_a_sentence_where_nobody_has_that_address(
    house: World, capsys: pytest.CaptureFixture[str]
) -> None:
    for email, partner in (("caz@suedstern.example", "nordwind"), ("ana@nordwind.example", "atlantis")):
        with pytest.raises(SystemExit) as stopped:
            sign_in_link(email, partner)
        assert stopped.value.code == 1
    said = capsys.readouterr()
    assert "Nobody at Nordwind" in said.err
    assert "atlantis" in said.err
    assert not Challenge.objects.exists()


def test_the_command_prints_one_json_document(house: World, capsys: pytest.CaptureFixture[str]) -> None:
    sign_in_link("ana@nordwind.example", "nordwind", as_json=True)
    shown = json.loads(capsys.readouterr().out)
    assert set(shown) == {"url", "expires_at", "name", "partner"}
    assert Browser().get(shown["url"]).status_code == 200


# ---------------------------------------------------------------- the first person of staff


def test_the_first_person_of_staff_comes_in_by_the_operators_address(db: object, browser: Browser) -> None:
    path = actions.open_setup(actor=ME, now=clock.now())
    assert path is not None
    browser.get(path)
    wrong = browser.press(path, company="Acme Cloud", name="Dee", email="nonsense")
    assert wrong.status_code == 400
    assert host_partner() is None
    assert browser.press(path, company="Acme Cloud", name="Dee", email="dee@acme.example").status_code == 302
    assert browser.signed_in
    host = host_partner()
    assert host is not None
    assert host.name == "Acme Cloud"
    with scopes.one(host.id):
        assert [row.name for row in holders("platform_admin", clock.now())] == ["Dee"]
    assert Browser().press(path, company="Evil", name="Eve", email="eve@evil.example").status_code == 410
    assert actions.open_setup(actor=ME, now=clock.now()) is None


def test_only_the_last_set_up_address_works_and_it_is_no_sign_in_link(db: object, browser: Browser) -> None:
    first = actions.open_setup(actor=ME, now=clock.now())
    second = actions.open_setup(actor=ME, now=clock.now())
    assert first is not None
    assert second is not None
    assert browser.get(first).status_code == 410
    assert browser.get(second).status_code == 200
    assert browser.get(second.replace("/set-up/", "/sign-in/link/")).status_code == 404


def test_where_staff_exist_nobody_sets_up(house: World, browser: Browser) -> None:
    assert actions.open_setup(actor=ME, now=clock.now()) is None


# ---------------------------------------------------------------- evidence


def test_first_human_sign_ins_count_people_who_proved_their_mailbox(house: World) -> None:
    now = clock.now()
    robot = admit(house.caz.partner_id, "Robot", "robot@suedstern.example", now, synthetic=True)
    vouched = actions.operator_link(address="caz@suedstern.example", partner_slug="suedstern", actor=ME, now=now)
    Browser().press(vouched.path)
    for email in (robot.email, "ana@nordwind.example", "ana@nordwind.example"):
        each = Browser()
        each.ask(email)
        each.press("/sign-in/code", code=sign_in_letter().code)
    with scopes.host():
        (row,) = queries.first_human_sign_ins()
    assert (row.partner_id, row.people) == (find_partner("nordwind").id, 1)
    with scopes.one(house.caz.partner_id):
        assert queries.first_human_sign_ins() == []
