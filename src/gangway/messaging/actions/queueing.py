"""Letters are queued, one or many, and taken back while they wait."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from gangway.kernel import audit, secrets
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.refusal import NotFound
from gangway.kernel.values import clean_mail
from gangway.messaging.models import Message
from gangway.messaging.queries.letters import Letter, letter
from gangway.messaging.rules import Priority, State, message_id_header, next_daytime
from gangway.people import queries as people
from gangway.people.queries import PersonRow

AT_ONCE = 500
TAKEN_BACK = "It was taken back before it went out."


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One letter of many: for whom, and what is said only in this one. Meanings as in `queue_message`; a `not_after`
    of its own stands before that of all."""

    person_id: UUID
    dedupe_key: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    secret: str | None = None
    not_after: datetime | None = None
    to: str | None = None


@action("messaging.message.queue")
def queue_message(
    *,
    person_id: UUID,
    letter_key: str,
    payload: Mapping[str, Any] | None = None,
    dedupe_key: str,
    secret: str | None = None,
    to: str | None = None,
    priority: int = Priority.NORMAL,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    cause: UUID | None = None,
    quiet: bool = False,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Queue one letter for a person of the open scope; the id of the message.

    payload: ids and codes only. dedupe_key: the letter's cause; the same cause twice is one letter, and the first
    one's id comes back. secret: what only this letter may show; kept sealed, blanked once it is gone. not_after: past
    it the letter is useless and is cancelled. to: a mailbox other than the person's, for letters that go
    elsewhere; kept sealed until the letter is gone. cause: what groups the letters of one launch. quiet: it waits for
    daytime (08:00 to 20:00) in the person's zone, as every nudge and report does.
    """
    draft = Draft(person_id=person_id, dedupe_key=dedupe_key, payload=payload or {}, secret=secret, to=to)
    (message_id,) = queue_messages(
        drafts=[draft],
        letter_key=letter_key,
        priority=priority,
        not_before=not_before,
        not_after=not_after,
        cause=cause,
        quiet=quiet,
        actor=actor,
        now=now,
    )
    return message_id


@action("messaging.message.queue_many")
def queue_messages(
    *,
    drafts: Sequence[Draft],
    letter_key: str,
    priority: int = Priority.BULK,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    cause: UUID | None = None,
    quiet: bool = False,
    actor: Actor,
    now: datetime,
) -> list[UUID]:
    """Queue one kind of letter for many people of the open scope, at most 500 at once; the ids in the order given.

    Four statements, however many they are. NotFound where the scope does not reach a person; then none is queued.
    """
    if len(drafts) > AT_ONCE:
        raise ValueError(f"{len(drafts)} letters in one transaction; give at most {AT_ONCE} at once.")
    known = _known(draft.dedupe_key for draft in drafts)
    fresh = {draft.dedupe_key: draft for draft in drafts if draft.dedupe_key not in known}
    persons = people.persons(draft.person_id for draft in fresh.values())
    if any(draft.person_id not in persons for draft in fresh.values()):
        raise NotFound
    kind = letter(letter_key)
    quiet = quiet or kind.category.may_be_declined
    by_day = {one for one, person in persons.items() if quiet and not person.synthetic}  # a robot does not sleep
    begins = not_before or now
    rows = [
        _row(
            draft,
            persons[draft.person_id],
            kind,
            priority=priority,
            not_before=next_daytime(begins, persons[draft.person_id].zone) if draft.person_id in by_day else begins,
            not_after=draft.not_after or not_after,
            cause=cause,
            quiet=draft.person_id in by_day,
            queued_at=now,
        )
        for draft in fresh.values()
    ]
    Message.objects.bulk_create(rows)
    audit.record_all(
        [audit.Entry(row.id, {"letter": letter_key, "person": str(row.person_id)}, {}) for row in rows],
        actor=actor,
        verb="messaging.message.queue",
        object_type="messaging.message",
        now=now,
    )
    known |= {row.dedupe_key: row.id for row in rows}
    return [known[draft.dedupe_key] for draft in drafts]


def _row(draft: Draft, person: PersonRow, kind: Letter, **columns: Any) -> Message:
    if bool(draft.to) is not kind.elsewhere:
        raise ValueError(f"{kind.key} goes to {'another mailbox' if kind.elsewhere else 'the mailbox of its person'}.")
    message_id = new_id()
    return Message(
        id=message_id,
        person_id=draft.person_id,
        letter_key=kind.key,
        category=kind.category,
        template_version=kind.version,
        payload=dict(draft.payload),
        secret=secrets.seal(draft.secret) if draft.secret else "",
        mailbox=secrets.seal(clean_mail(draft.to)) if draft.to else "",
        dedupe_key=draft.dedupe_key,
        locale=person.locale,
        access_epoch=person.access_epoch,
        header=message_id_header(message_id, sender_domain()),
        **columns,
    )


@action("messaging.message.queue_to_stranger")
def queue_to_stranger(
    *,
    mailbox: str,
    locale: str,
    letter_key: str,
    payload: Mapping[str, Any] | None = None,
    dedupe_key: str,
    secret: str | None = None,
    priority: int = Priority.NORMAL,
    not_after: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Queue one letter to a mailbox of somebody who is nobody here yet, in the scope of who writes; its id.

    Only for letters that go elsewhere, and that nobody may decline. Meanings as in `queue_message`.
    """
    kind = letter(letter_key)
    if not kind.elsewhere or kind.category.may_be_declined:
        raise ValueError(f"{kind.key} is for people.")
    known = _known([dedupe_key])
    if known:
        return known[dedupe_key]
    message_id = new_id()
    Message.objects.create(
        id=message_id,
        letter_key=kind.key,
        category=kind.category,
        template_version=kind.version,
        payload=dict(payload or {}),
        secret=secrets.seal(secret) if secret else "",
        mailbox=secrets.seal(clean_mail(mailbox)),
        dedupe_key=dedupe_key,
        locale=locale,
        access_epoch=0,
        header=message_id_header(message_id, sender_domain()),
        priority=priority,
        not_before=now,
        not_after=not_after,
        queued_at=now,
    )
    audit.record(
        actor=actor,
        verb="messaging.message.queue",
        object_type="messaging.message",
        object_id=message_id,
        changes={"letter": letter_key},
        now=now,
    )
    return message_id


def _known(keys: Iterable[str]) -> dict[str, UUID]:
    return dict(Message.objects.filter(dedupe_key__in=set(keys)).values_list("dedupe_key", "pk"))


def sender_domain() -> str:
    """The domain of our Message-IDs."""
    return str(settings.DEFAULT_FROM_EMAIL).rpartition("@")[2].rstrip("> ") or "localhost"


@action("messaging.letters.cancel")
def cancel_letters(*, cause: UUID, reason: str = TAKEN_BACK, actor: Actor, now: datetime) -> int:
    """Take back what still waits of one cause at the scope's partner; how many letters. What a worker has is gone."""
    waiting = Message.objects.filter(cause=cause, state=State.QUEUED)
    count: int = waiting.update(state=State.CANCELLED, ended_at=now, secret="", mailbox="", last_error=reason)
    if count:
        audit.record(
            actor=actor,
            verb="messaging.letters.cancel",
            object_type="messaging.cause",
            object_id=cause,
            changes={"letters": count, "reason": reason},
            now=now,
        )
    return count
