"""A whole partner behind one address: 200 people sign in within a minute, and nobody is locked out."""

import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from gangway.identity.jobs import write_asked
from gangway.kernel import clock, secrets
from gangway.kernel.tenancy import scopes
from gangway.messaging.models import Message
from gangway.people.actions import admit_person
from tests import proof
from tests.world import OPERATOR, World

pytestmark = pytest.mark.django_db
ONE_ADDRESS = "203.0.113.7"
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def sign_in_all(world: World, count: int) -> tuple[int, int]:
    """(came in, refused somewhere on the way), all of them within one minute from one address."""
    with time_machine.travel(clock.now(), tick=False), scopes.one(world.nordwind):
        emails = [f"person{n}@nordwind.example" for n in range(count)]
        for n, email in enumerate(emails):
            admit_person(name=f"Person {n}", email=email, letter=False, actor=OPERATOR, now=clock.now())
        clients = [Client(enforce_csrf_checks=True, REMOTE_ADDR=ONE_ADDRESS) for _ in emails]
        asked = [_post(client, "/sign-in", email=email) for client, email in zip(clients, emails, strict=True)]
        while write_asked(clock.now()):
            pass
        codes = {
            row.person.email: secrets.unseal(row.secret).split(" ")[1]
            for row in Message.objects.filter(letter_key="identity.sign_in").select_related("person")
        }
        typed = [
            _post(client, "/sign-in/code", code=codes.get(email, "000000"))
            for client, email in zip(clients, emails, strict=True)
        ]
        inside = sum(client.get("/account/sessions").status_code == 200 for client in clients)
    return inside, sum(status != 302 for status in asked + typed)


def _post(client: Client, path: str, **fields: str) -> int:
    token = CSRF.search(client.get(path).content.decode())
    return client.post(path, {**fields, "csrfmiddlewaretoken": token[1] if token else ""}).status_code


def test_people_behind_one_address_all_come_in(world: World) -> None:
    assert sign_in_all(world, 40) == (40, 0)


@pytest.mark.prove
def test_two_hundred_people_behind_one_address_all_come_in(world: World) -> None:
    inside, refused = sign_in_all(world, 200)
    proof.write("16 one network address", people=200, came_in=inside, false_locks=refused)
    assert (inside, refused) == (200, 0)


def test_a_limit_per_network_is_caught(world: World, settings: Any) -> None:
    """The control."""
    settings.MIDDLEWARE = ["tests.faults.careless.per_network", *settings.MIDDLEWARE]
    inside, refused = sign_in_all(world, 40)
    assert inside < 40
    assert refused > 0
