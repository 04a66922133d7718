"""`gangway rehearse`: send the robot now."""

from typing import Annotated

import typer

from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.console import console, emit, speaking
from gangway.rollout.rehearsal import actions

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def rehearse(as_json: AsJson = False) -> None:
    """Send the robot learner through every course, then look at its certificates as a stranger would.

    Its awards come by events: a worker must run, and the web server for the pages.

    Example: gangway rehearse
    """
    with speaking():
        walked = actions.walk_courses(actor=Actor.operator(), now=clock.now())
        looked, passed = actions.look_at_awards(actor=Actor.operator(), now=clock.now())
        courses = [{"course": one.course_key, "version": one.version, "completed": one.completed} for one in walked]
        document = {"courses": courses, "award_pages": {"looked_at": looked, "passed": passed}}
        emit(document, as_json, lambda: _say(walked, looked, passed))


def _say(walked: list[actions.Walked], looked: int, passed: int) -> None:
    for one in walked:
        state = "completed" if one.completed else "not completed"
        console.print(f"{one.course_key}, version {one.version}: {state}")
    console.print(f"{passed} of {looked} award pages are right.")
