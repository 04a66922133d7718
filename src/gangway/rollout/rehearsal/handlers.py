"""A robot's award is looked at as soon as it is issued; a night that failed is told."""

from django.utils.module_loading import import_string

from gangway.credentials.events import AwardIssued
from gangway.kernel.actor import Actor
from gangway.kernel.wiring import Fact
from gangway.people import queries as people
from gangway.rollout.rehearsal import actions
from gangway.rollout.rehearsal.events import RehearsalEnded


def look_at_award(event: AwardIssued, fact: Fact) -> None:
    """Enqueued by name (jobs and handlers stand side by side); an award that is looked at twice is looked at twice."""
    if people.person(event.person_id).synthetic:
        job = import_string("gangway.rollout.rehearsal.jobs.look_at_award")
        job.enqueue(award_id=str(event.award_id))


def tell_of_night(event: RehearsalEnded, fact: Fact) -> None:
    """A rehearsal that failed by night woke nobody: whoever runs the platform hears of it."""
    if not event.passed:
        actions.tell_of_night(run_id=event.run_id, actor=Actor.job("rehearsal"), now=fact.occurred_at)
