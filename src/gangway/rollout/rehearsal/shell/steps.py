"""Steps of a walk: each has a name, is passed or not, took so many milliseconds, and names the request it failed at."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

_PLAIN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[A-Za-z0-9.:~-]{1,21}|[a-z]+(_[a-z]+)*"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it may be shown: no query, no body, and no segment of its path that could be a secret. `said`: the
    first words of what was answered, for people."""

    method: str
    path: str
    status: int = 0
    said: str = ""


def shown_path(url: str) -> str:
    """The path of an address; what is neither a word, a short key nor a plain id stands as “…”."""
    parts = urlsplit(url).path.split("/")
    return "/".join(part if not part or _PLAIN.fullmatch(part) else "…" for part in parts) or "/"


class Unexpected(Exception):
    """Something else came than what the step expects. `asked`: the request it came for; None where none was made."""

    def __init__(self, expected: str, asked: Asked | None = None) -> None:
        super().__init__(expected)
        self.expected = expected
        self.asked = asked


@dataclass(frozen=True, slots=True)
class Step:
    """What became of a step. `reached`: False where an earlier one that it rests on failed, so it was not tried."""

    name: str
    passed: bool
    ms: int
    reached: bool = True
    expected: str = ""
    method: str = ""
    path: str = ""
    status: int = 0
    answer: str = ""

    def as_dict(self) -> dict[str, Any]:
        """For machines; what belongs to a failure only where there is one."""
        said = {"name": self.name, "passed": self.passed, "ms": self.ms}
        if self.passed:
            return said
        failure = {
            name: value for name, value in asdict(self).items() if name in ("expected", "method", "path", "status")
        }
        if self.answer:
            failure["said"] = self.answer
        return {**said, "reached": self.reached, "failed": failure}


@dataclass(frozen=True, slots=True)
class Task:
    """`rests_on`: names of the steps without which this one says nothing."""

    name: str
    act: Callable[[], None]
    rests_on: tuple[str, ...] = ()


def walk(tasks: Sequence[Task], say: Callable[[Step], None], last: Callable[[], Asked | None]) -> list[Step]:
    """Take every step whose ground holds, in order; `say` hears of each at once. `last`: the request made last."""
    done: list[Step] = []
    for task in tasks:
        held = all(step.passed for step in done if step.name in task.rests_on)
        step = (
            _take(task, last) if held else Step(task.name, False, 0, reached=False, expected="an earlier step to pass")
        )
        done.append(step)
        say(step)
    return done


def _take(task: Task, last: Callable[[], Asked | None]) -> Step:
    began = time.monotonic()
    try:
        task.act()
    except Unexpected as error:
        return _failed(task, began, error.expected, error.asked or last())
    except Exception as error:  # whatever came was not even readable: the step failed, and the walk goes on
        return _failed(task, began, f"an answer that can be read; {type(error).__name__} came of it", last())
    return Step(task.name, True, _ms(began))


def _failed(task: Task, began: float, expected: str, asked: Asked | None) -> Step:
    at = asked or Asked("", "")
    return Step(task.name, False, _ms(began), True, expected, at.method, at.path, at.status, at.said)


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
