"""What the worker does with a wave that goes, piece by piece.

Each piece is one transaction and says how far it came, so a worker that dies loses nothing and another one goes on; the
lock on the launch lets only one at it at a time.
"""

from datetime import datetime
from uuid import UUID

from gangway.identity import actions as identity
from gangway.identity import queries as doors
from gangway.insights import actions as insights
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.tenancy import scopes
from gangway.partners import actions as partners
from gangway.rollout.launches.actions.wave import host_id, locked, note
from gangway.rollout.launches.events import WaveSent
from gangway.rollout.launches.models import Launch, Wave
from gangway.rollout.launches.rules.states import PIECE, LaunchState, Quiet, WaveState


def _locked(launch_id: UUID, state: LaunchState) -> Launch | None:
    """The launch, locked, if it still stands there."""
    found: Launch | None = Launch.objects.select_for_update().filter(pk=launch_id, state=state).first()
    return found


@action("launches.launch.queue")
def queue_piece(*, launch_id: UUID, actor: Actor, now: datetime) -> int:
    """Invite the next people of a launch that goes, at most 500; how many were looked at."""
    launch = _locked(launch_id, LaunchState.GOING)
    if launch is None or launch.queued_at is not None:
        return 0
    wave = Wave.objects.get(pk=launch.wave_id)
    ids = doors.uninvited_ids(after=launch.queued_after, limit=PIECE)
    if ids and wave.letters_from is not None:
        identity.invite_many(
            person_ids=ids,
            cause=wave.id,
            letters_from=wave.letters_from,
            quiet=wave.quiet == Quiet.WAIT,
            actor=actor,
            now=now,
        )
    launch.queued_after = ids[-1] if ids else launch.queued_after
    launch.queued_at = now if len(ids) < PIECE else None
    launch.save(update_fields=["queued_after", "queued_at"])
    return len(ids)


@action("launches.launch.confirm")
def confirm_launch(*, launch_id: UUID, actor: Actor, now: datetime) -> bool:
    """The undo window of a launch is over and its letters are queued: the partner is launched. Whether it is now."""
    launch = _locked(launch_id, LaunchState.GOING)
    if launch is None or launch.queued_at is None:
        return False
    wave = Wave.objects.get(pk=launch.wave_id)
    if wave.letters_from is None or now < wave.letters_from:
        return False
    launch.state, launch.open, launch.launched_at = LaunchState.LAUNCHED.value, False, wave.letters_from
    launch.save(update_fields=["state", "open", "launched_at"])
    partners.set_launched(at=wave.letters_from, actor=actor, now=now)
    note(actor, "launches.launch.confirm", wave.id, now, launch=str(launch.pk))
    return True


@action("launches.launch.tell")
def tell_piece(*, launch_id: UUID, actor: Actor, now: datetime) -> int:
    """Tell the figures of the next people a confirmed launch invited, at most 500; how many were looked at.

    Who left or was shut out while the wave could still be undone gets no letter: their invitation is withdrawn, and
    they do not count.
    """
    launch = _locked(launch_id, LaunchState.LAUNCHED)
    if launch is None or launch.told_at is not None or launch.launched_at is None:
        return 0
    page = doors.invited_by(launch.wave_id, launch.partner_id, after=launch.told_after, limit=PIECE)
    gone = [row.person_id for row in page if not row.stands]
    if gone:
        identity.withdraw_invitations(cause=launch.wave_id, person_ids=gone, actor=actor, now=now)
    told = [row.person_id for row in page if row.stands]
    if told:
        insights.note_invited(person_ids=told, at=launch.launched_at, actor=actor, now=now)
    launch.told_after = page[-1].person_id if page else launch.told_after
    launch.told_at = now if len(page) < PIECE else None
    launch.save(update_fields=["told_after", "told_at"])
    return len(page)


@action("launches.wave.finish", scoped=False)
def finish_wave(*, wave_id: UUID, actor: Actor, now: datetime) -> bool:
    """Every launch of a wave was confirmed and told: the wave is sent. Whether it is now."""
    wave = locked(wave_id)
    if wave.state != WaveState.GOING or wave.letters_from is None:
        return False
    with scopes.host():
        launches = Launch.objects.filter(wave=wave)
        if launches.filter(state=LaunchState.GOING).exists():
            return False
        launched = launches.filter(state=LaunchState.LAUNCHED)
        if launched.filter(told_at__isnull=True).exists():
            return False
        count = launched.count()
    wave.state, wave.ended_at = WaveState.SENT.value, now
    with scopes.one(host_id()):
        wave.save()
        note(actor, "launches.wave.finish", wave_id, now, partners=count)
        event = WaveSent(wave_id=wave_id, letters_from=wave.letters_from, partners=count)
        publish(event, subject_id=wave_id, now=now, actor=actor)
    return True
