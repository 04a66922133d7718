"""Work of which one transaction of a partner is done after the other, where no row stands that they could lock."""

from django.db import connection

from gangway.kernel.tenancy import scopes


def take_turn(work: str) -> None:
    """Wait until no other transaction of the scope's partner is at this work; it is over when this one ends.

    Take it before the first row is written. SQLite lets one transaction write at a time, whatever it is about.
    """
    if connection.vendor == "postgresql":
        key = f"{work}:{scopes.writer()}"
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def try_turn(work: str) -> bool:
    """The same, without waiting: False where another transaction of the scope's partner is at it. On SQLite it is
    always its turn, since whoever writes there has waited already."""
    if connection.vendor != "postgresql":
        return True
    key = f"{work}:{scopes.writer()}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [key])
        return bool(cursor.fetchone()[0])
