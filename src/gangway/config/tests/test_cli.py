"""Words lead to their verb whether only that one is mounted or all of them are."""

import pytest
from typer.testing import CliRunner

from gangway.config import cli

VERBS = [words for words, _, _ in cli.COMMANDS]


def said(mounted: list[str], *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli.build(mounted), [*words], prog_name="gangway")
    return done.exit_code, done.output


@pytest.mark.parametrize("words", VERBS)
def test_a_verb_alone_is_the_verb_among_all(words: str) -> None:
    asked = [*words.split(), "--help"]
    assert [one[0] for one in cli._led_to(asked)] == [words]
    code, help_text = said(asked, *asked)
    assert code == 0
    assert f"gangway {words}" in help_text


@pytest.mark.parametrize(
    "asked", [(), ("--help",), ("nonsense",), ("person",), ("person", "--help"), ("person", "nonsense"), ("course",)]
)
def test_other_words_are_answered_as_if_all_were_there(asked: tuple[str, ...]) -> None:
    assert said([*asked], *asked) == said([], *asked)
