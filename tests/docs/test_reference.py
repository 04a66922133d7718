"""The reference says what the house says: every setting, command, event, right and figure, as it is today."""

from pathlib import Path

import pytest
import typer.main

from gangway.config import cli, reference
from gangway.config.settings import Environment
from gangway.insights.rules.definitions import KPIS
from gangway.kernel.access import RIGHTS
from tests.architecture.source import ROOT

REFERENCE = ROOT / "docs" / "reference"


@pytest.mark.parametrize("name", reference.pages())
def test_a_page_is_as_the_house_makes_it(name: str) -> None:
    written = (REFERENCE / name).read_text(encoding="utf-8")
    assert written == reference.pages()[name], "run: gangway docs"


def test_nothing_is_left_out() -> None:
    pages = reference.pages()
    for field in Environment.model_fields.values():
        assert f"`{field.alias}`" in pages["settings.md"]
        assert field.description, f"{field.alias} is described nowhere"
    for words, _command in reference.commands(typer.main.get_command(cli.build())):
        assert f"## {words}\n" in pages["commands.md"]
    for event in reference.event_types():
        assert f"## {event.name}\n" in pages["events.md"]
    for name in RIGHTS:
        assert f"`{name}`" in pages["rights.md"]
    for kpi in KPIS:
        assert f"`{kpi.key}`" in pages["kpis.md"]


def test_every_command_has_help_with_an_example() -> None:
    commands = dict(reference.commands(typer.main.get_command(cli.build())))
    assert len(commands) > 10
    without = [words for words, command in commands.items() if "Example:" not in (command.help or "")]
    assert without == []


def test_the_commands_of_the_readme_exist() -> None:
    words = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = dict(reference.commands(typer.main.get_command(cli.build())))
    said = {line.strip().split(" #")[0] for line in words.splitlines() if line.strip().startswith(".venv/bin/gangway ")}
    unknown = [line for line in said if not any(line.startswith(f".venv/bin/{known}") for known in commands)]
    assert said
    assert unknown == []


def test_a_stale_page_is_found(tmp_path: Path) -> None:
    assert set(reference.write(tmp_path)) == set(reference.pages())
    assert reference.write(tmp_path) == []
    (tmp_path / "events.md").write_text("old")
    assert reference.write(tmp_path) == ["events.md"]
