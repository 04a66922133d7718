"""What people hold beside their mailbox, as browsers meet it: happy ways, outsiders, refusals, forgeries."""

import json
import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from django.http import HttpResponse

from gangway.identity import actions
from gangway.identity.models import AuthenticatorApp, Ceremony, Challenge, Passkey, RecoveryCode, Session
from gangway.identity.queries import factors as held
from gangway.identity.rules import passkeys
from gangway.identity.rules.factors import Policy
from gangway.identity.tests.authenticator import ORIGIN, Authenticator
from gangway.identity.tests.conftest import ME, Browser, Someone, World, csrf, sign_in_letter
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.models import AuditEntry
from gangway.kernel.tenancy import scopes
from gangway.messaging.models import Message
from gangway.people.actions import grant_role, suspend_person

pytestmark = pytest.mark.django_db
SECURITY = "/account/security"


@pytest.fixture(autouse=True)
def _named_address(settings: Any) -> None:
    settings.BASE_URL = ORIGIN


def come_in(someone: Someone, browser: Browser) -> Browser:
    """Sign in by mail; somebody with a factor stands before the second proof then."""
    browser.ask(someone.email)
    browser.press("/sign-in/code", code=sign_in_letter().code)
    return browser


def question(browser: Browser, path: str, page: str) -> Any:
    """What the page's script asks the server for."""
    answer = browser.post(
        path, {"csrfmiddlewaretoken": csrf(browser.get(page))}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def add_passkey(browser: Browser, phone: Authenticator, name: str = "Phone", **forged: Any) -> HttpResponse:
    made = phone.make(question(browser, f"{SECURITY}/passkeys/question", SECURITY), **forged)
    return browser.press_at(SECURITY, f"{SECURITY}/passkeys", credential=made, passkey_name=name)


def add_app(browser: Browser) -> pyotp.TOTP:
    browser.press_at(SECURITY, f"{SECURITY}/app/begin")
    key = re.search(r'<code id="key"[^>]*>([A-Z2-7 ]+)<', browser.get(f"{SECURITY}/app").content.decode())
    assert key
    app = pyotp.TOTP(key[1].replace(" ", ""))
    answer = browser.press(f"{SECURITY}/app", code=app.at(clock.now()))
    assert answer.status_code == 302
    return app


def codes_of(browser: Browser) -> list[str]:
    page = browser.press_at(SECURITY, f"{SECURITY}/codes").content.decode()
    found = re.findall(r"\b[0-9a-hjkmnp-z]{5}-[0-9a-hjkmnp-z]{5}\b", page)
    assert len(found) == 10
    return found


@pytest.fixture
def ana(house: World) -> Browser:
    return come_in(house.ana, Browser())


def later(seconds: int = 60) -> Any:
    return time_machine.travel(clock.now() + timedelta(seconds=seconds), tick=True)


def verbs(prefix: str = "identity.") -> list[str]:
    return list(AuditEntry.objects.filter(verb__startswith=prefix).order_by("at", "id").values_list("verb", flat=True))


def told() -> list[str]:
    """What the letters about factors say, oldest first."""
    with scopes.host():
        return [row.payload["what"] for row in _letters()]


def _letters() -> list[Any]:
    return list(Message.objects.filter(letter_key="identity.factor_changed").order_by("queued_at", "id"))


# ---------------------------------------------------------------- an authenticator app


def test_an_app_is_added_asked_for_and_opens_once_per_code(house: World, ana: Browser) -> None:
    other = come_in(house.ana, Browser())
    assert other.signed_in
    app = add_app(ana)
    assert ana.signed_in
    assert not other.signed_in, "sessions from before end"
    assert told() == ["app_added"]
    with later():
        come_in(house.ana, other)
        assert not other.signed_in
        assert other.get("/sign-in/code")["Location"] == "/sign-in/factor"
        code = app.at(clock.now())
        answer = other.press("/sign-in/factor", code=code)
        assert (answer.status_code, answer["Location"]) == (302, "/welcome?next=%2F")
        assert other.signed_in
        third = come_in(house.ana, Browser())
        assert third.press("/sign-in/factor", code=code).status_code == 400, "the same code again"
        assert not third.signed_in
    assert verbs("identity.factor") == ["identity.factor.pass", "identity.factor.refuse"]


def test_the_code_that_confirmed_the_app_does_not_sign_in(house: World, ana: Browser) -> None:
    with time_machine.travel(clock.now(), tick=False):  # a code is good for half a minute, a slow machine takes longer
        app = add_app(ana)
        other = come_in(house.ana, Browser())
        assert other.press("/sign-in/factor", code=app.at(clock.now())).status_code == 400
    assert not other.signed_in


def test_the_key_is_sealed_and_a_wrong_code_confirms_nothing(house: World, ana: Browser) -> None:
    ana.press_at(SECURITY, f"{SECURITY}/app/begin")
    page = ana.get(f"{SECURITY}/app").content.decode()
    with scopes.one(house.ana.partner_id):
        row = AuthenticatorApp.objects.get()
    assert row.secret.startswith("v1:")
    assert "<svg" in page
    assert ana.press(f"{SECURITY}/app", code="12").status_code == 400
    wrong = f"{(int(pyotp.TOTP(_key(page)).at(clock.now())) + 1) % 1_000_000:06d}"
    assert ana.press(f"{SECURITY}/app", code=wrong).status_code == 400
    other = come_in(house.ana, Browser())
    assert other.signed_in, "an app that was not confirmed does not count"


def _key(page: str) -> str:
    found = re.search(r'<code id="key"[^>]*>([A-Z2-7 ]+)<', page)
    assert found
    return found[1].replace(" ", "")


# ---------------------------------------------------------------- recovery codes


def test_recovery_codes_open_once_each_and_a_letter_tells(house: World, ana: Browser) -> None:
    add_app(ana)
    codes = codes_of(ana)
    with scopes.one(house.ana.partner_id):
        assert not any(code in str(list(RecoveryCode.objects.values_list("digest", flat=True))) for code in codes)
    other = come_in(house.ana, Browser())
    assert other.press("/sign-in/factor", recovery=codes[3].upper().replace("-", " ")).status_code == 302
    assert other.signed_in
    third = come_in(house.ana, Browser())
    assert third.press("/sign-in/factor", recovery=codes[3]).status_code == 400
    assert not third.signed_in
    assert told() == ["app_added", "codes_made", "recovery_used"]


def test_new_codes_make_the_old_ones_void(house: World, ana: Browser) -> None:
    add_app(ana)
    old, new = codes_of(ana)[0], codes_of(ana)[0]
    other = come_in(house.ana, Browser())
    assert other.press("/sign-in/factor", recovery=old).status_code == 400
    assert other.press("/sign-in/factor", recovery=new).status_code == 302


def test_there_are_no_codes_without_a_factor(ana: Browser) -> None:
    assert ana.press_at(SECURITY, f"{SECURITY}/codes").status_code == 409


# ---------------------------------------------------------------- passkeys


def test_a_passkey_is_added_and_is_the_second_proof(house: World, ana: Browser) -> None:
    phone = Authenticator()
    assert add_passkey(ana, phone).status_code == 302
    assert "Phone" in ana.get(SECURITY).content.decode()
    other = come_in(house.ana, Browser())
    assert not other.signed_in
    asked = question(other, "/sign-in/factor/question", "/sign-in/factor")
    assert len(asked["allowCredentials"]) == 1
    assert other.press("/sign-in/factor", credential=phone.sign(asked)).status_code == 302
    assert other.signed_in
    assert Session.objects.filter(ended_at=None).count() == 2
    assert told() == ["passkey_added"]


def test_a_passkey_alone_signs_in_whoever_it_verified(house: World, ana: Browser) -> None:
    phone = Authenticator()
    add_passkey(ana, phone)
    stranger = Browser()
    asked = question(stranger, "/sign-in/passkey/question", "/sign-in")
    assert asked["allowCredentials"] == []
    assert asked["userVerification"] == "required"
    answer = stranger.press_at("/sign-in", "/sign-in/passkey", credential=phone.sign(asked), next="/courses")
    assert answer["Location"] == "/welcome?next=%2Fcourses"
    assert stranger.signed_in
    assert Session.objects.latest("started_at").method == "passkey"


def alone(phone: Authenticator, browser: Browser | None = None, **forged: Any) -> HttpResponse:
    browser = browser or Browser()
    asked = question(browser, "/sign-in/passkey/question", "/sign-in")
    return browser.press_at("/sign-in", "/sign-in/passkey", credential=phone.sign(asked, **forged))


def test_every_no_to_a_passkey_alone_is_the_same_page(house: World, ana: Browser) -> None:
    """Unknown, not verified, another's handle, suspended, wrong origin, wrong party: a stranger learns nothing."""
    phone = Authenticator()
    add_passkey(ana, phone)
    caz = come_in(house.caz, Browser())
    add_passkey(caz, other := Authenticator(credential_id=b"credential-of-caz"))
    unknown = Authenticator(handle=phone.handle, credential_id=b"never seen")
    nobody = Authenticator(handle=new_id().bytes + new_id().bytes)
    pages = [
        alone(unknown),
        alone(nobody),
        alone(Authenticator(handle=b"")),
        alone(phone, handle=other.handle),
        alone(Authenticator(phone.credential_id, handle=phone.handle, count=50)),
        alone(phone, origin="https://evil.example"),
        alone(phone, rp="evil.example"),
        alone(phone, challenge="AAAA"),
        alone(phone, present=False),
    ]
    phone.verifies = False
    pages.append(alone(phone))
    phone.verifies = True
    with scopes.one(house.ana.partner_id):
        suspend_person(person_id=house.ana.id, actor=ME, now=clock.now())
    pages.append(alone(phone))
    assert {page.status_code for page in pages} == {400}
    assert len({re.sub(r'value="[^"]*"', "", page.content.decode()) for page in pages}) == 1
    assert not any(page.cookies.get("gangway") for page in pages)


def test_an_answer_counts_once_in_its_own_browser_and_not_for_ever(house: World, ana: Browser) -> None:
    phone = Authenticator(count=None)
    add_passkey(ana, phone)
    first, second = Browser(), Browser()
    asked = question(first, "/sign-in/passkey/question", "/sign-in")
    question(second, "/sign-in/passkey/question", "/sign-in")
    signed = phone.sign(asked)
    assert second.press_at("/sign-in", "/sign-in/passkey", credential=signed).status_code == 400, "another browser's"
    assert first.press_at("/sign-in", "/sign-in/passkey", credential=signed).status_code == 302
    third = Browser()
    third.cookies.update(first.cookies)
    del third.cookies["gangway"]
    assert third.press_at("/sign-in", "/sign-in/passkey", credential=signed).status_code == 400, "replayed"
    fourth = Browser()
    asked = question(fourth, "/sign-in/passkey/question", "/sign-in")
    with later(301):
        late = fourth.press_at("/sign-in", "/sign-in/passkey", credential=phone.sign(asked))
    assert late.status_code == 400


def test_a_count_that_went_back_is_refused_and_audited(house: World, ana: Browser) -> None:
    phone = Authenticator(count=7)
    add_passkey(ana, phone)
    assert alone(phone).status_code == 302
    phone.count = 3
    assert alone(phone).status_code == 400
    entry = AuditEntry.objects.get(verb="identity.passkey.count_went_back")
    assert (entry.changes["stored"], entry.changes["shown"]) == (8, 4)
    phone.count = 8
    assert alone(phone).status_code == 302, "the true one goes on"


def test_without_the_compare_of_the_question_a_replay_comes_in(
    house: World, ana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: a verification that takes the challenge from the answer lets an old answer in."""
    phone = Authenticator(count=None)
    add_passkey(ana, phone)
    old = phone.sign(question(Browser(), "/sign-in/passkey/question", "/sign-in"))
    thief = Browser()
    question(thief, "/sign-in/passkey/question", "/sign-in")
    assert thief.press_at("/sign-in", "/sign-in/passkey", credential=old).status_code == 400
    whole = passkeys.proven

    def careless(party: Any, nonce: bytes, answer: str, **options: Any) -> Any:
        said = json.loads(raw_client(answer))["challenge"]
        return whole(party, passkeys.base64url_to_bytes(said), answer, **options)

    monkeypatch.setattr(passkeys, "proven", careless)
    question(thief, "/sign-in/passkey/question", "/sign-in")
    assert thief.press_at("/sign-in", "/sign-in/passkey", credential=old).status_code == 302


def raw_client(answer: str) -> bytes:
    return passkeys.base64url_to_bytes(json.loads(answer)["response"]["clientDataJSON"])


@pytest.mark.parametrize("forged", [{"origin": "https://evil.example"}, {"rp": "evil.example"}, {"kind": "get"}])
def test_a_forged_registration_adds_nothing(ana: Browser, forged: dict[str, str]) -> None:
    answer = add_passkey(ana, Authenticator(), **forged)
    assert answer.status_code == 409
    assert not _passkeys()


def test_a_registration_counts_in_its_session_once(house: World, ana: Browser) -> None:
    phone = Authenticator()
    made = phone.make(question(ana, f"{SECURITY}/passkeys/question", SECURITY))
    caz = come_in(house.caz, Browser())
    fields = {"credential": made, "passkey_name": "Phone"}
    assert caz.press_at(SECURITY, f"{SECURITY}/passkeys", **fields).status_code == 409, "another session's question"
    assert ana.press_at(SECURITY, f"{SECURITY}/passkeys", **fields).status_code == 302
    assert ana.press_at(SECURITY, f"{SECURITY}/passkeys", **fields).status_code == 409, "again"
    assert len(_passkeys()) == 1


def _passkeys() -> list[Passkey]:
    with scopes.host():
        return list(Passkey.objects.all())


def test_a_passkey_of_somebody_else_is_no_second_proof(house: World, ana: Browser) -> None:
    caz = come_in(house.caz, Browser())
    add_passkey(caz, theirs := Authenticator(b"credential-of-caz"))
    add_passkey(ana, Authenticator())
    other = come_in(house.ana, Browser())
    asked = question(other, "/sign-in/factor/question", "/sign-in/factor")
    assert other.press("/sign-in/factor", credential=theirs.sign(asked)).status_code == 400
    assert not other.signed_in


def test_without_a_named_address_passkeys_are_not_offered(settings: Any, ana: Browser) -> None:
    settings.BASE_URL = "http://127.0.0.1:8000"
    assert "data-passkey" not in ana.get(SECURITY).content.decode()
    assert "data-passkey" not in Browser().get("/sign-in").content.decode()
    answer = ana.press_at(SECURITY, f"{SECURITY}/passkeys/question")
    assert answer.status_code == 409


def test_the_host_header_chooses_nothing(house: World, ana: Browser) -> None:
    token = csrf(ana.get(SECURITY))
    answer = ana.post(f"{SECURITY}/passkeys/question", {"csrfmiddlewaretoken": token}, headers={"Host": "evil.example"})
    assert json.loads(answer.content)["rp"]["id"] == "learn.acme.example"


# ---------------------------------------------------------------- no half session; tries; the epoch


PAGES = ("/", "/account/security", "/account/sessions", "/courses", "/welcome")


def test_between_the_two_proofs_no_page_opens(house: World, ana: Browser) -> None:
    add_app(ana)
    other = come_in(house.ana, Browser())
    assert not other.cookies.get("gangway")
    for path in PAGES:
        assert other.get(path)["Location"].startswith("/sign-in")
    assert other.get("/sign-in/choose")["Location"] == "/sign-in"
    letter = sign_in_letter()
    assert other.press("/sign-in/code", code=letter.code)["Location"] == "/sign-in/factor"
    assert other.get(letter.path)["Location"] == "/sign-in/factor"
    assert not other.signed_in


def test_the_operators_link_asks_for_the_factor_too(house: World, ana: Browser) -> None:
    add_app(ana)
    made = actions.operator_link(address=house.ana.email, partner_slug="nordwind", actor=ME, now=clock.now())
    other = Browser()
    assert other.press(made.path)["Location"] == "/sign-in/factor"
    assert not other.signed_in


def test_another_browser_cannot_give_the_second_proof(house: World, ana: Browser) -> None:
    add_app(ana)
    come_in(house.ana, Browser())
    assert Browser().get("/sign-in/factor")["Location"] == "/sign-in"
    assert Browser().press("/sign-in/factor", code="123456")["Location"] == "/sign-in"
    token = csrf((thief := Browser()).get("/sign-in"))
    assert thief.post("/sign-in/factor/question", {"csrfmiddlewaretoken": token}).status_code == 404


def test_five_wrong_answers_close_this_sign_in_and_what_is_no_code_is_no_try(house: World, ana: Browser) -> None:
    app = add_app(ana)
    with later():
        other = come_in(house.ana, Browser())
        right = app.at(clock.now())
        wrong = f"{(int(right) + 1) % 1_000_000:06d}"
        for typed in ("", "12", "no code"):
            assert other.press("/sign-in/factor", code=typed).status_code in (200, 400)
        seen = [other.press("/sign-in/factor", code=wrong).status_code for _ in range(5)]
        assert seen == [400, 400, 400, 400, 410]
        assert other.press("/sign-in/factor", code=right).status_code == 410
        assert not other.signed_in
    assert Challenge.objects.latest("asked_at").factor_tries == 5


def test_twenty_wrong_answers_a_day_are_enough(house: World, ana: Browser) -> None:
    app = add_app(ana)
    with later():
        wrong = f"{(int(app.at(clock.now())) + 1) % 1_000_000:06d}"
        for _round in range(4):
            other = come_in(house.ana, Browser())
            for _ in range(5):
                other.press("/sign-in/factor", code=wrong)
        other = come_in(house.ana, Browser())
        assert other.press("/sign-in/factor", code=app.at(clock.now())).status_code == 410
        assert not other.signed_in
    with later(24 * 3600 + 120):
        other = come_in(house.ana, Browser())
        assert other.press("/sign-in/factor", code=app.at(clock.now())).status_code == 302


def test_ten_minutes_after_the_mailbox_it_is_over(house: World, ana: Browser) -> None:
    app = add_app(ana)
    other = come_in(house.ana, Browser())
    with later(601):
        assert other.press("/sign-in/factor", code=app.at(clock.now())).status_code == 410
    assert not other.signed_in


def test_who_was_suspended_in_between_does_not_come_in(house: World, ana: Browser) -> None:
    app = add_app(ana)
    other = come_in(house.ana, Browser())
    with scopes.one(house.ana.partner_id):
        suspend_person(person_id=house.ana.id, actor=ME, now=clock.now())
    with later():
        assert other.press("/sign-in/factor", code=app.at(clock.now())).status_code == 410
    assert not other.signed_in


def test_one_mailbox_at_two_partners_asks_only_where_a_factor_is_held(house: World) -> None:
    eva = come_in(house.eva_nordwind, Browser())
    eva.press("/sign-in/choose", person=str(house.eva_nordwind.id))
    app = add_app(eva)
    with later():
        other = come_in(house.eva_nordwind, Browser())
        answer = other.press("/sign-in/choose", person=str(house.eva_nordwind.id))
        assert answer["Location"] == "/sign-in/factor"
        assert other.press("/sign-in/choose", person=str(house.eva_suedstern.id))["Location"] == "/sign-in"
        assert not other.signed_in
        assert other.press("/sign-in/factor", code=app.at(clock.now())).status_code == 302
        third = come_in(house.eva_suedstern, Browser())
        third.press("/sign-in/choose", person=str(house.eva_suedstern.id))
        assert third.signed_in


# ---------------------------------------------------------------- removing, resetting, old sessions


def test_removing_asks_once_ends_other_sessions_and_tells(house: World, ana: Browser) -> None:
    add_passkey(ana, phone := Authenticator())
    codes_of(ana)
    row = _passkeys()[0]
    assert alone(phone, other := Browser()).status_code == 302
    page = ana.get(f"{SECURITY}/passkeys/{row.id}/remove").content.decode()
    assert "It is the last one." in page
    assert len(_passkeys()) == 1
    assert ana.press(f"{SECURITY}/passkeys/{row.id}/remove").status_code == 302
    assert not _passkeys()
    assert not other.signed_in
    with scopes.host():
        assert not RecoveryCode.objects.exists(), "they would lead back to nothing"
    assert come_in(house.ana, Browser()).signed_in
    assert told() == ["passkey_added", "codes_made", "passkey_removed"]
    assert alone(phone).status_code == 400


def test_somebody_elses_passkey_is_like_one_that_never_was(house: World, ana: Browser) -> None:
    add_passkey(ana, Authenticator())
    caz = come_in(house.caz, Browser())
    for passkey_id in (_passkeys()[0].id, new_id()):
        assert caz.get(f"{SECURITY}/passkeys/{passkey_id}/remove").status_code == 404
        assert caz.press(f"{SECURITY}/passkeys/{passkey_id}/remove").status_code == 404
    assert len(_passkeys()) == 1


CHANGES = ("passkeys", "app/begin", "app/remove", "codes")


def test_an_hour_after_signing_in_nothing_can_be_changed(ana: Browser) -> None:
    add_app(ana)
    with later(3700):
        assert "Sign in again" in ana.get(SECURITY).content.decode()
        assert [ana.press_at(SECURITY, f"{SECURITY}/{path}").status_code for path in CHANGES] == [403] * 4
        assert ana.press_at(SECURITY, f"{SECURITY}/again")["Location"] == f"/sign-in?next={SECURITY}"
        assert not ana.signed_in


def test_the_operator_takes_a_lost_factor_away(house: World, ana: Browser) -> None:
    add_app(ana)
    add_passkey(ana, phone := Authenticator())
    done = actions.reset_by_operator(address="ANA@nordwind.example", partner_slug="nordwind", actor=ME, now=clock.now())
    assert (done.name, done.partner_name) == ("Ana López", "Nordwind")
    assert not ana.signed_in
    assert alone(phone).status_code == 400
    assert come_in(house.ana, Browser()).signed_in
    entry = AuditEntry.objects.get(verb="identity.factor.reset")
    assert (entry.actor_kind, entry.changes) == ("operator", {"person": str(house.ana.id)})
    with pytest.raises(actions.NothingHeld):
        actions.reset_by_operator(address=house.ana.email, partner_slug="nordwind", actor=ME, now=clock.now())
    with pytest.raises(actions.NobodyThere):
        actions.reset_by_operator(address="nobody@x.example", partner_slug="nordwind", actor=ME, now=clock.now())


def test_staff_with_the_right_take_it_from_people_of_partners_only(house: World, ana: Browser) -> None:
    add_app(ana)
    dee, caz = come_in(house.dee, Browser()), come_in(house.caz, Browser())
    path = f"/console/people/{house.ana.id}/factors/reset"
    assert caz.get(path).status_code == 403
    assert caz.press(path).status_code == 403
    assert "Make sure that it is them" in dee.get(path).content.decode()
    assert dee.press(path).status_code == 302
    assert come_in(house.ana, Browser()).signed_in
    assert dee.get(f"/console/people/{new_id()}/factors/reset").status_code == 404
    assert dee.press(f"/console/people/{house.dee.id}/factors/reset").status_code == 403, "their own"


def test_a_role_that_reaches_no_further_than_a_partner_resets_nobody(house: World, ana: Browser) -> None:
    """A partner's person with a host role by mistake: the role counts only at the host."""
    add_app(ana)
    with scopes.one(house.caz.partner_id):
        grant_role(person_id=house.caz.id, role="partner_admin", actor=ME, now=clock.now())
    caz = come_in(house.caz, Browser())
    assert caz.press(f"/console/people/{house.ana.id}/factors/reset").status_code == 403
    with scopes.one(house.ana.partner_id):
        assert held.holders_of_factors([house.ana.id])


# ---------------------------------------------------------------- the rule: who must


def test_staff_who_must_reach_only_the_security_page(house: World, settings: Any) -> None:
    settings.STAFF_FACTOR = "required"
    dee = come_in(house.dee, Browser())
    assert dee.get("/console/set-up")["Location"] == f"{SECURITY}?next=%2Fconsole%2Fset-up"
    assert dee.post("/console/plan/new", {"csrfmiddlewaretoken": csrf(dee.get(SECURITY))})["Location"] == SECURITY
    answer = dee.get("/console/people", headers={"Accept": "application/json"})
    assert (answer.status_code, json.loads(answer.content)["code"]) == (403, "access.first_things_first")
    assert "Add one of these first." in dee.get(SECURITY).content.decode()
    add_app(dee)
    assert dee.get("/console/set-up").status_code == 200
    assert come_in(house.ana, Browser()).get("/courses").status_code == 200, "people of partners are not asked"


def test_a_partner_may_require_it_of_its_admins(house: World) -> None:
    with scopes.one(house.ana.partner_id):
        grant_role(person_id=house.ana.id, role="partner_admin", actor=ME, now=clock.now())
    ana = come_in(house.ana, Browser())
    assert ana.get("/desk").status_code == 200
    assert ana.press_at(SECURITY, f"{SECURITY}/policy", admins="never").status_code == 400
    assert ana.press_at(SECURITY, f"{SECURITY}/policy", admins="required").status_code == 302
    assert ana.get("/desk")["Location"].startswith(SECURITY)
    add_app(ana)
    assert ana.get("/desk").status_code == 200
    eva = come_in(house.eva_nordwind, Browser())
    eva.press("/sign-in/choose", person=str(house.eva_nordwind.id))
    assert eva.get("/courses").status_code == 200, "learners are not asked"
    assert eva.press_at(SECURITY, f"{SECURITY}/policy", admins="offered").status_code == 403
    caz = come_in(house.caz, Browser())
    assert caz.get("/courses").status_code == 200
    assert verbs("identity.factor_policy") == ["identity.factor_policy.set"]


# ---------------------------------------------------------------- actions, with their own clock


def test_questions_are_forgotten_after_a_month(house: World, ana: Browser) -> None:
    question(ana, f"{SECURITY}/passkeys/question", SECURITY)
    assert actions.forget_ceremonies(actor=ME, now=clock.now() + timedelta(days=29)) == 0
    assert actions.forget_ceremonies(actor=ME, now=clock.now() + timedelta(days=31)) == 1
    assert not Ceremony.objects.exists()


def test_asking_again_closes_the_question_before(house: World, ana: Browser) -> None:
    phone = Authenticator(count=None)
    add_passkey(ana, phone)
    browser = Browser()
    first = phone.sign(question(browser, "/sign-in/passkey/question", "/sign-in"))
    question(browser, "/sign-in/passkey/question", "/sign-in")
    assert browser.press_at("/sign-in", "/sign-in/passkey", credential=first).status_code == 400


def test_no_more_than_ten_passkeys(ana: Browser) -> None:
    for number in range(10):
        assert add_passkey(ana, Authenticator(f"credential {number}".encode())).status_code == 302
    assert add_passkey(ana, Authenticator(b"one more")).status_code == 409
    assert len(_passkeys()) == 10


def test_policy_and_state_are_told_by_queries(house: World) -> None:
    with scopes.one(house.ana.partner_id):
        assert held.policy_for_admins() is Policy.OFFERED
        actions.set_admin_policy(policy=Policy.REQUIRED, actor=Actor.person(house.ana.id), now=clock.now())
        assert held.policy_for_admins() is Policy.REQUIRED
    with scopes.one(house.caz.partner_id):
        assert held.policy_for_admins() is Policy.OFFERED
