"""`gangway docs`: the reference pages, made from the house itself, so that they cannot say something else.

Each page is one function that returns Markdown; `pages()` names them. A test compares them with docs/reference.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import typer.main
from django.conf import settings
from django.urls import get_resolver

from gangway.config.settings import Environment
from gangway.kernel.access import RIGHTS, Right
from gangway.kernel.wiring import part

HEAD = "<!-- Made by `gangway docs`. Change the source, not this page. -->\n"


def pages() -> dict[str, str]:
    """File name → text of every page of the reference."""
    return {
        "settings.md": settings_page(),
        "commands.md": commands_page(),
        "events.md": events_page(),
        "rights.md": rights_page(),
        "kpis.md": kpis_page(),
    }


def write(folder: Path) -> list[str]:
    """Write every page that changed; their names."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, text in pages().items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(name)
    return changed


# ── Settings ────────────────────────────────────────────────────────────────────────────────────────────────────────


def settings_page() -> str:
    rows = [
        (f"`{field.alias}`", _default(field.default), field.description or "")
        for field in Environment.model_fields.values()
    ]
    return _page(
        "Settings",
        "Environment variables. Each has a default that works for a first look; `gangway check` looks them over.",
        _table(("Variable", "Default", "What it does"), rows),
    )


def _default(value: object) -> str:
    return f"`{value}`" if value not in ("", None) else "empty"


# ── Commands ────────────────────────────────────────────────────────────────────────────────────────────────────────


def commands_page() -> str:
    from gangway.config import cli

    root = typer.main.get_command(cli.build())
    sections = [_command(words, command) for words, command in commands(root)]
    return _page("Commands", "Every command has `--help`; `--json` prints one JSON document.", "\n".join(sections))


def commands(group: Any, words: tuple[str, ...] = ("gangway",)) -> Iterator[tuple[str, Any]]:
    """(the words to type, the command) of every command, in the order of the help."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*words, name))
        else:
            yield " ".join((*words, name)), command


def _command(words: str, command: Any) -> str:
    parameters = [parameter for parameter in command.params if parameter.name != "help"]
    rows = [(f"`{_spelled(parameter)}`", _line(getattr(parameter, "help", "") or "")) for parameter in parameters]
    help_text = "\n".join(line.strip() for line in (command.help or "").strip().splitlines())
    table = f"\n{_table(('Argument or option', 'What it does'), rows)}" if rows else ""
    return f"## {words}\n\n{help_text}\n{table}"


def _spelled(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.name).upper()
    return ", ".join(parameter.opts)


# ── Events ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def event_types() -> list[Any]:
    """Every event the house publishes, by name."""
    found: dict[str, Any] = {}
    for app in settings.INSTALLED_APPS:
        package = app.split(".apps.")[0]
        if not package.startswith("gangway.") or find_spec(f"{package}.events") is None:
            continue
        module = import_module(f"{package}.events")
        for value in vars(module).values():
            if isinstance(value, type) and hasattr(value, "example") and value.__module__.startswith(module.__name__):
                found[cast(Any, value).name] = value
    return [found[name] for name in sorted(found)]


def consumers(event: Any) -> list[str]:
    """What reacts to an event: `group: handler`, from the wiring."""
    return [
        f"{reaction.group}: `{reaction.handler.__module__}.{reaction.handler.__name__}`"
        for reaction in part("REACTIONS")
        if reaction.event is event
    ]


def events_page() -> str:
    return _page(
        "Events",
        "Facts that contexts publish in the transaction of the change. Ids, codes, numbers and times only. "
        "A published event only gains optional fields; anything else is a new version.",
        "\n".join(_event(event) for event in event_types()),
    )


def _event(event: Any) -> str:
    readers = consumers(event) or [f"nobody yet: {part('UNREAD', {}).get(event, 'no reason given')}"]
    shape = "\n".join(f"- `{field.name}`: {_type_words(field.type)}" for field in fields(event))
    example = json.dumps(event.example, indent=2)
    heading = f"## {event.name}\n\n{_line(event.__doc__ or '')}\n\n{shape}\n"
    return f"{heading}\nRead by {'; '.join(readers)}.\n\n```json\n{example}\n```\n"


def _type_words(kind: Any) -> str:
    return str(getattr(kind, "__name__", kind))


# ── Rights and figures ──────────────────────────────────────────────────────────────────────────────────────────────


def rights_page() -> str:
    _ = get_resolver().url_patterns  # the pages import the rights they ask for
    rows = [(f"`{right.name}`", right.words, _holders(right)) for right in sorted(RIGHTS.values(), key=_name)]
    return _page(
        "Rights",
        "Who may do what. Roles of the host hold only for people at the host; how far a grant reaches "
        "(one partner, its tree, a portfolio, every partner) is part of the grant.",
        _table(("Right", "Who has it …", "Roles"), rows),
    )


def _name(right: Right) -> str:
    return right.name


def _holders(right: Right) -> str:
    roles = ", ".join(sorted(role.replace("_", " ") for role in right.roles))
    return ", ".join(filter(None, ("everybody, for themselves" if right.own else "", roles)))


def kpis_page() -> str:
    from gangway.insights.rules.definitions import KPIS, WHO_COUNTS

    rows = [(f"`{kpi.key}` v{kpi.version}", kpi.title, _line(kpi.words), _target(kpi.target)) for kpi in KPIS]
    return _page(
        "Figures",
        f"What each figure means. A changed meaning is a new version; stored figures keep theirs. {WHO_COUNTS}",
        _table(("Key", "Name", "Definition", "Target"), rows),
    )


def _target(value: float | None) -> str:
    return "none" if value is None else f"more than {value:.0%}"


# ── Markdown ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _page(title: str, words: str, body: str) -> str:
    return f"{HEAD}\n# {title}\n\n{words}\n\n{body.rstrip()}\n"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *[list(row) for row in rows]]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def _line(text: str) -> str:
    return " ".join(text.split())
