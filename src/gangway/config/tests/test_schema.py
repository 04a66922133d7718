"""One process at a time changes the schema of a home; the others wait, and find it changed."""

import fcntl
import threading
from pathlib import Path
from typing import Any

import pytest

from gangway.config import schema


def test_a_command_waits_while_another_process_prepares_the_database(tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path
    entered = threading.Event()

    def look() -> None:
        with schema._held(fcntl.LOCK_SH):
            entered.set()

    with schema._held(fcntl.LOCK_EX):
        thread = threading.Thread(target=look)
        thread.start()
        assert not entered.wait(0.2)
    assert entered.wait(5)
    thread.join()


@pytest.mark.django_db
def test_who_looks_and_who_changes_both_take_the_lock(tmp_path: Path, settings: Any, monkeypatch: Any) -> None:
    settings.HOME = tmp_path
    asked: list[int] = []
    held = schema._held
    monkeypatch.setattr(schema, "_held", lambda how: asked.append(how) or held(how))
    monkeypatch.setattr(schema, "bring_up", lambda _alias: None)
    schema.require()
    schema.migrate()
    assert asked == [fcntl.LOCK_SH, fcntl.LOCK_EX]
