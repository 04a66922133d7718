"""Several people who do something at the same moment."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection


def in_parallel(works: list[Callable[[], Any]]) -> list[Any]:
    """What each came to, or how it was refused."""
    came: list[Any] = [None] * len(works)

    def carry_out(number: int) -> None:
        try:
            came[number] = works[number]()
        except Exception as error:
            came[number] = type(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=carry_out, args=(number,)) for number in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came
