"""What machines ask: alive, ready, how is it doing; and who may ask the last."""

import pytest
from django.test import Client
from tests.world import World

pytestmark = pytest.mark.django_db


def test_alive_and_ready(client: Client) -> None:
    assert (client.get("/healthz").status_code, client.get("/readyz").content) == (200, b"ready\n")


def test_metrics_are_read_on_this_machine(client: Client, world: World) -> None:
    words = client.get("/metrics").content.decode()
    for name in ("gangway_outbox_depth", "gangway_outbox_lag_seconds", "gangway_outbox_failures", "gangway_messages"):
        assert f"# TYPE {name} gauge" in words
    assert world.ana.name not in words


@pytest.mark.parametrize("meta", [{"REMOTE_ADDR": "203.0.113.9"}, {"HTTP_X_FORWARDED_FOR": "203.0.113.9"}])
def test_from_elsewhere_metrics_do_not_exist(client: Client, meta: dict[str, str]) -> None:
    assert client.get("/metrics", **meta).status_code == 404


def test_me_says_who_is_signed_in_and_sends_strangers_to_the_door(client: Client, client_of, world: World) -> None:  # type: ignore[no-untyped-def]
    assert client.get("/me").status_code == 302
    assert client_of(world.ana).get("/me").json()["name"] == world.ana.name
