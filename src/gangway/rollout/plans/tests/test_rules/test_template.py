"""The shipped template fits, and a file that does not says everything that is wrong with it."""

import copy
from importlib.resources import files
from typing import Any

import pytest

from gangway.kernel.said import said
from gangway.rollout.plans.rules.template import Template, TemplateUnfit, Track, definition_of, read

TEXT = files("gangway.rollout.plans").joinpath("templates_yaml", "essential.yaml").read_text("utf-8")


@pytest.fixture
def definition() -> dict[str, Any]:
    return definition_of(TEXT)


@pytest.fixture
def essential(definition: dict[str, Any]) -> Template:
    return read(definition)


def test_twelve_weeks_on_four_tracks(essential: Template) -> None:
    plan = [line for line in essential.milestones if not line.check]
    assert 40 <= len(plan) <= 50
    assert {line.week for line in plan} == set(range(1, 13))
    assert {line.track for line in plan} == set(Track)
    assert [gate.day for gate in essential.gates] == [0, 21, 42, 63, 84]


def test_a_gate_needs_only_what_is_due_before_it(essential: Template) -> None:
    weeks = {line.key: line.week for line in essential.milestones}
    for gate in essential.gates[1:]:
        assert {key for key in gate.needs if weeks[key] > gate.day // 7} == set()


def test_every_criterion_without_a_query_yet_has_words(essential: Template) -> None:
    for line in essential.milestones:
        for use in line.criteria:
            assert "{" not in said(use.words, **use.parameters), f"{line.key}: {use.words}"


def test_the_letter_says_what_a_launch_letter_says(essential: Template) -> None:
    text = " ".join(essential.letter.paragraphs)
    assert essential.letter.subject == "Your partner portal is live"
    for words in ("account is ready", "{address}", "Partner Essentials", "knowledge check", "Reply", "Thursday"):
        assert words in text
    assert essential.letter.signature == "{team}"


def broken(definition: dict[str, Any], change: Any) -> str:
    """What `read` says about a changed copy."""
    changed = copy.deepcopy(definition)
    change(changed)
    with pytest.raises(TemplateUnfit) as refused:
        read(changed)
    return str(refused.value)


def test_every_fault_is_named_at_once(definition: dict[str, Any]) -> None:
    def spoil(data: dict[str, Any]) -> None:
        data["milestones"][0]["owner"] = "nobody"
        data["milestones"][1]["week"] = 13
        data["milestones"][2]["key"] = data["milestones"][3]["key"]
        data["gates"][0]["needs"] = ["ghost"]
        data["letter"]["subject"] = "{secret}"

    said = broken(definition, spoil)
    for word in ("nobody", "week 13", "stands twice", "ghost", "secret"):
        assert word in said


def test_what_nothing_could_close_is_refused(definition: dict[str, Any]) -> None:
    def spoil(data: dict[str, Any]) -> None:
        data["milestones"][0].update(criteria=[], attest=False)

    assert "nothing could close it" in broken(definition, spoil)


@pytest.mark.parametrize("text", ["", "- a list", "a: [unclosed", "key: only"])
def test_what_is_no_template_is_refused(text: str) -> None:
    with pytest.raises(TemplateUnfit):
        read(definition_of(text))
