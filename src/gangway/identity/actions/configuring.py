"""Connections as configuration by keys: made as drafts, told how to behave, taken away again while nothing uses them.

Whom a connection speaks with needs a secret or certificates, and opening it lets people in or keeps them out: both are
done by hand, each in its own installation.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from gangway.identity.actions.connecting import Conduct, set_conduct
from gangway.identity.actions.connections import add_connection, locked_connection, note_connection
from gangway.identity.models import Connection, ConnectionRoute
from gangway.identity.rules.connections import ConnectionKind, ConnectionState, Fallback, JoinAttribute
from gangway.identity.rules.mapping import GroupRule
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.configured import Change, Part, about, number_or_none, one_of, table, text, texts, yes
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.said import N_
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners

OIDC_BY_HAND = N_("Tell it here with its secret: `gangway connection oidc`.")
SAML_BY_HAND = N_("Give it the provider's metadata here: `gangway connection saml`.")


class ConnectionUsed(Refusal):
    code = "identity.connection_used"
    message = "The connection {key} is used by now: {where}."
    next_step = "Turn it off instead: `gangway connection state off`."


def _put(*, changes: Sequence[Change], actor: Actor, now: datetime) -> None:
    """Directories before the sign-ins that are joined to them; each in the scope of its partner."""
    for one in sorted(changes, key=lambda one: (one.fields.get("kind") != ConnectionKind.SCIM, one.key)):
        slug, key = _named(one.key)
        with about(one.key), scopes.one(partners.find_partner(slug).id):
            connection_id = _made(one, key, actor, now) if one.born else _of_key(key)
            said = {name: value for name, value in one.fields.items() if value or not one.born}
            if conduct := _conduct(said):
                set_conduct(connection_id=connection_id, conduct=conduct, actor=actor, now=now)


def _named(key: str) -> tuple[str, str]:
    slug, _, own = key.partition("/")
    return slug, own


def _of_key(key: str) -> UUID:
    found: UUID | None = Connection.objects.filter(key=key).values_list("id", flat=True).first()
    if found is None:
        raise NotFound
    return found


def _made(one: Change, key: str, actor: Actor, now: datetime) -> UUID:
    kind = one_of(ConnectionKind, one.fields, "kind")
    claim = text(one.fields, "account_claim") if "account_claim" in one.fields else ""
    name = text(one.fields, "name")
    return add_connection(kind=kind, key=key, name=name, account_claim=claim, actor=actor, now=now)


def _conduct(fields: Mapping[str, Any]) -> Conduct | None:
    """What these fields ask; None where they say nothing of it."""
    asked: dict[str, Any] = {name: _ASKED[name](fields) for name in fields.keys() & _ASKED.keys()}
    if not asked:
        return None
    if "head_count" in asked and asked["head_count"] is None:
        asked["no_head_count"] = True
    return Conduct(**{("groups" if name == "group_rules" else name): value for name, value in asked.items()})


def _groups(fields: Mapping[str, Any]) -> list[GroupRule]:
    rules = fields.get("group_rules")
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise Invalid(
            field="group_rules",
            problem="“{name}” is not what stands there in an export.",
            mend="Export again.",
            name="group_rules",
        )
    return [GroupRule(group=text(rule, "group"), into=text(rule, "into")) for rule in rules]


def _attribute(fields: Mapping[str, Any]) -> JoinAttribute | None:
    return one_of(JoinAttribute, fields, "join_attribute") if fields["join_attribute"] else None


_ASKED: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "name": partial(text, name="name"),
    "admits": partial(yes, name="admits"),
    "domains": partial(texts, name="domains"),
    "fallback": partial(one_of, Fallback, name="fallback"),
    "joined": partial(text, name="joined"),
    "join_claim": partial(text, name="join_claim"),
    "join_attribute": _attribute,
    "claims": partial(table, name="claims"),
    "group_rules": _groups,
    "head_count": partial(number_or_none, name="head_count"),
}


def _remove(*, key: str, actor: Actor, now: datetime) -> None:
    slug, own = _named(key)
    with scopes.one(partners.find_partner(slug).id):
        take_away_connection(connection_id=_of_key(own), actor=actor, now=now)


@action("identity.connection.take_away")
def take_away_connection(*, connection_id: UUID, actor: Actor, now: datetime) -> None:
    """Remove a draft that nobody told anything and nothing uses. NotFound; ConnectionUsed says what does."""
    row = locked_connection(connection_id)
    users = partners.users_of(row, own=(ConnectionRoute,))
    if row.state != ConnectionState.DRAFT or users:
        raise ConnectionUsed(key=row.key, where=list(users) or [row.state])
    note_connection(row, "identity.connection.take_away", {"key": row.key, "kind": row.kind}, actor, now)
    ConnectionRoute.objects.filter(connection=row.id, partner_id=row.tenant_id).delete()
    row.delete()


CONFIGURED = (
    Part(
        name="connections",
        fields=frozenset(_ASKED),
        by_hand={
            "kind": N_("A connection's kind never changes: make another one with another key."),
            "account_claim": N_("It is named when a connection is made, or here: `gangway connection serve --claim`."),
            "accounts": N_("Whom it serves is opened here: `gangway connection serve`."),
            "state": N_("Open and close it here, once it was tried: `gangway connection state`."),
            **dict.fromkeys(("issuer", "client_id", "scopes", "must_say"), OIDC_BY_HAND),
            **dict.fromkeys(("entity_id", "sso_url", "subject_attribute", "metadata_url"), SAML_BY_HAND),
        },
        at_birth=frozenset({"kind", "account_claim"}),
        fresh={"state": ConnectionState.DRAFT.value, "accounts": {}},
        put=_put,
        remove=_remove,
        gone=N_("Turn it off here, or make it in the other installation: `gangway connection state off`."),
    ),
)
