"""Who the robot is, and what it makes of a page. Pure."""

import html
from dataclasses import dataclass

from gangway.kernel.said import said, together

SHELL_SLUG = "shell"
SHELL_NAME = "Shell partner"
ROBOT_NAME = "Robot learner"
VALID_MARK = 'data-state="proven"'


def robot_mailbox(course_key: str, version: int) -> str:
    """The address of the robot that walks one version of a course. `.invalid` never receives mail (RFC 2606)."""
    return f"robot+{course_key}-{version}@shell.invalid"


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
