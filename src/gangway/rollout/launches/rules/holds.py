"""What holds a partner's launch back by itself, in words that say what to do. Pure.

A launch needs the first three steps of the partner's mini-plan proven: agreed, team named, connected or mail chosen.
"""

from dataclasses import dataclass
from enum import StrEnum

from gangway.kernel.said import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a partner: admins who have not left; which of the first steps were seen; people to write to.

    people: with a mailbox and without an invitation; without_mailbox: they may come in, and no letter can reach them.
    """

    active: bool
    admins: int
    agreed: bool
    team_named: bool
    door_chosen: bool
    people: int
    without_mailbox: int


class Hold(StrEnum):
    """Why a launch waits, the most basic first."""

    CLOSED = "closed"
    NO_ADMIN = "no_admin"
    ADMIN_AWAY = "admin_away"
    NO_TEAM = "no_team"
    NO_DOOR = "no_door"
    NOBODY = "nobody"


HOLD_WORDS: dict[Hold, str] = {
    Hold.CLOSED: N_("%(partner)s is suspended or closed: open it again first."),
    Hold.NO_ADMIN: N_("Nobody of %(partner)s is partner admin yet: name one."),
    Hold.ADMIN_AWAY: N_("The partner admin of %(partner)s has not come in yet: ask whether the letter arrived."),
    Hold.NO_TEAM: N_("Only the admin of %(partner)s is here: ask for the names of the team."),
    Hold.NO_DOOR: N_("No way in is proven at %(partner)s: let the partner admin sign in by mail once."),
    Hold.NOBODY: N_("Nobody of %(partner)s is left to write to: everybody was invited, or has no mail address."),
}


def holds(facts: Facts) -> tuple[Hold, ...]:
    """Everything that holds the launch back; empty where it may go. Of what follows from another, only the first."""
    found = []
    if not facts.active:
        found.append(Hold.CLOSED)
    if not facts.admins and not facts.agreed:
        found.append(Hold.NO_ADMIN)
    elif not facts.agreed:
        found.append(Hold.ADMIN_AWAY)
    elif not facts.door_chosen:
        found.append(Hold.NO_DOOR)
    if not facts.team_named:
        found.append(Hold.NO_TEAM)
    elif not facts.people:
        found.append(Hold.NOBODY)
    return tuple(found)


def is_held(*, by_hand: bool, let_go: bool, automatic: tuple[Hold, ...]) -> bool:
    """Whether a launch stays behind when its wave is sent: somebody's word counts more than what holds by itself."""
    return by_hand or (bool(automatic) and not let_go)
