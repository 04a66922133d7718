"""The web server serves what pages name."""

from pathlib import Path

import pytest

from gangway.config import wsgi
from gangway.ui import assets


def test_the_address_of_a_built_file_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "app-12345678.css").write_text("a{}")
    (tmp_path / "manifest.json").write_text('{"app.css": "app-12345678.css"}')
    monkeypatch.setattr(assets, "DIST", tmp_path)
    monkeypatch.setattr(wsgi, "DIST", tmp_path)
    front = wsgi.make_application()
    assert assets.url("app.css") in front.files
