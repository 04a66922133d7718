"""The house read as text: what imports cannot see, found by looking at the source of each room."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.contracts.houseplan import place_of

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "src" / "gangway"
SKIPPED = {"tests", "migrations", "node_modules", "__pycache__", "dist"}

# Rooms that stand at the edge of the house, where time enters; everything else is given `now`.
CLOCK_ROOMS = {"views", "api", "cli", "jobs", "urls", "shell"}  # shell: a process of its own, far from the house
CLOCK_CONTEXTS = {"kernel", "config"}
CLOCK_READS = {
    ("clock", "now"), ("timezone", "now"), ("timezone", "localtime"), ("timezone", "localdate"), ("datetime", "now"),
    ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"), ("time", "localtime"),
}  # fmt: skip
LONGEST = 400  # lines of a module
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "lib"}
TEMPLATE_NAME = re.compile(r"""["']((?:[a-z_]+/)+[\w.-]+\.(?:jinja|html|txt|typ|mjml)(?:\.jinja)?)["']""")


@dataclass(frozen=True)
class Source:
    """One module: its name, the context and room it stands in, its text."""

    module: str
    text: str

    @property
    def context(self) -> str:
        place = place_of(self.module)
        return place.context if place else ""

    @property
    def room(self) -> str:
        place = place_of(self.module)
        return place.rooms[0] if place and place.rooms else ""

    @property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)


def sources(house: Path = HOUSE) -> Iterator[Source]:
    """Every module of the house, without tests and migrations."""
    for path in sorted(house.rglob("*.py")):
        inside = path.relative_to(house)
        if not SKIPPED & set(inside.parts):
            words = [part for part in inside.with_suffix("").parts if part != "__init__"]
            yield Source(".".join(["gangway", *words]), path.read_text())


def templates(house: Path = HOUSE) -> Iterator[tuple[str, str, str]]:
    """(folder it stands in, name as it is asked for, text) of every template."""
    for folder in sorted(house.rglob("templates")):
        if SKIPPED & set(folder.relative_to(house).parts):
            continue
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                name = path.relative_to(folder)
                yield name.parts[0], str(name), path.read_text()


def signal_receivers(source: Source) -> list[str]:
    """`@receiver` and save or delete signals: what happens by them is said nowhere."""
    found = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Name | ast.Attribute):
            word = node.id if isinstance(node, ast.Name) else node.attr
            if word in {"receiver", "pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed"}:
                found.append(f"{source.module}:{node.lineno} {word}")
    return found


def clock_reads(source: Source) -> list[str]:
    """Reads of the system clock outside surfaces, jobs and the kernel."""
    if source.room in CLOCK_ROOMS or source.context in CLOCK_CONTEXTS:
        return []
    return [
        f"{source.module}:{node.lineno} {ast.unparse(node.func)}"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _reads_clock(node, node.func)
    ]


def _reads_clock(call: ast.Call, function: ast.Attribute) -> bool:
    owner = function.value
    name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
    converts = function.attr in {"localtime", "localdate"} and bool(call.args)
    return (name, function.attr) in CLOCK_READS and not converts


def foreign_templates(folder: str, name: str, text: str) -> list[str]:
    """Templates that a template leans on, beside its own folder's and ui's."""
    used = re.findall(r"""{%-?\s*(?:extends|include|import|from)\s+["']([^"']+)["']""", text)
    return [f"{name} uses {other}" for other in used if other.split("/")[0] not in {folder, "ui"}]


def foreign_pages(source: Source) -> list[str]:
    """Templates of another context that a module asks for by name."""
    own = {*source.context.split("."), "ui"}
    if source.context in {"config", "kernel"}:
        own |= {"config", "kernel"}
    return [
        f"{source.module} asks for {name}"
        for name in TEMPLATE_NAME.findall(source.text)
        if name.split("/")[0] not in own
    ]


def crowded(source: Source) -> list[str]:
    """Modules that should have become a folder, split by noun."""
    lines = source.text.count("\n")
    return [f"{source.module} has {lines} lines"] if lines > LONGEST else []


def drawers(source: Source) -> list[str]:
    """Modules named for nothing."""
    return [source.module for word in source.module.split(".") if word in DRAWERS]
