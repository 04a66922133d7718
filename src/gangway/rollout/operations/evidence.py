"""Criteria about the two environments, and the way from one to the other."""

from django.urls import reverse

from gangway.catalog.events import CoursePublished, PathChanged
from gangway.identity.events import ConnectionChanged
from gangway.kernel.evidence import Asking, Criterion, Finding
from gangway.kernel.said import said
from gangway.partners.events import PartnerApplied, TierChanged
from gangway.rollout.operations import queries
from gangway.rollout.operations.events import ConfigurationPromoted, CutoverEnded, EnvironmentsCompared
from gangway.rollout.operations.rules import digest_of


def diff_empty(asking: Asking) -> Finding:
    """The latest comparison with the other environment found nothing, and nothing was configured here since."""
    row = queries.latest_comparison()
    link = reverse("operations:outward")
    breaks = said("It ends when something is configured differently here, or another comparison finds a difference.")
    if row is None:
        words = said("Nobody has compared this installation with the other environment yet.")
        return Finding(holds=False, value=0, n=0, words=words, breaks=breaks, link=link)
    other = row.environment != queries.environment()
    fresh = digest_of(queries.configured()) == row.ours
    if not other:
        words = said("The latest comparison was with an export of the same environment, which proves nothing.")
    elif not fresh:
        words = said("Something was configured here since the environments were compared.")
    elif row.found:
        words = said(
            "Sandbox and production differ in {n} place.", "Sandbox and production differ in {n} places.", n=row.found
        )
    else:
        words = said("Sandbox and production differ in nothing.")
    return Finding(
        holds=other and fresh and row.found == 0,
        value=row.found,
        n=1,
        words=words,
        newest_at=row.compared_at,
        breaks=breaks,
        link=link,
    )


def cutover_rehearsed(asking: Asking) -> Finding:
    """The cutover that ended last went through every step of the runbook as expected."""
    row = queries.latest_ended_cutover()
    link = reverse("operations:outward")
    if row is None:
        words = said("Nobody has carried out the cutover's runbook yet.")
    elif not row.whole:
        words = said("The latest cutover was ended before every step went as expected.")
    else:
        n = len(row.steps)
        words = said("{n} step of the runbook went as expected.", "{n} steps of the runbook went as expected.", n=n)
    whole = row is not None and row.whole
    return Finding(
        holds=whole,
        value=row.seconds or 0 if row and whole else 0,
        n=1 if row else 0,
        words=words,
        newest_at=row.ended_at if row else None,
        breaks=said("It ends when a later cutover is ended before every step went as expected."),
        link=link,
    )


CRITERIA = (
    Criterion(
        key="operations.cutover_rehearsed",
        words="Every step of the cutover runbook was carried out with its expected result",
        query=cutover_rehearsed,
        depends_on=(CutoverEnded.name,),
    ),
    Criterion(
        key="operations.diff_empty",
        words="Sandbox and production do not differ",
        query=diff_empty,
        depends_on=(
            EnvironmentsCompared.name,
            ConfigurationPromoted.name,
            PartnerApplied.name,
            TierChanged.name,
            ConnectionChanged.name,
            CoursePublished.name,
            PathChanged.name,
        ),
    ),
)
