"""What learning keeps of people only because they came: enrolments by rule that nobody began. See kernel.wiring.LetGo.

Both run inside the transaction that undoes an import, which tells of it.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from gangway.learning.models import Enrolment, EnrolmentReason
from gangway.learning.rules import ReasonKind

TABLES = (Enrolment, EnrolmentReason)


def alive(person_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these people who began something, or were enrolled by somebody."""
    rows = Enrolment.objects.filter(person_id__in=person_ids)
    begun = rows.filter(Q(opened_at__isnull=False) | Q(completed_at__isnull=False))
    asked = EnrolmentReason.objects.filter(enrolment__person_id__in=person_ids).exclude(kind=ReasonKind.RULE)
    return set(begun.values_list("person_id", flat=True)) | set(asked.values_list("enrolment__person_id", flat=True))


def forget(person_ids: Sequence[UUID]) -> None:
    """Delete the enrolments of people who are not alive here."""
    enrolments = list(Enrolment.objects.filter(person_id__in=person_ids).values_list("pk", flat=True))
    EnrolmentReason.objects.filter(enrolment_id__in=enrolments).delete()
    Enrolment.objects.filter(pk__in=enrolments).delete()
