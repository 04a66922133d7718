"""`gangway config export` and `gangway config diff`: what is configured here, and how it differs from elsewhere."""

import sys
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from gangway.catalog import queries as catalog
from gangway.config.configuration import Configuration, differences, in_words, read, written
from gangway.credentials import queries as credentials
from gangway.identity import queries as identity
from gangway.kernel.console import console, emit, speaking
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners

PERSONAL = frozenset({"contact_name", "contact_email"})
SHELL = "shell"
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def export() -> None:
    """Print the configuration of this installation by keys: no secret, no person, the same bytes each time.

    Example: gangway config export > sandbox.json
    """
    with speaking():
        sys.stdout.write(written(configured()))


def diff(
    was: Annotated[Path, typer.Argument(help="An export.")],
    now: Annotated[Path | None, typer.Argument(help="Another one; this installation, unless said.")] = None,
    as_json: Json = False,
) -> None:
    """Say how two configurations differ. Exit status 0: they do not; 1: they do; 2: a file cannot be read.

    Example: gangway config diff sandbox.json
    """
    try:
        before = _read(was)
        after = _read(now) if now is not None else configured()
    except Invalid as refusal:
        console.print(f"{refusal} ({refusal.field}) {refusal.step}", markup=False)
        raise typer.Exit(2) from refusal
    found = differences(before, after)
    rows = [{"part": one.part, "key": one.key, "field": one.field, "was": one.was, "now": one.now} for one in found]
    emit(rows, as_json, lambda: _say([in_words(one) for one in found]))
    if found:
        raise typer.Exit(1)


def _say(lines: list[str]) -> None:
    for line in lines or ["Nothing differs."]:
        console.print(line, markup=False)


def _read(path: Path) -> Configuration:
    try:
        return read(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(field="file", problem="{name} cannot be read.", mend="Give an export.", name=str(path)) from error


def configured() -> Configuration:
    """What is configured in this installation. Shell partners are no configuration."""
    register = partners.register()
    real = {slug: facts for slug, facts in register.partners.items() if facts["kind"] != SHELL}
    slugs = {register.ids[slug]: slug for slug in real}
    settings = identity.connection_settings()
    return {
        "types": {
            key: {"name": name, "primary": register.ways[key][0].value, "fallback": register.ways[key][1].value}
            for key, name in register.types.items()
        },
        "tiers": {key: {"name": name, "rank": rank} for key, (name, rank) in register.tiers.items()},
        "partners": {
            slug: {column: value for column, value in facts.items() if column not in PERSONAL}
            for slug, facts in real.items()
        },
        "connections": {
            f"{slugs[partner_id]}/{key}": told
            for partner_id, rows in settings.items()
            if partner_id in slugs
            for key, told in rows.items()
        },
        **_taught(partners.host_id()),
    }


def _taught(host: UUID) -> dict[str, dict[str, dict[str, Any]]]:
    """Courses as they are published, paths and what courses earn, all of them the vendor's."""
    with scopes.one(host):
        courses, paths = catalog.courses_of_owner(host), catalog.paths_of_owner(host)
        earned = credentials.credentials_of(host)
    keys = {row.course_id: row.key for row in courses}
    return {
        "courses": {
            row.key: {
                "title": row.title,
                "locale": row.locale,
                "minutes": row.minutes,
                "lessons": row.lessons,
                "questions": row.questions,
            }
            for row in courses
        },
        "paths": {
            row.key: {"name": row.name, "courses": [keys.get(step.course_id, "") for step in row.steps]}
            for row in paths
        },
        "credentials": {
            row.key: {"title": row.title, "valid_months": row.valid_months, "course": row.course} for row in earned
        },
    }
