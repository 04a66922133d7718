"""What the whole house holds of one person, and what erasing them does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.identity import queries as identity
from gangway.kernel import audit
from gangway.kernel.models import AuditEntry
from gangway.kernel.personal import Privacy, Word
from gangway.kernel.refusal import NotFound
from gangway.kernel.wiring import part
from gangway.partners.queries import partner_by_id
from gangway.people import queries as people


@dataclass(frozen=True, slots=True)
class Held:
    """One section of what one context holds. Titles and column names are msgids."""

    context: str
    title: str
    rows: Sequence[Mapping[str, Any]]


def rooms() -> tuple[Privacy, ...]:
    """Every context that holds personal data, from the ground up: the account comes first."""
    found: tuple[Privacy, ...] = part("PRIVACY")
    return tuple(reversed(found))


def held_about(person_id: UUID, *, private: bool) -> tuple[Held, ...]:
    """Everything that is held of a person of the open scope; without `private`, what an employer may have.

    Accounts that were merged are one human: each section holds the rows of all of them, the one who stayed first.
    """
    people.person(person_id)
    subjects = [people.subject(account_id) for account_id in people.whole(person_id)]
    order = sorted(rooms(), key=lambda room: room.context != "people")
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for room in order:
        for subject in subjects:
            for section in room.export(subject):
                if private or not section.private:
                    found.setdefault((room.context, section.title), []).extend(section.rows)
    return tuple(Held(context, title, rows) for (context, title), rows in found.items())


def document(person_id: UUID, now: datetime, *, private: bool) -> dict[str, Any]:
    """The same as one JSON-able document, in English, for machines."""
    person = people.person(person_id)
    return {
        "format": "gangway.person.v1",
        "made_at": now.isoformat(),
        "person": str(person.id),
        "partner": partner_by_id(person.partner_id).slug,
        "sections": [
            {"context": part_.context, "title": part_.title, "rows": [_plain(row) for row in part_.rows]}
            for part_ in held_about(person_id, private=private)
        ],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Word):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)


def after_erasing() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What goes and what stays when somebody is erased, in words (msgids)."""
    order = sorted(rooms(), key=lambda room: room.context != "people")
    return tuple(words for room in order for words in room.goes), tuple(w for room in order for w in room.stays)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was open to somebody when they left or a directory shut them out, and was void from then on.

    `by_connection`: the directory that said so. The devices go when they are erased.
    """

    at: datetime
    by_person: UUID | None
    by_connection: UUID | None
    sessions: tuple[tuple[str, str, datetime], ...]
    links: int
    invitation: bool
    letters: tuple[tuple[str, datetime], ...]
    roles: tuple[str, ...]


LEFT = "portal.person.leave"


def has_receipt(person_id: UUID) -> bool:
    """Whether somebody the scope reaches left by a page or by their directory, which keep a receipt."""
    return _latest(person_id) is not None


def _latest(person_id: UUID) -> AuditEntry | None:
    found = (audit.latest("person", person_id, verb) for verb in (LEFT, identity.SHUT_OUT))
    return max(filter(None, found), key=lambda entry: (entry.at, entry.pk), default=None)


def receipt(person_id: UUID) -> Receipt:
    """The latest receipt of a person of the open scope who was shut out; NotFound where there is none."""
    people.person(person_id)
    entry = _latest(person_id)
    if entry is None:
        raise NotFound
    said = entry.changes
    devices = entry.changes_personal.get("devices", [])
    return Receipt(
        at=entry.at,
        by_person=UUID(entry.actor_id) if entry.actor_kind == "person" else None,
        by_connection=UUID(entry.actor_id) if entry.actor_kind == "connection" else None,
        sessions=tuple(
            (devices[n] if n < len(devices) else "", row["method"], datetime.fromisoformat(row["since"]))
            for n, row in enumerate(said["sessions"])
        ),
        links=said["links"],
        invitation=said["invitation"],
        letters=tuple((row["title"], datetime.fromisoformat(row["since"])) for row in said["letters"]),
        roles=tuple(said["roles"]),
    )
