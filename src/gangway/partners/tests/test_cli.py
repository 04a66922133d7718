"""`gangway partner apply`, as an operator types it, and the files it reads."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.partners import cli
from gangway.partners.forms import read_partner_file
from gangway.partners.queries import UnknownPartner, find_partner, host_partner, ways_of
from gangway.partners.rules import Primary

YAML = """
types:
  - {key: referral, name: Referral partner, primary: portal, fallback: none}
tiers:
  - {key: platinum, name: Platinum, rank: 4}
partners:
  - slug: nordwind
    name: Nordwind
    type: referral
    tier: platinum
  - slug: suedstern
    name: Südstern
    parent: nordwind
"""


def run(*words: str, verb: Callable[..., None] = cli.apply) -> tuple[int, str]:
    app = typer.Typer()
    app.command()(verb)
    said = CliRunner().invoke(app, words, catch_exceptions=False)
    return said.exit_code, said.stdout


@pytest.mark.django_db
def test_the_first_file_of_an_empty_installation(tmp_path: Path) -> None:
    path = tmp_path / "partners.yaml"
    path.write_text(YAML, encoding="utf-8")

    code, words = run(str(path), "--dry-run")
    assert code == 0
    assert "“My company” would be created as the host partner." in words
    assert host_partner() is None

    code, words = run(str(path))
    assert code == 0
    assert "“My company” was created as the host partner." in words
    assert "2 new, 0 changed, 0 unchanged, 0 refused." in words
    assert (find_partner("nordwind").tier_name, find_partner("suedstern").parent) == ("Platinum", "nordwind")
    with scopes.one(find_partner("nordwind").id):
        ways = ways_of(find_partner("nordwind").id)
    assert (ways.primary, ways.by_mail, ways.type_name) == (Primary.PORTAL, False, "Referral partner")
    with scopes.one(find_partner("suedstern").id):  # of no type: the usual ways
        assert ways_of(find_partner("suedstern").id).by_mail

    code, words = run(str(path), "--json")
    again = json.loads(words)
    assert (code, again["unchanged"], again["host_created"]) == (0, 2, None)


@pytest.mark.django_db
def test_a_refused_row_fails_the_command_and_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "partners.csv"
    path.write_text("slug,name,tier\nnordwind,Nordwind,platin\n")
    code, words = run(str(path))
    assert code == 1
    assert "line 2  nordwind  refused: The tier “platin” is not known. Known are gold, registered, silver." in words


@pytest.mark.django_db
def test_a_file_is_taken_back_by_the_run_it_left(tmp_path: Path) -> None:
    path = tmp_path / "partners.yaml"
    path.write_text(YAML, encoding="utf-8")
    assert "Take it back with: gangway partner undo " in run(str(path))[1]
    (known,) = json.loads(run("--json", verb=cli.runs)[1])
    assert (known["file"], known["new"], known["left"], known["by"]) == ("partners.yaml", 2, 2, "operator cli")

    code, words = run(known["run"], "--dry-run", verb=cli.undo)
    assert (code, words.splitlines()[-1]) == (0, "Rehearsal, nothing written: 4 removed, 0 restored, 0 stays.")
    code, words = run(known["run"], "--json", verb=cli.undo)
    assert (code, json.loads(words)["removed"]) == (0, 4)
    with pytest.raises(UnknownPartner):
        find_partner("nordwind")
    with pytest.raises(NotFound):
        run("no-run", verb=cli.undo)


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("p.txt", b"", "neither CSV nor YAML"),
        ("p.yaml", b"partners: {a: 1}", "not a list"),
        ("p.yaml", b"just words", "no list of partners"),
        ("p.yaml", b"", "no list of partners"),
        ("p.yaml", b"- [", "not YAML"),
        ("p.yaml", "- slug: süd".encode("latin-1"), "not YAML in UTF-8"),
        ("p.yaml", b"- !!python/object/apply:os.system ['true']", "not YAML"),
        ("p.yaml", b"tiers: [{key: gold, name: Gold, rank: true}]", "rank"),
        ("p.yaml", b"types: [{key: gold}]", "says key, name"),
        ("p.yaml", b"types: [{key: a, name: A, fallback: fax}]", "“fax” is no way in"),
        ("p.yaml", b"types: [{key: a, name: A, rank: 1}]", "nothing else"),
        ("p.csv", b"slug;name;colour\n", "no column “colour”"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(
    tmp_path: Path, name: str, body: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(body)
    with pytest.raises(Invalid, match=words):
        read_partner_file(path)


def test_each_partner_of_a_yaml_file_knows_its_line(tmp_path: Path) -> None:
    path = tmp_path / "p.yml"
    path.write_text("- slug: a\n  name: A\n- just words\n- slug: b\n")
    lines = list(read_partner_file(path).rows)
    assert [(line.number, bool(line.problem)) for line in lines] == [(1, False), (3, True), (4, False)]
