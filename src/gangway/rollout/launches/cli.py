"""`gangway launch`: plan a wave, look at it, send it, undo it."""

from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.console import console, emit, speaking, table
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import find_partner
from gangway.rollout.launches import actions, queries
from gangway.rollout.launches.rules.holds import HOLD_WORDS
from gangway.rollout.launches.rules.states import UNDO_WINDOW, Quiet

app = typer.Typer(no_args_is_help=True, help="Launches: let partners' people in, wave by wave.")
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Key = Annotated[str, typer.Argument(help="Key of the wave, as `gangway launch list` shows it.")]
Partners = Annotated[list[str] | None, typer.Option("--partner", help="Slug of a partner; may be given often.")]


@app.command("list")
def list_waves(as_json: AsJson = False) -> None:
    """List every wave, the youngest first.

    Example: gangway launch list --json
    """
    with speaking(), scopes.host():
        rows = [
            {
                "key": line.wave.key,
                "name": line.wave.name,
                "state": line.wave.state.value,
                "planned_on": line.wave.planned_on,
                "partners": line.partners,
                "launched": line.launched,
                "held": line.held,
                "people": line.people,
            }
            for line in queries.wave_lines(clock.now())
        ]
    emit(rows, as_json)


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Name of the wave; its key is made from it.")],
    partner: Partners = None,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day it is planned for.")] = None,
    nudges: Annotated[bool, typer.Option("--nudges/--no-nudges", help="Remind who stands still.")] = True,
    any_hour: Annotated[bool, typer.Option("--any-hour", help="Write at night too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a wave, with these partners in it.

    Example: gangway launch new "Wave 1" --partner nordwind --partner suedstern --on 2026-05-04
    """
    with speaking():
        wave_id = actions.create_wave(
            name=name,
            planned_on=on.date() if on else None,
            nudges=nudges,
            quiet=Quiet.IGNORE if any_hour else Quiet.WAIT,
            actor=Actor.operator(),
            now=clock.now(),
        )
        with scopes.host():
            key = queries.wave(wave_id).key
        _add(key, partner or [])
        _show(key, as_json)


@app.command("add")
def add(key: Key, partner: Partners = None, as_json: AsJson = False) -> None:
    """Put partners into a wave that was not sent.

    Example: gangway launch add wave-1 --partner brightwater
    """
    with speaking():
        _add(key, partner or [])
        _show(key, as_json)


@app.command("show")
def show(key: Key, as_json: AsJson = False) -> None:
    """Show a wave: who gets what, who is held and why, what became of the letters.

    Example: gangway launch show wave-1 --json
    """
    with speaking():
        _show(key, as_json)


@app.command("send")
def send(
    key: Key,
    now: Annotated[bool, typer.Option("--now", help="Skip the ten minutes in which it can be undone.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send a wave: its letters go in ten minutes, and until then `gangway launch undo` takes it back whole.

    Example: gangway launch send wave-1
    """
    with speaking():
        with scopes.host():
            wave = queries.find_wave(key)
        window = timedelta() if now else UNDO_WINDOW
        sent = actions.send_wave(wave_id=wave.id, window=window, actor=Actor.operator(), now=clock.now())
    document = {
        "letters": sent.letters,
        "partners": sent.partners,
        "held": sent.held,
        "letters_from": sent.letters_from,
    }
    words = f"{sent.letters} letters to people of {sent.partners} partners go from {sent.letters_from:%H:%M:%S} UTC on"
    held = f"; {sent.held} partners are held and stay behind." if sent.held else "."
    emit(document, as_json, lambda: console.print(f"{words}{held}", markup=False))


@app.command("undo")
def undo(key: Key, as_json: AsJson = False) -> None:
    """Take a wave back whole, while its ten minutes run: nobody was written to, nobody is invited.

    Example: gangway launch undo wave-1
    """
    with speaking():
        with scopes.host():
            wave = queries.find_wave(key)
        taken = actions.undo_wave(wave_id=wave.id, actor=Actor.operator(), now=clock.now())
    words = f"“{wave.name}” was undone: {taken} letters were taken back, nobody got one."
    emit({"letters": taken}, as_json, lambda: console.print(words, markup=False))


def _add(key: str, slugs: list[str]) -> None:
    with scopes.host():
        wave = queries.find_wave(key)
    for partner in [find_partner(slug) for slug in slugs]:
        with scopes.one(partner.id):
            actions.add_partner(wave_id=wave.id, actor=Actor.operator(), now=clock.now())


def _show(key: str, as_json: bool) -> None:
    with scopes.host():
        page = queries.wave_page(queries.find_wave(key), clock.now())
    emit(_document(page), as_json, lambda: _say(page))


def _document(page: queries.WavePage) -> dict[str, Any]:
    wave = page.wave
    return {
        "key": wave.key,
        "name": wave.name,
        "state": wave.state.value,
        "planned_on": wave.planned_on,
        "letters_from": wave.letters_from,
        "nudges": wave.nudges,
        "quiet": wave.quiet.value,
        "people": page.people,
        "without_mailbox": page.without_mailbox,
        "languages": dict(page.locales),
        "letters": {
            state: page.letters(state) for state in ("queued", "sent", "kept", "bounced", "failed", "cancelled")
        },
        "reminders": {nudge.value: n for nudge, n in page.nudges.items()},
        "partners": [
            {
                "slug": row.partner.slug,
                "state": row.state.value,
                "held": row.held,
                "why": _why(row),
                "people": row.people,
                "without_mailbox": row.without_mailbox,
                "invited": row.invited,
                "came_in": row.came_in,
            }
            for row in page.launches
        ],
    }


def _why(row: queries.LaunchRow) -> list[str]:
    """What holds a partner, in words; by hand first."""
    automatic = [HOLD_WORDS[hold] % {"partner": row.partner.name} for hold in row.automatic]
    return [row.hold_reason, *automatic] if row.hold_reason else automatic


def _say(page: queries.WavePage) -> None:
    wave = page.wave
    console.print(
        f"{wave.name} ({wave.key}), {wave.state}: {page.people} people of {len(page.ready)} partners; "
        f"{len(page.held)} partners are held.",
        markup=False,
    )
    table(
        [
            {
                "partner": row.partner.slug,
                "state": "held" if row.held else row.state.value,
                "people": row.people,
                "no mailbox": row.without_mailbox,
                "came in": row.came_in,
                "why": " ".join(_why(row)) if row.held else "",
            }
            for row in page.launches
        ]
    )
