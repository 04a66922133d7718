"""What learning keeps of people only because they came: enrolments by rule that nobody began. See kernel.wiring.LetGo.

Both run inside the transaction that undoes an import, which tells of it.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from gangway.learning.models import Enrolment, EnrolmentReason, PathPlace, PathReason
from gangway.learning.rules import ReasonKind

TABLES = (Enrolment, EnrolmentReason, PathPlace, PathReason)
_BY_THEMSELVES = (ReasonKind.RULE, ReasonKind.PATH)  # a path asks for somebody because something put them on it


def alive(person_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these people who began something, or were enrolled or put on a path by somebody."""
    rows = Enrolment.objects.filter(person_id__in=person_ids)
    begun = rows.filter(Q(opened_at__isnull=False) | Q(completed_at__isnull=False))
    asked = EnrolmentReason.objects.filter(enrolment__person_id__in=person_ids).exclude(kind__in=_BY_THEMSELVES)
    put = PathReason.objects.filter(place__person_id__in=person_ids).exclude(kind=ReasonKind.RULE)
    return (
        set(begun.values_list("person_id", flat=True))
        | set(asked.values_list("enrolment__person_id", flat=True))
        | set(put.values_list("place__person_id", flat=True))
    )


def forget(person_ids: Sequence[UUID]) -> None:
    """Delete the enrolments of people who are not alive here, and their places on paths."""
    enrolments = list(Enrolment.objects.filter(person_id__in=person_ids).values_list("pk", flat=True))
    EnrolmentReason.objects.filter(enrolment_id__in=enrolments).delete()
    Enrolment.objects.filter(pk__in=enrolments).delete()
    places = list(PathPlace.objects.filter(person_id__in=person_ids).values_list("pk", flat=True))
    PathReason.objects.filter(place_id__in=places).delete()
    PathPlace.objects.filter(pk__in=places).delete()
