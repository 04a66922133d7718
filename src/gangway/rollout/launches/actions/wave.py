"""What every write of launches shares: the wave, locked; who acts, as it is kept; refusals."""

from datetime import datetime
from uuid import UUID

from gangway.kernel import audit
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.values import clean_line
from gangway.partners import queries as partners
from gangway.rollout.launches.models import Launch, Wave
from gangway.rollout.launches.rules.states import WaveState

REASON_LIMIT = 300


class NoHost(Refusal):
    code = "launches.no_host"
    message = "No company is set up yet."
    next_step = "Apply a partner file first: gangway partner apply partners.csv"


class WaveNotDraft(Refusal):
    code = "launches.not_draft"
    message = "“{name}” was sent already."
    next_step = "What is in it stays as it is; plan another wave."


def host_id() -> UUID:
    """The owner of every wave."""
    host = partners.host_partner()
    if host is None:
        raise NoHost
    return host.id


def locked(wave_id: UUID) -> Wave:
    """The wave, locked until the transaction ends; NotFound where there is none."""
    found = Wave.objects.select_for_update().filter(pk=wave_id, owner_id=host_id()).first()
    if found is None:
        raise NotFound
    return found


def draft(wave_id: UUID) -> Wave:
    """The wave, locked, while it can still be changed; WaveNotDraft otherwise."""
    found = locked(wave_id)
    if found.state != WaveState.DRAFT:
        raise WaveNotDraft(name=found.name)
    return found


def launch_in(wave_id: UUID) -> Launch:
    """The launch of the scope's partner in a wave, locked; NotFound where it is not in it."""
    found: Launch | None = Launch.objects.select_for_update().filter(wave=wave_id, open=True).first()
    if found is None:
        raise NotFound
    return found


def who(actor: Actor) -> str:
    """Who acts, as a row keeps it: a person's id, or the kind of actor."""
    return actor.id if actor.kind is ActorKind.PERSON else actor.kind.value


def reason_of(text: str) -> str:
    """A reason as it is kept; Invalid where there is none."""
    return clean_line(text, "reason", limit=REASON_LIMIT)


def note(actor: Actor, verb: str, wave_id: UUID, now: datetime, *, reason: str = "", **changes: object) -> None:
    """The audit entry about a wave, or a partner in it. `reason`: somebody's own words, which erasing blanks."""
    audit.record(
        actor=actor,
        verb=verb,
        object_type="launches.wave",
        object_id=wave_id,
        changes=changes,
        changes_personal={"reason": reason} if reason else {},
        now=now,
    )
