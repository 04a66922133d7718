"""`gangway rehearse` beside a `gangway up` that is only just beginning: it waits, or says why it does not go on."""

from pathlib import Path
from typing import Any

import pytest

from gangway.config import rehearse
from gangway.config.running import announced

HERE = "http://127.0.0.1:8391"


def test_one_that_makes_its_demo_world_is_waited_for(tmp_path: Path, settings: Any, monkeypatch: Any) -> None:
    settings.HOME, settings.BASE_URL = tmp_path, HERE
    looks = iter([False, False, True])
    last = [False]

    def answers(_address: str) -> bool:
        last[0] = next(looks, last[0] or True)
        return last[0]

    monkeypatch.setattr(rehearse, "answers", answers)
    monkeypatch.setattr(rehearse.schema, "require", lambda: None)
    monkeypatch.setattr(rehearse, "Supervisor", None)  # none of its own is started
    with announced(tmp_path, HERE), rehearse._served():
        assert last == [True]


def test_one_that_began_meanwhile_is_named(tmp_path: Path, settings: Any, monkeypatch: Any) -> None:
    settings.HOME, settings.BASE_URL = tmp_path, "http://127.0.0.1:8000"
    monkeypatch.setattr(rehearse, "answers", lambda _address: False)
    monkeypatch.setattr(rehearse, "require_free_port", lambda *_where: None)
    monkeypatch.setattr(rehearse, "require_database", lambda: None)
    monkeypatch.setattr(rehearse.schema, "migrate", lambda: None)
    with (
        announced(tmp_path, HERE),
        pytest.raises(rehearse.StillStarting, match="8391"),
        rehearse._served(),
    ):
        pass
