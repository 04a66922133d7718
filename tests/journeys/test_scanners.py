"""Hostile, danger 3: scanners open, run and press everything in every letter; nothing is spent, the human gets in.

What a press does do is counted too: a letter more to the stored address, and reminders declined (RFC 8058 asks for one
press; the person takes that back on their own page). Neither lets anybody in, nor keeps the human out.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.db.models import Q
from django.test import Client
from playwright.sync_api import Browser

from gangway.identity import actions
from gangway.identity.jobs import write_asked
from gangway.identity.models import Challenge, Session
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes
from gangway.messaging.models import OptOut
from gangway.messaging.queries import messages
from gangway.messaging.queries.letters import _signature
from gangway.messaging.rules import Category
from gangway.people.actions import admit_person
from tests import proof
from tests.journeys import scanner
from tests.world import OPERATOR, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LINK = re.compile(r"https?://\S+")
CODE = re.compile(r"\b\d{6}\b")


@dataclass
class Human:
    """Somebody with an invitation who has asked for a code, in a browser of their own."""

    email: str
    client: Client
    letters: list[str]

    @property
    def links(self) -> list[str]:
        found = [link.rstrip(".,)") for text in self.letters for link in LINK.findall(text)]
        return [urlsplit(link).path for link in found]

    def come_in(self) -> bool:
        """Type the code of the letter they asked for before the scanners came."""
        self.client.post("/sign-in/code", {"code": CODE.findall(self.letters[-1])[0]})
        return self.client.get("/account/sessions").status_code == 200


def invited(world: World, count: int) -> list[Human]:
    humans = []
    for n in range(count):
        email = f"person{n}@nordwind.example"
        with scopes.one(world.nordwind):
            person_id = admit_person(name=f"Person {n}", email=email, letter=False, actor=OPERATOR, now=clock.now())
            actions.invite(person_id=person_id, actor=OPERATOR, now=clock.now())
        client = Client()
        client.post("/sign-in", {"email": email})
        write_asked(clock.now())
        with scopes.one(world.nordwind):
            letters = [row.text for row in messages(address=email, words=True)][::-1]
            words = f"{world.nordwind.hex}:{person_id.hex}:{Category.NUDGE}"
        decline = f"{django_settings.BASE_URL}/mail/decline/{words}:{_signature(words)}"
        humans.append(Human(email, client, [decline, *letters]))
    return humans


def scan(browser: Browser, base: str, humans: list[Human]) -> Counter[str]:
    done: Counter[str] = Counter()
    for human in humans:
        for path in human.links:
            done["links"] += 1
            done["plain"] += scanner.plain_client(base, path)
            done += scanner.browse(browser, base, path)
    return done


def spent() -> int:
    """Links and codes that were used, and sessions that began, of whatever letter."""
    used = Challenge.objects.filter(Q(used_at__isnull=False) | Q(proven_at__isnull=False)).count()
    return used + Session.objects.count()


def prove(browser: Browser, base: str, humans: list[Human]) -> dict[str, int]:
    done = scan(browser, base, humans)
    figures = {**done, "letters": sum(len(human.letters) for human in humans), "spent": spent()}
    with scopes.host():
        figures["declined"] = OptOut.objects.count()
    figures["came_in"] = sum(human.come_in() for human in humans)
    print(f"\nScanners: {figures}")
    return figures


def test_scanners_spend_nothing_and_the_human_gets_in(browser: Browser, live_server: Any, world: World) -> None:
    humans = invited(world, 2)
    assert {path.split("/")[1] for path in humans[0].links} == {"invitation", "sign-in", "mail"}
    figures = prove(browser, live_server.url, humans)
    assert figures["spent"] == 0
    assert figures["came_in"] == len(humans)
    assert min(figures["opened"], figures["pressed"], figures["sent"]) >= len(humans), "void: it did nothing"


@pytest.mark.prove
def test_scanners_spend_nothing_of_many(browser: Browser, live_server: Any, world: World) -> None:
    humans = invited(world, 30)
    figures = prove(browser, live_server.url, humans)
    proof.write("3 mail scanners", **figures, control="a link that a look or a press spends is caught")
    assert (figures["spent"], figures["came_in"]) == (0, len(humans))


def test_a_link_that_a_look_spends_is_caught(browser: Browser, live_server: Any, world: World, settings: Any) -> None:
    """The control: the same scanners over a house whose link lets in whoever opens it."""
    humans = invited(world, 1)
    settings.ROOT_URLCONF = "tests.journeys.careless_link"
    scan(browser, live_server.url, humans)
    assert spent() > 0
