"""Journeys and counts made anew from what the other contexts store. What the facts led to must equal it.

What only the moment of entry knew (type, tier, language) is kept where a row stands.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from uuid import UUID

from gangway.credentials import queries as credentials
from gangway.credentials.queries import AwardDates
from gangway.identity.queries import INVITES
from gangway.identity.queries import dates as identity
from gangway.insights.actions.counts import Changes
from gangway.insights.actions.journeys import DATES, dates_of, enter, segments_of
from gangway.insights.models import CohortBin, CohortSize, FunnelCount, Journey, JourneyItem
from gangway.insights.rules.journeys import Dates, ItemKind, clock_of
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes
from gangway.learning.queries import dates as learning
from gangway.learning.queries.dates import CourseDates
from gangway.messaging.queries import dates as messaging
from gangway.messaging.queries.dates import LetterDates
from gangway.partners import queries as partners
from gangway.people import queries as people

PIECE = 500


@action("insights.journey.rebuild")
def rebuild_journeys(*, actor: Actor, now: datetime) -> int:
    """Make the journeys of the scope's partner anew, and correct the counts by the difference; how many differed."""
    known = set(Journey.objects.values_list("person_id", flat=True))
    missing = sorted({person.id for person in people.everybody()} - known)
    everybody = sorted(known | {person_id for person_id in missing if enter(person_id) is not None})
    launched_at = partners.launched_at(scopes.writer())
    corrected = 0
    for piece in _pieces(everybody):
        corrected += _rebuild(piece, launched_at, now)
    audit.record(
        actor=actor,
        verb="insights.journey.rebuild",
        object_type="partners.partner",
        object_id=scopes.writer(),
        changes={"people": len(everybody), "corrected": corrected},
        now=now,
    )
    return corrected


@action("insights.counts.recount", scoped=False)
def recount(*, actor: Actor, now: datetime) -> int:
    """Make all counts anew from the journeys; how many people were counted. Let the worker stand still meanwhile."""
    changes, counted = Changes(), 0
    for partner_id in partners.partner_ids():
        with scopes.one(partner_id):
            for journey in Journey.objects.iterator(chunk_size=PIECE):
                changes.moved(segments_of(journey), Dates(), dates_of(journey))
                counted += 1
    for model in (CohortSize, CohortBin, FunnelCount):
        model.objects.all().delete()
    changes.write()
    audit.record(
        actor=actor,
        verb="insights.counts.recount",
        object_type="insights.counts",
        object_id="all",
        changes={"people": counted},
        now=now,
    )
    return counted


def _pieces(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    rest = iter(ids)
    while piece := list(islice(rest, PIECE)):
        yield piece


def _rebuild(piece: list[UUID], launched_at: datetime | None, now: datetime) -> int:
    journeys = {row.person_id: row for row in Journey.objects.select_for_update().filter(person_id__in=piece)}
    facts = _Facts(piece, launched_at, now)
    changes, corrected = Changes(), 0
    for person_id, journey in journeys.items():
        before, after = dates_of(journey), facts.of(person_id)
        if after != before:
            corrected += 1
            for name in DATES:
                setattr(journey, name, getattr(after, name))
            journey.save(update_fields=DATES)
            changes.moved(segments_of(journey), before, after)
    _rebuild_items(journeys, facts)
    changes.write()
    return corrected


class _Facts:
    """What the other contexts know of some people of the scope, read in a constant number of statements."""

    def __init__(self, piece: list[UUID], launched_at: datetime | None, now: datetime) -> None:
        self.launched_at = launched_at
        self.invited: Mapping[UUID, datetime] = identity.invited_at(piece, now)
        self.came_in: Mapping[UUID, datetime] = identity.first_human_sign_in(piece)
        self.letters: Mapping[UUID, LetterDates] = messaging.letter_dates(INVITES, piece)
        self.courses: Mapping[UUID, list[CourseDates]] = learning.course_dates(piece)
        self.awards: Mapping[UUID, list[AwardDates]] = credentials.award_dates(piece)
        self.left: Mapping[UUID, datetime] = people.left_at(piece)

    def invited_at(self, person_id: UUID) -> datetime | None:
        """When they were first written to."""
        letters = self.letters.get(person_id, LetterDates(None, None, None))
        written_to = (self.invited.get(person_id), letters.first_sent_at, letters.last_bounced_at)
        return min((at for at in written_to if at is not None), default=None)

    def of(self, person_id: UUID) -> Dates:
        letters = self.letters.get(person_id, LetterDates(None, None, None))
        courses = self.courses.get(person_id, [])
        invited_at = self.invited_at(person_id)
        begun = [at for row in courses for at in (row.started_at, row.completed_at) if at is not None]
        done = [row.completed_at for row in courses if row.required and row.completed_at is not None]
        standing = [row.issued_at for row in self.awards.get(person_id, []) if row.revoked_at is None]
        return Dates(
            invited_at=invited_at,
            clock_at=clock_of(self.launched_at, invited_at),
            sent_at=letters.last_sent_at,
            bounced_at=letters.last_bounced_at,
            came_in_at=self.came_in.get(person_id),
            started_at=min(begun, default=None),
            completed_at=min(done, default=None),
            certified_at=min(standing, default=None),
            left_at=self.left.get(person_id),
        )


def _rebuild_items(journeys: Mapping[UUID, Journey], facts: _Facts) -> None:
    """Courses and credentials as they are stored; a row that nothing stands behind goes."""
    wanted: dict[tuple[UUID, str, UUID, int], JourneyItem] = {}
    for person_id, journey in journeys.items():
        courses, awards = facts.courses.get(person_id, []), facts.awards.get(person_id, [])
        for row in (*_courses(journey, courses), *_awards(journey, awards)):
            wanted[journey.pk, row.kind, row.subject_id, row.cycle] = row
    rows = JourneyItem.objects.filter(journey__in=[row.pk for row in journeys.values()])
    present = {(item.journey_id, item.kind, item.subject_id, item.cycle): item for item in rows}
    for key, item in present.items():
        if key not in wanted:
            item.delete()
    for key, row in wanted.items():
        if key in present:
            row.pk, row._state.adding = present[key].pk, False
        row.save()


def _courses(journey: Journey, rows: Iterable[CourseDates]) -> Iterator[JourneyItem]:
    for row in rows:
        yield JourneyItem(
            journey=journey,
            kind=ItemKind.COURSE.value,
            subject_id=row.course_id,
            key=row.course_key,
            cycle=row.cycle,
            required=row.required,
            entered_at=row.enrolled_at,
            started_at=row.started_at,
            done_at=row.completed_at,
        )


def _awards(journey: Journey, rows: Iterable[AwardDates]) -> Iterator[JourneyItem]:
    for row in rows:
        yield JourneyItem(
            journey=journey,
            kind=ItemKind.CREDENTIAL.value,
            subject_id=row.credential_id,
            key=row.credential_key,
            cycle=row.cycle,
            done_at=row.issued_at,
            ended_at=row.revoked_at,
        )
