"""Experiment 3, imports: a real process is killed at 40 % of a file; another one ends it, and the rows are those of an
unkilled run. The command resumes where it is typed again; a file brought to a page is ended by the next worker.

Control: a run that does not resume (the same rows under another name) is a run of its own with other counts, so equal
counts say that the killed one went on.
"""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests import proof

pytestmark = [pytest.mark.sqlite_only]
GANGWAY = [sys.executable, "-m", "gangway.config.cli"]
SHARE = 0.4
PATIENCE = 1_800.0  # seconds; a worker also tells everybody of 100,000 people meanwhile: 608 on a busy machine
# What the people's tables say, without ids and times.
MEANING = """
SELECT p.email, p.name, p.state, p.locale, p.zone, p.sort_key, p.access_epoch, p.email_key, m.email_key,
       x.source, x.value,
       (SELECT group_concat(role || reach, ',')
        FROM (SELECT role, reach FROM people_grant g WHERE g.person_id = p.id ORDER BY 1)),
       (SELECT group_concat(key, ',')
        FROM (SELECT key FROM people_groupmember t JOIN people_group q ON q.id = t.group_id
              WHERE t.person_id = p.id ORDER BY 1))
FROM people_person p
LEFT JOIN people_mailbox m ON m.person_id = p.id
LEFT JOIN people_externalid x ON x.person_id = p.id
ORDER BY p.email, p.name
"""
COUNTS = "SELECT state, line, new, changed, unchanged, refused FROM people_importrun WHERE file_name = 'many.csv'"
BRING = """
import sys, django
django.setup()
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes
from gangway.people import actions, queries
partner, admin = queries.persons_of_mailbox("ben@nordwind.example")[0]
said = {"actor": Actor.person(admin), "now": clock.now()}
with scopes.one(partner):
    sheet = actions.bring_sheet(body=[open(sys.argv[1], "rb").read()], file_name="many.csv", target_id=partner,
                                place="desk", brought_by=admin, **said)
    actions.check_sheet(sheet_id=sheet, within=scopes.Scope(scopes.Mode.ONE, partner), **said)
    actions.start_sheet(sheet_id=sheet, letters=False, **said)
"""


class Home:
    """An installation of its own with one partner and its admin."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        unset = {"DATABASE_URL", "DATABASE_OWNER_URL", "EMAIL_URL", "BASE_URL"}
        self.environment = {name: value for name, value in os.environ.items() if name not in unset}
        self.environment |= {
            "GANGWAY_HOME": str(folder), "LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "gangway.config.settings",
        }  # fmt: skip
        partners, admin = folder / "partners.csv", folder / "admin.csv"
        partners.write_text("slug,name\nnordwind,Nordwind\n")
        admin.write_text("name,email,role\nBen,ben@nordwind.example,partner_admin\n")
        self.run("partner", "apply", str(partners))
        self.run("person", "import", str(admin), "--partner", "nordwind", "--no-letters")

    def run(self, *words: str) -> None:
        done = self.begin(*words)
        said, _ = done.communicate(timeout=PATIENCE)
        assert done.returncode in (0, 1), said

    def begin(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*GANGWAY, *words], env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def bring(self, file: Path) -> None:
        done = subprocess.run(
            [sys.executable, "-c", BRING, str(file)], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(f"file:{self.folder / 'gangway.sqlite3'}?mode=ro", uri=True, timeout=30)) as base:
            return base.execute(question).fetchall()

    def until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, "it did not come so far"
            time.sleep(0.005)

    def written(self) -> int:
        rows = self.ask(COUNTS)
        return sum(sum(row[2:]) for row in rows)

    def leases_run_out(self) -> None:
        """A minute passes: what a dead worker had taken may be taken again."""
        with closing(sqlite3.connect(self.folder / "gangway.sqlite3", timeout=30)) as base, base:
            base.execute("UPDATE kernel_job SET lease_until = '2020-01-01 00:00:00' WHERE state = 'running'")


def write(path: Path, people: int) -> Path:
    """Everything a file may hold: groups, roles, ids, rows that are refused, twins, and Ben, who changes."""
    with path.open("w", encoding="utf-8") as file:
        file.write("name,email,external_id,role,groups\n")
        for n in range(people):
            if n % 97 == 13:
                file.write(f"Bad {n},no address,,,\n")
            elif n % 97 == 14:
                file.write(f"Twin {n},p{n - 2}@nordwind.example,,,\n")
            else:
                role = "partner_it" if n % 50 == 0 else ""
                file.write(f"Pérson {n},p{n}@nordwind.example,id-{n},{role},g{n % 7}\n")
        file.write("Ben Berg,ben@nordwind.example,,,north\n")
    return path


def killed_at(home: Home, process: "subprocess.Popen[str]", lines: int) -> int:
    """Kill it when it has written 40 % of the file; how many rows it had written. 0: it was too fast."""
    home.until(lambda: home.written() >= lines * SHARE or process.poll() is not None)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return home.written() if home.written() < lines else 0


def ended_by(home: Home, file: Path, how: str, *, kill: bool) -> int:
    lines = sum(1 for _ in file.open()) - 1
    words = (
        ("person", "import", str(file), "--partner", "nordwind", "--no-letters") if how == "command" else ("worker",)
    )
    if how == "worker":
        home.bring(file)
    stood = 0
    if kill:
        stood = killed_at(home, home.begin(*words), lines)
        home.leases_run_out()
    if how == "command":
        home.run(*words)
    else:
        worker = home.begin(*words)
        try:
            home.until(lambda: bool(home.ask("SELECT 1 FROM people_sheet WHERE state = 'read'")))
        finally:
            worker.terminate()
            worker.wait(30)
    return stood


def tried(folder: Path, how: str, people: int) -> dict[str, Any]:
    file = write(folder / "many.csv", people)
    whole, killed = Home(folder / "whole"), Home(folder / "killed")
    ended_by(whole, file, how, kill=False)
    stood = ended_by(killed, file, how, kill=True)
    assert 0 < stood < people, "void: it was not killed in the middle"
    assert killed.ask(MEANING) == whole.ask(MEANING)
    assert killed.ask(COUNTS) == whole.ask(COUNTS)
    ((state, *_counts),) = whole.ask(COUNTS)
    assert state == "done"
    return {"people": people, "killed_at": stood, "rows": len(whole.ask(MEANING))}


@pytest.mark.parametrize("how", ["command", "worker"])
def test_killed_in_the_middle_it_ends_with_the_same_rows(tmp_path: Path, how: str) -> None:
    tried(tmp_path, how, people=600)


def test_a_run_that_does_not_resume_is_seen_by_its_counts(tmp_path: Path) -> None:
    file = write(tmp_path / "many.csv", 300)
    home = Home(tmp_path / "home")
    ended_by(home, file, "command", kill=False)
    (before,) = home.ask(COUNTS)
    home.run("person", "import", str(file), "--partner", "nordwind", "--no-letters")
    assert [row == before for row in home.ask(COUNTS)] == [True, False]


@pytest.mark.prove
@pytest.mark.parametrize("how", ["command", "worker"])
def test_killed_at_40_percent_of_100000(tmp_path: Path, how: str) -> None:
    figures = tried(tmp_path, how, people=100_000)
    proof.write(f"3 import killed at 40 % ({how})", **figures)
