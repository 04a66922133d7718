"""The letter about a night whose rehearsal failed."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from gangway.messaging.letters import Category, Letter, LetterView
from gangway.rollout.rehearsal.rules import CANARY_FAILED as KEY
from gangway.rollout.rehearsal.rules import STEP_WORDS


def _failed(letter: LetterView) -> dict[str, Any]:
    """Of the sample that staff look at, which names no run, the first step stands for the one that failed."""
    step, run = letter.payload.get("step", "reach"), letter.payload.get("run")
    link = reverse("rehearsal:rehearsal")
    words = gettext(STEP_WORDS[step]) if step in STEP_WORDS else step
    return {"step": words, "link": letter.url(f"{link}?run={run}" if run else link)}


CANARY_FAILED = Letter(
    key=KEY,
    title="The nightly rehearsal failed",
    category=Category.SERVICE,
    context=_failed,
)
