"""The scope: whose rows may be read now. Five of them; without one, nothing is read.

one        one partner; the only scope in which rows of partners are written
tree       a partner and its descendants
portfolio  the partners a channel manager looks after
host       every partner, for staff
unscoped   every partner, for a reason from a closed list
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Mode(StrEnum):
    ONE = "one"
    TREE = "tree"
    PORTFOLIO = "portfolio"
    HOST = "host"
    UNSCOPED = "unscoped"


class Reason(StrEnum):
    """Why a read may ignore partners. Adding one is a decision; say in the comment what it reads."""

    ROUTING = "routing"  # which partner a host name, slug, directory row or returned letter belongs to
    WORKER = "worker"  # which rows are due, before their partner's scope is opened
    INVARIANTS = "invariants"  # `gangway check` counts broken promises over all partners
    METRICS = "metrics"  # depths and lags, numbers only
    MIGRATION = "migration"  # data moved by a migration


@dataclass(frozen=True, slots=True)
class Scope:
    """mode, and its subject: the partner of `one` and `tree`, the person of `portfolio`."""

    mode: Mode
    partner_id: UUID | None = None
    person_id: UUID | None = None
    reason: Reason | None = None


class NoScope(RuntimeError):
    """A partner's table was touched outside any scope. A bug, never shown to people."""


class WrongScope(RuntimeError):
    """A partner's table was written outside `one`, or a row of another partner was written. A bug."""


_current: ContextVar[Scope | None] = ContextVar("gangway_scope", default=None)


def current() -> Scope | None:
    """The scope in force, or None."""
    return _current.get()


def required() -> Scope:
    """The scope in force; NoScope where there is none."""
    scope = _current.get()
    if scope is None:
        raise NoScope("No scope is open: wrap this in scopes.one(partner_id) or another scope.")
    return scope


def writer() -> UUID:
    """The partner whose rows may be written now; WrongScope outside `one`."""
    scope = required()
    if scope.mode is not Mode.ONE or scope.partner_id is None:
        raise WrongScope(f"Rows of partners are written in scope 'one' only, not in '{scope.mode}'.")
    return scope.partner_id


@contextmanager
def within(scope: Scope) -> Iterator[Scope]:
    """Run a block in a given scope; the one before is restored at exit."""
    token = _current.set(scope)
    try:
        yield scope
    finally:
        _current.reset(token)


def one(partner_id: UUID) -> AbstractContextManager[Scope]:
    return within(Scope(Mode.ONE, partner_id=partner_id))


def tree(partner_id: UUID) -> AbstractContextManager[Scope]:
    return within(Scope(Mode.TREE, partner_id=partner_id))


def portfolio(person_id: UUID) -> AbstractContextManager[Scope]:
    return within(Scope(Mode.PORTFOLIO, person_id=person_id))


def host() -> AbstractContextManager[Scope]:
    return within(Scope(Mode.HOST))


def unscoped(reason: Reason) -> AbstractContextManager[Scope]:
    return within(Scope(Mode.UNSCOPED, reason=reason))
