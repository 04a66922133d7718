"""What identity keeps of people who never asked to come in: their invitation. See kernel.wiring.LetGo.

Both run inside the transaction that undoes an import, which tells of it.
"""

from collections.abc import Sequence
from uuid import UUID

from gangway.identity.models import Invitation

TABLES = (Invitation,)


def alive(person_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these people who followed their invitation."""
    rows = Invitation.objects.filter(person_id__in=person_ids, followed_at__isnull=False)
    return set(rows.values_list("person_id", flat=True))


def forget(person_ids: Sequence[UUID]) -> None:
    """Delete the invitations of people who are not alive here."""
    Invitation.objects.filter(person_id__in=person_ids).delete()
