"""What a connection's log says, and which of its changes wait for a human."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from gangway.identity.models import ApiToken, ScimExchange, ScimGroup, ScimHold, ScimRemoval, ScimUser
from gangway.identity.rules.scim import Did, HoldKind, HoldState
from gangway.people import queries as people

DID_WORDS: dict[Did, str] = {
    Did.READ: _("Looked."),
    Did.CREATED: _("Brought in."),
    Did.CHANGED: _("Changed."),
    Did.UNCHANGED: _("Nothing to change."),
    Did.LET_IN: _("Let in again."),
    Did.SHUT_OUT: _("Shut out at once, by every door."),
    Did.DELETED: _("Taken away, and shut out."),
    Did.HELD: _("Held: more than an hour may bring or take. It waits for your decision."),
}
WHY_WORDS: dict[str, str] = {
    "identity.scim_taken": _("Refused: somebody or something has this name already. It should find and change it."),
    "identity.scim_mailbox_taken": _("Refused: this address is somebody else's here. Look whom it belongs to on Team."),
    "identity.scim_changed_meanwhile": _("Refused: it had changed meanwhile. The directory reads it and tries again."),
    "not_found": _("Refused: nobody and nothing here has this id. Let the directory begin a full synchronisation."),
    "invalid": _("Refused: a value cannot be. Look at this attribute in the mapping over there."),
    "invalidValue": _("Refused: a value cannot be. Look at this attribute in the mapping over there."),
    "invalidPath": _("Refused: an attribute that does not exist. Take it out of the mapping over there."),
    "invalidSyntax": _("Refused: what came cannot be read."),
    "invalidFilter": _("Refused: it looked for something by a filter that cannot be."),
    "noTarget": _("Refused: the part to change is not there."),
    "mutability": _("Refused: this attribute cannot be changed."),
    "tooMany": _("Refused: too many at once."),
    "uniqueness": _("Refused: somebody or something has this name already. It should find and change it."),
    "not implemented": _("Refused: this part of SCIM is not done here."),
    "method": _("Refused: this is not done at this address."),
}
ANY_NO = _("Refused.")
ADOPTED_WORDS = _("Brought in: the same person as one who was here already. The directory looks after them now.")


@dataclass(frozen=True, slots=True)
class ExchangeRow:
    """What came, what it did, or why it did nothing. `path` holds ids, never names or addresses.

    why: of a refusal its code, of who was made their id, of a change the attributes. whom: the person or the group, as
    they are called today. adopted: who was brought had been here before.
    """

    at: datetime
    method: str
    path: str
    status: int
    did: Did
    why: str
    whom: str = ""
    adopted: bool = False

    @property
    def words(self) -> str:
        """What it did, or why it did nothing and what the directory's admin does about it."""
        if self.adopted:
            return gettext(ADOPTED_WORDS)
        if self.did is not Did.REFUSED:
            return gettext(DID_WORDS[self.did])
        code, _colon, _field = self.why.partition(":")
        return gettext(WHY_WORDS.get(code, ANY_NO))


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A breaker that opened: `seen` is what was asked for in all, `allowed` what passes by itself."""

    id: UUID
    connection_id: UUID
    kind: HoldKind
    state: HoldState
    seen: int
    allowed: int
    opened_at: datetime
    decided_at: datetime | None
    until: datetime | None


def exchanges(connection_id: UUID, *, limit: int = 100, before: datetime | None = None) -> tuple[ExchangeRow, ...]:
    """The log of a connection of the open scope, youngest first. Four statements."""
    rows = ScimExchange.objects.filter(connection=connection_id)
    if before is not None:
        rows = rows.filter(at__lt=before)
    lines = list(rows.order_by("-at", "-id")[:limit])
    meant = [_meant(row) for row in lines]
    called = _called(connection_id, {one for one in meant if one is not None})
    made = {one for row, one in zip(lines, meant, strict=True) if row.did == Did.CREATED}
    adopted = set(
        ScimUser.objects.filter(connection=connection_id, person__in=made, made=False).values_list(
            "person_id", flat=True
        )
    )
    return tuple(
        ExchangeRow(
            at=row.at,
            method=row.method,
            path=row.path,
            status=row.status,
            did=Did(row.did),
            why=row.why,
            whom=called.get(one, "") if one else "",
            adopted=row.did == Did.CREATED and one in adopted,
        )
        for row, one in zip(lines, meant, strict=True)
    )


def _meant(row: ScimExchange) -> UUID | None:
    """The SCIM id of whom a line is about: in its path, or what was made by it."""
    for text in (row.path.partition("?")[0].rpartition("/")[2], row.why if row.did == Did.CREATED else ""):
        try:
            return UUID(text)
        except ValueError:
            continue
    return None


def _called(connection_id: UUID, ids: set[UUID]) -> dict[UUID, str]:
    groups = ScimGroup.objects.filter(connection=connection_id, group__in=ids).values_list("group_id", "display_name")
    return people.names(ids) | dict(groups) if ids else {}


def holds(connection_id: UUID, *, open_only: bool = False) -> tuple[HoldRow, ...]:
    """The breakers of a connection that opened, youngest first."""
    rows = ScimHold.objects.filter(connection=connection_id)
    if open_only:
        rows = rows.filter(state=HoldState.OPEN)
    return tuple(
        HoldRow(
            row.id,
            row.connection_id,
            HoldKind(row.kind),
            HoldState(row.state),
            row.seen,
            row.allowed,
            row.opened_at,
            row.decided_at,
            row.until,
        )
        for row in rows.order_by("-opened_at", "-id")
    )


@dataclass(frozen=True, slots=True)
class LeaverRow:
    """Somebody whom a connection shut out, or took away (`gone`); their receipt says what was void from then on."""

    person_id: UUID
    name: str
    at: datetime
    gone: bool


def leavers(connection_id: UUID, *, limit: int = 20) -> tuple[LeaverRow, ...]:
    """Whom a connection of the open scope shut out within a month, youngest first. Two statements."""
    rows = list(ScimRemoval.objects.filter(connection=connection_id).order_by("-at", "-id")[:limit])
    names = people.names(row.person_id for row in rows)
    return tuple(LeaverRow(row.person_id, names.get(row.person_id, ""), row.at, row.gone) for row in rows)


def connections_heard() -> list[tuple[UUID, UUID]]:
    """Routing: (partner, connection) of every connection that ever had a token, for what is forgotten nightly."""
    return list(ApiToken.objects.order_by("connection_id").values_list("partner_id", "connection_id").distinct())
