"""Rules of carrying letters: no database, no clock."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.messaging.rules import (
    GIVE_UP_AFTER,
    KEPT,
    SENT,
    Category,
    Fate,
    Outcome,
    Recipient,
    SmtpServer,
    Stage,
    State,
    back_off,
    judge,
    mailbox_is_gone,
    message_id_header,
    next_state,
    one_line,
    parse_email_url,
    tidy,
    why_cancelled,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_back_off_grows_to_an_hour_and_ends_within_two_days():
    waits = [back_off(n) for n in range(1, GIVE_UP_AFTER + 1)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=1)
    assert waits[-1] == timedelta(hours=1)
    assert timedelta(days=1) <= sum(waits, timedelta()) <= timedelta(days=2)


@pytest.mark.parametrize(
    "code, text, stage, fate, dead",
    [
        (250, "2.0.0 OK", Stage.DATA, Fate.SENT, False),
        (550, "5.1.1 no such user", Stage.RECIPIENT, Fate.BOUNCED, True),
        (550, "no such user", Stage.RECIPIENT, Fate.BOUNCED, True),
        (550, "5.7.1 not from you", Stage.RECIPIENT, Fate.BOUNCED, False),
        (552, "5.2.2 mailbox full", Stage.RECIPIENT, Fate.BOUNCED, False),
        (554, "5.6.0 spam", Stage.DATA, Fate.BOUNCED, False),
        (550, "5.1.1 said too late", Stage.DATA, Fate.BOUNCED, False),
        (451, "4.7.1 greylisted", Stage.RECIPIENT, Fate.DEFERRED, False),
        (421, "busy", Stage.SESSION, Fate.DEFERRED, False),
        (535, "5.7.8 wrong password", Stage.SESSION, Fate.DEFERRED, False),
        (553, "5.1.8 sender unknown", Stage.SESSION, Fate.DEFERRED, False),
    ],
)
def test_what_an_answer_means(code, text, stage, fate, dead):
    outcome = judge(code, text, stage)
    assert (outcome.fate, outcome.dead) == (fate, dead)
    assert outcome.reason.startswith(str(code))


@given(st.integers(0, 999), st.text(), st.sampled_from(Stage))
def test_no_answer_is_lost(code, text, stage):
    """Whatever a server says, the letter is sent, bounced or tried again; our own set-up never bounces anybody."""
    outcome = judge(code, text, stage)
    assert outcome.fate in (Fate.SENT, Fate.BOUNCED, Fate.DEFERRED)
    assert (outcome.fate is Fate.SENT) == (200 <= code < 300)
    if stage is Stage.SESSION:
        assert outcome.fate is not Fate.BOUNCED
    if outcome.dead:
        assert outcome.fate is Fate.BOUNCED
        assert stage is Stage.RECIPIENT


def test_an_enhanced_code_wins_over_the_basic_one():
    assert mailbox_is_gone(550, "5.1.1 unknown")
    assert not mailbox_is_gone(550, "5.7.1 policy")
    assert mailbox_is_gone(551, "user moved")


def test_a_deferred_letter_waits_until_it_is_given_up():
    deferred = Outcome(Fate.DEFERRED, "451 later", 451)
    assert next_state(deferred, 1) is State.QUEUED
    assert next_state(deferred, GIVE_UP_AFTER) is State.FAILED
    assert next_state(SENT, 1) is State.SENT
    assert next_state(KEPT, 1) is State.KEPT


ANA = Recipient(access_epoch=3, may_receive=True, mailbox="ana@nordwind.example")


@pytest.mark.parametrize(
    "recipient, epoch, not_after, goes",
    [
        (ANA, 3, None, True),
        (ANA, 2, None, False),
        (ANA, 3, NOW, False),
        (ANA, 3, NOW + timedelta(seconds=1), True),
        (Recipient(3, False, "ana@nordwind.example"), 3, None, False),
        (Recipient(3, True, ""), 3, None, False),
        (Recipient(3, True, "ana@nordwind.example", declined=True), 3, None, False),
    ],
)
def test_a_letter_goes_only_to_who_may_still_read_it(recipient, epoch, not_after, goes):
    why = why_cancelled(recipient, queued_epoch=epoch, not_after=not_after, now=NOW)
    assert (why == "") is goes


def test_nobody_declines_a_sign_in_code():
    assert not Category.SIGN_IN.may_be_declined
    assert not Category.SERVICE.may_be_declined
    assert Category.NUDGE.may_be_declined


def test_the_message_id_is_the_same_for_every_try():
    message = UUID("019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0a01")
    assert message_id_header(message, "acme.example") == "<019a0f3e7c5e7d118a3e3f1f5f0c0a01@acme.example>"


@given(st.text())
def test_a_header_and_a_reason_are_one_line(text):
    for line in (one_line(text), tidy(text)):
        assert len((line + "|").splitlines()) == 1
    assert len(tidy(text)) <= 300


@pytest.mark.parametrize(
    "url, server",
    [
        ("", None),
        ("  ", None),
        ("smtp://127.0.0.1:2525", SmtpServer("127.0.0.1", 2525)),
        ("smtp://mail.example", SmtpServer("mail.example", 25)),
        (
            "smtp+tls://bot%40acme.example:p%3Aw%2F@mail.example",
            SmtpServer("mail.example", 587, "bot@acme.example", "p:w/", starttls=True),
        ),
        ("smtps://u:p@[::1]:4650", SmtpServer("::1", 4650, "u", "p", tls=True)),
    ],
)
def test_email_url(url, server):
    assert parse_email_url(url) == server


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://:25", "smtp://h:99999"])
def test_a_wrong_email_url_says_what_is_wrong_without_the_password(url):
    with pytest.raises(ValueError, match="EMAIL_URL"):
        parse_email_url(url)
    with pytest.raises(ValueError) as said:
        parse_email_url("gopher://user:hunter2@mail.example")
    assert "hunter2" not in str(said.value)
