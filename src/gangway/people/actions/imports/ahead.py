"""What the rows of a rehearsal would have written so far, as little of it as a later row could meet.

Two rows with one address or id are twins and refused; so a row that names all by which its person is known is never
met again, and most files leave nothing here. What stays: somebody known by more than the row named, somebody who moved
to another mailbox or came back, and somebody new at the mailbox of one who left and may come back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from gangway.kernel.ids import new_id
from gangway.people.rules import Known, PersonSpec, State, Verdict, after


@dataclass(slots=True)
class Ahead:
    """`leavers`: mailboxes of those who may come back. `changes`: of known people, by field; `at`: who is where now."""

    leavers: frozenset[str] = frozenset()
    changes: dict[UUID, Mapping[str, Any]] = field(default_factory=dict)
    at: dict[str, UUID] = field(default_factory=dict)
    new: dict[str, Known] = field(default_factory=dict)

    def take(self, spec: PersonSpec, verdict: Verdict) -> None:
        """Remember what writing this row would have done."""
        if verdict.person is None:
            if spec.email_key in self.leavers:
                self.new[spec.email_key] = _newcomer(spec)
            return
        person = after(verdict.person, verdict.changes)
        moved = "email_key" in verdict.changes or "state" in verdict.changes
        if not verdict.changes or not (moved or _known_by(verdict.person) - {spec.email_key, spec.external_id}):
            return
        self.changes[person.id] = _both(self.changes.get(person.id, {}), verdict.changes)
        if moved and person.email_key:
            self.at[person.email_key] = person.id

    def now_at(self, mailboxes: Iterable[str]) -> list[UUID]:
        return [self.at[key] for key in mailboxes if key in self.at]

    def newcomers(self, mailboxes: Iterable[str]) -> list[Known]:
        return [self.new[key] for key in mailboxes if key in self.new]

    def applied(self, person: Known) -> Known:
        """Somebody as they would be by now."""
        return after(person, self.changes.get(person.id, {}))


def _both(first: Mapping[str, Any], then: Mapping[str, Any]) -> dict[str, Any]:
    more = {name: (*first.get(name, ()), *then.get(name, ())) for name in ("roles", "groups")}
    return {**first, **then, **{name: values for name, values in more.items() if values}}


def _known_by(person: Known) -> set[str | None]:
    return {person.email_key, person.external_id} - {None}


def _newcomer(spec: PersonSpec) -> Known:
    return Known(
        id=new_id(),
        state=State.INVITED.value,
        name=spec.name or spec.guessed or "",
        email=spec.email,
        email_key=spec.email_key,
        locale=spec.locale or "",
        zone=spec.zone or "",
        external_id=spec.external_id,
    )
