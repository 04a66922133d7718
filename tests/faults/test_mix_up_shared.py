"""Experiment 1, where one provider serves several partners: the vendor's host connection, and parents' sign-ins.

On the ground of test_mix_up: a host connection with account keys of five partners, and two parents that serve a partner
below them. Tries assert account keys (its own, another partner's, none, two, withdrawn, unknown, the vendor's) with
subjects and addresses of other partners' people, admins, suspended ones, Unicode twins and staff. Between them keys are
closed and opened again, partners refuse, and leave the subtree. What comes of it is held against a list kept here.

Controls: a match by e-mail, a key that is on no list, and a list that is read without asking who left: each is caught.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from gangway.identity import actions, queries
from gangway.identity.models import Challenge, FailedSignIn, Identity, Session
from gangway.identity.queries import ConnectionRow
from gangway.identity.queries import reach as reaches
from gangway.identity.rules import Step
from gangway.identity.rules.connections import Asserted, ConnectionKind, ConnectionState
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes
from gangway.partners.actions import edit_partner
from gangway.partners.queries import host_id
from gangway.people.actions import admit_person
from gangway.people.models import Person
from tests import proof
from tests.faults import careless
from tests.faults.test_mix_up import ME, PARTNERS, ROLES, SHARED, TWINS, Ground, domain, ground

pytestmark = pytest.mark.django_db
CLAIM = "account"
BELOW = {4: 0, 5: 1}  # partner → its parent
STAFF = "staff@acme.example"


@dataclass
class Way:
    """A key of a source, and what is true of it: whose it is, and whether it leads there now."""

    partner: int
    served: UUID
    held: bool = True
    wanted: bool = True


@dataclass
class Source:
    """A sign-in that serves several. `own`: its partner; None: the vendor's."""

    row: ConnectionRow
    own: int | None
    ways: dict[str, Way] = field(default_factory=dict)


def _source(partner_id: UUID, own: int | None) -> Source:
    with scopes.one(partner_id):
        made = actions.add_connection(
            kind=ConnectionKind.SAML if own is None else ConnectionKind.OIDC,
            key="portal" if own is None else f"shared-{own}",
            name="Shared",
            active=True,
            account_claim=CLAIM,
            actor=ME,
            now=clock.now(),
        )
        conduct = actions.Conduct(admits=True)
        actions.set_conduct(connection_id=made, conduct=conduct, actor=ME, now=clock.now())
        return Source(queries.connection(made), own)


def _open(source: Source, partners: list[UUID], partner: int, key: str) -> None:
    done = actions.open_reach(
        connection_id=source.row.id,
        owner_id=source.row.partner_id,
        partner_id=partners[partner],
        key=key,
        admits=partner % 2 == 0,
        actor=ME,
        now=clock.now(),
    )
    known = source.ways.get(key)
    source.ways[key] = Way(partner, done.served, wanted=known.wanted if known else True)


@dataclass
class Trial:
    ground: Ground
    sources: list[Source]
    dice: random.Random
    parents: dict[int, int]
    tries: Counter[str] = field(default_factory=Counter)
    came_in: Counter[str] = field(default_factory=Counter)
    outside: list[str] = field(default_factory=list)
    known: dict[tuple[UUID, str], UUID] = field(default_factory=dict)

    def run(self, count: int) -> None:
        for n in range(count):
            if n % 7 == 6:
                self.change()
            self.try_one()

    # ------------------------------------------------------------ what changes between the tries

    def change(self) -> None:
        """A key is closed or opened, a partner refuses or takes it back, or leaves the subtree or returns."""
        source = self.dice.choice(self.sources)
        key, way = self.dice.choice(list(source.ways.items()))
        turns: tuple[Callable[[Source, str, Way], None], ...] = (self._hold, self._want, self._move)
        self.dice.choice(turns)(source, key, way)

    def _hold(self, source: Source, key: str, way: Way) -> None:
        if way.held:
            owner = source.row.partner_id
            actions.close_reach(connection_id=source.row.id, owner_id=owner, key=key, actor=ME, now=clock.now())
            way.held = False
        elif self._inside(source, way):
            _open(source, self.ground.partners, way.partner, key)

    def _want(self, source: Source, key: str, way: Way) -> None:
        with scopes.one(self.ground.partners[way.partner]):
            state = ConnectionState.OFF if way.wanted else ConnectionState.ACTIVE
            actions.set_connection_state(connection_id=way.served, state=state, actor=ME, now=clock.now())
        for other in source.ways.values():
            if other.served == way.served:
                other.wanted = state is ConnectionState.ACTIVE

    def _move(self, source: Source, key: str, way: Way) -> None:
        if way.partner in BELOW:
            above = self.parents.pop(way.partner, None)
            if above is None:
                self.parents[way.partner] = BELOW[way.partner]
            with scopes.one(self.ground.partners[way.partner]):
                said = {"parent": "-" if above is not None else f"p{BELOW[way.partner]}"}
                edit_partner(said=said, actor=ME, now=clock.now())

    def _inside(self, source: Source, way: Way) -> bool:
        return source.own is None or self.parents.get(way.partner) == source.own

    # ------------------------------------------------------------ one try

    def try_one(self) -> None:
        source = self.dice.choice(self.sources)
        keys = self._keys(source)
        meant, word = self.dice.randrange(PARTNERS), self.dice.choice(list(ROLES))
        subject = self.dice.choice((f"sub-{meant}-{word}", f"sub-{word}"))
        email = self._email(meant, word)
        allowed = self._allowed(source, keys, email)
        Session.objects.all().delete()
        Challenge.objects.all().delete()
        before = self._others(allowed)
        claims = {CLAIM: keys, "email": (email,), "name": (word,)} if keys else {"email": (email,), "name": (word,)}
        name = "host connection" if source.own is None else "parent's sign-in"
        self.tries[name] += 1
        what = f"{name} with {keys} of {subject} <{email}>"
        try:
            entered = actions.enter_by_provider(
                connection_id=source.row.id,
                partner_id=source.row.partner_id,
                asserted=Asserted(subject, claims),
                browser="the-browser",
                actor=ME,
                now=clock.now(),
            )
        except actions.ServedNoMore:
            self.outside.append(f"{what} was stopped by the second wall alone")
            return
        if self._others(allowed) != before:
            self.outside.append(f"{what} changed somebody of another partner")
        self._judge(name, what, source, allowed, subject)
        if allowed is None and not Session.objects.exists():
            self._is_kept(what, entered.number)
        self._links(what)

    def _keys(self, source: Source) -> tuple[str, ...]:
        key = self.dice.choice([*source.ways, *source.ways])
        odd = ("", "never", key.upper(), f" {key}", "acme", "p3", f"p{source.own}", "no claim")
        chosen = self.dice.choice((key, key, key, self.dice.choice(odd)))
        if self.dice.random() < 0.1:
            return (chosen, self.dice.choice(list(source.ways)))
        return () if chosen == "no claim" else (chosen,)

    def _email(self, meant: int, word: str) -> str:
        plain = SHARED if word == "other" else f"{word}@{domain(meant)}"
        return self.dice.choice((plain, plain, f"{TWINS[word]}@{domain(meant)}", STAFF, STAFF.upper(), "new@x.example"))

    def _allowed(self, source: Source, keys: tuple[str, ...], email: str) -> int | None:
        """Whose people alone may come of it, by the list that is kept here; None: nobody's."""
        sent = {key for key in keys if key}
        if (source.own is None and email.casefold() == STAFF) or len(sent) > 1:
            return None
        if not sent or sent == {f"p{source.own}"}:
            return source.own
        way = source.ways.get(next(iter(sent)))
        return way.partner if way and way.held and way.wanted and self._inside(source, way) else None

    # ------------------------------------------------------------ what came of it

    def _others(self, allowed: int | None) -> list[Any]:
        with scopes.host():
            rows = Person.objects.order_by("id")
            if allowed is not None:
                rows = rows.exclude(partner=self.ground.partners[allowed])
            return list(rows.values_list("id", "name", "email", "state", "managed_by", "access_epoch"))

    def _judge(self, name: str, what: str, source: Source, allowed: int | None, subject: str) -> None:
        made_before = set(self.ground.people.values())
        for person_id in Session.objects.values_list("person_id", flat=True):
            self.came_in[name] += 1
            with scopes.host():
                person = Person.objects.get(pk=person_id)
                linked = Identity.objects.filter(person=person_id, subject=subject, partner=person.partner_id)
                ways = set(linked.values_list("connection_id", flat=True))
            if allowed is None or person.partner_id != self.ground.partners[allowed] or person.state == "suspended":
                self.outside.append(f"{what} let in {person.email} of {person.partner_id}")
                continue
            own = {source.row.id} if allowed == source.own else {way.served for way in source.ways.values()}
            if not ways & own:
                self.outside.append(f"{what} let in somebody who is not linked")
            if allowed != source.own and person_id in made_before:
                self.outside.append(f"{what} let in somebody whose mailbox nobody proved")

    def _is_kept(self, what: str, number: str) -> None:
        row = FailedSignIn.objects.filter(number=number).first()
        if row is None or row.step != Step.PROVIDER_ACCOUNT or "@" in row.detail:
            self.outside.append(f"{what} is not kept for those who help")

    def _links(self, what: str) -> None:
        with scopes.host():
            rows = list(Identity.objects.values_list("connection_id", "subject", "person_id", "person__partner_id"))
            owners = dict(Identity.objects.values_list("connection_id", "connection__partner_id"))
            if Identity.objects.filter(partner=host_id()).exists():
                self.outside.append(f"{what} linked somebody of the vendor")
        for connection_id, subject, person_id, partner_id in rows:
            if self.known.setdefault((connection_id, subject), person_id) != person_id:
                self.outside.append(f"{what} made {subject} somebody else")
            if owners[connection_id] != partner_id:
                self.outside.append(f"{what} linked somebody of another partner")


def tried(count: int) -> tuple[Trial, dict[str, Any]]:
    made = ground()
    for partner, parent in BELOW.items():
        with scopes.one(made.partners[partner]):
            edit_partner(said={"parent": f"p{parent}"}, actor=ME, now=clock.now())
    with scopes.one(host_id()):
        admit_person(name="Staff", email=STAFF, roles=("platform_admin",), letter=False, actor=ME, now=clock.now())
    portal = _source(host_id(), None)
    for partner in range(PARTNERS - 1):
        _open(portal, made.partners, partner, f"ACME-{partner}")
    _open(portal, made.partners, 0, "ACME-0b")  # a partner with two accounts
    sources = [portal]
    for partner, parent in BELOW.items():
        sources.append(_source(made.partners[parent], parent))
        _open(sources[-1], made.partners, partner, f"p{partner}")
    trial = Trial(made, sources, random.Random(1), dict(BELOW))
    trial.run(count)
    figures = {
        "partners": PARTNERS,
        "sources": len(sources),
        "keys": sum(len(source.ways) for source in sources),
        "tries": dict(trial.tries),
        "came_in": dict(trial.came_in),
        "outside": trial.outside[:20],
    }
    print(f"\nMix-up, shared sign-ins: {figures}")
    return trial, figures


def test_a_shared_sign_in_reaches_only_whom_its_key_names() -> None:
    trial, _figures = tried(90)
    assert trial.outside == []
    assert all(trial.came_in[way] for way in trial.tries), "void: by one of the ways nobody came in"
    assert sum(trial.came_in.values()) < sum(trial.tries.values()), "void: nobody was refused"


@pytest.mark.prove
def test_a_shared_sign_in_reaches_only_whom_its_key_names_in_five_thousand_tries() -> None:
    trial, figures = tried(5_000)
    controls = "a match by e-mail, a key on no list, and a list read without asking who left are caught"
    proof.write("1 mix-up by shared sign-ins", **figures, control=controls)
    assert trial.outside == []
    assert all(trial.came_in[way] for way in trial.tries), "void: by one of the ways nobody ever came in"


def test_a_match_by_mail_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "enter_by_provider", careless.by_mail)
    trial, _figures = tried(21)
    assert any("let in" in words for words in trial.outside)


@pytest.mark.parametrize("fault", [careless.any_key, careless.no_longer_asked])
def test_a_list_that_is_not_kept_to_is_caught(monkeypatch: pytest.MonkeyPatch, fault: Callable[..., Any]) -> None:
    monkeypatch.setattr(reaches, "reach_of", fault)
    trial, _figures = tried(90)
    assert any("let in" in words or "second wall" in words for words in trial.outside)
