"""What goes out: resources as plain dictionaries, made into bytes by msgspec; errors of RFC 7644, 3.12."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from gangway.identity.queries.scim import GroupRow, UserRow
from gangway.identity.rules.scim import ENTERPRISE, Did
from gangway.identity.scim.words import GROUP, USER

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ALWAYS = frozenset({"id", "schemas"})
encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Answer:
    """`did` and `why` are for the connection's log."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    did: Did = Did.REFUSED
    why: str = ""


def error(status: int, detail: str, scim_type: str = "") -> dict[str, Any]:
    body = {"schemas": [ERROR], "status": str(status), "detail": detail}
    return {**body, "scimType": scim_type} if scim_type else body


def etag(version: int) -> str:
    return f'W/"{version}"'


def user_resource(row: UserRow, base: str) -> dict[str, Any]:
    """A user as RFC 7643 shows one; `base` is where this server stands."""
    told = row.told
    schemas = [USER, ENTERPRISE] if ENTERPRISE in told.attributes else [USER]
    resource: dict[str, Any] = {"schemas": schemas, "id": str(row.person_id), "userName": told.user_name}
    if told.external_id:
        resource["externalId"] = told.external_id
    resource |= told.attributes
    if told.active_said:
        resource["active"] = told.active
    if row.groups:
        resource["groups"] = [
            {"value": str(one), "$ref": f"{base}/Groups/{one}", "display": title, "type": "direct"}
            for one, title in row.groups
        ]
    resource["meta"] = _meta("User", f"{base}/Users/{row.person_id}", row.version, row.created_at, row.changed_at)
    return resource


def group_resource(row: GroupRow, base: str) -> dict[str, Any]:
    resource: dict[str, Any] = {"schemas": [GROUP], "id": str(row.group_id), "displayName": row.display_name}
    if row.external_id:
        resource["externalId"] = row.external_id
    if row.members is not None:
        resource["members"] = [_member(one, base) for one in row.members]
    resource["meta"] = _meta("Group", f"{base}/Groups/{row.group_id}", row.version, row.created_at, row.changed_at)
    return resource


def _member(person_id: UUID, base: str) -> dict[str, str]:
    return {"value": str(person_id), "$ref": f"{base}/Users/{person_id}", "type": "User"}


def _meta(kind: str, location: str, version: int, created: datetime, changed: datetime) -> dict[str, Any]:
    return {
        "resourceType": kind,
        "created": created,
        "lastModified": changed,
        "location": location,
        "version": etag(version),
    }


# ---------------------------------------------------------------- attributes and excludedAttributes


@dataclass(frozen=True, slots=True)
class Shown:
    """Which attributes were asked for, or left out; paths in lower case, one or two steps each."""

    only: frozenset[tuple[str, ...]] = frozenset()
    without: frozenset[tuple[str, ...]] = frozenset()

    @property
    def members(self) -> bool:
        """Whether a group's members are shown, so that nobody reads them in vain."""
        if self.only:
            return any(path[0] == "members" for path in self.only)
        return ("members",) not in self.without

    def of(self, resource: dict[str, Any]) -> dict[str, Any]:
        if self.only:
            return _only(resource, self.only)
        return _without(resource, self.without) if self.without else resource


def steps(names: Iterable[str]) -> frozenset[tuple[str, ...]]:
    """`name.givenName` → (name, givenname); the names of an extension begin with its URN."""
    return frozenset(_steps(name.strip()) for name in names if name.strip())


def _steps(name: str) -> tuple[str, ...]:
    for urn in (USER, GROUP):
        if name.lower().startswith(f"{urn.lower()}:"):
            name = name[len(urn) + 1 :]
    if name.lower().startswith(ENTERPRISE.lower()):
        rest = name[len(ENTERPRISE) + 1 :]
        return (ENTERPRISE.lower(), *rest.lower().split(".")[:1]) if rest else (ENTERPRISE.lower(),)
    return tuple(name.lower().split(".")[:2])


def _only(resource: dict[str, Any], paths: frozenset[tuple[str, ...]]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, value in resource.items():
        low = name.lower()
        if name in ALWAYS or (low,) in paths:
            shown[name] = value
        elif parts := {path[1] for path in paths if path[0] == low and len(path) > 1}:
            shown[name] = _parts(value, lambda part, parts=parts: part in parts)
    return {name: value for name, value in shown.items() if value not in ({}, [])}


def _without(resource: dict[str, Any], paths: frozenset[tuple[str, ...]]) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for name, value in resource.items():
        low = name.lower()
        if (low,) in paths and name not in ALWAYS:
            continue
        parts = {path[1] for path in paths if path[0] == low and len(path) > 1}
        shown[name] = _parts(value, lambda part, parts=parts: part not in parts) if parts else value
    return shown


def _parts(value: Any, wanted: Any) -> Any:
    if isinstance(value, list):
        return [one for one in (_parts(one, wanted) for one in value) if one not in ({}, [])]
    if isinstance(value, dict):
        return {name: part for name, part in value.items() if wanted(name.lower())}
    return value
