"""The `action` decorator: one verb, one transaction, in the scope of one partner, told who and when."""

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

from django.db import transaction

from gangway.kernel.tenancy import scopes

P = ParamSpec("P")
R = TypeVar("R")

ACTIONS: dict[str, Callable[..., Any]] = {}
_running: ContextVar[str | None] = ContextVar("gangway_action", default=None)
_undivided: ContextVar[bool] = ContextVar("gangway_undivided", default=False)


def running() -> str | None:
    """The verb of the action that is being carried out; outbound raises while there is one."""
    return _running.get()


@contextmanager
def undivided() -> Iterator[None]:
    """Actions in here that are called inside a transaction join it without a savepoint of their own: for work that
    passes on every refusal of theirs. Django takes nothing more in a transaction that swallowed one."""
    token = _undivided.set(True)
    try:
        yield
    finally:
        _undivided.reset(token)


def action(verb: str, *, scoped: bool = True) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Declare a write.

    verb: `context.noun.verb`, unique; it names the audit entry. All parameters are keyword-only and include `actor`
    and `now`. With `scoped=False` the action writes shared, directory or kernel rows and needs no scope, or opens
    `scopes.one` itself. Everything it writes stands or falls together; called inside another action it joins it.
    """

    def declare(function: Callable[P, R]) -> Callable[P, R]:
        _check_shape(verb, function)

        @functools.wraps(function)
        def carry_out(*args: P.args, **kwargs: P.kwargs) -> R:
            if scoped:
                scopes.writer()
            token = _running.set(verb)
            try:
                with transaction.atomic(savepoint=not _undivided.get()):
                    return function(*args, **kwargs)
            finally:
                _running.reset(token)

        carry_out.verb = verb  # type: ignore[attr-defined]
        ACTIONS[verb] = carry_out
        return carry_out

    return declare


def _check_shape(verb: str, function: Callable[..., Any]) -> None:
    parameters = inspect.signature(function).parameters
    wrong = [name for name, p in parameters.items() if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    missing = [name for name in ("actor", "now") if name not in parameters]
    if wrong or missing:
        raise TypeError(f"Action {verb}: not keyword-only: {wrong}; missing: {missing}.")
    known = ACTIONS.get(verb)
    if known is not None and known.__module__ != function.__module__:
        raise TypeError(f"Action {verb} is declared in {known.__module__} and in {function.__module__}.")
