"""What the worker has to do next for waves that go, and which partners it nudges."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.kernel.tenancy import scopes
from gangway.rollout.launches.models import Launch, Wave
from gangway.rollout.launches.rules.nudges import NUDGED_FOR
from gangway.rollout.launches.rules.states import LaunchState, WaveState


@dataclass(frozen=True, slots=True)
class Work:
    """A launch the worker is not through with: letters to be queued, to be confirmed, or figures to be told."""

    wave_id: UUID
    launch_id: UUID
    partner_id: UUID
    letters_from: datetime
    queued: bool
    confirmed: bool


def going(now: datetime) -> list[UUID]:
    """Waves that somebody sent and that are not through. One statement, and the usual answer is none."""
    return list(Wave.objects.filter(state=WaveState.GOING).order_by("sent_at", "id").values_list("pk", flat=True))


def work_of(wave_id: UUID) -> list[Work]:
    """The launches of a wave that the worker is not through with, oldest first. One statement, over all partners."""
    with scopes.unscoped(scopes.Reason.WORKER):
        rows = Launch.objects.filter(
            wave=wave_id,
            wave__letters_from__isnull=False,
            state__in=[LaunchState.GOING, LaunchState.LAUNCHED],
            told_at__isnull=True,
        )
        return [
            Work(
                wave_id=row.wave_id,
                launch_id=row.pk,
                partner_id=row.partner_id,
                letters_from=row.wave.letters_from,
                queued=row.queued_at is not None,
                confirmed=row.state == LaunchState.LAUNCHED,
            )
            for row in rows.select_related("wave").order_by("id")
        ]


@dataclass(frozen=True, slots=True)
class Nudged:
    """A launched partner whose wave sends nudges."""

    wave_id: UUID
    partner_id: UUID


def nudged(now: datetime) -> list[Nudged]:
    """Partners launched so lately that somebody of them may be due for a nudge. One statement, over all partners."""
    with scopes.unscoped(scopes.Reason.WORKER):
        rows = Launch.objects.filter(
            state=LaunchState.LAUNCHED, wave__nudges=True, launched_at__gt=now - 2 * NUDGED_FOR, launched_at__lte=now
        )
        return [Nudged(*row) for row in rows.order_by("id").values_list("wave_id", "partner_id")]
