"""The daily look for awards that end soon, and letters to private mailboxes."""

from collections.abc import Iterator
from datetime import datetime

from gangway.credentials import actions, queries
from gangway.credentials.queries import EndingAward
from gangway.credentials.rules import NOTICES, Notice
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.jobs import progress, task
from gangway.kernel.tenancy import scopes

REMINDER = Actor.job("credentials.remind_ending")
WRITER = Actor.job("credentials.write_kept_letters")
PIECE = 500
ASKS_AT_ONCE = 50


def write_kept_letters(now: datetime) -> int:
    """The worker's round: write the letters that were asked for with a private mailbox; how many were looked at."""
    asked = queries.asks_to_write(ASKS_AT_ONCE)
    for ask_id in asked:
        actions.write_kept_letter(ask_id=ask_id, actor=WRITER, now=now)
    return len(asked)


@task()
def forget_asks() -> int:
    """Daily: drop what was asked for with private mailboxes days ago; how many."""
    return actions.forget_asks(actor=Actor.job("credentials.forget_asks"), now=clock.now())


@task()
def remind_ending() -> int:
    """Daily: queue the reminders that are due, partner by partner in pages; how many awards were looked at."""
    return remind_due(clock.now())


def remind_due(now: datetime) -> int:
    """The same at a given time. Safe to run again."""
    looked, partners = 0, queries.partners_with_endings(now)
    for number, partner_id in enumerate(partners, 1):
        with scopes.one(partner_id):
            for notice in NOTICES:
                for page in _pages(notice, now):
                    actions.remind_of_ending(notice=notice, awards=page, actor=REMINDER, now=now)
                    looked += len(page)
        progress(number, len(partners))
    return looked


def _pages(notice: Notice, now: datetime) -> Iterator[tuple[EndingAward, ...]]:
    page = queries.ending_awards(notice, now, limit=PIECE)
    while page:
        yield page
        page = queries.ending_awards(notice, now, after=page[-1].award_id, limit=PIECE)
