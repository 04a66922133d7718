"""Where the `gangway up` of a home is reached, for commands beside it that are told neither BASE_URL nor PORT.

Held by a lock on a file: it ends with the process, however that ends.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "running"
TRIES, PAUSE_SECONDS = 20, 0.02  # a command that looks at this moment holds the lock as well


@contextmanager
def announced(home: Path, address: str) -> Iterator[None]:
    """While the block runs, address_in(home) is `address`. Where another one runs in this home, its address stands."""
    with (home / FILE).open("a+") as file:
        for _ in range(TRIES):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(PAUSE_SECONDS)
                continue
            file.truncate(0)
            file.write(address)
            file.flush()
            break
        yield


def address_in(home: Path) -> str:
    """The address of the one that runs there; empty where none does."""
    try:
        file = (home / FILE).open()
    except FileNotFoundError:
        return ""
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return file.read().strip()
    return ""
