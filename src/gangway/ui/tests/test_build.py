"""The front end is built again when, and only when, something it is made from changed."""

import re
from pathlib import Path

import pytest

from gangway.ui import assets, build

ICON = re.compile(r"""icon(?:_name|_end)?\s*(?:=|\()\s*["']([a-z0-9-]+)["']""")


def test_the_fingerprint_follows_names_and_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "HOUSE", tmp_path)
    monkeypatch.setattr(build, "FRONTEND", tmp_path / "frontend")
    for name in (
        "package.json",
        "package-lock.json",
        "vite.config.js",
        "src/app.css",
        "node_modules/x/templates/a.jinja",
    ):
        file = tmp_path / "frontend" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("a")
    seen = [build.fingerprint()]
    (tmp_path / "frontend" / "node_modules" / "x" / "templates" / "a.jinja").write_text("b")
    assert build.fingerprint() == seen[0]
    for name, text in (
        ("frontend/src/app.css", "b"),
        ("frontend/src/new.css", "a"),
        ("learning/templates/a.jinja", "a"),
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        seen.append(build.fingerprint())
    (tmp_path / "frontend" / "src" / "new.css").unlink()
    seen.append(build.fingerprint())
    assert len(set(seen)) == len(seen)


def test_an_installed_house_without_sources_builds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "FRONTEND", tmp_path / "absent")
    assert build.ensure(force=True) is False


def test_an_unknown_name_is_refused_where_it_was_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "DIST", tmp_path)
    assert assets.url("app.css") == "/static/dist/assets/app.css"
    (tmp_path / "manifest.json").write_text('{"app.css": "app-12345678.css"}')
    assert assets.url("app.css") == "/static/dist/assets/app-12345678.css"
    with pytest.raises(assets.Unknown):
        assets.url("tower.css")


def test_the_lock_names_no_host_of_packages() -> None:
    lock = (build.FRONTEND / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert "registry" not in lock


def test_every_icon_that_is_named_is_drawn() -> None:
    drawn = {file.stem for file in (build.FRONTEND / "src" / "icons").glob("*.svg")}
    house = [file for file in build.HOUSE.glob("**/*") if file.suffix in (".jinja", ".py")]
    ours = [file for file in house if "node_modules" not in file.parts and "tests" not in file.parts]
    named = {(name, file.name) for file in ours for name in ICON.findall(file.read_text(encoding="utf-8"))}
    assert len(named) > 20
    assert {(name, file) for name, file in named if name not in drawn} == set()
