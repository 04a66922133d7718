"""Change the RACI, contest a line of it, settle that."""

from datetime import datetime
from uuid import UUID

from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid, NotFound
from gangway.rollout.plans.actions.attestation import clean_reason
from gangway.rollout.plans.actions.evaluation import ask_again
from gangway.rollout.plans.actions.person import person_of
from gangway.rollout.plans.actions.planning import running_plan
from gangway.rollout.plans.models import RaciCell, RaciContest, RaciRow
from gangway.rollout.plans.rules.raci import Holder, Letter

DEPENDS = ("plans.raci_whole", "plans.kickoff_held")


@action("plans.raci.set")
def set_raci_cell(
    *,
    plan_id: UUID,
    row_key: str,
    letter: str,
    holder: str,
    label: str = "",
    person_id: UUID | None = None,
    contact_partner_id: UUID | None = None,
    cell_id: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Put somebody into a cell: a person at the host, a contact at a partner, a job or a group.

    With `cell_id` that cell is changed, else one is added. `person_id` is for staff and contact; the caller has read
    the person inside what it may see. Refuses what does not fit together.
    """
    plan = running_plan(plan_id)
    row = RaciRow.objects.filter(plan=plan, key=row_key).first()
    cell = RaciCell.objects.filter(pk=cell_id, row=row).first() if cell_id else RaciCell(row=row)
    if row is None or cell is None:
        raise NotFound()
    cell.letter, cell.holder = _letter(letter), _holder(holder)
    cell.label = " ".join(label.replace("\x00", "").split())[:200]
    staff, contact = cell.holder == Holder.STAFF, cell.holder == Holder.CONTACT
    if (staff or contact) != (person_id is not None) or contact != (contact_partner_id is not None):
        raise Invalid(field="person", problem="Nobody is named.", mend="Choose a person, or name a job or a group.")
    if not (staff or contact) and not cell.label:
        raise Invalid(field="label", problem="The job or group has no name.", mend="Write who is meant.")
    cell.person_id = person_id if staff else None
    cell.contact_id, cell.contact_partner_id = (person_id, contact_partner_id) if contact else (None, None)
    cell.save()
    _note("plans.raci.set", row, cell, actor, now)
    cell_pk: UUID = cell.pk
    return cell_pk


@action("plans.raci.remove")
def remove_raci_cell(*, plan_id: UUID, cell_id: UUID, actor: Actor, now: datetime) -> None:
    """Take somebody out of a cell. NotFound."""
    plan = running_plan(plan_id)
    cell = RaciCell.objects.filter(pk=cell_id, row__plan=plan).select_related("row").first()
    if cell is None:
        raise NotFound()
    _note("plans.raci.remove", cell.row, cell, actor, now)
    cell.delete()


@action("plans.raci.contest")
def contest_row(*, plan_id: UUID, row_key: str, reason: str, actor: Actor, now: datetime) -> UUID:
    """Say that a line is wrong, and why. NotFound."""
    person_id = person_of(actor)
    row = RaciRow.objects.filter(plan=running_plan(plan_id), key=row_key).first()
    if row is None:
        raise NotFound()
    said = clean_reason(reason)
    contest = RaciContest.objects.create(row=row, person_id=person_id, reason=said, raised_at=now)
    audit.record(
        actor=actor,
        verb="plans.raci.contest",
        object_type="raci_row",
        object_id=row.pk,
        changes={"row": row.key},
        changes_personal={"reason": said},
        now=now,
    )
    contest_id: UUID = contest.pk
    return contest_id


@action("plans.raci.settle")
def settle_contest(*, plan_id: UUID, contest_id: UUID, decision: str, actor: Actor, now: datetime) -> None:
    """Decide a contested line. Both sides are kept. NotFound, also for one that is decided."""
    person_id = person_of(actor)
    plan = running_plan(plan_id)
    said = clean_reason(decision, field="decision")
    open_one = RaciContest.objects.filter(pk=contest_id, row__plan=plan, decided_at=None)
    if not open_one.update(decision=said, decided_by_id=person_id, decided_at=now):
        raise NotFound()
    audit.record(
        actor=actor,
        verb="plans.raci.settle",
        object_type="raci_contest",
        object_id=contest_id,
        changes_personal={"decision": said},
        now=now,
    )


def _note(verb: str, row: RaciRow, cell: RaciCell, actor: Actor, now: datetime) -> None:
    audit.record(
        actor=actor,
        verb=verb,
        object_type="raci_row",
        object_id=row.pk,
        changes={"row": row.key, "letter": cell.letter, "holder": cell.holder},
        changes_personal={"label": cell.label, "person": str(cell.person_id or cell.contact_id or "")},
        now=now,
    )
    ask_again(keys=DEPENDS, actor=actor, now=now)


def _letter(letter: str) -> Letter:
    try:
        return Letter(letter)
    except ValueError as unknown:
        raise Invalid(
            field="letter", problem="“{letter}” is no letter of RACI.", mend="Choose R, A, C or I.", letter=letter[:10]
        ) from unknown


def _holder(holder: str) -> Holder:
    try:
        return Holder(holder)
    except ValueError as unknown:
        raise Invalid(
            field="holder", problem="“{holder}” is no kind of holder.", mend="Choose one.", holder=holder[:20]
        ) from unknown
