"""Django's PostgreSQL backend, which tells the session its scope before the first statement of that scope.

Row-level security reads `gangway.mode`, `gangway.partner` and `gangway.person`. They are sent again after each
connect (a pooled connection would otherwise inherit the last partner) and after each rollback (PostgreSQL rolls
settings back too).

Many rows go to PostgreSQL as one array a column, and its JSON columns are full of quotation marks: psycopg escapes them
by a regular expression, here they are escaped by `bytes.replace`.
"""

from collections.abc import Callable
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import is_psycopg3
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap
from psycopg.types.array import ListDumper

from gangway.kernel.tenancy import scopes

assert is_psycopg3, "Gangway speaks to PostgreSQL through psycopg 3."

_SEND = (
    "SELECT set_config('gangway.mode', %s, false), "
    "set_config('gangway.partner', %s, false), set_config('gangway.person', %s, false)"
)
_UNKNOWN = object()


class _Escape:
    """The `sub` of psycopg's pattern for quotation marks and backslashes, without a pattern."""

    @staticmethod
    def sub(_: bytes, element: Buffer) -> bytes:
        return bytes(element).replace(b"\\", b"\\\\").replace(b'"', b'\\"')


class ArrayDumper(ListDumper):
    """psycopg's arrays as text, escaped by `_Escape`."""

    _re_esc: Any = _Escape()  # psycopg has a pattern here


class DatabaseWrapper(base.DatabaseWrapper):
    """`sent_scope` is what this connection was last told; _UNKNOWN forces the next statement to tell again."""

    sent_scope: object = _UNKNOWN

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.execute_wrappers.append(self._tell_scope_first)

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        context = AdaptersMap(params["context"])
        context.register_dumper(list, ArrayDumper)
        return params | {"context": context}

    def connect(self) -> None:
        self.sent_scope = _UNKNOWN
        super().connect()

    def _rollback(self) -> Any:
        self.sent_scope = _UNKNOWN
        return super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self.sent_scope = _UNKNOWN

    def _tell_scope_first(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith("ROLLBACK"):  # an aborted transaction takes no other statement
            self.tell_scope()
        return execute(sql, params, many, context)

    def tell_scope(self) -> None:
        """Send the scope in force, if this session does not know it yet. COPY calls it itself: it passes no wrapper."""
        scope = scopes.current()
        if scope == self.sent_scope or self.connection is None:
            return
        values = ("", "", "") if scope is None else (scope.mode, _text(scope.partner_id), _text(scope.person_id))
        with self.connection.cursor() as cursor:
            cursor.execute(_SEND, values)
        self.sent_scope = scope


def _text(value: object | None) -> str:
    return "" if value is None else str(value)
