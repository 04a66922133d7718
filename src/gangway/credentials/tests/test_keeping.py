"""Keeping one's certificates by a private mailbox: who may, what it opens after leaving, and what it must not."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gangway.credentials import actions, jobs, queries
from gangway.credentials.models import Award, AwardClaim, KeptAsk, MailboxTry, PrivateMailbox
from gangway.credentials.privacy import PRIVACY
from gangway.credentials.rules import CODE_LIFE, KEPT, LINK_LIFE, PROVE, Proven, RevokeReason
from gangway.credentials.tests.house import ME, House, Someone
from gangway.credentials.tests.signed_in import client_of
from gangway.credentials.tests.test_views import issue, text_of
from gangway.kernel import clock, secrets
from gangway.kernel.personal import Subject
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions as messaging
from gangway.messaging import queries as letters
from gangway.messaging.jobs import send_due
from gangway.messaging.models import Message, Suppression
from gangway.messaging.rules import Fate, Outcome
from gangway.people.actions import person_leaves

HOME = "ana.lopez@home.example"


def code_of(person: Someone) -> str:
    """The code of the last letter to a private mailbox."""
    with scopes.one(person.partner_id):
        row = Message.objects.filter(letter_key=PROVE, person_id=person.id).order_by("-queued_at", "-id").first()
        assert row is not None
        return secrets.unseal(row.secret)


def keep(person: Someone, address: str = HOME) -> Client:
    browser = client_of(person)
    assert browser.post("/certificates/keep", {"address": address}).status_code == 302
    assert browser.post("/certificates/keep/code", {"code": code_of(person)}).status_code == 302
    return browser


def link_to(address: str = HOME) -> str:
    """The link that a stranger has sent to a mailbox; "" where no letter was written."""
    before = set(letters_with_links())
    assert Client().post("/certificates/kept", {"address": address}).status_code == 200
    jobs.write_kept_letters(clock.now())
    new = [secret for secret in letters_with_links() if secret not in before]
    return f"/certificates/kept/{secrets.unseal(new[0])}" if new else ""


def letters_with_links() -> list[str]:
    with scopes.host():
        return list(Message.objects.filter(letter_key=KEPT).values_list("secret", flat=True))


def tries() -> int:
    with scopes.host():
        return int(MailboxTry.objects.count())


def leave(person: Someone) -> None:
    with scopes.one(person.partner_id):
        person_leaves(person_id=person.id, actor=ME, now=clock.now())


# ---------------------------------------------------------------- after leaving


def test_who_has_left_opens_what_they_kept_and_nothing_else(house: House) -> None:
    award = issue(house, house.ana)
    ana = keep(house.ana)
    assert "are kept by a private mailbox since" in text_of(ana.get("/certificates"))
    leave(house.ana)
    assert ana.get("/certificates").status_code == 302, "the account itself is shut"
    stranger, link = Client(), link_to()
    page = text_of(stranger.get(link))
    assert "1 certificate is kept by your mailbox." in page
    assert award.number in page
    assert "Nordwind" not in page
    pdf = stranger.get(f"{link}/{award.number}.pdf")
    assert (pdf.status_code, pdf["Content-Type"]) == (200, "application/pdf")
    assert stranger.cookies.get("session") is None
    for path in ("/certificates", "/", "/desk", f"/certificates/{award.number}.pdf"):
        assert stranger.get(path).status_code == 302, path


def test_without_a_proven_mailbox_nothing_is_reached(house: House) -> None:
    """Negative control: the same walk, but the code was never typed."""
    issue(house, house.ana)
    client_of(house.ana).post("/certificates/keep", {"address": HOME})
    leave(house.ana)
    assert link_to() == ""


def test_the_letter_goes_to_the_private_mailbox_even_to_who_has_left(house: House) -> None:
    issue(house, house.ana)
    keep(house.ana)
    leave(house.ana)
    assert link_to()
    with scopes.one(house.nordwind_id):
        row = Message.objects.get(letter_key=KEPT)
        (claimed,) = messaging.claim(message_ids=[row.pk], actor=ME, now=clock.now())
        assert claimed.mailbox == HOME
        sent = Outcome(Fate.SENT, "250 accepted", 250)
        messaging.record_delivery(message_id=row.pk, lease=claimed.lease, outcome=sent, actor=ME, now=clock.now())
        row.refresh_from_db()
        assert (row.state, row.mailbox, row.secret) == ("sent", "", "")
        assert letters.message(row.pk, secrets_shown=False).to == "a private mailbox"


def test_a_dead_private_mailbox_says_nothing_of_the_work_mailbox(house: House) -> None:
    issue(house, house.ana)
    client_of(house.ana).post("/certificates/keep", {"address": HOME})
    with scopes.one(house.nordwind_id):
        row = Message.objects.get(letter_key=PROVE)
        (claimed,) = messaging.claim(message_ids=[row.pk], actor=ME, now=clock.now())
        dead = Outcome(Fate.BOUNCED, "550 no such user", 550, dead=True)
        messaging.record_delivery(message_id=row.pk, lease=claimed.lease, outcome=dead, actor=ME, now=clock.now())
    assert [bytes(row.mailbox) for row in Suppression.objects.all()] == [letters.mailbox_digest(HOME)]


def test_a_new_certificate_is_kept_like_those_before(house: House) -> None:
    issue(house, house.ana)
    keep(house.ana)
    second = issue(house, house.ana, cycle=2)
    link = link_to()
    assert second.number in text_of(Client().get(link))
    with scopes.one(house.nordwind_id):
        actions.revoke_award(award_id=second.pk, reason=RevokeReason.MISCONDUCT, actor=ME, now=clock.now())
    assert "Revoked" in text_of(Client().get(link))
    assert Client().get(f"{link}/{second.number}.pdf").status_code == 404


def test_they_show_on_the_persons_page_at_another_company(house: House) -> None:
    award = issue(house, house.ana)
    keep(house.ana)
    leave(house.ana)
    assert award.number not in text_of(client_of(house.caz).get("/certificates"))
    caz = keep(house.caz)
    page = text_of(caz.get("/certificates"))
    assert "Earned elsewhere" in page
    assert f"/verify/{award.number}" in page
    assert caz.get(f"/certificates/{award.number}.pdf").status_code == 404, "it stays at the partner that issued it"


# ---------------------------------------------------------------- a link


def test_a_link_lives_for_a_day_and_is_not_spent_by_looking(house: House) -> None:
    issue(house, house.ana)
    keep(house.ana)
    link = link_to()
    for _ in range(3):
        assert Client().get(link).status_code == Client().head(link).status_code == 200
    token = link.rsplit("/", 1)[1]
    assert queries.kept_by_link(token, clock.now() + LINK_LIFE - timedelta(minutes=1))
    KeptAsk.objects.update(ends_at=clock.now())
    gone = Client().get(link)
    assert gone.status_code == 404
    assert "This link opens nothing any more" in text_of(gone)
    assert text_of(Client().get("/certificates/kept/never-existed")).count("This link opens nothing any more") >= 1


def test_a_link_opens_no_certificate_of_somebody_else(house: House) -> None:
    issue(house, house.ana)
    other = issue(house, house.caz)
    keep(house.ana)
    link = link_to()
    assert other.number not in text_of(Client().get(link))
    assert Client().get(f"{link}/{other.number}.pdf").status_code == 404


def test_what_is_let_go_is_reached_no_more(house: House) -> None:
    issue(house, house.ana)
    ana = keep(house.ana)
    link = link_to()
    assert ana.post("/certificates/keep/end").status_code == 302
    assert "GW-" not in text_of(Client().get(link))
    assert link_to() == ""
    assert not AwardClaim.objects.exists()


# ---------------------------------------------------------------- who is here (enumeration)


def shape(captured: CaptureQueriesContext) -> list[str]:
    return [re.sub(r"'[^']*'|\b[0-9a-f]{32,}\b|x'[^']*'|\d+", "?", query["sql"]) for query in captured]


def test_asking_answers_and_costs_the_same_whether_anything_is_kept(house: House) -> None:
    issue(house, house.ana)
    keep(house.ana)
    said, cost = [], []
    for address in (HOME, "nobody.here@home.example"):
        with CaptureQueriesContext(connection) as captured:
            page = text_of(Client().post("/certificates/kept", {"address": address}))
        said.append(re.sub(r'value="[^"]{40,}"', "", page.replace(address, "…")))
        cost.append(shape(captured))
    assert said[0] == said[1]
    assert cost[0] == cost[1]


def test_looking_at_once_would_tell(house: House) -> None:
    """Negative control: what the worker does later costs more where something is kept, so the page must not do it."""
    issue(house, house.ana)
    keep(house.ana)
    cost = []
    for address in (HOME, "nobody.here@home.example"):
        Client().post("/certificates/kept", {"address": address})
        (ask_id,) = queries.asks_to_write(10)
        with CaptureQueriesContext(connection) as captured:
            actions.write_kept_letter(ask_id=ask_id, actor=ME, now=clock.now())
        cost.append(len(captured))
    assert cost[0] > cost[1]


def test_no_more_than_three_letters_an_hour_and_nothing_else_said(house: House) -> None:
    issue(house, house.ana)
    keep(house.ana)
    pages = {text_of(Client().post("/certificates/kept", {"address": HOME}))[:20] for _ in range(6)}
    assert len(pages) == 1
    assert jobs.write_kept_letters(clock.now()) == 3
    assert jobs.write_kept_letters(clock.now()) == 0


def test_what_is_no_address_is_said_to_be_none(house: House) -> None:
    for path, browser in (("/certificates/kept", Client()), ("/certificates/keep", client_of(house.ana))):
        answer = browser.post(path, {"address": "not an address"})
        assert answer.status_code == 400
        assert "is no mail address" in text_of(answer)
    with pytest.raises(Invalid):
        actions.ask_for_kept(address="@", actor=ME, now=clock.now())


def test_asks_are_forgotten_after_two_days(house: House) -> None:
    Client().post("/certificates/kept", {"address": HOME})
    assert jobs.forget_asks.call() == 0
    assert actions.forget_asks(actor=ME, now=clock.now() + timedelta(days=3)) == 1


def test_a_flood_is_told_to_wait(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gangway.credentials.actions.asking.ASKS_WAITING", 0)
    actions.ask_for_kept(address=HOME, actor=ME, now=clock.now())
    with pytest.raises(actions.AsksWait):
        actions.ask_for_kept(address="other@home.example", actor=ME, now=clock.now())


# ---------------------------------------------------------------- taking over


def prove(person: Someone, code: str, now: datetime | None = None) -> Proven:
    with scopes.one(person.partner_id):
        return actions.prove_mailbox(person_id=person.id, code=code, actor=ME, now=now or clock.now())


def ask(person: Someone, address: str = HOME, now: datetime | None = None) -> str:
    with scopes.one(person.partner_id):
        actions.ask_to_keep(person_id=person.id, address=address, actor=ME, now=now or clock.now())
    return code_of(person)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_code_is_for_one_person_one_time_and_half_an_hour(house: House) -> None:
    issue(house, house.ana)
    code = ask(house.ana)
    assert prove(house.ben, code) is Proven.VOID
    ask(house.ben, "ben@home.example")
    assert prove(house.ben, code) is Proven.WRONG
    assert prove(house.ana, code, clock.now() + CODE_LIFE) is Proven.VOID
    assert prove(house.ana, f" {code[:3]} {code[3:]} ") is Proven.KEPT
    assert prove(house.ana, code) is Proven.VOID


def test_five_wrong_codes_close_it(house: House) -> None:
    code = ask(house.ana)
    assert [prove(house.ana, wrong(code)) for _ in range(5)] == [Proven.WRONG] * 5
    assert prove(house.ana, code) is Proven.VOID
    page = client_of(house.ana).post("/certificates/keep/code", {"code": code})
    assert page.status_code == 422
    assert "No code is open any more" in text_of(page)


def test_only_the_last_code_counts(house: House) -> None:
    first = ask(house.ana, "first@home.example")
    last = ask(house.ana)
    assert first != last
    assert prove(house.ana, first) is Proven.WRONG
    assert prove(house.ana, last) is Proven.KEPT
    with scopes.one(house.nordwind_id):
        assert bytes(PrivateMailbox.objects.get().mailbox) == letters.mailbox_digest(HOME)


def test_the_address_of_the_company_is_refused(house: House) -> None:
    with scopes.one(house.nordwind_id), pytest.raises(actions.NotPrivate):
        actions.ask_to_keep(
            person_id=house.ana.id,
            address=f"ANA.López@{house.nordwind_id.hex[-8:]}.example",
            actor=ME,
            now=clock.now(),
        )
    assert tries() == 0


def test_five_codes_a_day(house: House) -> None:
    for n in range(5):
        ask(house.ana, f"a{n}@home.example")
    answer = client_of(house.ana).post("/certificates/keep", {"address": HOME})
    assert answer.status_code == 429
    assert "ask again tomorrow" in text_of(answer)


def test_another_mailbox_takes_the_place_of_the_first(house: House) -> None:
    issue(house, house.ana)
    keep(house.ana)
    keep(house.ana, "new@home.example")
    assert link_to() == ""
    assert link_to("new@home.example")


def test_nobody_signs_in_by_it(house: House) -> None:
    for path in ("/certificates/keep", "/certificates/keep/code", "/certificates/keep/end"):
        assert Client().post(path, {"address": HOME}).status_code == 302
    assert tries() == 0


# ---------------------------------------------------------------- erasing


def erase(person: Someone) -> None:
    with scopes.one(person.partner_id):
        subject = Subject(id=person.id, partner_id=person.partner_id, addresses=())
        PRIVACY.erase(subject, clock.now())


def test_erasing_reaches_it(house: House) -> None:
    award = issue(house, house.ana)
    keep(house.ana)
    link = link_to()
    erase(house.ana)
    assert Client().get(link).status_code == 404
    assert link_to() == ""
    with scopes.one(house.nordwind_id):
        assert PrivateMailbox.objects.get().mailbox is None
        assert not MailboxTry.objects.exists()
        assert Award.objects.filter(pk=award.pk).exists()
    assert not AwardClaim.objects.exists()


def test_what_is_held_about_somebody_says_that_they_keep_it(house: House) -> None:
    issue(house, house.ana)
    keep(house.ana)
    with scopes.one(house.nordwind_id):
        subject = Subject(id=house.ana.id, partner_id=house.nordwind_id, addresses=())
        sections: list[Any] = list(PRIVACY.export(subject))
    assert any(section.title == "Certificates kept by a private mailbox" and section.rows for section in sections)


def test_the_letters_wait_their_turn_and_go(house: House) -> None:
    ask(house.ana)
    assert send_due(clock.now()) >= 1
