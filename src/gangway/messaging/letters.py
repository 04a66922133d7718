"""The door for contexts that write letters: declare a `Letter` in your `letters.py`, wire it in config/wiring.LETTERS.

Its context function gets a `LetterView`. Queue one by `messaging.actions.queue_message`.
"""

from gangway.messaging.queries.letters import Letter, LetterView, Rendered
from gangway.messaging.rules import Category, Priority, next_daytime

__all__ = ["Category", "Letter", "LetterView", "Priority", "Rendered", "next_daytime"]
