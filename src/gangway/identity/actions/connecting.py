"""What a connection does with people: whom it signs in, whom it admits, when a code by mail opens beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.identity.actions.connections import ServedByAnother, locked_connection, note_connection
from gangway.identity.actions.memberships import clean_group_rules
from gangway.identity.models import Connection
from gangway.identity.rules.connections import USUAL_CLAIMS, ConnectionKind, Fallback, JoinAttribute
from gangway.identity.rules.mapping import GroupRule
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import clean_host, clean_line
from gangway.partners import queries as partners

CLAIM_LENGTH = 255
TAKEN_AWAY = object()  # None leaves a part alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """How a connection behaves; None leaves a part alone. `joined`: key of the SCIM connection whose people it signs
    in, "" for none; `claims`: our field → claim, for the fields of rules.connections.USUAL_CLAIMS;
    `groups`: which of ours their groups stand for; `no_head_count`: nobody says how many will come."""

    name: str | None = None
    admits: bool | None = None
    domains: Sequence[str] | None = None
    fallback: Fallback | None = None
    joined: str | None = None
    join_claim: str | None = None
    join_attribute: JoinAttribute | None = None
    claims: Mapping[str, str] | None = None
    groups: Sequence[GroupRule] | None = None
    head_count: int | None = None
    no_head_count: bool = False


@action("identity.connection.conduct")
def set_conduct(*, connection_id: UUID, conduct: Conduct, actor: Actor, now: datetime) -> None:
    """Change how a connection behaves, from the next request on. Invalid names the part that cannot be: a domain that
    its partner has not proven, a directory that is none of its partner's, a field or a count there is not.
    ServedByAnother: another company's sign-in joins no directory, fills no groups, and has its own claims."""
    row = locked_connection(connection_id)
    asked = {field: value for field, value in _asked(row, conduct).items() if value is not None}
    wanted = {field: None if value is TAKEN_AWAY else value for field, value in asked.items()}
    changes = {field: value for field, value in wanted.items() if value != getattr(row, field)}
    if not changes:
        return
    for field, value in changes.items():
        setattr(row, field, value)
    row.save()
    told = {field: str(value) for field, value in changes.items()}
    note_connection(row, "identity.connection.conduct", told, actor, now)


def _asked(row: Connection, conduct: Conduct) -> dict[str, Any]:
    signs_in = ConnectionKind(row.kind).signs_in
    if row.owner is not None and (conduct.joined or conduct.claims or conduct.groups):
        raise ServedByAnother
    if not signs_in and (conduct.admits or conduct.domains or conduct.joined):
        raise Invalid(field="kind", problem="A directory signs nobody in.", mend="Set it on the company's sign-in.")
    return {
        "name": clean_line(conduct.name) if conduct.name is not None else None,
        "admits": conduct.admits,
        "domains": _domains(conduct.domains) if conduct.domains is not None else None,
        "fallback": _fallback(conduct.fallback),
        **_joined(row, conduct),
        "claims": _claims(conduct.claims) if conduct.claims is not None else None,
        "group_rules": clean_group_rules(ConnectionKind(row.kind), conduct.groups)
        if conduct.groups is not None
        else None,
        "head_count": TAKEN_AWAY if conduct.no_head_count else _count(conduct.head_count),
    }


def _fallback(fallback: Fallback | None) -> str | None:
    """The partner narrows what its type proposes; what the type does not propose, nobody opens."""
    if fallback is None:
        return None
    ways = partners.ways_of(scopes.writer())
    if not ways.by_mail and fallback is Fallback.OPEN:
        raise Invalid(
            field="fallback",
            problem="No code by mail is meant for a partner of the type {type}.",
            mend="Ask your channel team: it stands with the partner types.",
            type=ways.type_name,
        )
    return fallback.value


def _domains(names: Sequence[str]) -> list[str]:
    wanted = sorted({clean_host(name, "domains") for name in names})
    for name in wanted:
        if not partners.domain_proven(scopes.writer(), f"somebody@{name}"):
            raise Invalid(
                field="domains", problem="The partner has not proven {domain}.", mend="Prove it first.", domain=name
            )
    return wanted


def _joined(row: Connection, conduct: Conduct) -> dict[str, Any]:
    claim = None if conduct.join_claim is None else conduct.join_claim.strip()[:CLAIM_LENGTH]
    attribute = conduct.join_attribute.value if conduct.join_attribute is not None else None
    told: dict[str, Any] = {"join_claim": claim, "join_attribute": attribute}
    if conduct.joined is None:
        return told
    if not conduct.joined:
        return {"joined_id": TAKEN_AWAY, "join_claim": "", "join_attribute": ""}
    directory = Connection.objects.filter(key=conduct.joined, kind=ConnectionKind.SCIM).first()
    if directory is None:
        raise Invalid(
            field="joined",
            problem="This partner has no directory “{key}”.",
            mend="Make it first, with the kind scim.",
            key=conduct.joined,
        )
    return {
        "joined_id": directory.id,
        "join_claim": claim or "",
        "join_attribute": attribute or row.join_attribute or JoinAttribute.EXTERNAL_ID.value,
    }


def _claims(claims: Mapping[str, str]) -> dict[str, str]:
    unknown = sorted(claims.keys() - USUAL_CLAIMS.keys())
    if unknown:
        raise Invalid(
            field="claims",
            problem="There is no field “{name}”.",
            mend="Use {known}.",
            name=unknown[0],
            known=sorted(USUAL_CLAIMS),
        )
    return {field: clean_line(claim, "claims", limit=CLAIM_LENGTH) for field, claim in claims.items() if claim}


def _count(count: int | None) -> int | None:
    if count is not None and count < 1:
        raise Invalid(field="head_count", problem="Nobody is too few.", mend="Name how many people will come.")
    return count
