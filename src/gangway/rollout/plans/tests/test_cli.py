"""`gangway plan`: what an operator types and reads."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gangway.rollout.plans.cli import app
from gangway.rollout.plans.tests.conftest import Rollout

KICKOFF = ["--kickoff", "2026-03-02"]


def run(*words: str) -> Any:
    return CliRunner().invoke(app, [*words])


def as_json(*words: str) -> Any:
    answer = run(*words, "--json")
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def test_show_names_every_milestone_and_why(rollout: Rollout) -> None:
    shown = as_json("show")
    assert shown["template"] == "essential/1"
    assert len(shown["milestones"]) == 48
    kickoff = next(row for row in shown["milestones"] if row["key"] == "kickoff")
    assert kickoff["state"] == "unproven"
    assert kickoff["criteria"][0]["key"] == "plans.kickoff_held"
    assert [gate["key"] for gate in shown["gates"]] == ["kickoff", "discovery", "pilot", "rollout", "close"]


def test_evaluate_asks_and_says_what_changed(rollout: Rollout, facts: dict[str, Any]) -> None:
    facts["value"] = 2
    looked = as_json("evaluate")
    assert looked["changed"] == {"essentials": "proven"}
    assert looked["asked"] > 60
    assert "essentials" not in as_json("evaluate")["changed"]


def test_new_makes_a_plan_in_the_hosts_zone(world: Any) -> None:
    shown = as_json("new", *KICKOFF)
    assert (shown["zone"], shown["kickoff_on"]) == ("Europe/London", "2026-03-02")


def test_new_takes_a_teams_own_file(world: Any, tmp_path: Path) -> None:
    from importlib.resources import files

    own = tmp_path / "ours.yaml"
    text = files("gangway.rollout.plans").joinpath("templates_yaml", "essential.yaml").read_text("utf-8")
    own.write_text(text.replace("key: essential", "key: ours", 1), "utf-8")
    assert as_json("new", *KICKOFF, "--template", str(own))["template"] == "ours/1"


@pytest.mark.parametrize(
    "words, said",
    [
        (["new", *KICKOFF, "--template", "ghost"], "No template is called"),
        (["new", *KICKOFF, "--template", "/nowhere/x.yaml"], "cannot be read"),
        (["new", *KICKOFF, "--zone", "Mars/Olympus"], "no time zone"),
        (["show"], "No rollout plan runs yet"),
    ],
)
def test_a_refusal_is_one_sentence_and_exit_1(world: Any, words: list[str], said: str, capfd: Any) -> None:
    answer = run(*words)
    assert answer.exit_code == 1
    assert said in answer.output + capfd.readouterr().err


def test_before_set_up_it_says_what_to_do_first(db: None, capfd: Any) -> None:
    answer = run("show")
    assert answer.exit_code == 1
    assert "gangway partner apply" in answer.output + capfd.readouterr().err
