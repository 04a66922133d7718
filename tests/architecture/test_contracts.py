"""Every import contract holds on the house, and catches an offence planted in a copy of it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# contract -> (module that offends, line it says, module it must not know)
OFFENCES = {
    "Storeys": ("learning/actions.py", "from gangway.credentials import actions"),
    "Rollout storeys": ("rollout/plans/planted.py", "from gangway.rollout.rehearsal import planted"),
    "Rooms": ("learning/rules.py", "from gangway.learning import queries"),
    "No cycles": ("kernel/planted_a.py", "from gangway.kernel import planted_b"),
    "Rules and events": ("learning/rules.py", "import django.db"),
    "Doors": ("credentials/actions.py", "from gangway.people import rules"),
    "Surfaces": ("learning/views.py", "from gangway.learning import models"),
    "Shell partner": ("rollout/rehearsal/shell/walk.py", "from gangway.kernel import clock"),
}
# What an offence leans on, so that it stays one offence on any state of the house.
PROPS = {
    "rollout/rehearsal/planted.py": "",
    "kernel/planted_b.py": "from gangway.kernel import planted_a\n",
    "learning/queries.py": "",
    "learning/models.py": "",
    "people/rules.py": "",
    "credentials/actions.py": "",
}


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts over the copy in `house`, never over the working tree."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": f"{house / 'src'}{os.pathsep}{house}", "COLUMNS": "200"}
    return subprocess.run(command, cwd=house, env=environment, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(
        ROOT / "src" / "gangway",
        tmp_path / "src" / "gangway",
        ignore=lambda folder, names: {
            name
            for name in names
            if name in {"tests", "__pycache__", "node_modules"}
            or not (name.endswith(".py") or (Path(folder) / name).is_dir())
        },
    )
    (tmp_path / "tests" / "architecture").mkdir(parents=True)
    (tmp_path / "tests" / "__init__.py").touch()
    (tmp_path / "tests" / "architecture" / "__init__.py").touch()
    shutil.copytree(ROOT / "tests" / "architecture" / "contracts", tmp_path / "tests" / "architecture" / "contracts")
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def plant(house: Path, name: str, line: str) -> None:
    """Append `line` to the module, or to the first room of it where the room has become a folder."""
    path = house / "src" / "gangway" / name
    folder = path.with_suffix("")
    target = folder / "__init__.py" if folder.is_dir() else path
    target.write_text((target.read_text() if target.exists() else "") + f"\n{line}\n")


def test_the_house_keeps_every_contract() -> None:
    """Runs on the real tree, tests of the contexts included."""
    report = lint(ROOT)
    assert report.returncode == 0, report.stdout[-4000:] + report.stderr[-2000:]


@pytest.mark.parametrize("contract", OFFENCES)
def test_a_planted_offence_is_caught(copy: Path, contract: str) -> None:
    for name, text in PROPS.items():
        plant(copy, name, text)
    plant(copy, *OFFENCES[contract])

    report = lint(copy)

    broken = [
        line for line in report.stdout.splitlines() if line.startswith(contract) and line.rstrip().endswith("BROKEN")
    ]
    assert report.returncode == 1, report.stdout[-2000:] + report.stderr[-2000:]
    assert broken, report.stdout[-3000:]


def test_an_unknown_room_is_caught(copy: Path) -> None:
    """A room under another name needs a decision record and a line in .importlinter."""
    plant(copy, "learning/helpers.py", "DRAWER = True")
    report = lint(copy)
    assert report.returncode == 1
    assert "helpers" in report.stdout


def test_an_unknown_context_is_caught(copy: Path) -> None:
    (copy / "src" / "gangway" / "annexe").mkdir()
    plant(copy, "annexe/__init__.py", "")
    report = lint(copy)
    assert report.returncode == 1
    assert "annexe" in report.stdout
