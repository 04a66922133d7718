"""What may come in: the resources of RFC 7643 as scim2-models reads them, and how we bear with Entra and Okta.

What a client deviates in without meaning anything else is put right here, before it is read; what it says stays as it
was sent.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self

import msgspec
from pydantic import Field, model_validator
from scim2_models import (
    CaseExact,
    Context,
    EnterpriseUser,
    Group,
    InvalidFilterException,
    InvalidPathException,
    InvalidSyntaxException,
    InvalidValueException,
    PatchOp,
    Path,
    Reference,
    ScimPolicy,
    User,
)
from scim2_models.path import Comparison, FilterNode, LogicalExpr, Not, Present, ValuePath
from scim2_models.resources.enterprise_user import Manager as StrictManager
from scim2_models.resources.user import Email as StrictEmail

from gangway.identity.rules.scim import ENTERPRISE, Told, folded

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
OURS = ("schemas", "id", "meta", "groups", "password", "userName", "externalId", "active")
LARGEST = 64 * 1024  # bytes of one user's attributes
NAMED = 255
COMPARED = 200  # comparisons of one filter: SQLite takes no expression that is a thousand deep
UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


class Email(StrictEmail):
    """An address as it was sent: looked for, it may be anything; kept, it is not spelled anew."""

    value: str | None = None


class Manager(StrictManager):
    """A manager by id alone: RFC 7643, 4.3 recommends value and $ref; most clients send one of them."""

    value: Annotated[str | None, CaseExact.true] = None
    ref: Reference[User] | None = Field(None, serialization_alias="$ref", validation_alias="$ref")  # type: ignore[type-arg]


class Enterprise(EnterpriseUser):
    manager: Manager | None = None


class Person(User[Enterprise]):
    """A user as this server takes them."""

    emails: list[Email] | None = None  # type: ignore[assignment]

    @model_validator(mode="after")
    def _validate_comparison_forms(self) -> Self:
        """Nothing to refuse, so nothing to look for: `folded` compares every text. Walking all paths of the schema took
        most of what reading a user takes."""
        return self


POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.keep,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
    comparison_key=lambda binding, value: value if binding.case_exact else folded(value),
)


def read_json(body: bytes) -> dict[str, Any]:
    """The JSON object of a request. InvalidSyntaxException: it is none, or holds what no database takes."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as broken:
        raise InvalidSyntaxException(detail="The body is no JSON.") from broken
    if not isinstance(found, dict):
        raise InvalidSyntaxException(detail="The body is no JSON object.")
    _refuse_unkeepable(found, 0)
    return found


def _refuse_unkeepable(value: Any, depth: int) -> None:
    """NUL and lone surrogates are in no text; nothing of SCIM lies deeper than a few levels."""
    if depth > 20:
        raise InvalidSyntaxException(detail="The body is nested too deeply.")
    if isinstance(value, str):
        refuse_text(value)
    elif isinstance(value, dict):
        for name, one in value.items():
            refuse_text(name)
            _refuse_unkeepable(one, depth + 1)
    elif isinstance(value, list):
        for one in value:
            _refuse_unkeepable(one, depth + 1)


def refuse_text(text: str) -> None:
    if UNKEEPABLE.search(text):
        raise InvalidSyntaxException(detail="A text holds U+0000 or half a character.")


def refuse_filter(node: FilterNode) -> None:
    """InvalidFilterException: it compares more than we ask a database, or with a text that none takes."""
    leaves = list(_leaves(node))
    if len(leaves) > COMPARED:
        raise InvalidFilterException(detail=f"A filter compares {COMPARED} times at most, not {len(leaves)} times.")
    for leaf in leaves:
        if isinstance(leaf, Comparison) and isinstance(leaf.value, str) and UNKEEPABLE.search(leaf.value):
            raise InvalidFilterException(detail="A value of the filter holds U+0000 or half a character.")


def _leaves(node: FilterNode) -> Iterator[Comparison | Present]:
    if isinstance(node, LogicalExpr):
        for term in node.terms:
            yield from _leaves(term)
    elif isinstance(node, Not):
        yield from _leaves(node.expr)
    elif isinstance(node, ValuePath):
        yield from _leaves(node.val_filter)
    elif isinstance(node, Comparison | Present):
        yield node


# ---------------------------------------------------------------- users


def told_new(body: dict[str, Any]) -> Told:
    """A POSTed user."""
    read = Person.model_validate(_tolerated(body), scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=POLICY)
    return told_of(read, active=True)


def told_whole(body: dict[str, Any], before: Told) -> Told:
    """A PUT user: what is not said is not so any more, but for `active`: nobody comes in again by silence."""
    read = Person.model_validate(_tolerated(body), scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST, scim_policy=POLICY)
    return told_of(read, active=before.active)


@dataclass(frozen=True, slots=True)
class Patched:
    """A user after a PATCH. `unknown`: attributes that it named and that no schema has; they change nothing."""

    told: Told
    unknown: tuple[str, ...]


def told_patched(body: dict[str, Any], before: Told) -> Patched:
    """A PATCHed user. InvalidPathException: it named nothing that a user has."""
    with POLICY:
        operations = [_operation(one) for one in _operations(body)]
        unknown = tuple(name for one in operations for name in _unknown(one))
        if operations and unknown and len(unknown) == sum(len(_named(one)) for one in operations):
            raise InvalidPathException(detail=f"Users have no “{unknown[0][:80]}”.")
        patch = PatchOp[Person].model_validate(
            {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations},
            scim_ctx=Context.RESOURCE_PATCH_REQUEST,
        )
        stored = {"userName": before.user_name, **before.attributes}
        if before.active_said:
            stored["active"] = before.active
        if before.external_id:
            stored["externalId"] = before.external_id
        person = Person.model_validate(stored)
        patch.patch(person)
    return Patched(told_of(person, active=before.active, patched=True), unknown)


def told_of(read: Person, *, active: bool, patched: bool = False) -> Told:
    """What a read user tells; `active` stands in where it does not say it, which only a patch takes back.

    InvalidValueException: a name that is none, or more than we keep.
    """
    sent = read.model_dump(exclude_none=True, scim_policy=POLICY)
    if patched:  # its paths held texts of their own, which the JSON around them hid
        _refuse_unkeepable(sent, 0)
    user_name, external_id = sent.get("userName") or "", sent.get("externalId") or ""
    if not user_name.strip() or len(user_name) > NAMED or len(external_id) > NAMED:
        raise InvalidValueException(detail=f"userName holds 1 to {NAMED} signs, externalId as many at most.")
    attributes = {name: value for name, value in sent.items() if name not in OURS and value not in ([], {}, "")}
    if len(msgspec.json.encode(attributes)) > LARGEST:
        raise InvalidValueException(detail=f"One user's attributes hold {LARGEST} bytes at most.")
    said = "active" in sent or not patched
    return Told(user_name, external_id, sent.get("active", active), said, attributes)


def _tolerated(body: dict[str, Any]) -> dict[str, Any]:
    """Entra sends the manager as a bare id."""
    extension = body.get(ENTERPRISE)
    if isinstance(extension, dict) and isinstance(extension.get("manager"), str):
        body = {**body, ENTERPRISE: {**extension, "manager": {"value": extension["manager"]}}}
    return body


def _operations(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = next((value for name, value in body.items() if name.lower() == "operations"), None)
    if not isinstance(found, list) or not found or not all(isinstance(one, dict) for one in found):
        raise InvalidSyntaxException(detail="A PATCH names its Operations.")
    return [{name.lower(): value for name, value in one.items()} for one in found]


def _operation(one: dict[str, Any]) -> dict[str, Any]:
    """One operation in the words of RFC 7644."""
    value, path = one.get("value"), one.get("path")
    if isinstance(path, str) and path.lower().endswith(":manager") and isinstance(value, str):
        return {**one, "value": {"value": value}}
    if not path and isinstance(value, dict):
        kept = {
            name: _manager(name, part) for name, part in value.items() if name.lower() not in ("id", "schemas", "meta")
        }
        return {**one, "value": kept}
    return one


def _manager(name: str, value: Any) -> Any:
    if name.lower().endswith(":manager") and isinstance(value, str):
        return {"value": value}
    if name == ENTERPRISE and isinstance(value, dict) and isinstance(value.get("manager"), str):
        return {**value, "manager": {"value": value["manager"]}}
    return value


def _named(one: Mapping[str, Any]) -> list[str]:
    """The paths that an operation names."""
    if one.get("path"):
        return [str(one["path"])]
    return list(one["value"]) if isinstance(one.get("value"), dict) else []


def attributes_named(body: Mapping[str, Any]) -> str:
    """For the log: which attributes a PATCH names, without what it says of them."""
    plain = {re.sub(r"\[.*\]", "", name).rpartition(":")[2] for one in _operations(body) for name in _named(one)}
    return ", ".join(sorted(name for name in plain if re.fullmatch(r"[\w.$-]{1,60}", name, re.ASCII)))[:300]


def _unknown(one: Mapping[str, Any]) -> list[str]:
    return [name for name in _named(one) if not _is_known(name)]


def _is_known(name: str) -> bool:
    path = Path[Person](name)
    return path.model is not None or path.resolve() is not None


# ---------------------------------------------------------------- groups


def operations_of_group(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The operations of a PATCH on a group: `op` in lower case, `path` as it stands."""
    found = _operations(body)
    for one in found:
        one["op"] = str(one.get("op", "")).lower()
        if one["op"] not in ("add", "remove", "replace"):
            raise InvalidSyntaxException(detail="An operation adds, removes or replaces.")
    return found


def read_group(body: dict[str, Any]) -> Group:
    """A POSTed or PUT group. Members may be bare ids."""
    if isinstance(body.get("members"), list):
        bare = [{"value": one} if isinstance(one, str) else one for one in body["members"]]
        body = {**body, "members": bare}
    return Group.model_validate(body, scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=POLICY)
