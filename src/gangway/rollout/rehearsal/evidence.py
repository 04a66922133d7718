"""Criteria about what the robots saw."""

from datetime import UTC, timedelta
from math import ceil

from django.urls import reverse

from gangway.identity import queries as identity
from gangway.kernel.evidence import Asking, Criterion, Finding
from gangway.kernel.said import said, together
from gangway.rollout.rehearsal import queries
from gangway.rollout.rehearsal.events import AwardPageChecked, RehearsalEnded
from gangway.rollout.rehearsal.rules import DOORS, REMINDER, green_running, out_after


def award_page_checked(asking: Asking) -> Finding:
    """Every standing award of the robot was looked at as a stranger would, and was genuine."""
    rows = queries.latest_checks()
    passed = [row for row in rows if row.passed]
    failed = [row for row in rows if not row.passed]
    words = said("{n} of {m} award pages were fetched without a session and are right.", n=len(passed), m=len(rows))
    first = [said("{title}: {words}", title=failed[0].title, words=failed[0].words)] if failed else []
    return Finding(
        holds=not failed and len(passed) >= asking.number("minimum", 1),
        value=len(passed),
        n=len(rows),
        words=together(words, *first),
        newest_at=max((row.checked_at for row in passed), default=None),
        breaks=said("It ends when a page fails, or three days after the last look."),
        link=reverse("rehearsal:rehearsal"),
    )


def rehearsal_passed(asking: Asking) -> Finding:
    """The latest rehearsal that ended passed in every step."""
    rows = [row for row in queries.runs() if row.passed is not None]
    latest = rows[0] if rows else None
    words = said("There was no rehearsal yet.")
    if latest is not None and latest.passed:
        words = said("The latest rehearsal passed in all of its {n} steps.", n=len(latest.steps))
    elif latest is not None:
        step = str(latest.failed["name"]) if latest.failed else "–"
        words = said("The latest rehearsal failed at the step {step}.", step=step)
    return Finding(
        holds=latest is not None and latest.passed is True,
        value=sum(1 for row in rows if row.passed),
        n=len(rows),
        words=words,
        newest_at=latest.ended_at if latest is not None else None,
        breaks=said("It ends when a rehearsal fails, or seven days after the last one."),
        link=reverse("rehearsal:rehearsal"),
    )


def doors_passed(asking: Asking) -> Finding:
    """In the latest rehearsal that ended the robots got in by each first way, and by the code only once that failed."""
    latest = next((row for row in queries.runs() if row.passed is not None), None)
    passed = {str(step["name"]) for step in latest.steps if step["passed"]} if latest else set()
    missing = [name for name in DOORS if name not in passed]
    words = said("There was no rehearsal yet.")
    if latest is not None:
        words = said("Steps by which the robots get in, passed: {n} of {m}.", n=len(DOORS) - len(missing), m=len(DOORS))
        words = together(words, said("It failed at the step {step}.", step=missing[0])) if missing else words
    return Finding(
        holds=latest is not None and not missing,
        value=len(DOORS) - len(missing),
        n=len(DOORS) if latest else 0,
        words=words,
        newest_at=latest.ended_at if latest else None,
        breaks=said("It ends when a rehearsal fails there, or seven days after the last one."),
        link=reverse("rehearsal:rehearsal"),
    )


def expiry_reminded(asking: Asking) -> Finding:
    """In the latest rehearsal that ended, the letter came to the robot that its certificate ends."""
    latest = next((row for row in queries.runs() if row.passed is not None), None)
    step = next((one for one in latest.steps if one["name"] == REMINDER), None) if latest else None
    holds = step is not None and step["passed"] is True
    words = said("There was no rehearsal yet.")
    if latest is not None:
        words = said("In the latest rehearsal no letter came that says when a certificate ends.")
    if step is not None and holds:
        words = said("In the latest rehearsal the robot's mailbox had the letter that says when its certificate ends.")
    return Finding(
        holds=holds,
        value=int(holds),
        n=int(latest is not None),
        words=words,
        newest_at=latest.ended_at if latest else None,
        breaks=said("It ends when a rehearsal fails there, or seven days after the last one."),
        link=reverse("rehearsal:rehearsal"),
    )


LEAVERS_SINCE = timedelta(days=30)


def deprovision_timed(asking: Asking) -> Finding:
    """In the latest rehearsal that ended, each door was tried after the directory's word and was shut within so many
    minutes; and no real leaver of the last 30 days waited longer, for whom a human had to decide first.

    A receipt says that all was void with the directory's request, and nobody tried the doors then: by itself it is no
    measured time.
    """
    latest = next((row for row in queries.runs() if row.passed is not None), None)
    took = out_after(latest.steps) if latest else None
    leavers = identity.leavers_since(asking.now - LEAVERS_SINCE, asking.now)
    allowed = timedelta(minutes=asking.number("minutes", 15))
    waited = leavers.longest(asking.now)
    words = [said("There was no rehearsal yet.")]
    if latest is not None:
        words = [said("In the latest rehearsal not every door was seen to be shut for a leaver.")]
    if took is not None:
        seconds = round(took.total_seconds(), 1)
        words = [said("In the latest rehearsal a leaver was out by every door after {seconds} s.", seconds=seconds)]
    words += [said("Real leavers whom a directory shut out in 30 days: {n}.", n=leavers.out)]
    if leavers.held:
        minutes = ceil(waited / timedelta(minutes=1))
        words += [
            said(
                "Waited for a human, because many left at once: {n}, the longest {minutes} min.",
                n=len(leavers.held),
                minutes=minutes,
            )
        ]
    longest = max(waited, took or timedelta())
    return Finding(
        holds=took is not None and longest <= allowed,
        value=round(longest / timedelta(minutes=1), 2),
        n=leavers.out + 1 if latest else 0,
        words=together(*words),
        newest_at=latest.ended_at if latest else None,
        breaks=said("It ends when a rehearsal fails there, when a leaver waits longer, or after seven days."),
        link=reverse("rehearsal:rehearsal"),
    )


def canary_green(asking: Asking) -> Finding:
    """The nightly rehearsal passed on so many nights running, the last of them last night."""
    found = queries.canary_nights(asking.now, UTC)
    green, wanted = green_running(found), asking.number("days", 3)
    ran = [night for night in found if night.passed is not None]
    words = said("There was no nightly rehearsal yet.")
    if ran:
        words = said(
            "The nightly rehearsal passed {n} night running.",
            "The nightly rehearsal passed {n} nights running.",
            n=green,
        )
    return Finding(
        holds=green >= wanted,
        value=green,
        n=len(ran),
        words=words,
        breaks=said("It ends when a night fails, or when none is rehearsed."),
        link=reverse("operations:outward"),
    )


CRITERIA = (
    Criterion(
        key="identity.deprovision_timed",  # so plans call it: it is about getting in and out, and the robots time it
        words="A deprovisioned person was out within {minutes} minutes",
        query=deprovision_timed,
        freshness=timedelta(days=7),
        depends_on=(RehearsalEnded.name,),
        defaults={"minutes": 15},
    ),
    Criterion(
        key="rehearsal.expiry_reminded",
        words="The robot's mailbox got the reminder that its certificate ends",
        query=expiry_reminded,
        freshness=timedelta(days=7),
        depends_on=(RehearsalEnded.name,),
    ),
    Criterion(
        key="rehearsal.doors_passed",
        words="The shell partner got in by its primary and its fallback method",
        query=doors_passed,
        freshness=timedelta(days=7),
        depends_on=(RehearsalEnded.name,),
    ),
    Criterion(
        key="rehearsal.canary_green",
        words="The shell partner's nightly run was green {days} days running",
        query=canary_green,
        depends_on=(RehearsalEnded.name,),
        defaults={"days": 3},
    ),
    Criterion(
        key="rehearsal.passed",
        words="The latest rehearsal walked the whole way with a shell partner, and passed in every step",
        query=rehearsal_passed,
        freshness=timedelta(days=7),
        depends_on=(RehearsalEnded.name,),
    ),
    Criterion(
        key="rehearsal.award_page_checked",
        words="The robot fetched the public page of its award without a session, and found it genuine",
        query=award_page_checked,
        freshness=timedelta(days=3),
        depends_on=(AwardPageChecked.name,),
        defaults={"minimum": 1},
    ),
)
