"""A directory's requests pass what guards every answer, and nothing that is for pages."""

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db


def test_a_directory_is_answered_without_session_and_language():
    browser = Client(headers={"Accept-Language": "ar"})
    browser.cookies["gangway"] = "a-session-that-would-be-looked-for"
    with CaptureQueriesContext(connection) as asked:
        answer = browser.get("/scim/v2/Users")
    assert answer.status_code == 401
    assert len(asked) == 0, "a cookie means nothing here"
    assert answer.content == Client().get("/scim/v2/Users").content
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src" in answer.headers["Content-Security-Policy"]
    assert "Cookie" not in answer.headers.get("Vary", "")
    with CaptureQueriesContext(connection) as asked:
        browser.get("/account")
    assert len(asked) > 0, "a page looks for the session"


@pytest.mark.parametrize("path", ["/scim/v2", "/scim/v2/", "/scim/v2/Users", "/scim/v2//Users", "/scim/v2/x%0Ay"])
def test_everything_below_is_the_directorys_door(path):
    answer = Client().get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, "application/scim+json; charset=utf-8")


@pytest.mark.parametrize("path", ["/scim/v2x", "/scim/v1/Users", "/SCIM/v2/Users", "/x/scim/v2"])
def test_what_only_looks_like_it_is_a_page_that_is_not_there(path):
    assert "text/html" in Client().get(path).headers["Content-Type"]


def test_what_fails_is_said_as_directories_read_it():
    def lost(*_: object) -> None:
        raise OperationalError("the disk is gone")

    with connection.execute_wrapper(lost):
        answer = Client(raise_request_exception=False).get("/scim/v2/Users", headers={"Authorization": "Bearer x"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/scim+json; charset=utf-8")
    assert b"on our side. Nothing was changed" in answer.content
