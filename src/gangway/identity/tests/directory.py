"""A partner's directory in tests: a SCIM connection with its token, and requests as an identity provider sends them."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.test import Client

from gangway.identity import actions, queries
from gangway.identity.queries import ConnectionRow
from gangway.identity.rules.connections import ConnectionKind
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes

ME = Actor.operator()
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


@dataclass
class Directory:
    """What an identity provider holds of us: an address and a token."""

    connection: ConnectionRow
    token: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=True))

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        """One request; `body` is JSON unless it is bytes already."""
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.client.generic(
            method,
            f"/scim/v2{path}",
            sent,
            content_type="application/scim+json",
            headers={"Authorization": f"Bearer {self.token}", **headers},
        )

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.ask("GET", path, **headers)

    def find(self, query: str, kind: str = "Users") -> dict[str, Any]:
        """A ListResponse; `query` is what follows the question mark, as it is typed."""
        answer = self.client.get(
            f"/scim/v2/{kind}", parameters(query), headers={"Authorization": f"Bearer {self.token}"}
        )
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def bring(self, user_name: str, **more: Any) -> dict[str, Any]:
        """A user who is new to the connection."""
        answer = self.ask("POST", "/Users", {"schemas": [USER], "userName": user_name, **more})
        assert answer.status_code == 201, answer.content
        made: dict[str, Any] = answer.json()
        return made

    def group(self, name: str, *members: str) -> dict[str, Any]:
        body = {"schemas": [GROUP], "displayName": name, "members": [{"value": one} for one in members]}
        answer = self.ask("POST", "/Groups", body)
        assert answer.status_code == 201, answer.content
        made: dict[str, Any] = answer.json()
        return made

    def patch(self, path: str, *operations: dict[str, Any], **headers: str) -> HttpResponse:
        return self.ask("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)}, **headers)


def parameters(query: str) -> dict[str, str]:
    """`filter=userName eq "x"&count=1` → its parts; nothing in it is escaped."""
    return dict(part.partition("=")[::2] for part in query.split("&") if part)


def work_mail(address: str) -> list[dict[str, Any]]:
    return [{"type": "work", "value": address, "primary": True}]


def connect(partner_id: UUID, key: str = "scim") -> Directory:
    """An open SCIM connection of a partner, with a token."""
    now = clock.now()
    with scopes.one(partner_id):
        made = actions.add_connection(
            kind=ConnectionKind.SCIM, key=key, name="Directory", active=True, actor=ME, now=now
        )
        token = actions.issue_token(connection_id=made, actor=ME, now=now).token
        return Directory(queries.connection(made), token)
