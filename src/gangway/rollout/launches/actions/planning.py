"""A wave is planned: it gets a name and partners; some are held, some let go in spite of what holds them."""

from datetime import date, datetime
from uuid import UUID

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.refusal import Invalid, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import clean_line
from gangway.partners import queries as partners
from gangway.rollout.launches.actions.wave import draft, host_id, launch_in, note, reason_of, who
from gangway.rollout.launches.models import Launch, Wave
from gangway.rollout.launches.rules.states import PARTNERS_IN_A_WAVE, LaunchState, Quiet, key_of


class InAnotherWave(Refusal):
    code = "launches.in_another_wave"
    message = "{partner} waits in “{wave}” already."
    next_step = "Take it out there first."


class WaveFull(Refusal):
    code = "launches.wave_full"
    message = "A wave holds at most {limit} partners."
    next_step = "Plan another wave for the rest."


@action("launches.wave.create", scoped=False)
def create_wave(
    *,
    name: str,
    planned_on: date | None = None,
    nudges: bool = True,
    quiet: Quiet = Quiet.WAIT,
    actor: Actor,
    now: datetime,
) -> UUID:
    """A new wave without partners; its key is made from the name. Invalid: no name."""
    owner, shown = host_id(), clean_line(name)
    taken = frozenset(Wave.objects.filter(owner_id=owner).values_list("key", flat=True))
    row = Wave(
        id=new_id(),
        owner_id=owner,
        key=key_of(shown, taken),
        name=shown,
        planned_on=planned_on,
        nudges=nudges,
        quiet=quiet.value,
        created_at=now,
        created_by=who(actor),
    )
    with scopes.one(owner):
        row.save(force_insert=True)
        note(actor, "launches.wave.create", row.id, now, key=row.key, name=shown)
    return row.id


@action("launches.wave.change", scoped=False)
def change_wave(
    *,
    wave_id: UUID,
    name: str | None = None,
    planned_on: date | None = None,
    nudges: bool | None = None,
    quiet: Quiet | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """What a wave that was not sent is called, when it is planned, what it does at night; None leaves a part alone."""
    row = draft(wave_id)
    said = {
        "name": clean_line(name) if name is not None else None,
        "planned_on": planned_on,
        "nudges": nudges,
        "quiet": quiet.value if quiet else None,
    }
    changes = {field: value for field, value in said.items() if value is not None and value != getattr(row, field)}
    if not changes:
        return
    for field, value in changes.items():
        setattr(row, field, value)
    with scopes.one(host_id()):
        row.save()
        note(actor, "launches.wave.change", row.id, now, **{field: str(value) for field, value in changes.items()})


@action("launches.launch.add")
def add_partner(*, wave_id: UUID, actor: Actor, now: datetime) -> UUID:
    """Put the scope's partner into a wave that was not sent; twice is as once. The launch.

    Refuses InAnotherWave, WaveFull, WaveNotDraft; Invalid: the host and shells are never launched.
    """
    wave = draft(wave_id)
    partner = partners.partner_by_id(scopes.writer())
    if partner.kind != "partner":
        raise Invalid(field="partner", problem=f"{partner.name} is no partner: it has nobody to be let in.")
    waiting = Launch.objects.filter(open=True).select_related("wave").first()
    if waiting is not None and waiting.wave_id != wave_id:
        raise InAnotherWave(partner=partner.name, wave=waiting.wave.name)
    if waiting is not None:
        return UUID(str(waiting.pk))
    with scopes.host():
        if Launch.objects.filter(wave=wave, open=True).count() >= PARTNERS_IN_A_WAVE:
            raise WaveFull(limit=PARTNERS_IN_A_WAVE)
    row = Launch.objects.filter(wave=wave).first() or Launch(wave=wave, added_at=now)
    row.state, row.open = LaunchState.PLANNED.value, True
    row.hold_reason = row.let_go_reason = row.held_by = row.let_go_by = ""
    row.save()
    note(actor, "launches.launch.add", wave.id, now, launch=str(row.pk))
    return UUID(str(row.pk))


@action("launches.launch.remove")
def remove_partner(*, wave_id: UUID, actor: Actor, now: datetime) -> None:
    """Take the scope's partner out of a wave that was not sent."""
    draft(wave_id)
    row = launch_in(wave_id)
    row.state, row.open = LaunchState.REMOVED.value, False
    row.save()
    note(actor, "launches.launch.remove", wave_id, now, launch=str(row.pk))


@action("launches.launch.hold")
def hold(*, wave_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Hold the scope's partner back by hand. Invalid: no reason."""
    draft(wave_id)
    row = launch_in(wave_id)
    row.state, row.hold_reason, row.held_by, row.held_at = LaunchState.HELD.value, reason_of(reason), who(actor), now
    row.let_go_reason, row.let_go_by, row.let_go_at = "", "", None
    row.save()
    note(actor, "launches.launch.hold", wave_id, now, launch=str(row.pk), reason=row.hold_reason)


@action("launches.launch.let_go")
def let_go(*, wave_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """Let the scope's partner go: what was held by hand is free, and what holds it by itself counts no more.

    Who said so and why is kept. Invalid: no reason.
    """
    draft(wave_id)
    row = launch_in(wave_id)
    row.state, row.let_go_reason, row.let_go_by, row.let_go_at = (
        LaunchState.PLANNED.value,
        reason_of(reason),
        who(actor),
        now,
    )
    row.hold_reason, row.held_by, row.held_at = "", "", None
    row.save()
    note(actor, "launches.launch.let_go", wave_id, now, launch=str(row.pk), reason=row.let_go_reason)
