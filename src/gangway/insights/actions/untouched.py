"""What insights keeps of people only because they came: a journey nobody walked. See kernel.wiring.LetGo.

Both run inside the transaction that undoes an import, which tells of it.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from gangway.insights.actions.counts import Changes
from gangway.insights.actions.journeys import dates_of, segments_of
from gangway.insights.models import Journey, JourneyItem
from gangway.insights.rules.journeys import Dates

TABLES = (Journey, JourneyItem)
WALKED = ("sent_at", "bounced_at", "came_in_at", "started_at", "completed_at", "certified_at", "left_at")


def alive(person_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these people of whom more is known than that they were let in."""
    walked = Q()
    for name in WALKED:
        walked |= Q(**{f"{name}__isnull": False})
    return set(Journey.objects.filter(walked, person_id__in=person_ids).values_list("person_id", flat=True))


def forget(person_ids: Sequence[UUID]) -> None:
    """Delete the journeys of people who are not alive here; the counts change by them."""
    journeys = list(Journey.objects.select_for_update().filter(person_id__in=person_ids))
    changes = Changes()
    for journey in journeys:
        changes.moved(segments_of(journey), dates_of(journey), Dates())
    changes.write()
    JourneyItem.objects.filter(journey__in=[journey.pk for journey in journeys]).delete()
    Journey.objects.filter(pk__in=[journey.pk for journey in journeys]).delete()
