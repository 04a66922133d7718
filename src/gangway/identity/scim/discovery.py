"""What this server is and can (RFC 7643, 5 to 7): the same for every connection, but for the address."""

from functools import cache
from typing import Any

from scim2_models import EnterpriseUser, Group, ResourceType, User

from gangway.identity.rules.scim import Did
from gangway.identity.scim.answers import LIST, Answer, error
from gangway.identity.scim.asking import CURSOR_LIFE, LARGEST_PAGE, PAGE, Ask
from gangway.identity.scim.words import Enterprise
from gangway.kernel.refusal import NotFound

CONFIG = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"


def config(ask: Ask) -> Answer:
    """/ServiceProviderConfig."""
    return Answer(
        200,
        {
            "schemas": [CONFIG],
            "patch": {"supported": True},
            "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
            "filter": {"supported": True, "maxResults": LARGEST_PAGE},
            "changePassword": {"supported": False},
            "sort": {"supported": True},
            "etag": {"supported": True},
            "pagination": {
                "cursor": True,
                "index": True,
                "defaultPaginationMethod": "index",
                "defaultPageSize": PAGE,
                "maxPageSize": LARGEST_PAGE,
                "cursorTimeout": int(CURSOR_LIFE.total_seconds()),
            },
            "authenticationSchemes": [
                {
                    "type": "oauthbearertoken",
                    "name": "Bearer token",
                    "description": "The token of the connection, in the header Authorization.",
                    "specUri": "https://www.rfc-editor.org/info/rfc6750",
                    "primary": True,
                }
            ],
            "meta": {"resourceType": "ServiceProviderConfig", "location": f"{ask.base}/ServiceProviderConfig"},
        },
        did=Did.READ,
    )


@cache
def _schemas() -> dict[str, dict[str, Any]]:
    found = {}
    for model, name in ((User, "User"), (Group, "Group"), (Enterprise, "EnterpriseUser")):
        schema = model.to_schema().model_dump(exclude_none=True)
        schema.pop("meta", None)
        schema["name"] = name
        found[schema["id"]] = schema
    members = next(one for one in found["urn:ietf:params:scim:schemas:core:2.0:Group"]["attributes"]
                   if one["name"] == "members")  # fmt: skip
    members["subAttributes"] = [part for part in members["subAttributes"] if part["name"] != "display"]
    for part in members["subAttributes"]:
        if part["name"] == "$ref":
            part["referenceTypes"] = ["User"]
        if part["name"] == "type":
            part["canonicalValues"] = ["User"]
    return found


@cache
def _types() -> dict[str, dict[str, Any]]:
    found = {}
    for model in (User[EnterpriseUser], Group):
        kind = ResourceType.from_resource(model).model_dump(exclude_none=True)
        kind.pop("meta", None)
        found[kind["id"]] = kind
    return found


def schemas(ask: Ask) -> Answer:
    return _of(ask, _schemas(), "Schema", "Schemas")


def resource_types(ask: Ask) -> Answer:
    return _of(ask, _types(), "ResourceType", "ResourceTypes")


def _of(ask: Ask, known: dict[str, dict[str, Any]], kind: str, where: str) -> Answer:
    """One of them by its id, or all. 403 where a filter came: nobody is to think that it was applied (RFC 7644, 4)."""
    if "filter" in ask.given:
        return Answer(403, error(403, f"/{where} takes no filter."), did=Did.REFUSED, why="filter")
    shown = {
        name: {**one, "meta": {"resourceType": kind, "location": f"{ask.base}/{where}/{name}"}}
        for name, one in known.items()
    }
    if len(ask.parts) == 2:
        if ask.parts[1] not in shown:
            raise NotFound
        return Answer(200, shown[ask.parts[1]], did=Did.READ)
    body = {
        "schemas": [LIST],
        "totalResults": len(shown),
        "itemsPerPage": len(shown),
        "startIndex": 1,
        "Resources": list(shown.values()),
    }
    return Answer(200, body, did=Did.READ)
