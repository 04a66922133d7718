"""C16: each way in that gets stuck has a number on its page and a row for those who help; no stranger learns more."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gangway.identity import actions, queries
from gangway.identity.actions.failed import fresh_number
from gangway.identity.jobs import forget_old_challenges, write_asked
from gangway.identity.models import Challenge, FailedSignIn
from gangway.identity.rules import LETTERS_WAITING, Answer, Kind, RequestState, Step, reads_as_number
from gangway.identity.tests.conftest import (
    ME,
    NUMBER,
    Browser,
    World,
    admit,
    csrf,
    invitation_path,
    letters,
    sign_in_letter,
)
from gangway.identity.tests.directory import connect
from gangway.kernel import clock, secrets, worker
from gangway.kernel.access import Reach
from gangway.kernel.models import AuditEntry
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.messaging.actions import claim, record_delivery
from gangway.messaging.queries import due_messages
from gangway.messaging.rules import Fate, Outcome
from gangway.partners.actions import set_portfolio, set_state
from gangway.partners.queries import host_partner
from gangway.people.actions import grant_role, person_leaves, suspend_person

pytestmark = pytest.mark.django_db


def number_on(page: HttpResponse) -> str:
    found = NUMBER.findall(page.content.decode())
    assert len(found) == 1, f"one number, not {found}"
    return str(found[0])


def row_of(number: str) -> queries.RequestRow:
    with scopes.host():
        (row,) = queries.request_of_number(number)
    return row


def rest(minutes: int = 0) -> None:
    now = clock.now() + timedelta(minutes=minutes)
    while worker.turn("test", now):
        pass


def shut(world: World, act: Callable[..., Any]) -> None:
    with scopes.one(world.ana.partner_id):
        act(person_id=world.ana.id, actor=ME, now=clock.now())


# ---------------------------------------------------------------- every way of being stuck


def test_who_only_asked_has_a_number_and_waits(house: World, browser: Browser) -> None:
    browser.ask("ana@nordwind.example")
    row = row_of(number_on(browser.get("/sign-in/code")))
    assert (row.step, row.state, row.person_id, row.partner_id) == (
        Step.ASKED,
        RequestState.WAITING,
        house.ana.id,
        house.ana.partner_id,
    )


def test_wrong_codes_then_a_closed_letter(house: World, browser: Browser) -> None:
    browser.ask("ana@nordwind.example")
    wrong = sign_in_letter().wrong
    number = number_on(browser.press("/sign-in/code", code=wrong))
    assert row_of(number).step is Step.CODE_WRONG
    for _ in range(4):
        page = browser.press("/sign-in/code", code=wrong)
    assert number_on(page) == number
    assert row_of(number).step is Step.CODE_LOCKED


def test_a_code_after_its_ten_minutes(house: World, browser: Browser) -> None:
    browser.ask("ana@nordwind.example")
    number, code = number_on(browser.get("/sign-in/code")), sign_in_letter().code
    token = csrf(browser.get("/sign-in/code"))
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=False):
        done = actions.complete_challenge(
            browser=browser.cookies["gangway_asked"].value, code=code, actor=ME, now=clock.now()
        )
        assert done.session is None
        page = browser.post("/sign-in/code", {"code": code, "csrfmiddlewaretoken": token})
    assert number_on(page) == number
    assert row_of(number).step is Step.CODE_EXPIRED


def test_a_used_link_names_the_number_of_who_came_in(house: World, browser: Browser, other_browser: Browser) -> None:
    browser.ask("ana@nordwind.example")
    number, letter = number_on(browser.get("/sign-in/code")), sign_in_letter()
    browser.press("/sign-in/code", code=letter.code)
    assert number_on(other_browser.get(letter.path)) == number
    assert row_of(number).state is RequestState.CAME_IN


@pytest.mark.parametrize("path", ["/sign-in/link/never-was", "/invitation/never-was"])
def test_a_link_nobody_knows_makes_one_row_by_a_press_and_none_by_looking(
    house: World, browser: Browser, path: str
) -> None:
    page = browser.get(path)
    assert not NUMBER.findall(page.content.decode())
    assert not FailedSignIn.objects.exists()
    name = "invitation" if "invitation" in path else "link"
    fields = {name: "never-was", "csrfmiddlewaretoken": csrf(page)}
    numbers = {number_on(browser.post("/sign-in/stuck", fields)) for _ in range(3)}
    assert len(numbers) == 1
    assert row_of(numbers.pop()).step is Step.LINK_UNKNOWN


@pytest.mark.parametrize(("act", "step"), [(suspend_person, Step.SUSPENDED), (person_leaves, Step.LEFT)])
def test_a_void_invitation_says_by_its_number_whose_it_is(
    house: World, browser: Browser, act: Callable[..., Any], step: Step
) -> None:
    with scopes.one(house.ana.partner_id):
        actions.invite(person_id=house.ana.id, actor=ME, now=clock.now())
    path = invitation_path()
    shut(house, act)
    page = browser.get(path)
    fields = {"invitation": path.rsplit("/", 1)[1], "csrfmiddlewaretoken": csrf(page)}
    row = row_of(number_on(browser.post("/sign-in/stuck", fields)))
    assert (row.step, row.person_id) == (step, house.ana.id)


def test_the_suspended_and_the_unknown_look_like_everybody(house: World) -> None:
    shut(house, suspend_person)
    steps = []
    for email in ("ana@nordwind.example", "nobody@nordwind.example"):
        browser = Browser()
        browser.ask(email)
        number = number_on(browser.get("/sign-in/code"))
        assert number_on(browser.press("/sign-in/code", code="123456")) == number
        steps.append(row_of(number).step)
    assert steps == [Step.SUSPENDED, Step.NOBODY]
    assert not letters()
    assert FailedSignIn.objects.filter(step=Step.NOBODY, person=None, partner=None).exclude(mailbox=None).count() == 1


def test_a_partner_that_is_closed(house: World, browser: Browser) -> None:
    with scopes.one(house.ana.partner_id):
        set_state(state="suspended", actor=ME, now=clock.now())
    browser.ask("ana@nordwind.example")
    assert row_of(number_on(browser.get("/sign-in/code"))).step is Step.PARTNER_CLOSED


def test_too_many_letters_have_one_number(house: World) -> None:
    numbers = set()
    for count in range(8):
        browser = Browser()
        browser.ask("ana@nordwind.example")
        if count >= 6:
            numbers.add(number_on(browser.press("/sign-in", email="ana@nordwind.example")))
    assert len(numbers) == 1
    assert row_of(numbers.pop()).step is Step.TOO_MANY


def test_a_choice_not_made_in_time(house: World, browser: Browser) -> None:
    browser.ask("eva@freelance.example")
    number = number_on(browser.get("/sign-in/code"))
    browser.press("/sign-in/code", code=sign_in_letter().code)
    secret = browser.cookies["gangway_asked"].value
    late = clock.now() + timedelta(minutes=11)
    actions.choose_person(browser=secret, person_id=house.eva_nordwind.id, actor=ME, now=late)
    with scopes.host():
        assert {row.step for row in queries.request_of_number(number)} == {Step.CHOICE_EXPIRED}


def test_a_mailbox_of_two_partners_has_a_row_at_each(house: World, browser: Browser) -> None:
    browser.ask("eva@freelance.example")
    number = number_on(browser.get("/sign-in/code"))
    for someone in (house.eva_nordwind, house.eva_suedstern):
        with scopes.one(someone.partner_id):
            assert [row.person_id for row in queries.request_of_number(number) if row.partner_id] == [someone.id]


def bounce(now: datetime) -> None:
    for due in due_messages(now, 10):
        with scopes.one(due.partner_id):
            (claimed,) = claim(message_ids=[due.id], actor=ME, now=now)
            outcome = Outcome(Fate.BOUNCED, "550 5.1.1 no such user", 550, dead=True)
            record_delivery(message_id=due.id, lease=claimed.lease, outcome=outcome, actor=ME, now=now)


def test_a_code_that_bounces(house: World, browser: Browser) -> None:
    browser.ask("ana@nordwind.example")
    bounce(clock.now())
    rest()
    row = row_of(number_on(browser.get("/sign-in/code")))
    assert (row.step, row.answers[0][0]) == (Step.MAIL_BOUNCED, "mailbox")


# ---------------------------------------------------------------- nothing told, nothing kept for ever


def test_asking_and_failing_cost_the_same_statements_for_everybody(house: World) -> None:
    shut(house, suspend_person)
    seen = []
    for email in ("eva@freelance.example", "ana@nordwind.example", "nobody@nordwind.example"):
        browser = Browser()
        token = csrf(browser.get("/sign-in"))
        with CaptureQueriesContext(connection) as asking:
            browser.post("/sign-in", {"email": email, "csrfmiddlewaretoken": token})
        with CaptureQueriesContext(connection) as failing:
            browser.press("/sign-in/code", code="000000")
        seen.append(
            [
                [query["sql"].split(" ")[:3] for query in part if "SAVEPOINT" not in query["sql"]]
                for part in (asking, failing)
            ]
        )
    assert seen[0] == seen[1] == seen[2]


def test_asking_anew_replaces_what_waited_and_keeps_its_number_findable(house: World) -> None:
    first, second = Browser(), Browser()
    for browser in (first, second):
        browser.ask("ana@nordwind.example")
    old, new = number_on(first.get("/sign-in/code")), number_on(second.get("/sign-in/code"))
    assert old != new
    assert (row_of(old).state, row_of(new).state) == (RequestState.REPLACED, RequestState.WAITING)


def test_a_month_later_it_is_forgotten(house: World, browser: Browser) -> None:
    browser.ask("ana@nordwind.example")
    with time_machine.travel(clock.now() + timedelta(days=30, minutes=20), tick=False):
        forget_old_challenges.func()
    assert not FailedSignIn.objects.exists()
    assert not Challenge.objects.exists()


# ---------------------------------------------------------------- who sees it


def signed_in(email: str, partner: str) -> Client:
    host = host_partner()
    assert host
    made = actions.operator_link(address=email, partner_slug=partner or host.slug, actor=ME, now=clock.now())
    client = Client()
    client.post(made.path)
    return client


@pytest.fixture
def stuck(house: World) -> World:
    """Ana, Caz and somebody unknown asked and did not come in."""
    for email in ("ana@nordwind.example", "caz@suedstern.example", "nobody@nowhere.example"):
        Browser().ask(email)
    return house


def test_staff_see_everybody_and_platform_admins_also_nobody(stuck: World) -> None:
    page = signed_in("dee@acme.example", "").get("/console/requests").content.decode()
    assert "3 sign-ins wait for help" in page
    assert "Ana" in page
    assert "Somebody nobody knows" in page
    admit(stuck.dee.partner_id, "Lea", "lea@acme.example", clock.now(), roles=("programme_lead",))
    page = signed_in("lea@acme.example", "").get("/console/requests").content.decode()
    assert "2 sign-ins wait for help" in page
    assert "nobody knows" not in page


def test_a_channel_manager_sees_their_own_partners(stuck: World) -> None:
    cem = admit(stuck.dee.partner_id, "Cem", "cem@acme.example", clock.now())
    with scopes.one(cem.partner_id):
        grant_role(person_id=cem.id, role="channel_manager", reach=Reach.PORTFOLIO, actor=ME, now=clock.now())
    with scopes.one(stuck.ana.partner_id):
        set_portfolio(person_id=cem.id, looked_after=True, actor=ME, now=clock.now())
    client = signed_in("cem@acme.example", "")
    page = client.get("/console/requests").content.decode()
    assert "Ana" in page
    assert "Brien" not in page
    hers = FailedSignIn.objects.get(person_id=stuck.caz.id)
    nobodys = FailedSignIn.objects.get(partner=None)
    for foreign in (hers.id, nobodys.id, stuck.ana.id):
        assert client.post(f"/console/requests/{foreign}/done").status_code == 404
    assert FailedSignIn.objects.filter(state=RequestState.WAITING).count() == 3


def test_a_partner_admin_sees_and_helps_their_own_people_only(stuck: World) -> None:
    admit(stuck.ana.partner_id, "Ben", "ben@nordwind.example", clock.now(), roles=("partner_admin",))
    client = signed_in("ben@nordwind.example", "nordwind")
    page = client.get("/desk/requests").content.decode()
    assert "Ana" in page
    assert "Brien" not in page
    hers = FailedSignIn.objects.get(person_id=stuck.caz.id)
    assert client.post(f"/desk/requests/{hers.id}/letter").status_code == 404
    assert client.get("/console/requests").status_code == 403
    mine = FailedSignIn.objects.get(person_id=stuck.ana.id)
    assert client.post(f"/desk/requests/{mine.id}/letter")["Location"] == "/desk/requests?done=letter"
    assert len(letters()) == 3


def test_a_learner_sees_none(stuck: World) -> None:
    client = signed_in("ana@nordwind.example", "nordwind")
    assert client.get("/console/requests").status_code == client.get("/desk/requests").status_code == 403


def test_it_is_found_by_its_number_however_it_is_said(stuck: World) -> None:
    number = FailedSignIn.objects.get(person_id=stuck.ana.id).number
    client = signed_in("dee@acme.example", "")
    for said in (number.lower(), f"{number[:2]} {number[2:]}", f"{number[:2]}-{number[2:]}"):
        page = client.get("/console/requests", {"q": said}).content.decode()
        assert "Ana" in page
        assert "Brien" not in page


def test_no_number_could_be_taken_for_a_name() -> None:
    """One in seven words of these signs has no digit, and would be looked for among the names."""
    assert all(reads_as_number(fresh_number()) for _ in range(60))


# ---------------------------------------------------------------- the answers


def answer(world: World, kind: Answer) -> FailedSignIn:
    row = FailedSignIn.objects.get(person_id=world.ana.id, state=RequestState.WAITING)
    with scopes.one(world.ana.partner_id):
        actions.answer_request(request_id=row.id, answer=kind, actor=ME, now=clock.now())
    row.refresh_from_db()
    return row


def test_a_letter_from_staff_opens_by_link_and_code_in_any_browser(house: World, browser: Browser) -> None:
    Browser().ask("ana@nordwind.example")
    row = answer(house, Answer.LETTER)
    assert (row.state, row.answer) == (RequestState.ANSWERED, "letter")
    assert AuditEntry.objects.filter(verb="identity.request.answer", partner_id=house.ana.partner_id).count() == 1
    letter = sign_in_letter()
    assert "The team that helps you sent this letter" in letters()[-1].text
    assert browser.press(letter.path).status_code == 400, "the link alone opens nothing"
    assert browser.press(letter.path, code=letter.code).status_code == 302
    assert browser.signed_in
    row.refresh_from_db()
    assert row.state == RequestState.CAME_IN


def test_a_wrong_code_of_the_answering_letter_makes_them_wait_again(house: World, browser: Browser) -> None:
    Browser().ask("ana@nordwind.example")
    row = answer(house, Answer.LETTER)
    letter = sign_in_letter()
    browser.press(letter.path, code=letter.wrong)
    row.refresh_from_db()
    assert (row.state, row.step) == (RequestState.WAITING, Step.CODE_WRONG)


def test_letting_in_again_renews_the_invitation_that_the_suspension_voided(house: World, browser: Browser) -> None:
    with scopes.one(house.ana.partner_id):
        actions.invite(person_id=house.ana.id, actor=ME, now=clock.now())
    old = invitation_path()
    shut(house, suspend_person)
    Browser().ask("ana@nordwind.example")
    answer(house, Answer.RESUME)
    assert invitation_path() != old
    assert browser.get(old).status_code == 404
    browser.press(invitation_path())
    browser.press("/sign-in/code", code=sign_in_letter().code)
    assert browser.signed_in


def test_whom_a_directory_shut_out_it_alone_lets_in_again(house: World, browser: Browser) -> None:
    """No button that would be refused, and words that say who can."""
    directory = connect(house.ana.partner_id)
    directory.bring("ana", emails=[{"value": "ana@nordwind.example", "type": "work"}], active=False)
    browser.ask("ana@nordwind.example")
    rest()
    row = row_of(number_on(browser.get("/sign-in/code")))
    assert (row.step, row.managed) == (Step.SUSPENDED, True)
    assert [answer for answer, _ in row.answers] == [Answer.DONE]
    assert "directory" in row.mend
    with scopes.one(house.ana.partner_id), pytest.raises(NotFound):
        actions.answer_request(request_id=row.id, answer=Answer.RESUME, actor=ME, now=clock.now())


def test_believing_in_the_mailbox_sends_again(house: World) -> None:
    Browser().ask("ana@nordwind.example")
    bounce(clock.now())
    rest()
    answer(house, Answer.MAILBOX)
    (due,) = due_messages(clock.now(), 10)
    with scopes.one(due.partner_id):
        assert claim(message_ids=[due.id], actor=ME, now=clock.now())


def test_an_answer_that_does_not_fit_and_one_too_late_are_refused(house: World) -> None:
    Browser().ask("ana@nordwind.example")
    row = FailedSignIn.objects.get()
    with scopes.one(house.ana.partner_id), pytest.raises(NotFound):
        actions.answer_request(request_id=row.id, answer=Answer.RESUME, actor=ME, now=clock.now())
    with scopes.one(house.caz.partner_id), pytest.raises(NotFound):
        actions.answer_request(request_id=row.id, answer=Answer.DONE, actor=ME, now=clock.now())
    answer(house, Answer.DONE)
    with scopes.one(house.ana.partner_id), pytest.raises(actions.NobodyWaits):
        actions.answer_request(request_id=row.id, answer=Answer.DONE, actor=ME, now=clock.now())


def test_the_limit_of_an_address_holds_for_those_who_help(house: World) -> None:
    for _ in range(6):
        Browser().ask("ana@nordwind.example")
    with scopes.one(house.ana.partner_id), pytest.raises(actions.EnoughLetters):
        actions.send_sign_in_letter(person_id=house.ana.id, actor=ME, now=clock.now())


# ---------------------------------------------------------------- limits


def test_fifty_wrong_codes_a_day_close_the_code_and_leave_the_link(house: World, browser: Browser) -> None:
    """A stranger who types nonsense for Ana's address locks nobody out: the letter's link opens as before."""
    start = clock.now()
    for number in range(10):
        with time_machine.travel(start + timedelta(minutes=20 * number), tick=False):
            stranger = Browser()
            stranger.ask("ana@nordwind.example")
            wrong = sign_in_letter().wrong
            for _ in range(5):
                stranger.press("/sign-in/code", code=wrong)
    with time_machine.travel(start + timedelta(hours=4), tick=False):
        browser.ask("ana@nordwind.example")
        letter = sign_in_letter()
        page = browser.press("/sign-in/code", code=letter.code)
        assert "Too many wrong codes" in page.content.decode()
        assert not browser.signed_in
        in_the_mail_app = Browser()
        assert in_the_mail_app.press(letter.path, code=letter.code).status_code == 302
        assert in_the_mail_app.signed_in
    with time_machine.travel(start + timedelta(hours=30), tick=False):
        browser.ask("ana@nordwind.example")
        assert browser.press("/sign-in/code", code=sign_in_letter().code).status_code == 302


def test_the_brake_before_the_mail_server_is_the_same_for_everybody(house: World, browser: Browser) -> None:
    """More letters than can be sent wait to be written: everybody hears so, and nobody is locked."""
    now = clock.now()
    waiting = {"kind": Kind.MAIL, "address": secrets.seal("x@nowhere.example"), "asked_at": now, "expires_at": now}
    Challenge.objects.bulk_create(Challenge(link=n.to_bytes(4, "big"), **waiting) for n in range(LETTERS_WAITING + 1))
    answers = {
        Browser().press("/sign-in", email=email).status_code for email in ("ana@nordwind.example", "x@y.example")
    }
    assert answers == {503}
    assert not FailedSignIn.objects.exists()
    write_asked(now)
    assert browser.ask("ana@nordwind.example").status_code == 302


def test_letters_the_worker_could_not_write_in_time_are_never_written(house: World, browser: Browser) -> None:
    browser.press("/sign-in", email="ana@nordwind.example")
    write_asked(clock.now() + timedelta(minutes=11))
    assert not letters()
    assert not Challenge.objects.exclude(address="").exists()
    assert row_of(number_on(browser.get("/sign-in/code"))).person_id == house.ana.id
