"""How much of a long work goes into one transaction: so much that nobody waits long, never more than 500 rows."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

MOST = 500
LEAST = 20
BEGIN = 200
HOLD = {"sqlite": 0.05, "postgresql": 0.25}  # seconds a transaction of bulk work may hold its locks, see Pace
BRIEF = 0.01  # seconds for which nobody is kept waiting
BREATH = 0.25  # of the time just held, left to others before the lock is asked for again


class Pace:
    """Learns from each chunk how many rows the next may have."""

    def __init__(self, most: int = MOST, begin: int = BEGIN) -> None:
        self.most = most
        self.size = min(most, begin)

    @contextmanager
    def chunk(self, rows: int) -> Iterator[None]:
        """Measure one transaction of `rows` rows."""
        begun = time.monotonic()
        yield
        self.took(rows, time.monotonic() - begun)

    def took(self, rows: int, held: float) -> None:
        """A transaction of so many rows held its locks for so many seconds.

        On SQLite, where there is one lock for all and no queue before it, leave it free for a moment: who waits looks
        again every few milliseconds, and would otherwise find it taken for as long as the work lasts. On PostgreSQL
        only those wait who want the very rows that are written, so a transaction may take longer.
        """
        fits = int(rows * HOLD[connection.vendor] / max(held, 0.001))
        self.size = min(self.most, max(LEAST, min(fits, self.size * 2)))
        if connection.vendor == "sqlite" and held > BRIEF:
            time.sleep(min(BREATH * held + 0.005, HOLD[connection.vendor]))
