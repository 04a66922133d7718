"""C8: who gets what, when, who is not ready?

`waves` (the list, one wave, its receipt), `partners` (who is in it, held, let go), `letter` (how it reads), `sending`
(confirm, send, undo, who was not told).
"""

from gangway.rollout.launches.views.letter import letter, letter_frame
from gangway.rollout.launches.views.partners import add, choose, hold, let_go, remove
from gangway.rollout.launches.views.sending import send, undo, untold
from gangway.rollout.launches.views.waves import change, new, receipt, wave, waves

__all__ = [
    "add",
    "change",
    "choose",
    "hold",
    "let_go",
    "letter",
    "letter_frame",
    "new",
    "receipt",
    "remove",
    "send",
    "undo",
    "untold",
    "wave",
    "waves",
]
