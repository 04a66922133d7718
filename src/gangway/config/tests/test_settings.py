"""What the log of a running Gangway says, and what it is silent about."""

import pytest
from django.http import HttpResponse
from django.utils.log import log_response


def test_an_answer_is_no_line_in_the_log_and_a_fault_is(caplog: pytest.LogCaptureFixture) -> None:
    log_response("%s: %s", "Bad Gateway", "/signin/with", response=HttpResponse(status=502))
    assert caplog.text == ""
    log_response("%s: %s", "Error", "/", response=HttpResponse(status=500), exception=ZeroDivisionError("seven"))
    assert "ZeroDivisionError: seven" in caplog.text
