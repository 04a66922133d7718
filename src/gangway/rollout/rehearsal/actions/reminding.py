"""The reminder that a certificate ends, brought forward for the robots: nobody waits two years for it."""

from datetime import datetime

from gangway.credentials import actions as credentials
from gangway.credentials import queries as awards
from gangway.kernel.actor import Actor
from gangway.people import queries as people


def remind_robots(*, actor: Actor, now: datetime) -> int:
    """Queue the first reminder of each award that robots of the open scope hold, as the daily look will find it on its
    day; how many. The letter goes out now, to the mailbox of the rehearsal, and says when the award ends."""
    queued = 0
    robots = [row for row in people.everybody() if row.synthetic and row.may_come_in]
    held = [award for robot in robots for award in awards.awards_of(robot.id, now) if award.revoked_at is None]
    for notice, day in dict.fromkeys(filter(None, map(awards.first_notice, held))):
        due = awards.ending_awards(notice, day, robots=True)
        credentials.remind_of_ending(notice=notice, awards=due, actor=actor, now=now)
        queued += len(due)
    return queued
