"""`gangway partner list` and `gangway person …`, as an operator types them."""

import json
from pathlib import Path

import pytest
import typer
from tests.world import World
from typer.testing import CliRunner, Result

from gangway.kernel.access import Reach
from gangway.kernel.actor import Actor
from gangway.kernel.console import console
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.partners.actions import apply_partners
from gangway.partners.queries import UnknownPartner
from gangway.people import cli
from gangway.people.queries import UnknownPerson, roles_of
from gangway.people.tests.conftest import NOW

pytestmark = pytest.mark.django_db


def run(*words: str) -> Result:
    app = typer.Typer()
    app.command("partners")(cli.list_partners_with_people)
    app.command("import")(cli.import_)
    app.command("list")(cli.list_people)
    app.command("imports")(cli.list_imports)
    app.command("undo")(cli.undo_import_)
    app.command("grant")(cli.grant)
    return CliRunner().invoke(app, words)


@pytest.fixture
def team(tmp_path: Path) -> str:
    path = tmp_path / "team.csv"
    path.write_text("\ufeffName;Email\nEva;eva@nordwind.example\n", encoding="utf-8")
    return str(path)


def test_partners_are_listed_with_host_name_and_people(world: World) -> None:
    rows = {row["slug"]: row for row in json.loads(run("partners", "--json").stdout)}
    assert {slug: (row["kind"], row["people"]) for slug, row in rows.items()} == {
        "acme": ("host", 1),
        "nordwind": ("partner", 2),
        "suedstern": ("partner", 1),
    }
    assert rows["nordwind"] | {"people": 2} == {
        "slug": "nordwind",
        "name": "Nordwind",
        "kind": "partner",
        "host": None,
        "type": "reseller",
        "tier": "gold",
        "state": "active",
        "parent": None,
        "manager": None,
        "people": 2,
    }


def test_robots_stand_among_real_partners_only_where_asked_for(world: World) -> None:
    apply_partners(
        rows=[Line(2, {"slug": "robots", "name": "Robots", "kind": "shell"})], actor=Actor.operator(), now=NOW
    )
    said = run("partners").stdout
    assert "Robots" not in said
    assert "--robots" in said
    assert "Robots" in run("partners", "--robots").stdout
    assert "robots" not in run("partners", "--json").stdout
    assert "robots" in run("partners", "--robots", "--json").stdout


def test_people_fit_on_eighty_columns(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """No address is broken: beside each other where there is room, else one block of lines for each person."""
    monkeypatch.setattr(console, "width", 80)
    (ana,) = (line for line in run("list", "--partner", "nordwind").stdout.splitlines() if line.startswith("Ana"))
    assert "ana@nordwind.example" in ana
    monkeypatch.setattr(console, "width", 40)
    said = run("list", "--partner", "nordwind").stdout
    assert "email  ana@nordwind.example" in said
    assert max(map(len, said.splitlines())) <= 40


def test_an_import_is_rehearsed_done_and_listed(world: World, team: str) -> None:
    rehearsed = json.loads(run("import", team, "--partner", "nordwind", "--dry-run", "--json").stdout)
    assert (rehearsed["dry_run"], rehearsed["new"]) == (True, 1)
    done = run("import", team, "--partner", "nordwind", "--no-letters")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-2] == "Nobody is written to."
    people = json.loads(run("list", "--partner", "nordwind", "--json").stdout)
    assert [(row["name"], row["state"], row["roles"]) for row in people] == [
        ("Ana Albers", "active", []),
        ("Ben Brandt", "active", ["partner_admin"]),
        ("Eva", "invited", []),
    ]


def test_refused_rows_are_said_and_the_command_fails(world: World, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("name,email\nEva,no address\n")
    said = run("import", str(path), "--partner", "nordwind")
    assert said.exit_code == 1
    assert "line 2" in said.stdout
    assert "no mail address" in said.stdout


def test_a_role_is_granted_with_its_reach(world: World) -> None:
    said = run("grant", "ana@nordwind.example", "--partner", "nordwind", "--role", "partner_admin", "--reach", "tree")
    assert said.exit_code == 0
    with scopes.one(world.nordwind):
        assert [(row.role, row.reach) for row in roles_of(world.ana.id, NOW)] == [("partner_admin", Reach.TREE)]


def test_unknown_names_are_said_by_name(world: World) -> None:
    nobody = run("grant", "x@nordwind.example", "--partner", "nordwind", "--role", "partner_admin")
    assert isinstance(nobody.exception, UnknownPerson)
    nowhere = run("list", "--partner", "nirgends")
    assert isinstance(nowhere.exception, UnknownPartner)
    assert "nirgends" in str(nowhere.exception)


def test_an_import_is_listed_and_undone_by_its_id(world: World, team: str) -> None:
    assert run("import", team, "--partner", "nordwind").exit_code == 0
    (row,) = json.loads(run("imports", "--json").stdout)
    assert (row["partner"], row["state"], row["new"]) == ("nordwind", "done", 1)
    rehearsed = json.loads(run("undo", row["run"], "--dry-run", "--json").stdout)
    assert rehearsed == {"dry_run": True, "removed": 1, "restored": 0, "left": 0, "kept": 0, "rows": []}
    assert "1 removed" in run("undo", row["run"]).stdout
    assert "eva@" not in run("list", "--partner", "nordwind", "--json").stdout
    assert json.loads(run("imports", "--partner", "nordwind", "--json").stdout)[0]["state"] == "undone"
    assert json.loads(run("imports", "--partner", "suedstern", "--json").stdout) == []


def test_a_list_of_addresses_is_a_file_too(world: World, tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("Eva Ernst <eva@nordwind.example>; lea.lang@nordwind.example\nmax@nordwind.example\n")
    assert run("import", str(path), "--partner", "nordwind", "--no-letters").exit_code == 0
    names = {row["name"] for row in json.loads(run("list", "--partner", "nordwind", "--json").stdout)}
    assert {"Eva Ernst", "Lea Lang", "Max"} <= names
