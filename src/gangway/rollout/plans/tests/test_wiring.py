"""The causal map and the shipped template fit together."""

from gangway.kernel.wiring import part
from gangway.rollout.plans import queries
from gangway.rollout.plans.rules.template import read


def test_every_event_that_a_criterion_depends_on_reaches_the_plan() -> None:
    heard = {reaction.event.name for reaction in part("REACTIONS") if reaction.group == "plans"}
    needed = {name for criterion in part("CRITERIA") for name in criterion.depends_on}
    assert heard == needed


def test_every_criterion_of_the_template_is_registered_or_has_words() -> None:
    registered = queries.registry()
    template = read(queries.shipped_template("essential"))
    for line in template.milestones:
        for use in line.criteria:
            assert use.key in registered or use.words, f"{line.key}: {use.key}"


def test_every_registered_criterion_can_say_what_it_asks() -> None:
    registered = queries.registry()
    template = read(queries.shipped_template("essential"))
    asked = [use for line in template.milestones for use in line.criteria if use.key in registered]
    assert {use.key for use in asked} == set(registered), "a criterion that no milestone asks is dead"
    for use in asked:
        assert "{" not in registered[use.key].say(use.parameters)
