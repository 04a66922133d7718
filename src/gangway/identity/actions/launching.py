"""A launch invites many people at once, and may take that back while nobody was written to."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gangway.identity.models import Invitation
from gangway.identity.queries.doors import invitation_digest
from gangway.identity.rules import INVITATION_LIFE
from gangway.kernel import audit, secrets
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions as messaging
from gangway.people import queries as people

WITHDRAWN = "The launch was undone before the letters went out."


@action("identity.invitation.make_many")
def invite_many(
    *, person_ids: Sequence[UUID], cause: UUID, letters_from: datetime, quiet: bool, actor: Actor, now: datetime
) -> int:
    """Invite people of the open scope in one launch, at most 500 at once; how many were invited now.

    Their letters wait until `letters_from`, and where `quiet` for daytime in their zone. Passed over are people who
    were invited before, may not come in, or have no mailbox. cause: the wave; what `withdraw_invitations` takes back.
    """
    partner_id = scopes.writer()
    known = set(
        Invitation.objects.filter(partner_id=partner_id, person_id__in=person_ids).values_list("person_id", flat=True)
    )
    found = people.persons(set(person_ids) - known)
    rows, drafts = [], []
    for person in found.values():
        if not person.may_come_in or not person.email:
            continue
        token, row_id = secrets.token(), new_id()
        rows.append(
            Invitation(
                id=row_id,
                digest=invitation_digest(token),
                partner_id=partner_id,
                person_id=person.id,
                access_epoch=person.access_epoch,
                invited_at=letters_from,
                expires_at=letters_from + INVITATION_LIFE,
                cause=cause,
            )
        )
        drafts.append(
            messaging.Draft(
                person_id=person.id,
                dedupe_key=f"identity.launch:{row_id}",
                payload={"invitation": str(row_id)},
                secret=token,
            )
        )
    Invitation.objects.bulk_create(rows)
    messaging.queue_messages(
        drafts=drafts,
        letter_key="identity.launch",
        not_before=letters_from,
        cause=cause,
        quiet=quiet,
        actor=actor,
        now=now,
    )
    audit.record_all(
        [audit.Entry(row.id, {"person": str(row.person_id)}, {}) for row in rows],
        actor=actor,
        verb="identity.invitation.make",
        object_type="identity.invitation",
        now=now,
    )
    return len(rows)


@action("identity.invitation.withdraw")
def withdraw_invitations(*, cause: UUID, person_ids: Sequence[UUID] | None = None, actor: Actor, now: datetime) -> int:
    """Take back what a launch invited at the scope's partner, all of it or these people; how many invitations went.

    The people are then as uninvited as before. Whether their letters are taken back, the launch sees to.
    """
    mine = Invitation.objects.filter(partner_id=scopes.writer(), cause=cause)
    if person_ids is not None:
        mine = mine.filter(person_id__in=person_ids)
    gone, _ = mine.delete()
    if gone:
        audit.record(
            actor=actor,
            verb="identity.invitation.withdraw",
            object_type="identity.cause",
            object_id=cause,
            changes={"invitations": gone},
            now=now,
        )
    return gone
