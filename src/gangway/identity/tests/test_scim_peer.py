"""scim2-tester, a client that others wrote, finds nothing wrong with this server."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from scim2_client.engines.wsgi import WSGISCIMClient
from scim2_tester import Status, check_server

from gangway.identity.tests.conftest import World
from gangway.identity.tests.directory import connect


@pytest.fixture
def peer(house: World, settings: Any) -> Iterator[WSGISCIMClient]:
    """The real application by WSGI, on the connection of the test, which the end of a request must not close."""
    settings.ALLOWED_HOSTS = ["testserver"]
    directory = connect(house.ana.partner_id)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield WSGISCIMClient(
        get_wsgi_application(),
        base_url="http://testserver/scim/v2",
        headers={"Authorization": f"Bearer {directory.token}"},
    )
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_a_foreign_tester_finds_no_error(peer: WSGISCIMClient) -> None:
    results = check_server(peer)
    wrong = [(one.title, one.reason, one.data) for one in results if one.status not in (Status.SUCCESS, Status.SKIPPED)]
    assert not wrong, "\n".join(str(one)[:900] for one in wrong)
    passed = [one for one in results if one.status is Status.SUCCESS]
    assert len(passed) >= 100
    assert not [one.title for one in results if one.status is Status.SKIPPED]


def test_the_tester_can_find_errors(peer: WSGISCIMClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: a server that answers 2xx to a PATCH and does nothing is found."""
    from gangway.identity.actions import scim as actions

    monkeypatch.setattr(actions, "change_user", lambda **ignored: False)
    results = check_server(peer, include_tags={"discovery", "patch:replace"}, resource_types=["User"])
    assert any(one.status is Status.ERROR for one in results)
