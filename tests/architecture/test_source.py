"""What house.md asks of the text of the house, and that each look finds a planted offence."""

from collections.abc import Callable

import pytest

from tests.architecture import source
from tests.architecture.source import Source

HOUSE = tuple(source.sources())

LOOKS: dict[str, tuple[Callable[[Source], list[str]], Source]] = {
    "no signals": (
        source.signal_receivers,
        Source("gangway.people.models", "from django.dispatch import receiver\n\n@receiver(post)\ndef on_save(): ..."),
    ),
    "time is given": (
        source.clock_reads,
        Source("gangway.people.actions", "from gangway.kernel import clock\n\ndef admit(): return clock.now()"),
    ),
    "own templates": (
        source.foreign_pages,
        Source("gangway.people.views", "def view(request): return render(request, 'learning/home.jinja')"),
    ),
    "no crowded rooms": (source.crowded, Source("gangway.people.models", "x = 1\n" * 401)),
    "no drawers": (source.drawers, Source("gangway.people.utils", "")),
}


@pytest.mark.parametrize("look", LOOKS)
def test_the_house_holds(look: str) -> None:
    check, _planted = LOOKS[look]
    assert [line for module in HOUSE for line in check(module)] == []


@pytest.mark.parametrize("look", LOOKS)
def test_a_planted_offence_is_found(look: str) -> None:
    check, planted = LOOKS[look]
    assert check(planted)


def test_templates_lean_on_their_own_folder_or_ui() -> None:
    found = [line for row in source.templates() for line in source.foreign_templates(*row)]
    assert found == []


def test_a_planted_template_is_found() -> None:
    text = "{% extends 'ui/shell/portal.jinja' %}{% from \"learning/cards.jinja\" import card %}"
    assert source.foreign_templates("people", "people/team.jinja", text) == [
        "people/team.jinja uses learning/cards.jinja"
    ]


def test_the_whole_house_was_read() -> None:
    contexts = {module.context for module in HOUSE}
    assert {"kernel", "partners", "people", "learning", "rollout.plans", "config"} <= contexts
    assert len(HOUSE) > 80
