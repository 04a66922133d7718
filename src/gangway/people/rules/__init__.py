"""What a person may look like, who is meant by a row from outside, and what that row changes. Pure."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import Any
from uuid import UUID

from gangway.kernel.access import (
    CHANNEL_MANAGER,
    HOST_ROLES,
    LEARNER,
    PARTNER_ADMIN,
    PARTNER_IT,
    PARTNER_ROLES,
    PLATFORM_ADMIN,
    PROGRAMME_LEAD,
    Reach,
)
from gangway.kernel.refusal import Invalid
from gangway.kernel.said import said
from gangway.kernel.values import clean_key, clean_line, clean_locale, clean_mail, clean_zone, mail_key, printable


class State(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"  # has signed in
    SUSPENDED = "suspended"
    LEFT = "left"
    ERASED = "erased"


GONE = (State.LEFT.value, State.ERASED.value)
COMES_IN = (State.INVITED.value, State.ACTIVE.value)


class RunState(StrEnum):
    """`undoing` until every chunk is taken back, then `undone`. A run that stopped may be gone on with, or undone."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


class Why(StrEnum):
    """Why somebody stays as they are when the import that brought or changed them is undone."""

    CHANGED = "changed"  # by somebody, since
    CAME_IN = "came_in"  # has signed in
    GONE = "gone"  # is not there any more


SHEET_LIFE = timedelta(days=7)  # of a file brought to a page
UNDO_LIFE = timedelta(days=30)  # of what the undo of an import needs
# What reading a file would do is kept in pages of one kind of result each, those that need somebody first.
LOOKS: Mapping[str, str] = {"refused": "refused", "new": "new", "changed": "changed", "unchanged": "same"}
ROWS_A_PAGE = 100


class SheetState(StrEnum):
    """A file brought to a page: judged, shown, then read. `unusable`: it is no table of people."""

    CHECKING = "checking"
    CHECKED = "checked"
    UNUSABLE = "unusable"
    READING = "reading"
    READ = "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSpec:
    """What one row says about a person. None: nothing, leave it. `email_key` follows from `email`.

    `guessed`: a name made of the address, for somebody new, where the file says nothing of names.
    """

    name: str | None = None
    email: str | None = None
    email_key: str | None = None
    external_id: str | None = None
    locale: str | None = None
    zone: str | None = None
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    guessed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A person as an import sees them. `external_id`: the one in the import's source. `merged`: a way to another."""

    id: UUID
    state: str
    name: str
    email: str | None
    email_key: str | None
    locale: str
    zone: str
    managed_by: str = ""
    external_id: str | None = None
    merged: bool = False
    roles: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Who is meant (None: somebody new) and what the row changes, by field."""

    person: Known | None
    changes: Mapping[str, Any]


COLUMNS = ("name", "email", "external_id", "locale", "zone", "role", "groups", "partner")
ALIASES = {
    "full_name": "name",
    "e_mail": "email",
    "mail": "email",
    "email_address": "email",
    "e_mail_address": "email",
    "id": "external_id",
    "language": "locale",
    "time_zone": "zone",
    "timezone": "zone",
    "roles": "role",
    "group": "groups",
}
SAID = ("name", "email", "email_key", "locale", "zone", "external_id", "roles", "groups")
COMPARED = SAID[:5]
ADDRESS = re.compile(r"\s*\"?(?P<name>[^<>\"]*?)\"?\s*<(?P<email>[^<>]+)>\s*")


def parse_row(row: Mapping[str, str | None]) -> PersonSpec:
    """A row of a people file as a PersonSpec; Invalid names the column and what would be right."""
    email, name = row.get("email"), row.get("name")
    external_id = row.get("external_id")
    if not email and not external_id:
        raise Invalid(
            field="email",
            problem="The row has neither an e-mail nor an external id.",
            mend="Without one of them nobody can tell two people apart.",
        )
    if email and (written := ADDRESS.fullmatch(email)):
        email, name = written["email"], name or written["name"]
    locale, zone = row.get("locale"), row.get("zone")
    return PersonSpec(
        name=clean_line(name) if name else None,
        email=clean_mail(email) if email else None,
        email_key=mail_key(email) if email else None,
        external_id=clean_line(external_id, "external_id", limit=255) if external_id else None,
        locale=clean_locale(locale) if locale else None,
        zone=clean_zone(zone) if zone else None,
        roles=split_roles(row.get("role") or ""),
        groups=split_groups(row.get("groups") or ""),
        guessed=name_in(email) if email and "name" not in row else None,
    )


def split_roles(text: str) -> tuple[str, ...]:
    """The roles a cell names, without learner, which everybody is: "partner_admin, partner_it"."""
    return tuple(sorted({part.lower() for part in re.split(r"[\s,;|]+", text) if part} - {LEARNER}))


def split_groups(text: str) -> tuple[str, ...]:
    """The keys of the groups a cell names: "north, engineers". Invalid: one of them cannot be a key."""
    return tuple(sorted({clean_key(part.lower(), "groups") for part in re.split(r"[\s,;|]+", text) if part}))


def name_in(email: str) -> str:
    """What an address says of a name, until the person says it themselves: ana.lima@x.example is Ana Lima."""
    local = email.rpartition("@")[0].partition("+")[0]
    words = [word for word in re.split(r"[._\-\d]+", local) if word]
    return " ".join(word[:1].upper() + word[1:] for word in words)[:200].strip() or email[:200]


@dataclass(slots=True)
class Twins:
    """The lines of one file where each address and each external id stands first."""

    first: dict[int, int] = field(default_factory=dict)

    def refuse(self, spec: PersonSpec, line: int) -> None:
        """Invalid: two rows with one address or id are a mistake in the file; the first one counts."""
        keys = [
            (kind, value) for kind, value in (("e-mail", spec.email_key), ("external id", spec.external_id)) if value
        ]
        lines = [(kind, self.first.setdefault(hash((kind, value)), line)) for kind, value in keys]
        for kind, first in lines:
            if first != line:
                raise Invalid(
                    problem="This {kind} stands in line {first} already.",
                    mend="Keep one of them.",
                    kind=kind,
                    first=first,
                )


def judge(spec: PersonSpec, by_external_id: Known | None, by_mailbox: Known | None, source: str, kind: str) -> Verdict:
    """Who is meant, first by external id, then by mailbox in the same partner, and what changes. Invalid: it cannot be.

    Somebody who left is found again by the external id of the same source only, never by their mailbox.
    """
    for role in spec.roles:
        check_role(role, kind)
    person = by_external_id or by_mailbox
    if person is None:
        return Verdict(person=None, changes=_newcomer(spec))
    _check_meant(spec, person, by_mailbox)
    if person.managed_by not in ("", source):
        raise Invalid(
            problem="{name} is managed by {managed_by}.",
            mend="Change the person there.",
            name=printable(person.name),
            managed_by=person.managed_by,
        )
    return Verdict(person=person, changes=_differences(spec, person))


def _newcomer(spec: PersonSpec) -> dict[str, Any]:
    if spec.name is None and spec.guessed is None:
        raise Invalid(field="name", problem="The person is new and has no name.", mend="Give them one.")
    said = {field: getattr(spec, field) for field in SAID}
    return {field: value for field, value in said.items() if value}


def _check_meant(spec: PersonSpec, person: Known, by_mailbox: Known | None) -> None:
    if person.state == State.ERASED:
        raise Invalid(field="external_id", problem="This person was erased.", mend="Use another external id.")
    if person.merged:
        raise Invalid(
            field="external_id",
            problem="The account of {name} was merged into another one.",
            mend="Take the row out of the file, or undo the merge first.",
            name=printable(person.name),
        )
    if by_mailbox is not None and by_mailbox.id != person.id:
        mailbox = printable(by_mailbox.email or "")
        raise Invalid(
            field="email",
            problem="{mailbox} belongs to somebody else, {name}.",
            mend="Mend one of the two rows.",
            mailbox=mailbox,
            name=printable(by_mailbox.name),
        )
    if spec.external_id and person.external_id and spec.external_id != person.external_id:
        raise Invalid(
            field="external_id",
            problem="{email} belongs to the external id “{external_id}”.",
            mend="Mend the id, or let that person leave first.",
            email=printable(spec.email or ""),
            external_id=printable(person.external_id),
        )


def _differences(spec: PersonSpec, person: Known) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for name in COMPARED:
        value = getattr(spec, name)
        if value is not None and value != getattr(person, name):
            changes[name] = value
    if spec.external_id and not person.external_id:
        changes["external_id"] = spec.external_id
    if missing := tuple(role for role in spec.roles if role not in person.roles):
        changes["roles"] = missing
    if missing := tuple(group for group in spec.groups if group not in person.groups):
        changes["groups"] = missing
    if person.state == State.LEFT:
        changes["state"] = State.INVITED.value
    return changes


def after(person: Known, changes: Mapping[str, Any]) -> Known:
    """A person once the changes of a verdict are written."""
    columns = {name: value for name, value in changes.items() if name not in ("roles", "groups")}
    more = {name: getattr(person, name) | set(changes.get(name, ())) for name in ("roles", "groups")}
    return replace(person, **columns, **more)


def check_role(role: str, kind: str) -> None:
    """A role of the channel team for people at the host, a partner's role for people at a partner; else Invalid."""
    known = HOST_ROLES | {LEARNER} if kind == "host" else PARTNER_ROLES
    if role in known:
        return
    problem = said("There is no role “{role}”.", role=printable(role))
    if role in HOST_ROLES:
        problem = said("The role “{role}” is for people of the host.", role=role)
    elif role in PARTNER_ROLES:
        problem = said("The role “{role}” is for people of partners.", role=role)
    raise Invalid(field="role", problem=problem, mend="Use {known}.", known=sorted(known))


def mark(values: Mapping[str, Any]) -> str:
    """A short digest of what an import left behind, to see at its undo whether that was changed since."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)
    return blake2b(text.encode(), digest_size=9).hexdigest()


class Blocker(StrEnum):
    """What a partner needs next, as far as its people show."""

    NO_ADMIN = "no_admin"
    ADMIN_OUT = "admin_out"
    ADMIN_AWAY = "admin_away"
    NO_TEAM = "no_team"
    TEAM_AWAY = "team_away"
    NONE = "none"


def blocker(*, admins: int, admins_open: int, admins_in: int, people: int, people_in: int) -> Blocker:
    """The first thing in the way: an admin named, one of them may come in, one came in, a team named, somebody of it
    came in.

    `admins_open`: the admins who are not suspended; a directory may shut out the last one. `people` counts everybody
    who has not left, admins among them; `people_in` those of them who came in.
    """
    if not admins:
        return Blocker.NO_ADMIN
    if not admins_open:
        return Blocker.ADMIN_OUT
    if not admins_in:
        return Blocker.ADMIN_AWAY
    if people <= admins:
        return Blocker.NO_TEAM
    return Blocker.TEAM_AWAY if people_in <= admins_in else Blocker.NONE


def usual_reach(role: str) -> Reach:
    """How far a role reaches unless told otherwise."""
    if role == CHANNEL_MANAGER:
        return Reach.PORTFOLIO
    return Reach.HOST if role in HOST_ROLES else Reach.ONE


# ── Giving roles ────────────────────────────────────────────────────────────────────────────────────────────────────

AT_PARTNERS = frozenset({PARTNER_ADMIN, PARTNER_IT})
# What each role may hand out. Nobody hands out what they could not have done themselves.
GIVES: Mapping[str, frozenset[str]] = {
    PLATFORM_ADMIN: HOST_ROLES | AT_PARTNERS,
    PROGRAMME_LEAD: (HOST_ROLES - {PLATFORM_ADMIN}) | AT_PARTNERS,
    CHANNEL_MANAGER: AT_PARTNERS,
    PARTNER_ADMIN: AT_PARTNERS,
}
# Without one of them nobody could let anybody in again.
KEEPS_ONE = (PLATFORM_ADMIN, PARTNER_ADMIN)


@dataclass(frozen=True, slots=True)
class Over:
    """What a grant reaches: these partners (None: every one) and, where it `grows`, all that will stand below them."""

    partners: frozenset[UUID] | None
    grows: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A role its giver holds. `home`: where a partner's own people work, for they give roles there only, however far
    their reach goes; None for staff."""

    role: str
    over: Over
    home: UUID | None = None


def may_give(held: Iterable[Held], role: str, over: Over, at: UUID) -> bool:
    """Whether somebody who holds all that may give `role` over so much to a person of the partner `at`."""
    return any(
        role in GIVES.get(mine.role, ()) and _covers(mine.over, over) and mine.home in (None, at) for mine in held
    )


def _covers(mine: Over, theirs: Over) -> bool:
    if mine.partners is None:
        return True
    return theirs.partners is not None and theirs.partners <= mine.partners and (mine.grows or not theirs.grows)


def somebody_stays(others: Iterable[datetime | None]) -> bool:
    """Whether one of the other holders of a role holds it without an end: an end would only put the gap off."""
    return any(until is None for until in others)
