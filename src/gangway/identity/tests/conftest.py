"""A small world: Ana at Nordwind, Caz at Südstern, Eva at both, Dee at the host; browsers; queued letters."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client

from gangway.identity.jobs import write_asked
from gangway.identity.tests.openid import OpenIdProvider
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.messaging.queries import MessageRow, messages
from gangway.partners.actions import apply_partners, set_launched
from gangway.partners.queries import find_partner, host_partner
from gangway.people.actions import admit_person

ME = Actor.operator()
NUMBER = re.compile(r"\b[0-9A-Z]{2}-[0-9A-Z]{3}\b")
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def csrf(page: HttpResponse) -> str:
    """The token in a page's form; "" where it has no form."""
    found = CSRF.search(page.content.decode())
    return found[1] if found else ""


@dataclass
class Someone:
    id: UUID
    partner_id: UUID
    email: str


@dataclass
class World:
    ana: Someone
    caz: Someone
    eva_nordwind: Someone
    eva_suedstern: Someone
    dee: Someone


def admit(partner_id: UUID, name: str, email: str, now: datetime, **options: Any) -> Someone:
    with scopes.one(partner_id):
        person_id = admit_person(name=name, email=email, letter=False, actor=ME, now=now, **options)
    return Someone(person_id, partner_id, email)


@pytest.fixture
def house(db: Any) -> World:
    now = clock.now()
    rows = [Line(2, {"slug": "nordwind", "name": "Nordwind"}), Line(3, {"slug": "suedstern", "name": "Südstern"})]
    apply_partners(rows=rows, host_name="Acme Cloud", actor=ME, now=now)
    nordwind, suedstern = find_partner("nordwind").id, find_partner("suedstern").id
    host = host_partner()
    assert host is not None
    return World(
        ana=admit(nordwind, "Ana López", "ana@nordwind.example", now),
        caz=admit(suedstern, "Caz O'Brien", "caz@suedstern.example", now),
        eva_nordwind=admit(nordwind, "Eva", "eva@freelance.example", now),
        eva_suedstern=admit(suedstern, "Eva Sommer", "eva@freelance.example", now),
        dee=admit(host.id, "Dee", "dee@acme.example", now, roles=("platform_admin",)),
    )


class Browser(Client):
    """A browser that keeps its cookies and checks CSRF as the house does."""

    def __init__(self) -> None:
        super().__init__(enforce_csrf_checks=True)

    def press(self, path: str, **fields: str) -> HttpResponse:
        """See a page, then send its form, as a human does; where it has no form, with a token of another page."""
        token = csrf(self.get(path)) or csrf(self.get("/sign-in")) or csrf(self.get("/account/sessions"))
        return self.post(path, {**fields, "csrfmiddlewaretoken": token})

    def press_at(self, page: str, path: str, **fields: str) -> HttpResponse:
        """See a page, then send one of its forms to where that form leads."""
        return self.post(path, {**fields, "csrfmiddlewaretoken": csrf(self.get(page))})

    def ask(self, email: str, **fields: str) -> HttpResponse:
        """Ask for a letter; the worker writes it a moment later."""
        answer = self.press("/sign-in", email=email, **fields)
        write_asked(clock.now())
        return answer

    @property
    def signed_in(self) -> bool:
        return self.get("/account/sessions").status_code == 200


@pytest.fixture
def ben(house: World) -> Someone:
    """The admin of Nordwind, which is launched."""
    found = admit(house.ana.partner_id, "Ben", "ben@nordwind.example", clock.now(), roles=("partner_admin",))
    with scopes.one(house.ana.partner_id):
        set_launched(at=clock.now(), actor=ME, now=clock.now())
    return found


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def other_browser() -> Browser:
    return Browser()


@dataclass
class SignInLetter:
    path: str
    code: str

    @property
    def link(self) -> str:
        return self.path.removeprefix("/sign-in/link/")

    @property
    def wrong(self) -> str:
        return f"{(int(self.code) + 1) % 1_000_000:06d}"


def letters(letter_key: str = "identity.sign_in") -> list[MessageRow]:
    """The letters of that kind, oldest first, as their readers see them."""
    with scopes.host():
        return [row for row in messages(words=True) if row.letter == letter_key][::-1]


def sign_in_letter(number: int = -1) -> SignInLetter:
    """What a sign-in letter says; the last one unless another is asked for."""
    text = letters()[number].text
    path, code = re.search(r"/sign-in/link/[\w-]+", text), re.search(r"\b\d{6}\b", text)
    assert path
    assert code
    return SignInLetter(path[0], code[0])


def invitation_path() -> str:
    found = re.search(r"/invitation/[\w-]+", letters("identity.launch")[-1].text)
    assert found
    return found[0]


@pytest.fixture
def provider(settings: Any) -> Iterator[OpenIdProvider]:
    """An OpenID provider on loopback, which the operator allows."""
    made = OpenIdProvider()
    settings.PROVIDERS_INSIDE = frozenset({made.pair})
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _no_mail_server(settings: Any) -> None:
    settings.EMAIL_URL = ""
