"""Kills one scenario at its points and compares what is left with a run that nobody killed."""

import contextlib
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import time_machine

from gangway.kernel.actions import ACTIONS
from gangway.kernel.refusal import Refusal
from tests.crash import state
from tests.crash.killing import Died, Ground, Point, counting, in_child, killed_child, points
from tests.crash.scenario import LATER, NOW, Scenario, Stage, settle


@dataclass
class Verdict:
    """What came of one scenario. `hit`: the actions it carried out."""

    key: str
    kills: int = 0
    steps: int = 0
    faults: list[str] = field(default_factory=list)
    hit: frozenset[str] = frozenset()
    masked: state.Masked = frozenset()


class Trial:
    """One scenario on its ground: the copy `base` is the world, `ready` the world with its scene set."""

    def __init__(self, ground: Ground, stage: Stage, one: Scenario) -> None:
        self.ground, self.stage, self.one = ground, dict(stage), one
        self.verdict = Verdict(one.key)
        self._set_scene()
        self.masked, self.before, self.done = self._unharmed()

    def run(self, sample: int = 0, seed: int = 0) -> Verdict:
        """Kill at every point, or at `sample` of them."""
        chosen: Iterable[Point] = points(self.verdict.steps)
        if sample and sample < len(list(chosen)):
            chosen = random.Random(f"{seed}{self.one.key}").sample(points(self.verdict.steps), sample)
        for point in chosen:
            self._kill(point)
        return self.verdict

    def _set_scene(self) -> None:
        """Leaves the scene standing in the database, and kept as `ready`."""
        self.ground.back("base")
        made = in_child(lambda: _staged(self.one.prepare, self.stage), NOW)
        self.stage.update(made)
        self.ground.keep("ready")

    def _unharmed(self) -> tuple[state.Masked, state.State, state.State]:
        """What the work does when nobody dies: its steps, its actions, and which columns are drawn by chance."""
        first, self.verdict.steps, self.verdict.hit = self._whole_run()
        self.ground.back("ready")
        second, _, _ = self._whole_run()
        self.verdict.masked = masked = state.accidents(first, second)
        self.ground.back("ready")
        before = state.told(in_child(_rested, NOW + LATER), masked, self.one.aside)
        done = state.told(first, masked, self.one.aside)
        if before == done and self.one.kind != "worker":
            raise AssertionError(f"{self.one.key} changes nothing, so killing it shows nothing.")
        return masked, before, done

    def _whole_run(self) -> tuple[state.Raw, int, frozenset[str]]:
        whole: tuple[state.Raw, int, frozenset[str]] = in_child(lambda: _whole(self.one, self.stage), NOW)
        return whole

    def _kill(self, point: Point) -> None:
        self.ground.back("ready")
        repeats = self.one.kind in ("again", "steps")
        try:
            killed_child(lambda: self.one.act(self.stage), NOW, point)
            left, again = in_child(lambda: _brought_back(self.one, self.stage, repeats), NOW + LATER)
            self._judge(left, point, "after a restart", self._allowed())
            if again is not None:
                self._judge(again, point, "after doing it again", [self.done])
        except Died as death:
            self.verdict.faults.append(f"{self.one.key} {point}: {death}")
        self.verdict.kills += 1

    def _allowed(self) -> list[state.State] | None:
        match self.one.kind:
            case "worker":
                return [self.done]
            case "steps":
                return None
            case _:
                return [self.before, self.done]

    def _judge(self, left: state.Raw, point: Point, when: str, allowed: list[state.State] | None) -> None:
        story = state.told(left, self.masked, self.one.aside)
        if allowed is not None and story not in allowed:
            self.verdict.faults.append(f"{self.one.key} {point}, {when}: {story.against(allowed[-1])}")


def _staged(prepare: Callable[[Stage], Any], stage: Stage) -> Stage:
    prepare(stage)
    settle()
    return stage


def _rested() -> state.Raw:
    settle()
    return state.read()


def played(one: Scenario, stage: Stage) -> frozenset[str]:
    """The actions that setting the scene, playing it and bringing all to rest carry out."""
    stage = dict(stage)
    with _noting_actions() as hit:
        _staged(one.prepare, stage)
        one.act(stage)
        settle()
    return frozenset(hit)


def _whole(one: Scenario, stage: Stage) -> tuple[state.Raw, int, frozenset[str]]:
    """Nobody dies: what it led to, how many statements it took, which actions it carried out."""
    with _noting_actions() as hit:
        with counting() as ran:
            one.act(stage)
        with time_machine.travel(NOW + LATER, tick=False):
            return _rested(), len(ran), frozenset(hit)


def _brought_back(one: Scenario, stage: Stage, repeats: bool) -> tuple[state.Raw, state.Raw | None]:
    """What a restart makes of the ruins, and what doing it again makes of that."""
    left = _rested()
    if not repeats:
        return left, None
    with contextlib.suppress(Refusal):
        one.act(stage)
    return left, _rested()


@contextlib.contextmanager
def _noting_actions() -> Any:
    """The verbs of the actions that run, seen where every action says its verb."""
    from gangway.kernel import actions

    hit: set[str] = set()
    marker = actions._running

    class Noting:
        """Stands where the running action is remembered."""

        def set(self, verb: str) -> Any:
            hit.add(verb)
            return marker.set(verb)

        def __getattr__(self, name: str) -> Any:
            return getattr(marker, name)

    actions._running = Noting()  # type: ignore[assignment]
    try:
        yield hit
    finally:
        actions._running = marker


def never_hit(verdicts: Iterable[Verdict]) -> set[str]:
    """The actions of the house that no scenario carried out."""
    return set(ACTIONS) - set().union(*(verdict.hit for verdict in verdicts))
