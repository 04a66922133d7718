"""Experiment 1: no provider, directory or letter of one partner ever reaches a person of another one.

Six partners, eight connections each. Every try asserts somebody by a way of getting in: an OpenID or SAML sign-in (what
was verified of it: the protocols have experiments of their own), a code that links, a mailed code, a directory's POST
and PATCH. Whom it names: somebody of its own or of another partner, an admin, somebody suspended, an address of a
domain that is not proven, a Unicode twin, the subject of somebody else. What comes of it is held against what the
house's own rows say of (partner, connection, subject), never against what the code decided.

Control: a sign-in that is matched by e-mail, as others shipped it, is caught.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from gangway.identity import actions, queries
from gangway.identity.actions import Entered
from gangway.identity.jobs import write_asked
from gangway.identity.models import Challenge, Identity, Session
from gangway.identity.queries import ConnectionRow
from gangway.identity.rules.connections import Asserted, ConnectionKind
from gangway.identity.tests.conftest import letters, sign_in_letter
from gangway.identity.tests.connections import connect, prove
from gangway.identity.tests.directory import USER, Directory, work_mail
from gangway.identity.tests.directory import connect as directory_of
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid, Refusal
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import mail_key
from gangway.messaging.models import Message
from gangway.partners.actions import apply_partners
from gangway.partners.queries import find_partner
from gangway.people.actions import admit_person, suspend_person
from gangway.people.models import Person
from tests import proof
from tests.faults import careless

pytestmark = pytest.mark.django_db
ME = Actor.operator()
PARTNERS = 6
SIGN_INS = (  # kind, conduct; beside them two directories
    (ConnectionKind.OIDC, {}),
    (ConnectionKind.OIDC, {"admits": True}),
    (ConnectionKind.OIDC, {"joined": "scim-0"}),
    (ConnectionKind.SAML, {}),
    (ConnectionKind.SAML, {"admits": True}),
    (ConnectionKind.SAML, {"joined": "scim-1"}),
)
SHARED = "shared@everywhere.example"  # somebody at every partner has this mailbox
ROLES = {"admin": ("partner_admin",), "plain": (), "off": (), "twin": (), "other": ()}
# The same to a reader, or to a careless comparison: fullwidth, Cyrillic, a ligature, a dotless i.
TWINS = {
    "plain": "\uff30\uff2c\uff21\uff29\uff2e",
    "admin": "\u0430dmin",
    "off": "o\ufb00",
    "twin": "tw\u0131n",
    "other": "\uff53hared",
}


@dataclass
class Ground:
    """Partners with their people by word and their connections. `twice`: a subject that two partners' people have."""

    partners: list[UUID] = field(default_factory=list)
    people: dict[tuple[int, str], UUID] = field(default_factory=dict)
    sign_ins: list[tuple[int, ConnectionRow]] = field(default_factory=list)
    directories: list[tuple[int, Directory]] = field(default_factory=list)


def domain(partner: int) -> str:
    return f"p{partner}.example"


def ground() -> Ground:
    """Every second partner has proven its domain."""
    made, now = Ground(), clock.now()
    apply_partners(rows=[Line(n + 2, {"slug": f"p{n}", "name": f"P{n}"}) for n in range(PARTNERS)], actor=ME, now=now)
    for n in range(PARTNERS):
        partner_id = find_partner(f"p{n}").id
        made.partners.append(partner_id)
        with scopes.one(partner_id):
            for word, roles in ROLES.items():
                email = SHARED if word == "other" else f"{word}@{domain(n)}"
                made.people[n, word] = admit_person(
                    name=word, email=email, roles=roles, letter=False, actor=ME, now=now
                )
            suspend_person(person_id=made.people[n, "off"], actor=ME, now=now)
        if n % 2 == 0:
            prove(partner_id, domain(n))
        made.directories += [(n, directory_of(partner_id, f"scim-{m}")) for m in range(2)]
        made.sign_ins += [
            (n, connect(partner_id, kind, f"{kind.value}-{m}", **conduct)) for m, (kind, conduct) in enumerate(SIGN_INS)
        ]
    return made


@dataclass
class Try:
    """What is asserted: by a connection of `partner`, of somebody whose own partner is `meant`."""

    partner: int
    meant: int
    word: str
    subject: str
    email: str


@dataclass
class Trial:
    """All tries on one ground. `outside`: what reached somebody it must not."""

    ground: Ground
    dice: random.Random
    tries: Counter[str] = field(default_factory=Counter)
    came_in: Counter[str] = field(default_factory=Counter)
    outside: list[str] = field(default_factory=list)
    known: dict[tuple[UUID, str], UUID] = field(default_factory=dict)

    def run(self, count: int) -> None:
        ways: dict[str, Callable[[Try], None]] = {
            "sign-in": self.sign_in,
            "code that links": self.link_by_code,
            "mailed code": self.mailed_code,
            "directory brings": self.brought,
            "directory changes": self.changed,
        }
        names = [*ways, "sign-in", "sign-in"]
        for n in range(count):
            name = names[n % len(names)]
            partner = self.dice.randrange(PARTNERS)
            meant = self.dice.choice((partner, (partner + self.dice.randrange(1, PARTNERS)) % PARTNERS))
            word = self.dice.choice(list(ROLES))
            one = Try(partner, meant, word, self._subject(meant, word), self._email(meant, word))
            spared = self._mailbox(one) if name == "mailed code" else {"partner": self.ground.partners[partner]}
            before = self._others(spared)
            Session.objects.all().delete()
            ways[name](one)
            self.tries[name] += 1
            if self._others(spared) != before:
                self.outside.append(f"{name} of {one} changed somebody it must not")
            self._links(name, one)

    def _subject(self, meant: int, word: str) -> str:
        """Their own, or one that people of all partners have, or one of somebody else."""
        return self.dice.choice((f"sub-{meant}-{word}", f"sub-{word}", f"sub-{self.dice.randrange(PARTNERS)}-plain"))

    def _email(self, meant: int, word: str) -> str:
        plain = SHARED if word == "other" else f"{word}@{domain(meant)}"
        twin = f"{TWINS[word]}@{domain(meant)}"
        return self.dice.choice((plain, plain, plain.upper(), twin, f" {plain}", ""))

    def _mailbox(self, one: Try) -> dict[str, Any]:
        """A mailed code speaks for a mailbox, at whichever partners somebody has it; a connection for its partner."""
        try:
            return {"email_key": mail_key(one.email.strip() or SHARED)}
        except Invalid:
            return {"email_key": "nobody"}

    def _others(self, spared: dict[str, Any]) -> list[Any]:
        """Everybody but those of whom is spoken."""
        with scopes.host():
            rows = Person.objects.exclude(**spared).order_by("id")
            return list(rows.values_list("id", "name", "email", "state", "managed_by", "access_epoch"))

    # ------------------------------------------------------------ ways in

    def sign_in(self, one: Try) -> None:
        rows = [row for n, row in self.ground.sign_ins if n == one.partner]
        row = self.dice.choice(rows)
        self._judge("sign-in", one, row, self._enter(row, one))

    def _enter(self, row: ConnectionRow, one: Try) -> Entered:
        claims = {"email": (one.email,), "name": (one.word,)} if one.email else {}
        return actions.enter_by_provider(
            connection_id=row.id,
            partner_id=row.partner_id,
            asserted=Asserted(one.subject, claims, mailbox_doubted=self.dice.random() < 0.2),
            browser="the-browser",
            actor=ME,
            now=clock.now(),
        )

    def link_by_code(self, one: Try) -> None:
        """Where a code is asked for, it is typed: by whoever has the mailbox that was asserted."""
        self._empty_the_mailboxes()
        row = self.dice.choice([row for n, row in self.ground.sign_ins if n == one.partner])
        entered = self._enter(row, one)
        if entered.proving:
            code = sign_in_letter().code
            entered = self._typed("the-browser", code)
        self._judge("code that links", one, row, entered)

    def _empty_the_mailboxes(self) -> None:
        Challenge.objects.all().delete()
        for partner_id in self.ground.partners:
            with scopes.one(partner_id):
                Message.objects.all().delete()

    def _typed(self, browser: str, code: str) -> Entered:
        try:
            done = actions.complete_challenge(browser=browser, code=code, actor=ME, now=clock.now())
        except Refusal:
            return Entered()
        return Entered(session=done.session)

    def mailed_code(self, one: Try) -> None:
        """Somebody asks for a code to an address: who comes in has exactly this mailbox."""
        self._empty_the_mailboxes()
        asked = one.email.strip() or SHARED
        try:
            actions.start_challenge(address=asked, browser="a-browser", next_path="/", actor=ME, now=clock.now())
        except Refusal:
            return
        write_asked(clock.now())
        if letters() and self._typed("a-browser", sign_in_letter().code).session:
            for person_id in Session.objects.values_list("person_id", flat=True):
                self.came_in["mailed code"] += 1
                if _person(person_id).email.casefold() != asked.casefold() and asked.isascii():
                    self.outside.append(f"a code to {asked} let in somebody else")

    def brought(self, one: Try) -> None:
        directory = self.dice.choice([found for n, found in self.ground.directories if n == one.partner])
        mail = {"emails": work_mail(one.email.strip())} if one.email.strip().isascii() and one.email.strip() else {}
        body = {"schemas": [USER], "userName": one.subject, "externalId": one.subject, **mail}
        self._told("directory brings", one, directory.ask("POST", "/Users", body))

    def changed(self, one: Try) -> None:
        """A directory names anybody by their id, and takes an address that is somebody's."""
        directory = self.dice.choice([found for n, found in self.ground.directories if n == one.partner])
        path = f"/Users/{self.ground.people[one.meant, one.word]}"
        value = work_mail(one.email.strip() or SHARED)
        told = [{"op": "replace", "path": "emails", "value": value}, {"op": "replace", "path": "active", "value": True}]
        self._told("directory changes", one, directory.patch(path, *told))

    def _told(self, way: str, one: Try, answer: Any) -> None:
        if answer.status_code not in (200, 201):
            return
        self.came_in[way] += 1
        if _person(UUID(answer.json()["id"])).partner_id != self.ground.partners[one.partner]:
            self.outside.append(f"{way}: {one} was told of somebody of another partner")

    # ------------------------------------------------------------ what came of it

    def _judge(self, way: str, one: Try, row: ConnectionRow, entered: Entered) -> None:
        for person_id in Session.objects.values_list("person_id", flat=True):
            self.came_in[way] += 1
            person = _person(person_id)
            with scopes.host():
                linked = Identity.objects.filter(connection=row.id, subject=one.subject, person=person_id).exists()
            before = self.known.get((row.id, one.subject), person_id)
            if person.partner_id != row.partner_id or person.state == "suspended" or not linked or before != person_id:
                self.outside.append(f"{way}: {one} let in {person.email} of {person.partner_id}")
        if bool(entered.session) is not Session.objects.exists():
            self.outside.append(f"{way}: {one} says one thing and does another")

    def _links(self, way: str, one: Try) -> None:
        """Who a subject is never changes, and is a person of the connection's own partner."""
        with scopes.host():
            rows = list(Identity.objects.values_list("connection_id", "subject", "person_id", "person__partner_id"))
            owners = dict(Identity.objects.values_list("connection_id", "connection__partner_id"))
        for connection_id, subject, person_id, partner_id in rows:
            if self.known.setdefault((connection_id, subject), person_id) != person_id:
                self.outside.append(f"{way} of {one} made {subject} somebody else")
            if owners[connection_id] != partner_id:
                self.outside.append(f"{way} of {one} linked somebody of another partner")


def _person(person_id: UUID) -> Any:
    with scopes.host():
        return Person.objects.get(pk=person_id)


def tried(count: int) -> tuple[Trial, dict[str, Any]]:
    trial = Trial(ground(), random.Random(1))
    trial.run(count)
    figures = {
        "partners": PARTNERS,
        "connections": len(trial.ground.sign_ins) + len(trial.ground.directories),
        "tries": dict(trial.tries),
        "came_in": dict(trial.came_in),
        "outside": trial.outside[:20],
    }
    print(f"\nMix-up: {figures}")
    return trial, figures


def test_nobody_of_another_partner_is_reached() -> None:
    trial, _figures = tried(84)
    assert trial.outside == []
    assert trial.came_in["sign-in"] > 0, "void: nobody came in"
    assert sum(trial.came_in.values()) < sum(trial.tries.values()), "void: nobody was refused"


@pytest.mark.prove
def test_nobody_of_another_partner_is_reached_in_five_thousand_tries() -> None:
    trial, figures = tried(5_000)
    proof.write("1 mix-up of providers", **figures, control="a match by e-mail is caught")
    assert trial.outside == []
    assert all(trial.came_in[way] for way in trial.tries), "void: by one of the ways nobody ever came in"


def test_a_match_by_mail_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: whoever has the asserted mailbox comes in, at whatever partner."""
    monkeypatch.setattr(actions, "enter_by_provider", careless.by_mail)
    trial, _figures = tried(21)
    assert any("let in" in words for words in trial.outside)


def test_the_ground_has_eight_connections_of_every_partner() -> None:
    found = ground()
    for partner_id in found.partners:
        with scopes.one(partner_id):
            assert len(queries.connections()) == 8
