"""Whom a wave did not reach: their letter came back, was given up, taken back, or never left this house."""

from dataclasses import replace
from uuid import UUID

from gangway.kernel.lists import ListSpec
from gangway.messaging.queries import MAIL_LIST

UNTOLD = ("bounced", "failed", "cancelled", "kept")


def untold(wave_id: UUID) -> ListSpec:
    """The letters of a wave that reached nobody, as a list of the open scope."""
    return replace(MAIL_LIST, key="untold", rows=lambda: MAIL_LIST.rows().filter(cause=wave_id, state__in=UNTOLD))


def untold_count(wave_id: UUID) -> int:
    """How many of them."""
    return untold(wave_id).rows().count()
