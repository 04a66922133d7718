"""Gives committed events their position, in the order they were inserted.

A cursor over ids would lose a transaction that commits late; positions are given after the commit, by one sequencer at
a time per lane (the lane's row is locked meanwhile), so a reader behind a position has seen everything before it.
"""

from django.db import connection, transaction

from gangway.kernel.models import Lane, OutboxEvent

BATCH = 1000
_PLACE = """
UPDATE kernel_outboxevent SET position = placed.position
FROM (SELECT number, %s + ROW_NUMBER() OVER (ORDER BY number) AS position
      FROM (SELECT number FROM kernel_outboxevent WHERE position IS NULL AND lane = %s ORDER BY number LIMIT %s) waiting
     ) AS placed
WHERE kernel_outboxevent.number = placed.number
"""


def place() -> int:
    """Give a position to events that wait for one; how many were placed."""
    lanes = OutboxEvent.objects.filter(position__isnull=True).order_by().values_list("lane", flat=True).distinct()
    return sum(_place_lane(lane) for lane in list(lanes))


def _place_lane(number: int) -> int:
    Lane.objects.get_or_create(number=number)
    with transaction.atomic():
        lane = Lane.objects.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
        row = lane.filter(number=number).first()
        if row is None:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(_PLACE, [row.last_position, number, BATCH])
            placed: int = cursor.rowcount
        Lane.objects.filter(pk=row.pk).update(last_position=row.last_position + placed)
        return placed
