"""Criteria about what the robot saw."""

from datetime import timedelta

from django.urls import reverse

from gangway.kernel.evidence import Asking, Criterion, Finding
from gangway.kernel.said import said, together
from gangway.rollout.rehearsal import queries
from gangway.rollout.rehearsal.events import AwardPageChecked


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


CRITERIA = (
    Criterion(
        key="rehearsal.award_page_checked",
        words="The robot fetched the public page of its award without a session, and found it genuine",
        query=award_page_checked,
        freshness=timedelta(days=3),
        depends_on=(AwardPageChecked.name,),
        defaults={"minimum": 1},
    ),
)
