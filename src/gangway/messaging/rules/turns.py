"""How often a person is written to without having asked: one nudge in 48 hours, three such letters in a week. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gangway.messaging.rules.states import Category

BETWEEN_NUDGES = timedelta(hours=48)
WEEK = timedelta(days=7)
LETTERS_A_WEEK = 3


@dataclass(frozen=True, slots=True)
class Gone:
    """A nudge or report that a person got, or is being sent, and when."""

    category: Category
    at: datetime


def next_turn(category: Category, gone: Sequence[Gone], now: datetime) -> datetime:
    """When a letter of this category may go out to a person who got `gone`: now, or the instant that is far enough.

    Codes and letters about the account are never held: what was asked for does not count as disturbing.
    """
    if not category.may_be_declined:
        return now
    turn = now
    lately = sorted(one.at for one in gone if one.at > now - WEEK)
    if len(lately) >= LETTERS_A_WEEK:
        turn = lately[-LETTERS_A_WEEK] + WEEK
    if category is Category.NUDGE:
        nudges = [one.at + BETWEEN_NUDGES for one in gone if one.category is Category.NUDGE]
        turn = max([turn, *nudges])
    return turn
