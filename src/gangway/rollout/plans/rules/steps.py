"""The steps of a partner's mini-plan: how far it came, since when, and what it waits for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gangway.kernel.said import Said, said


class Step(StrEnum):
    """In order. `invited` is where every partner stands before the first step is reached."""

    INVITED = "invited"
    AGREED = "agreed"
    TEAM_NAMED = "team_named"
    DOOR_CHOSEN = "door_chosen"
    FIRST_SIGN_IN = "first_sign_in"
    FIRST_AWARD = "first_award"
    FIRST_DEAL = "first_deal"


STEP_WORDS: Mapping[Step, Said] = {
    Step.INVITED: said("Not yet agreed"),
    Step.AGREED: said("Agreed"),
    Step.TEAM_NAMED: said("Team named"),
    Step.DOOR_CHOSEN: said("Connected, or mail chosen"),
    Step.FIRST_SIGN_IN: said("First sign-in"),
    Step.FIRST_AWARD: said("First award"),
    Step.FIRST_DEAL: said("First deal registered"),
}
WAITS_FOR: Mapping[Step, Said] = {
    Step.AGREED: said("their partner admin to accept the invitation"),
    Step.TEAM_NAMED: said("their team to be named"),
    Step.DOOR_CHOSEN: said("a way in to be connected, or mail to be chosen"),
    Step.FIRST_SIGN_IN: said("somebody of the team to sign in"),
    Step.FIRST_AWARD: said("somebody to be certified"),
    Step.FIRST_DEAL: said("a first deal to be registered"),
}
# First deal joins when a CRM is connected: until then the wall has no column for it.
KNOWABLE: tuple[Step, ...] = tuple(step for step in Step if step is not Step.FIRST_DEAL)


@dataclass(frozen=True, slots=True)
class Standing:
    """step: the furthest reached; since: when; skipped: earlier steps without proof; next: the one it waits for."""

    step: Step
    since: datetime
    skipped: tuple[Step, ...]
    next: Step | None

    def days(self, now: datetime) -> int:
        """Whole days in this step."""
        return max((now - self.since).days, 0)


def standing(reached: Mapping[Step, datetime | None], began_at: datetime, known: Sequence[Step] = KNOWABLE) -> Standing:
    """Where a partner stands. `began_at`: when the partner was made, which is step `invited`."""
    steps = [step for step in known if step is not Step.INVITED]
    done = [step for step in steps if reached.get(step) is not None]
    if not done:
        return Standing(Step.INVITED, began_at, (), steps[0] if steps else None)
    furthest = done[-1]
    before = steps[: steps.index(furthest)]
    skipped = tuple(step for step in before if reached.get(step) is None)
    after = steps[steps.index(furthest) + 1 :]
    waiting = skipped[0] if skipped else (after[0] if after else None)
    since = reached[furthest]
    return Standing(furthest, since or began_at, skipped, waiting)
