"""A robot's award is looked at as soon as it is issued."""

from django.utils.module_loading import import_string

from gangway.credentials.events import AwardIssued
from gangway.kernel.wiring import Fact
from gangway.people import queries as people


def look_at_award(event: AwardIssued, fact: Fact) -> None:
    """Enqueued by name (jobs and handlers stand side by side); an award that is looked at twice is looked at twice."""
    if people.person(event.person_id).synthetic:
        job = import_string("gangway.rollout.rehearsal.jobs.look_at_award")
        job.enqueue(award_id=str(event.award_id))
