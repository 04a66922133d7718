"""A wave is sent, and may be undone until its letters begin to go.

Both are one transaction, however many people they concern: a wave that is half undone would have told somebody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from gangway.identity import actions as identity
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions as messaging
from gangway.messaging import queries as letters
from gangway.rollout.launches import queries
from gangway.rollout.launches.actions.wave import draft, host_id, launch_in, locked, note, who
from gangway.rollout.launches.models import Launch
from gangway.rollout.launches.queries.waves import row_of
from gangway.rollout.launches.rules.states import UNDO_WINDOW, LaunchState, WaveState, may_undo

TAKEN_BACK = "The wave was undone before this letter went out."


class NobodyReady(Refusal):
    code = "launches.nobody_ready"
    message = "No partner of “{name}” is ready: nobody would be written to."
    next_step = "See what holds each of them, or let one go with a reason."


class Changed(Refusal):
    code = "launches.changed"
    message = "Meanwhile the number of letters changed: {letters} instead of {expected}."
    next_step = "Look at the wave once more, then send it."


class TooLate(Refusal):
    code = "launches.too_late"
    message = "“{name}” can no longer be undone: its letters are on their way."
    next_step = "Tell the partners what went wrong, or suspend those who should not come in."


class NotSent(Refusal):
    code = "launches.not_sent"
    message = "“{name}” was not sent, so there is nothing to undo."
    next_step = "Look at the wave: who sent or undid it, and when, stands there."


@dataclass(frozen=True, slots=True)
class Sent:
    """What was set going: letters to people of partners; how many partners stay behind; until when it can be undone."""

    letters: int
    partners: int
    held: int
    letters_from: datetime


@action("launches.wave.send", scoped=False)
def send_wave(
    *, wave_id: UUID, window: timedelta = UNDO_WINDOW, expected: int | None = None, actor: Actor, now: datetime
) -> Sent:
    """Set a wave going: its ready partners are written to from `now + window` on; until then it can be undone.

    Who is held stays behind and may join another wave. What each partner gets is frozen here; the worker queues the
    letters. expected: the number of letters somebody was shown. Refuses WaveNotDraft, NobodyReady, Changed.
    """
    row = draft(wave_id)
    with scopes.host():
        page = queries.wave_page(row_of(row), now)
    if not page.ready:
        raise NobodyReady(name=row.name)
    if expected is not None and expected != page.people:
        raise Changed(letters=page.people, expected=expected)
    for launch in page.launches:
        with scopes.one(launch.partner.id):
            _freeze(wave_id, launch, actor, now)
    row.state, row.letters_from = WaveState.GOING.value, now + window
    row.sent_at, row.sent_by = now, who(actor)
    sent = Sent(page.people, len(page.ready), len(page.held), now + window)
    with scopes.one(host_id()):
        row.save()
        note(actor, "launches.wave.send", wave_id, now, letters=sent.letters, partners=sent.partners, held=sent.held)
    return sent


def _freeze(wave_id: UUID, shown: queries.LaunchRow, actor: Actor, now: datetime) -> None:
    """Write down what the partner gets, or why it stays behind."""
    row = launch_in(wave_id)
    row.state = (LaunchState.HELD if shown.held else LaunchState.GOING).value
    row.open = not shown.held
    row.held_for = [hold.value for hold in shown.automatic]
    row.people, row.without_mailbox, row.locales = shown.people, shown.without_mailbox, dict(shown.locales)
    row.save()
    note(actor, "launches.launch.send", wave_id, now, launch=str(row.pk), state=row.state, people=row.people)


@action("launches.wave.undo", scoped=False)
def undo_wave(*, wave_id: UUID, actor: Actor, now: datetime) -> int:
    """Take a wave back before anybody was written to; how many letters were queued already.

    Nobody got anything, nobody is invited, nobody was ever counted. Refuses NotSent; TooLate: the window is over, or
    one letter is on its way, and then nothing is undone.
    """
    row = locked(wave_id)
    if row.state not in (WaveState.GOING, WaveState.SENT):
        raise NotSent(name=row.name)
    if not may_undo(WaveState(row.state), row.letters_from, now):
        raise TooLate(name=row.name)
    with scopes.host():
        partner_ids = list(
            Launch.objects.filter(wave=row, open=True).order_by("id").values_list("partner_id", flat=True)
        )
    taken = 0
    for partner_id in partner_ids:
        with scopes.one(partner_id):
            taken += _take_back(wave_id, row.name, actor, now)
    row.state, row.undone_at, row.undone_by, row.ended_at = WaveState.UNDONE.value, now, who(actor), now
    with scopes.one(host_id()):
        row.save()
        note(actor, "launches.wave.undo", wave_id, now, letters=taken)
    return taken


def _take_back(wave_id: UUID, name: str, actor: Actor, now: datetime) -> int:
    launch = launch_in(wave_id)
    if launch.state != LaunchState.GOING:
        raise TooLate(name=name)
    taken: int = messaging.cancel_letters(cause=wave_id, reason=TAKEN_BACK, actor=actor, now=now)
    if any(row.all != row.cancelled for row in letters.letters_of_cause(wave_id)):
        raise TooLate(name=name)  # a worker has one already: its clock is ahead of ours
    identity.withdraw_invitations(cause=wave_id, actor=actor, now=now)
    launch.state, launch.open = LaunchState.UNDONE.value, False
    launch.save()
    return taken
