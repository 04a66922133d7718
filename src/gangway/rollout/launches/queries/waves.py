"""Waves: what they are called, how they stand. Waves are the host's; who sees which partners in them the scope says."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from gangway.kernel.refusal import NotFound, Refusal
from gangway.partners import queries as partners
from gangway.rollout.launches.models import Launch, Wave
from gangway.rollout.launches.rules.states import Quiet, WaveState, may_undo


class UnknownWave(Refusal):
    """For operators, who name waves by key; pages answer NotFound."""

    code = "launches.unknown"
    status = 404
    message = "There is no wave “{key}”."
    next_step = "See `gangway launch list`, or make one with `gangway launch new`."


@dataclass(frozen=True, slots=True)
class WaveRow:
    """A wave. `created_by`, `sent_by`, `undone_by`: the id of a person, or what else acted."""

    id: UUID
    key: str
    name: str
    planned_on: date | None
    state: WaveState
    nudges: bool
    quiet: Quiet
    letters_from: datetime | None
    created_at: datetime
    created_by: str
    sent_at: datetime | None
    sent_by: str
    undone_at: datetime | None
    undone_by: str
    ended_at: datetime | None

    @property
    def is_draft(self) -> bool:
        return self.state is WaveState.DRAFT

    def may_undo(self, now: datetime) -> bool:
        return may_undo(self.state, self.letters_from, now)


def row_of(wave: Wave) -> WaveRow:
    return WaveRow(
        id=wave.id,
        key=wave.key,
        name=wave.name,
        planned_on=wave.planned_on,
        state=WaveState(wave.state),
        nudges=wave.nudges,
        quiet=Quiet(wave.quiet),
        letters_from=wave.letters_from,
        created_at=wave.created_at,
        created_by=wave.created_by,
        sent_at=wave.sent_at,
        sent_by=wave.sent_by,
        undone_at=wave.undone_at,
        undone_by=wave.undone_by,
        ended_at=wave.ended_at,
    )


def waves() -> list[WaveRow]:
    """Every wave, the youngest first."""
    host = partners.host_partner()
    rows = Wave.objects.filter(owner_id=host.id if host else None).order_by("-created_at", "-id")
    return [row_of(wave) for wave in rows]


def wave(wave_id: UUID) -> WaveRow:
    """The wave of this id; NotFound otherwise."""
    host = partners.host_partner()
    found = Wave.objects.filter(pk=wave_id, owner_id=host.id if host else None).first()
    if found is None:
        raise NotFound
    return row_of(found)


def find_wave(key: str) -> WaveRow:
    """The wave a command names; UnknownWave names the key."""
    for row in waves():
        if row.key == key:
            return row
    raise UnknownWave(key=key)


def open_wave_names() -> dict[UUID, str]:
    """Partner of the open scope → the name of the wave it waits in. One statement."""
    rows = Launch.objects.filter(open=True).select_related("wave")
    return {row.partner_id: row.wave.name for row in rows}
