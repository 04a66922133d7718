"""The reminder of a due date: once before it, once after it; it stops when the person is done."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse

from gangway.kernel.said import N_
from gangway.kernel.tenancy import scopes
from gangway.learning import queries
from gangway.learning.rules import DUE, DueNotice
from gangway.messaging.letters import Category, Letter, LetterView


def _words(letter: LetterView) -> dict[str, Any]:
    """Of the sample that staff look at, which names no enrolment, a name and a day stand for what it would say."""
    if (enrolment_id := letter.payload.get("enrolment")) is None:
        day = (letter.queued_at + timedelta(days=7)).date()
        return {"title": "Partner Essentials", "due_on": day, "late": False, "link": letter.url("/")}
    with scopes.one(letter.partner_id):  # staff read the letter from a wider scope than the one it goes out from
        key, title = queries.title_of(UUID(enrolment_id))
    return {
        "title": title,
        "due_on": date.fromisoformat(letter.payload["due_on"]),
        "late": letter.payload["notice"] == DueNotice.AFTER,
        "link": letter.url(reverse("learning:course", args=[key])),
    }


def _wanted(letter: LetterView) -> bool:
    """Asked when the letter is about to go: does the enrolment still go on, and is it due that day?"""
    return queries.still_due(UUID(letter.payload["enrolment"]), date.fromisoformat(letter.payload["due_on"]))


COURSE_DUE = Letter(
    key=DUE,
    title=N_("Reminder of a due date"),
    category=Category.NUDGE,
    context=_words,
    wanted=_wanted,
)
