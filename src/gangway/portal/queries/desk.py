"""D1: what is asked of the partner, and what they get."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gangway.credentials import queries as credentials
from gangway.credentials.queries import EndingNext
from gangway.insights import queries as insights
from gangway.insights.queries import Funnel
from gangway.kernel.access import Principal
from gangway.partners import queries as partners
from gangway.partners.queries import PartnerRow, TierStep
from gangway.people import queries as people
from gangway.people.queries import Manager, PeopleCount
from gangway.rollout.plans.queries.wall import steps_of

ENDS_SOON = timedelta(days=60)


class Ask(StrEnum):
    """The one thing that is asked of a partner admin now."""

    INVITE_TEAM = "invite_team"
    MEND_ADDRESSES = "mend_addresses"
    REMIND = "remind"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class DeskRow:
    """The partner, its people by state, how far they came since they were invited, and the steps it walks.

    ask: my one action; ask_count: how many people it is about. ending: whose certificates end within sixty days; None
    where the reader may not see results.
    """

    partner: PartnerRow
    people: PeopleCount
    funnel: Funnel
    steps: Sequence[tuple[str, datetime | None]]
    manager: Manager | None
    tier: TierStep | None
    ask: Ask
    ask_count: int
    ending: EndingNext | None


def desk(visitor: Principal, now: datetime, *, results: bool) -> DeskRow:
    """The desk of the visitor's own partner. `results`: whether the visitor may see what people passed."""
    own = visitor.partner_id
    count, funnel = people.people_count(own), insights.funnel()
    ask, ask_count = one_action(people.partner_page(own, now).blocker, count, funnel)
    return DeskRow(
        partner=partners.partner_by_id(own),
        people=count,
        funnel=funnel,
        steps=steps_of(own, now),
        manager=people.manager_of(own),
        tier=next(iter(partners.tier_history(own)), None),
        ask=ask,
        ask_count=ask_count,
        ending=credentials.ending_next(own, now, ENDS_SOON) if results else None,
    )


def one_action(blocker: str, count: PeopleCount, funnel: Funnel) -> tuple[Ask, int]:
    """What is in the way first: no team, letters that came back, colleagues who have not come in; else nothing."""
    if blocker in ("no_admin", "no_team"):
        return Ask.INVITE_TEAM, 0
    if funnel.bounced:
        return Ask.MEND_ADDRESSES, funnel.bounced
    if count.invited:
        return Ask.REMIND, count.invited
    return Ask.NOTHING, 0
