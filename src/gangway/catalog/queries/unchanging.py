"""What versions say, kept in memory by a process that has read it once.

A version never changes and nothing is added to it: its rows are written in the one transaction that makes it, and the
database refuses to change them or to take them away (models). What was read of it outside of a transaction is what
it will always say, so its id, with a language where one is asked for, is the whole key. Never kept is what does change:
which version is current, whether it is published, who may see a course.

This opens no door. Tables of class `shared` know no partners; the caller has the id of a version from a row that was
read in the caller's scope, an enrolment or a course that the partner sees.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from threading import Lock
from typing import Generic, TypeVar

from django.db import connection

Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row")


class Unchanging(Generic[Key, Row]):
    """Rows by key, at most `most` of them: the one that was not asked for longest goes first. Threads share it."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, Lock()
        self._rows: OrderedDict[Key, Row] = OrderedDict()

    def get(self, keys: Iterable[Key], read: Callable[[set[Key]], Mapping[Key, Row]]) -> dict[Key, Row]:
        """The rows of these keys. Those that are not here are read at once, and kept unless a transaction is open: it
        may see what is half written, or never will be.
        """
        wanted = set(keys)
        found = self._known(wanted)
        if missing := wanted - found.keys():
            fresh = read(missing)
            found.update(fresh)
            if not connection.in_atomic_block:
                self._keep(fresh)
        return found

    def _known(self, wanted: set[Key]) -> dict[Key, Row]:
        with self._lock:
            known = {key: self._rows[key] for key in wanted if key in self._rows}
            for key in known:
                self._rows.move_to_end(key)
        return known

    def _keep(self, fresh: Mapping[Key, Row]) -> None:
        with self._lock:
            self._rows.update(fresh)
            while len(self._rows) > self._most:
                self._rows.popitem(last=False)
