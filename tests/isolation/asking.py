"""The requests of the matrix: each route × method × place of an id × whose id."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from tests.isolation.examples import FORMS, Key, Same, Secret, Slot, Vendors, slot_of, sprayed
from tests.isolation.routes import METHODS, Route
from tests.isolation.world import PARTNER_OF, Role, World

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
WITH_BODY = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Ask:
    """One request. `given`: values in it that stand for somebody's rows; `opens`: whose rows its secret opens."""

    path: str
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    kind: str = FORM
    given: tuple[str, ...] = ()
    opens: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Case:
    """A request with somebody's ids, and the same with ids that never existed (None where both are the same)."""

    route: Route
    method: str
    place: str
    ask: Ask
    twin: Ask | None = None

    @property
    def words(self) -> str:
        return f"{self.method} {self.route.key} [{self.place}]"


def cases(world: World, route: Route, role: Role) -> Iterator[Case]:
    """Every request of one role to one route."""
    own = role.owner or "ana"
    slots = {name: slot_of(route.name, name) or Same("missing") for name in route.parameters}
    there = _path(world, route, slots, own)
    form = FORMS.get(route.name, {})
    secrets = [slot for slot in (*slots.values(), *form.values()) if isinstance(slot, Secret)]
    opens = frozenset({own} if secrets else ())
    if any(secret.of_partner for secret in secrets):
        opens |= {owner for owner, partner in PARTNER_OF.items() if partner == PARTNER_OF[own]}
    for case in _all(world, route, slots, there, form, own, role.foreign):
        twin = case.twin and replace(case.twin, opens=opens)
        yield replace(case, ask=replace(case.ask, opens=opens), twin=twin)


def _all(
    world: World, route: Route, slots: dict[str, Slot], there: Any, form: Any, own: str, foreign: str
) -> Iterator[Case]:
    for method in METHODS:
        yield Case(route, method, "own", _ask(world, there, form if method in WITH_BODY else None, own))
        keys = [slot for slot in slots.values() if isinstance(slot, Key)]
        company = PARTNER_OF.get(own) == PARTNER_OF.get(foreign)
        if any(not (company and slot.of_partner) for slot in keys):
            yield from _paths(world, route, _held(world, slots, own), form, method, foreign)
        if method in WITH_BODY:
            yield from _bodies(world, route, there, form, method, own, foreign)
        else:
            yield from _queries(world, route, there, method, foreign)


def _path(world: World, route: Route, slots: dict[str, Slot], owner: str | None) -> tuple[str, tuple[str, ...]]:
    values = {name: _value(world, slot, owner) for name, slot in slots.items()}
    given = tuple(str(values[name]) for name, slot in slots.items() if not isinstance(slot, Same))
    return route.path(values), given


def _value(world: World, slot: Slot, owner: str | None) -> Any:
    if owner is None and not isinstance(slot, Vendors):
        return slot.never()
    return slot.of(world, owner or "")


def _ask(world: World, there: tuple[str, tuple[str, ...]], form: Any, owner: str | None, kind: str = FORM) -> Ask:
    path, given = there
    if form is None:
        return Ask(path, given=given)
    body, more = _fill(world, form, owner)
    return Ask(path, body=body, kind=kind, given=given + more)


def _fill(world: World, form: Any, owner: str | None) -> tuple[dict[str, Any], tuple[str, ...]]:
    body, given = {}, []
    for name, slot in form.items():
        if isinstance(slot, Slot):
            body[name] = str(_value(world, slot, owner))
            given += [] if isinstance(slot, Same) else [body[name]]
        else:
            body[name] = slot
    return body, tuple(given)


def _held(world: World, slots: dict[str, Slot], own: str) -> dict[str, Slot]:
    """With one's own secrets in place: they must not open what is another's."""
    return {name: Same(slot.of(world, own)) if isinstance(slot, Secret) else slot for name, slot in slots.items()}


def _paths(world: World, route: Route, slots: dict[str, Slot], form: Any, method: str, foreign: str) -> Iterator[Case]:
    body = form if method in WITH_BODY else None
    theirs = _ask(world, _path(world, route, slots, foreign), body, foreign)
    nobodys = _ask(world, _path(world, route, slots, None), body, None)
    yield Case(route, method, "path", theirs, nobodys)


def _bodies(
    world: World, route: Route, there: tuple[str, tuple[str, ...]], form: Any, method: str, own: str, foreign: str
) -> Iterator[Case]:
    """Foreign ids in each field of the form alone, in all of them, and sprayed under every name there is."""
    for name, slot in form.items():
        if isinstance(slot, Key):
            theirs = {**form, name: Same(slot.of(world, foreign))}
            nobodys = {**form, name: Same(slot.never())}
            yield Case(
                route,
                method,
                f"body: {name}",
                _named(_ask(world, there, theirs, own), theirs[name]),
                _named(_ask(world, there, nobodys, own), nobodys[name]),
            )
    spray = {**sprayed(), **form}
    for kind in (FORM, JSON):
        yield Case(
            route,
            method,
            f"body: spray {kind.split('/')[1]}",
            _ask(world, there, spray, foreign, kind),
            _ask(world, there, spray, None, kind),
        )


def _named(ask: Ask, slot: Same) -> Ask:
    return Ask(ask.path, ask.query, ask.body, ask.kind, (*ask.given, str(slot.value)))


def _queries(
    world: World, route: Route, there: tuple[str, tuple[str, ...]], method: str, foreign: str
) -> Iterator[Case]:
    path, given = there
    theirs, their_values = _fill(world, sprayed(), foreign)
    nobodys, no_values = _fill(world, sprayed(), None)
    yield Case(
        route,
        method,
        "query: spray",
        Ask(path, theirs, given=given + their_values),
        Ask(path, nobodys, given=given + no_values),
    )
    person = world.row(foreign, "people.Person")
    yield Case(
        route,
        method,
        "query: search",
        Ask(path, {"q": person.name, "export": ""}, given=(*given, person.name)),
        Ask(path, {"q": "Never Existed", "export": ""}, given=(*given, "Never Existed")),
    )
    for name in ("after", "before"):
        for values in ([person.sort_key, str(person.pk)], [str(person.pk)]):
            yield Case(route, method, f"query: {name}", Ask(path, {name: _cursor(values)}, given=(*given, *values)))
    yield Case(route, method, "query: export", Ask(path, {"export": "csv"}, given=given))


def _cursor(values: list[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
