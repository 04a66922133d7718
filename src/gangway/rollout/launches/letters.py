"""The letters of a launch's first weeks: reminders, each for one thing, that stop when the person does it.

(The launch letter itself invites, so it lives where invitations do: identity.)
"""

from functools import partial
from typing import Any

from gangway.identity.queries import dates as identity
from gangway.kernel.said import N_
from gangway.kernel.tenancy import scopes
from gangway.learning.queries import dates as learning
from gangway.messaging.letters import Category, Letter, LetterView
from gangway.rollout.launches.rules.nudges import Nudge, is_for, letter_key

TITLES = {
    Nudge.COME_IN: N_("Reminder to come in"),
    Nudge.START: N_("Reminder to begin"),
    Nudge.LAST: N_("Last reminder"),
}


def _words(nudge: Nudge, letter: LetterView) -> dict[str, Any]:
    with scopes.one(letter.partner_id):  # staff read the letter from a wider scope than the one it goes out from
        came_in = letter.person_id in identity.first_human_sign_in([letter.person_id])
    return {"nudge": nudge.value, "came_in": came_in or nudge is Nudge.START, "link": letter.url("/")}


def _wanted(nudge: Nudge, letter: LetterView) -> bool:
    """Asked when the letter is about to go: does its reader still stand where they stood?"""
    came_in = letter.person_id in identity.first_human_sign_in([letter.person_id])
    courses = learning.course_dates([letter.person_id]).get(letter.person_id, [])
    started = any(row.started_at or row.completed_at or row.attested for row in courses)
    return is_for(nudge, came_in=came_in, started=started)


def _letter(nudge: Nudge) -> Letter:
    return Letter(
        key=letter_key(nudge),
        title=TITLES[nudge],
        category=Category.NUDGE,
        words="launches/mail/nudge",
        context=partial(_words, nudge),
        wanted=partial(_wanted, nudge),
    )


NUDGES = tuple(_letter(nudge) for nudge in Nudge)
