"""`gangway course import`, `gangway course export` and `gangway course list`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from django.conf import settings

from gangway.catalog.actions import Imported, import_course
from gangway.catalog.markdown.read import read_course
from gangway.catalog.markdown.write import files_of, write_source
from gangway.catalog.queries import CourseListRow, all_courses, course_folder
from gangway.catalog.rules import Assign, CourseDraft, ReferenceKind
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.console import console, emit, speaking
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.partners.actions import create_host
from gangway.partners.queries import host_partner

app = typer.Typer(no_args_is_help=True, help="Courses: import them from Markdown, export them, list them.")

MOST_NAMED = 20
_OUTCOME = {
    "new": "is new",
    "changed": "has changed",
    "files": "has other files and the same words",
    "unchanged": "is unchanged",
}


class Who(StrEnum):
    """Who is enrolled by rule."""

    everyone = "everyone"
    nobody = "nobody"


Source = Annotated[Path, typer.Argument(help="A folder or zip of Markdown.")]
Layout = Annotated[Path | None, typer.Option(help="A layout description, for a folder without course.yaml.")]
Check = Annotated[Path | None, typer.Option(help="A knowledge check (check.yaml or check.md) instead of its own.")]
Publish = Annotated[bool, typer.Option("--publish/--draft", help="Let people learn it at once, or keep it a draft.")]
For = Annotated[Who | None, typer.Option(help="Who is enrolled; else what the course says, else everyone.")]
Key = Annotated[str, typer.Argument(help="The course's key.")]
Target = Annotated[Path, typer.Argument(help="A new or empty folder, or a new file that ends in .zip.")]
Version = Annotated[int | None, typer.Option(min=1, help="Another version than the newest.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command("import")
def import_command(
    path: Source,
    layout: Layout = None,
    check: Check = None,
    publish: Publish = True,
    assign: For = None,
    as_json: AsJson = False,
) -> None:
    """Read a course and make it the next version, if anything changed. Importing the same again does nothing.

    A folder made for Gangway has a course.yaml. For any other, give a layout description, or nothing: then its name
    is the course and its Markdown files are the lessons. How to write both: docs/how-to/courses-as-code.md.

    Example: gangway course import security-101.zip --layout layout.yaml --check check.yaml
    """
    with speaking():
        draft = read_course(path, layout=layout, check=check, assign=Assign(assign) if assign else None)
        with scopes.one(_host_id()):
            done = import_course(draft=draft, publish_it=publish, actor=Actor.operator(), now=clock.now())
    emit(_report(draft, done), as_json, lambda: _say(draft, done))


@app.command("export")
def export_command(key: Key, target: Target, version: Version = None, as_json: AsJson = False) -> None:
    """Write the files that a version was imported from, byte for byte; importing them again changes nothing.

    A layout, a check or a name that stood beside the folder is written under .gangway/.

    Example: gangway course export security-101 security-101.zip
    """
    with speaking():
        host = host_partner()
        if host is None:
            raise NotFound
        folder = course_folder(key, version, owner_id=host.id)
        write_source(target, files_of(folder))
    size = sum(file.size for file in folder.files)
    report = {"key": key, "version": folder.n, "target": str(target), "files": len(folder.files), "bytes": size}
    said = f"“{folder.title}”, version {folder.n}: {len(folder.files)} files, {size:,} bytes, are in {target}."
    emit(report, as_json, lambda: console.print(said, markup=False))


@app.command("list")
def list_command(as_json: AsJson = False) -> None:
    """Every course with its newest version.

    Example: gangway course list --json
    """
    with scopes.host():
        courses = all_courses()
    rows = [
        {
            "key": row.key,
            "title": row.title,
            "version": row.version,
            "state": row.state,
            "published": row.published,
            "lessons": row.lessons,
            "questions": row.questions,
            "minutes": row.minutes,
            "assign": row.assign,
        }
        for row in courses
    ]
    emit(rows, as_json, lambda: _say_all(courses))


def _say_all(courses: tuple[CourseListRow, ...]) -> None:
    for row in courses:
        learned = f", version {row.published} is learned" if row.published not in (None, row.version) else ""
        size = f"{row.lessons} lessons, {row.minutes} minutes, {row.questions} questions"
        line = f"{row.key}  “{row.title}”: version {row.version}, {row.state}{learned}; for {row.assign}; {size}."
        console.print(line, markup=False)
    if not courses:
        console.print("No course yet. Import one: gangway course import FOLDER", markup=False)


def _host_id() -> UUID:
    """The vendor, who owns the courses; made on the first import where no partner file came before."""
    host = host_partner()
    return host.id if host else create_host(name=settings.ENV.host_name, actor=Actor.operator(), now=clock.now())


def _report(draft: CourseDraft, done: Imported) -> dict[str, object]:
    return {
        "key": done.key,
        "title": draft.title,
        "outcome": done.outcome,
        "version": done.n,
        "state": done.state,
        "assign": draft.assign,
        "lessons": len(draft.lessons),
        "minutes": draft.minutes,
        "questions": len(draft.check.questions) if draft.check else 0,
        "files": len(draft.files),
        "languages": {said.locale: len(said.lessons) for said in draft.translations},
        "check_languages": _check_languages(draft),
        "not_used": [{"file": slip.file, "question": slip.key, "why": slip.sentence} for slip in draft.slips],
        "links": sum(found.kind is ReferenceKind.LINK for found in draft.references),
        "pictures": sum(found.kind is ReferenceKind.PICTURE for found in draft.references),
        "unresolved": [{"file": gap.file, "target": gap.target, "kind": gap.kind} for gap in draft.unresolved],
        "left_out": list(draft.left_out),
        "course_id": done.course_id,
        "version_id": done.version_id,
    }


def _check_languages(draft: CourseDraft) -> dict[str, dict[str, object]]:
    """Into which languages the check is translated, and the questions that are left out there."""
    asked = draft.check.questions if draft.check else ()
    words = draft.check.translations if draft.check else ()
    there = {one.locale for one in words} | {one.locale for question in asked for one in question.translations}
    there |= {slip.locale for slip in draft.check.slips} if draft.check else set()
    found: dict[str, dict[str, object]] = {}
    for locale in sorted(there):
        left_out = [q.key for q in asked if locale not in {one.locale for one in q.translations}]
        found[locale] = {"questions": len(asked) - len(left_out), "left_out": left_out}
    return found


def _say_check(draft: CourseDraft) -> None:
    for locale, row in _check_languages(draft).items():
        names = row["left_out"]
        left = f"; in the original: {', '.join(names)}" if isinstance(names, list) and names else ""
        console.print(f"Its check is there in {locale}: {row['questions']} questions{left}.", markup=False)
    for slip in draft.slips:
        console.print(f"  {slip.file}: {slip.sentence}", markup=False)


def _say(draft: CourseDraft, done: Imported) -> None:
    questions = f", {len(draft.check.questions)} questions" if draft.check else ", no knowledge check"
    size = f"{len(draft.lessons)} lessons, {draft.minutes} minutes{questions}"
    console.print(f"“{draft.title}” {_OUTCOME[done.outcome]}: version {done.n}, {done.state}; {size}.", markup=False)
    if draft.translations:
        told = ", ".join(f"{said.locale} ({len(said.lessons)} lessons)" for said in draft.translations)
        console.print(f"Also there in {told}.", markup=False)
    _say_check(draft)
    if draft.left_out:
        console.print(f"Left out, too short for a lesson: {', '.join(draft.left_out)}.", markup=False)
    _say_unresolved(draft)


def _say_unresolved(draft: CourseDraft) -> None:
    gaps = draft.unresolved
    if not gaps:
        return
    links = sum(gap.kind is ReferenceKind.LINK for gap in gaps)
    said = (
        f"{len(gaps) - links} pictures cannot be shown (their captions stand instead) and {links} links lead nowhere:"
    )
    console.print(said, markup=False)
    for gap in gaps[:MOST_NAMED]:
        console.print(f"  {gap.file}: {gap.target}", markup=False)
    if len(gaps) > MOST_NAMED:
        console.print(f"  … and {len(gaps) - MOST_NAMED} more (see --json)", markup=False)
