"""What anybody may do to people between an import and its undo."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from gangway.kernel.personal import Subject
from gangway.kernel.refusal import Refusal
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.people import actions
from gangway.people.models import Group, Person
from gangway.people.privacy import PRIVACY
from gangway.people.tests.conftest import ME, NOW
from gangway.people.tests.register import GROUPS, LOCALES, MAILS, NAMES, ROLES, ZONES

LATER = NOW + timedelta(hours=1)


def erase(person_id: UUID) -> None:
    actions.erase_person(person_id=person_id, actor=ME, now=NOW)
    PRIVACY.erase(Subject(id=person_id, partner_id=scopes.writer(), addresses=()), NOW)


@dataclass(frozen=True)
class Deed:
    """What somebody does to the person number `who`, between import and undo."""

    who: int
    verb: str
    value: str = ""

    def done(self, partner_id: UUID) -> None:
        """Do it, if it can be done."""
        with scopes.one(partner_id):
            people = list(Person.objects.order_by("pk"))
            group = Group.objects.filter(key=self.value).first()
        if not people or (self.verb in WITH_GROUPS and group is None):
            return
        person = people[self.who % len(people)]
        said: dict[str, Any] = {"actor": ME, "now": LATER}
        if self.verb == "file":
            lines = [Line(2, {"email": person.email, "name": self.value})]
            actions.import_people(lines=lines, partner_id=partner_id, source="crm:main", **said)
            return
        with scopes.one(partner_id), suppress(Refusal):
            if group is not None:
                WITH_GROUPS[self.verb](group.id, person.id, said)
            else:
                WITH_PEOPLE[self.verb]({"person_id": person.id, **said}, self.value)


WITH_PEOPLE: dict[str, Callable[[dict[str, Any], str], Any]] = {
    "name": lambda said, value: actions.set_profile(**said, name=value),
    "locale": lambda said, value: actions.set_profile(**said, locale=value),
    "zone": lambda said, value: actions.set_profile(**said, zone=value),
    "mailbox": lambda said, value: actions.mend_mailbox(**said, email=value),
    "come in": lambda said, _: actions.activate_person(**said),
    "suspend": lambda said, _: actions.suspend_person(**said),
    "resume": lambda said, _: actions.resume_person(**said),
    "leave": lambda said, _: actions.person_leaves(**said),
    "erase": lambda said, _: erase(said["person_id"]),
    "grant": lambda said, value: actions.grant_role(**said, role=value),
    "revoke": lambda said, value: actions.revoke_role(**said, role=value),
}
WITH_GROUPS: dict[str, Callable[[UUID, UUID, dict[str, Any]], Any]] = {
    "join": lambda group, person, said: actions.join_group(group_id=group, person_ids=[person], **said),
    "quit": lambda group, person, said: actions.quit_group(group_id=group, person_ids=[person], **said),
    "rename": lambda group, _, said: actions.rename_group(group_id=group, name="Renamed", **said),
}


def deed(verb: str, *values: str) -> st.SearchStrategy[Deed]:
    return st.builds(Deed, st.integers(0, 7), st.just(verb), st.sampled_from(values or ("",)))


DEEDS = st.one_of(
    deed("name", *NAMES),
    deed("locale", *LOCALES),
    deed("zone", *ZONES),
    deed("mailbox", *MAILS),
    *(deed(verb) for verb in ("come in", "suspend", "resume", "leave", "erase")),
    deed("grant", *ROLES),
    deed("revoke", *ROLES),
    deed("join", *GROUPS),
    deed("quit", *GROUPS),
    deed("rename", *GROUPS),
    deed("file", *NAMES),
)
