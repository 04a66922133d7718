"""Who a person is to a provider: linked once, and then the only way from there to them."""

from datetime import datetime
from uuid import UUID

from gangway.identity.models import Connection, Identity
from gangway.identity.queries.handover import is_portal
from gangway.identity.queries.reach import serving
from gangway.identity.rules.connections import SUBJECT_LENGTH, ConnectionState
from gangway.identity.rules.handover import SOURCE
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.people import actions as people_actions


class LinkedElsewhere(Refusal):
    code = "identity.linked_elsewhere"
    message = "This account is linked to somebody else of the company's sign-in."
    next_step = "The company's IT takes the old link away first; it stands on the page of the connection."


class ServedNoMore(Refusal):
    code = "identity.served_no_more"
    message = "This sign-in serves your company no more."
    next_step = "Come in by your address, or ask your company's admin."


@action("identity.identity.link")
def link_subject(*, connection_id: UUID, subject: str, person_id: UUID, actor: Actor, now: datetime) -> None:
    """A subject of a connection is this person from now on; done twice it is done once.

    Invalid: a subject that cannot be. ServedNoMore: it is another company's, which does not serve this one at this
    moment. LinkedElsewhere: the subject is somebody else, or the person another subject.
    """
    # whoever links the same person to another subject at this moment waits here
    connection = Connection.objects.select_for_update().filter(pk=connection_id).first()
    if connection is None:
        raise NotFound
    refused = connection.owner is not None and connection.state != ConnectionState.ACTIVE
    if refused or (connection.owner is not None and not serving([connection.id])):
        raise ServedNoMore
    if not subject or len(subject) > SUBJECT_LENGTH:
        raise Invalid(
            field="subject",
            problem="The subject has {count} signs.",
            mend="The provider has to send between 1 and {limit}.",
            count=len(subject),
            limit=SUBJECT_LENGTH,
        )
    found = Identity.objects.filter(connection=connection_id, subject=subject).first()
    if found is not None and found.person_id == person_id:
        return
    if found is not None or Identity.objects.filter(connection=connection_id, person=person_id).exists():
        raise LinkedElsewhere
    row = Identity.objects.create(connection_id=connection_id, subject=subject, person_id=person_id, since=now)
    audit.record(
        actor=actor,
        verb="identity.identity.link",
        object_type="people.person",
        object_id=person_id,
        changes={"connection": str(connection_id), "identity": str(row.id)},
        changes_personal={"subject": subject},
        now=now,
    )


def link_named(*, provider: UUID, subject: str, person_id: UUID, actor: Actor, now: datetime) -> None:
    """Who named a person whose mailbox is proven now knows them by this from here on: a connection of their partner,
    or the vendor's portal. What they refuse."""
    if is_portal(provider):
        people_actions.name_elsewhere(person_id=person_id, source=SOURCE, value=subject, actor=actor, now=now)
    else:
        link_subject(connection_id=provider, subject=subject, person_id=person_id, actor=actor, now=now)


@action("identity.identity.unlink")
def unlink_subject(*, identity_id: UUID, actor: Actor, now: datetime) -> None:
    """Take a link away: the subject leads to nobody until it is linked anew. NotFound beyond the scope."""
    row = Identity.objects.select_for_update().filter(pk=identity_id).first()
    if row is None:
        raise NotFound
    audit.record(
        actor=actor,
        verb="identity.identity.unlink",
        object_type="people.person",
        object_id=row.person_id,
        changes={"connection": str(row.connection_id), "identity": str(row.id)},
        changes_personal={"subject": row.subject},
        now=now,
    )
    row.delete()
