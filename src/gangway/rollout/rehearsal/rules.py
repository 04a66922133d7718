"""Who the robots are, what a rehearsal came to, and what the robot makes of a page. Pure."""

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from gangway.kernel.said import N_, said, together

SHELL_SLUG = "shell"
SHELL_NAME = "Shell partner"
ROBOT_NAME = "Robot learner"
REHEARSAL_SLUG = "rehearsal"
REHEARSAL_NAME = "Rehearsal partner"
REHEARSAL_DOMAIN = "rehearsal.invalid"
ANSWERS = ("A robot learner", "The course opens", "The button leads on")
# Steps of a walk in which somebody comes in, or is kept from it: the first ways, and the code by mail beside them.
DOORS = ("fallback_refused", "sign_in_oidc", "sign_in_saml", "primary_fails", "fallback_opens")
# The robots leave, and each door is tried after it.
LEAVER = ("leave", "door_session", "door_link", "door_sso", "door_scim", "door_course")
AWARDED, REMINDER = "award", "reminder"
LONGEST_WALK = timedelta(minutes=10)
VALID_MARK = 'data-state="proven"'


def robot_mailbox(course_key: str, version: int) -> str:
    """The address of the robot that walks one version of a course. `.invalid` never receives mail (RFC 2606)."""
    return f"robot+{course_key}-{version}@shell.invalid"


class Cause(StrEnum):
    """Who wanted a rehearsal."""

    COMMAND = "command"
    PAGE = "page"
    NIGHT = "night"  # the canary


def run_name(run_id: str) -> str:
    """By what the connections and the robots of a run are called; short, and different for each."""
    return run_id.replace("-", "")[-12:]


def robots(run: str) -> tuple[str, str]:
    """The addresses of the two robots of a run. `.invalid` never receives mail (RFC 2606): letters reach the mailbox of
    the run's own process, or nobody."""
    return f"robot-{run}@{REHEARSAL_DOMAIN}", f"robot-{run}-saml@{REHEARSAL_DOMAIN}"


def read_step(value: object) -> dict[str, Any] | None:
    """A step as the shell's process says it, with nothing beside; None for what is none."""
    if not isinstance(value, Mapping) or not isinstance(value.get("name"), str):
        return None
    ms, passed = value.get("ms"), value.get("passed")
    if not isinstance(ms, int) or not isinstance(passed, bool):
        return None
    step: dict[str, Any] = {"name": value["name"][:60], "passed": passed, "ms": ms}
    failed = value.get("failed")
    if not passed and isinstance(failed, Mapping):
        said = {name: str(failed.get(name, ""))[:300] for name in ("expected", "method", "path")}
        status = failed.get("status")
        step |= {"reached": value.get("reached") is True}
        words = {"said": str(failed["said"])[:300]} if failed.get("said") else {}
        step |= {"failed": {**said, "status": status if isinstance(status, int) else 0, **words}}
    return step


def passes(steps: Sequence[Mapping[str, Any]], *, ended: bool) -> bool:
    """Whether a rehearsal passed: it came to its end, there were steps, and each passed."""
    return ended and bool(steps) and all(step["passed"] is True for step in steps)


def why_broken_off(code: int, steps: Sequence[Mapping[str, Any]]) -> str:
    """Why a walk did not come to its end, by the exit status of its process and what it said; "" where it did. A
    process that says it failed, and names no step that did, has died on the way."""
    failed = first_failure(steps) is not None
    if code == 0 and not failed and steps:
        return ""
    if code == 1 and failed:
        return ""
    return f"The shell's process ended with status {code}."


def first_failure(steps: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The step that failed first and was tried; None where none did."""
    return next((step for step in steps if not step["passed"] and step.get("reached", True)), None)


def out_after(steps: Sequence[Mapping[str, Any]]) -> timedelta | None:
    """How long it took from the directory's word until every door had been tried and was shut; None where one was not,
    or was not tried."""
    passed = {str(step["name"]): int(step["ms"]) for step in steps if step["passed"]}
    if not passed.keys() >= set(LEAVER):
        return None
    return timedelta(milliseconds=sum(passed[name] for name in LEAVER))


@dataclass(frozen=True, slots=True)
class Page:
    """What came back from an address; status 0: nothing did."""

    status: int
    body: str
    sets_cookie: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    passed: bool
    words: str


def judge_page(page: Page, *, number: str, title: str, holder: str, control: Page) -> Seen:
    """Judge the public page of an award that stands. `control`: the page of a number that nobody holds.

    The page says it is valid, shows number and title, and does not name the holder, who never agreed; a made-up
    number is unknown.
    """
    faults = [*_faults(page, number, title, holder), *_control_faults(control)]
    if faults:
        return Seen(False, together(*faults))
    return Seen(True, said("The page opened without signing in, says valid, shows the number and names nobody."))


def made_up(number: str) -> str:
    """A number of the same shape that is not this one."""
    last = number[-1:]
    return number[:-1] + ("0" if last != "0" else "1")


def _faults(page: Page, number: str, title: str, holder: str) -> list[str]:
    if page.status == 0:
        return [said("The page did not answer.")]
    if page.status != 200:
        return [said("The page answered {status}.", status=str(page.status))]
    text = html.unescape(page.body)
    faults: list[str] = [] if VALID_MARK in text else [said("The page does not say valid.")]
    faults += [] if number in text else [said("The page does not show the number.")]
    faults += [] if title in text else [said("The page does not show the title.")]
    faults += [said("The page names {name}, who never agreed.", name=holder)] if holder in text else []
    return faults


def _control_faults(control: Page) -> list[str]:
    if control.status == 200 and VALID_MARK in control.body:
        return [said("A made-up number counts as valid, too.")]
    return []


STEP_WORDS: Mapping[str, str] = {
    "reach": N_("The system answers at its address"),
    "scim_create": N_("The directory brings two people"),
    "scim_scope": N_("The directory sees its own people and nobody else"),
    "invitation": N_("The invitation arrives by mail"),
    "fallback_refused": N_("No code by mail while the company's own sign-in is well"),
    "sign_in_oidc": N_("In by OpenID Connect"),
    "sign_in_saml": N_("In by SAML"),
    "primary_fails": N_("The company's own sign-in fails, and that is noted"),
    "fallback_opens": N_("Then a code by mail opens"),
    "lesson": N_("A lesson is read"),
    "check": N_("The check is passed"),
    "award": N_("The certificate is issued"),
    "verify": N_("A stranger finds it genuine"),
    "reminder": N_("The letter comes that reminds of the certificate's end"),
    "leave": N_("The directory takes both away"),
    "door_session": N_("Out: open sessions"),
    "door_link": N_("Out: mailed links and invitations"),
    "door_sso": N_("Out: the company's own sign-in"),
    "door_scim": N_("Out: the directory's token shows nobody more"),
    "door_course": N_("Out: the course that stood open"),
}
NIGHTS = 30  # of the canary, as its picture shows them
CANARY_FAILED = "rehearsal.canary_failed"
NIGHT_HOUR = 2  # from then on, by the vendor's clock


def night_due(local: datetime, last: datetime | None) -> bool:
    """Whether the canary is to begin: it is past two by this clock, and none has begun on this day of it. So a machine
    that was off at night makes up for it, and a clock that is set back does not make two."""
    return local.hour >= NIGHT_HOUR and (last is None or last.astimezone(local.tzinfo).date() < local.date())


@dataclass(frozen=True, slots=True)
class Night:
    """A day and what the canary came to on it: None where none ran."""

    day: date
    passed: bool | None


def nights(ran: Iterable[tuple[date, bool]], last: date, many: int = NIGHTS) -> tuple[Night, ...]:
    """Each of the `many` days up to `last`. Of a day with several runs, one that failed counts."""
    came: dict[date, bool] = {}
    for day, passed in ran:
        came[day] = passed and came.get(day, True)
    days = (last - timedelta(days=back) for back in range(many - 1, -1, -1))
    return tuple(Night(day, came.get(day)) for day in days)


def green_running(found: Sequence[Night]) -> int:
    """How many nights running passed, up to the last one; a last day on which none has run yet does not count."""
    ran = list(found[:-1] if found and found[-1].passed is None else found)
    return next((number for number, night in enumerate(reversed(ran)) if night.passed is not True), len(ran))
