"""A mail server's codes as a person without a mail server reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.messaging.queries.words import GONE, TROUBLE_WORDS, plain_reason
from gangway.messaging.rules import State, Trouble, trouble


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("550 5.1.1 <piotr@nordwind.example>: User unknown", Trouble.NO_MAILBOX),
        ("550 5.1.10 RESOLVER.ADR.RecipientNotFound", Trouble.NO_MAILBOX),
        ("550 No such user here", Trouble.NO_MAILBOX),
        ("550 5.1.2 Host unknown", Trouble.NO_SERVER),
        ("5.4.4 unable to route", Trouble.NO_SERVER),
        ("550 5.2.1 The account is disabled", Trouble.CLOSED),
        ("452 4.2.2 Over quota", Trouble.FULL),
        ("552 Mailbox full", Trouble.FULL),
        ("5.0.0 550 5.7.1 Rejected by policy", Trouble.REFUSED),
        ("550 5.7.1 Rejected by policy", Trouble.REFUSED),
        ("554 Message refused", Trouble.REFUSED),
        ("421 4.4.2 Timeout", Trouble.NO_ANSWER),
        ("TimeoutError: the server did not answer", Trouble.NO_ANSWER),
        ("", Trouble.NO_ANSWER),
        ("500 what?", Trouble.OTHER),
    ],
)
def test_a_code_means(said: str, means: Trouble) -> None:
    assert trouble(said) is means


@given(st.text(max_size=200))
def test_whatever_a_server_says_has_words(said: str) -> None:
    assert TROUBLE_WORDS[trouble(said)]


def test_only_what_went_wrong_has_a_reason() -> None:
    assert plain_reason(State.BOUNCED, "552 full") == "The mailbox is full."
    assert plain_reason(State.FAILED, GONE) == "There is no such mailbox."
    assert plain_reason(State.SENT, "250 ok") == plain_reason("", "550 x") == ""
