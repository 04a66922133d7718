"""A template: the YAML's shape as frozen rows, and every complaint about a file that does not fit."""

import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import yaml

from gangway.kernel.said import content, said
from gangway.rollout.plans.rules.clock import WEEKS
from gangway.rollout.plans.rules.raci import Letter


class Track(StrEnum):
    STAKEHOLDERS = "stakeholders"
    CONTENT = "content"
    TECHNICAL = "technical"
    TESTING = "testing"


TRACK_WORDS = {
    Track.STAKEHOLDERS: said("Stakeholders"),
    Track.CONTENT: said("Content"),
    Track.TECHNICAL: said("Technical"),
    Track.TESTING: said("Testing"),
}


class TemplateUnfit(ValueError):
    """The file is no template: `faults` names every line that does not fit."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(faults))


@dataclass(frozen=True, slots=True)
class CriterionUse:
    """One criterion as a milestone uses it; words, with the parameters in braces, speak only where no registered
    criterion does."""

    key: str
    parameters: Mapping[str, Any]
    words: str


@dataclass(frozen=True, slots=True)
class MilestoneLine:
    key: str
    week: int
    track: Track
    title: str
    owner: str
    deliverable: str
    criteria: tuple[CriterionUse, ...]
    attest: bool
    check: bool  # a line of the final checklist


@dataclass(frozen=True, slots=True)
class GateLine:
    key: str
    day: int
    title: str
    words: str
    accountable: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SprintLine:
    key: str
    title: str
    first_week: int
    last_week: int
    pattern: str


@dataclass(frozen=True, slots=True)
class RaciLine:
    key: str
    title: str
    words: str
    cells: Mapping[Letter, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The launch letter's text; `{name}`, `{partner}`, `{address}` and `{team}` are filled when it is shown."""

    subject: str
    paragraphs: tuple[str, ...]
    signature: str


@dataclass(frozen=True, slots=True)
class Template:
    key: str
    version: int
    title: str
    words: str
    sprints: tuple[SprintLine, ...]
    milestones: tuple[MilestoneLine, ...]
    gates: tuple[GateLine, ...]
    raci: tuple[RaciLine, ...]
    agenda: tuple[str, ...]
    letter: Letterhead


def definition_of(text: str) -> dict[str, Any]:
    """The YAML as plain data (what a plan copies). TemplateUnfit where it is no mapping or does not parse."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as broken:
        raise TemplateUnfit([f"This is not YAML: {broken}"]) from broken
    if not isinstance(data, dict):
        raise TemplateUnfit(["A template is a mapping with key, version, milestones, gates and raci."])
    return data


def read(definition: Mapping[str, Any]) -> Template:
    """A definition as a template. Refuses with every fault at once, so that a file is mended in one go."""
    try:
        template = _template(definition)
    except (KeyError, TypeError, ValueError, AttributeError) as broken:
        raise TemplateUnfit([f"A part is missing or has the wrong shape: {broken}"]) from broken
    faults = [fault for check in _CHECKS for fault in check(template)]
    if faults:
        raise TemplateUnfit(faults)
    return template


def _template(data: Mapping[str, Any]) -> Template:
    words = data.get("criteria") or {}
    lines = [_milestone(line, words, check=False) for line in data["milestones"]]
    lines += [_milestone({"week": WEEKS, **line}, words, check=True) for line in data.get("checklist") or []]
    return Template(
        key=str(data["key"]),
        version=int(data["version"]),
        title=str(data["title"]),
        words=str(data.get("words", "")),
        sprints=tuple(SprintLine(**{**line, "title": content(line["title"])}) for line in data["sprints"]),
        milestones=tuple(lines),
        gates=tuple(_gate(line) for line in data["gates"]),
        raci=tuple(_raci(line) for line in data["raci"]),
        agenda=tuple(content(point) for point in data["kickoff"]["agenda"]),
        letter=_letter(data["letter"]),
    )


def _milestone(line: Mapping[str, Any], words: Mapping[str, str], *, check: bool) -> MilestoneLine:
    return MilestoneLine(
        key=str(line["key"]),
        week=int(line["week"]),
        track=Track(line["track"]),
        title=str(line["title"]),
        owner=str(line["owner"]),
        deliverable=str(line.get("deliverable", "")),
        criteria=tuple(_use(use, words) for use in line["criteria"]),
        attest=bool(line["attest"]),
        check=check,
    )


def _gate(line: Mapping[str, Any]) -> GateLine:
    said_ = {"title": content(line["title"]), "words": content(line["words"]), "needs": tuple(line["needs"])}
    return GateLine(**{**line, **said_})


def _use(use: Mapping[str, Any], words: Mapping[str, str]) -> CriterionUse:
    parameters = dict(use.get("with") or {})
    text = words.get(use["use"], "")
    text.format(**parameters)  # a template that leaves one out is refused
    return CriterionUse(str(use["use"]), parameters, text)


def _raci(line: Mapping[str, Any]) -> RaciLine:
    cells = {Letter(letter): tuple(names) for letter, names in (line.get("cells") or {}).items()}
    return RaciLine(str(line["key"]), str(line["title"]), str(line.get("words", "")), cells)


def _letter(data: Mapping[str, Any]) -> Letterhead:
    paragraphs = tuple(content(text) for text in data["paragraphs"])
    return Letterhead(content(str(data["subject"])), paragraphs, content(str(data["signature"])))


def _repeated_keys(template: Template) -> Iterator[str]:
    parts = {
        "milestone": [line.key for line in template.milestones],
        "gate": [line.key for line in template.gates],
        "RACI row": [line.key for line in template.raci],
    }
    for name, keys in parts.items():
        yield from (f"The {name} key “{key}” stands twice." for key in sorted(set(keys)) if keys.count(key) > 1)


def _weeks(template: Template) -> Iterator[str]:
    for line in template.milestones:
        if not 1 <= line.week <= WEEKS:
            yield f"Milestone “{line.key}”: week {line.week} is not between 1 and {WEEKS}."


def _owners(template: Template) -> Iterator[str]:
    rows = {row.key for row in template.raci}
    for line in template.milestones:
        if line.owner not in rows:
            yield f"Milestone “{line.key}”: no RACI row is called “{line.owner}”."
    for gate in template.gates:
        if gate.accountable not in rows:
            yield f"Gate “{gate.key}”: no RACI row is called “{gate.accountable}”."


def _needs(template: Template) -> Iterator[str]:
    keys = {line.key for line in template.milestones}
    for gate in template.gates:
        yield from (
            f"Gate “{gate.key}” needs “{need}”, which is no milestone." for need in gate.needs if need not in keys
        )
        if not gate.needs:
            yield f"Gate “{gate.key}” needs no milestone: it could never be judged."


def _closable(template: Template) -> Iterator[str]:
    for line in template.milestones:
        if not line.criteria and not line.attest:
            yield f"Milestone “{line.key}” has no criterion and may not be attested: nothing could close it."


def _placeholders(template: Template) -> Iterator[str]:
    allowed = {"name", "partner", "address", "team"}
    letter = template.letter
    for text in (letter.subject, *letter.paragraphs, letter.signature):
        found = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        yield from (f"The letter fills no “{{{name}}}”." for name in sorted(found - allowed))


_CHECKS: tuple[Callable[[Template], Iterator[str]], ...] = (
    _repeated_keys,
    _weeks,
    _owners,
    _needs,
    _closable,
    _placeholders,
)
