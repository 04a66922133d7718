import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gangway.catalog.cli import app
from gangway.catalog.tests.samples import COURSE, write_course
from gangway.partners.queries import host_partner

pytestmark = pytest.mark.django_db


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def told(*words: object) -> dict[str, object]:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


def test_importing_says_what_happened_and_twice_is_once(tmp_path: Path) -> None:
    folder = write_course(tmp_path / "course")
    first = told("import", folder)
    assert (first["key"], first["outcome"], first["version"], first["state"]) == ("first-steps", "new", 1, "published")
    assert (first["lessons"], first["questions"], first["assign"]) == (2, 4, "everyone")
    assert host_partner() is not None
    assert told("import", folder)["outcome"] == "unchanged"

    (folder / "1-hello.md").write_text("# Hello\n\n![The wave](wave.png) Hello there.\n")
    changed = told("import", folder, "--draft")
    assert (changed["outcome"], changed["version"], changed["state"]) == ("changed", 2, "draft")
    assert changed["unresolved"] == [{"file": "1-hello.md", "target": "wave.png", "kind": "picture"}]
    assert (changed["links"], changed["pictures"]) == (0, 1)


def test_the_list_is_one_document(tmp_path: Path) -> None:
    told("import", write_course(tmp_path / "course"), "--assign", "nobody")
    (row,) = json.loads(run("list", "--json").stdout)
    assert (row["key"], row["published"], row["assign"], row["minutes"]) == ("first-steps", 1, "nobody", 5)
    assert run("list").stdout == (
        "first-steps  “First steps”: version 1, published; for nobody; 2 lessons, 5 minutes, 4 questions.\n"
    )


def test_people_read_a_sentence(tmp_path: Path) -> None:
    said = run("import", write_course(tmp_path / "course")).stdout
    assert said == "“First steps” is new: version 1, published; 2 lessons, 5 minutes, 4 questions.\n"


def test_a_layout_and_a_check_may_come_from_elsewhere(tmp_path: Path) -> None:
    folder = write_course(tmp_path / "course", check=None)
    (folder / "course.yaml").unlink()
    layout, check = tmp_path / "layout.yaml", tmp_path / "check.yaml"
    layout.write_text("course: {key: laid-out, title: Laid out}\nlessons: {include: ['[0-9]*.md']}\n")
    check.write_text("questions: [{kind: true_false, prompt: It is so, answer: yes}]\n")
    done = told("import", folder, "--layout", layout, "--check", check)
    assert (done["key"], done["lessons"], done["questions"]) == ("laid-out", 2, 1)


def test_a_refusal_is_a_sentence_on_the_error_stream(tmp_path: Path) -> None:
    folder = write_course(tmp_path / "course", course__yaml=COURSE + "colour: red\n")
    result = run("import", folder)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "course.yaml, line 10: It does not know “colour”." in result.stderr
    assert "nothing was changed" in result.stderr
    assert host_partner() is None


def test_help_holds_an_example() -> None:
    assert "gangway course import security-101.zip" in run("import", "--help").stdout


def test_a_course_goes_out_as_it_came_in(tmp_path: Path) -> None:
    assert run("export", "first-steps", tmp_path / "early").exit_code == 1
    folder = write_course(tmp_path / "course")
    assert told("import", folder)["files"] == 5
    done = told("export", "first-steps", tmp_path / "out.zip")
    assert (done["version"], done["files"]) == (1, 5)
    assert told("import", tmp_path / "out.zip")["outcome"] == "unchanged"

    (folder / "card.png").write_bytes(b"\x89")
    assert run("import", folder).stdout.startswith("“First steps” has other files and the same words: version 2, ")
    said = run("export", "first-steps", tmp_path / "first", "--version", 1).stdout
    assert said.startswith("“First steps”, version 1: 5 files, ")
    assert not (tmp_path / "first" / "card.png").exists()
    refused = run("export", "first-steps", tmp_path / "first")
    assert refused.exit_code == 1
    assert "Something is there already" in refused.stderr
