"""Types, tiers and partners as configuration by keys: how each is applied, and taken away again where it was new."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.configured import Change, Part, about, one_of, text, whole
from gangway.kernel.ids import new_id
from gangway.kernel.said import N_
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import clean_key, clean_line
from gangway.partners import queries
from gangway.partners.actions import row as rows
from gangway.partners.actions.runs import remove_partner
from gangway.partners.actions.vocabulary import InUse, define_types_and_tiers, remove_tier, remove_type
from gangway.partners.rules import (
    CLEAR,
    COLUMNS,
    Fallback,
    PartnerSpec,
    Primary,
    TierSpec,
    TypeSpec,
    judge,
    parents_first,
    parse_row,
)

ELSEWHERE = frozenset({"slug", "contact_name", "contact_email", "host"})  # people, and what each installation has


def _put_types(*, changes: Sequence[Change], actor: Actor, now: datetime) -> None:
    known = queries.register().types
    types = []
    for one in changes:
        with about(one.key):
            types.append(_type(one, known))
    with scopes.one(queries.host_id()):
        define_types_and_tiers(types=types, tiers=(), actor=actor, now=now)


def _type(one: Change, known: Mapping[str, str]) -> TypeSpec:
    said = {"name": known.get(one.key, ""), **one.fields}
    primary = one_of(Primary, said, "primary") if "primary" in said else None
    fallback = one_of(Fallback, said, "fallback") if "fallback" in said else None
    return TypeSpec(clean_key(one.key), clean_line(text(said, "name")), primary, fallback)


def _put_tiers(*, changes: Sequence[Change], actor: Actor, now: datetime) -> None:
    known = queries.register().tiers
    tiers = []
    for one in changes:
        with about(one.key):
            tiers.append(_tier(one, known))
    with scopes.one(queries.host_id()):
        define_types_and_tiers(types=(), tiers=tiers, actor=actor, now=now)


def _tier(one: Change, known: Mapping[str, tuple[str, int]]) -> TierSpec:
    name, rank = known.get(one.key, ("", 0))
    said = {"name": name, "rank": rank, **one.fields}
    return TierSpec(clean_key(one.key), clean_line(text(said, "name")), whole(said, "rank"))


def _remove_type(*, key: str, actor: Actor, now: datetime) -> None:
    with scopes.one(queries.host_id()):
        remove_type(key=key, actor=actor, now=now)


def _remove_tier(*, key: str, actor: Actor, now: datetime) -> None:
    with scopes.one(queries.host_id()):
        remove_tier(key=key, actor=actor, now=now)


def _put_partners(*, changes: Sequence[Change], actor: Actor, now: datetime) -> None:
    """Parents before their children; those who go round in a circle are refused as they come."""
    specs = list(map(_spec, changes))
    ordered, circle = parents_first(specs)
    known = queries.register().ids
    for spec in (*ordered, *circle):
        with about(spec.slug), scopes.one(known.get(spec.slug) or new_id()):
            put_partner(spec=spec, actor=actor, now=now)


def _spec(one: Change) -> PartnerSpec:
    with about(one.key):
        said = {column: text(one.fields, column) or CLEAR for column in one.fields}
        if one.born:
            said = {column: value for column, value in said.items() if value != CLEAR}
        return parse_row({**said, "slug": one.key})


@action("partners.partner.put")
def put_partner(*, spec: PartnerSpec, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Make the scope's partner say what a row of a file would; a new one gets the scope's id. Gives what changed.

    Invalid names the column.
    """
    register = queries.register()
    changes = judge(spec, register)
    if changes:
        parent_id = register.ids[spec.parent] if spec.parent else None
        rows.write(slug=spec.slug, changes=changes, parent_id=parent_id, reason="configuration", actor=actor, now=now)
    return tuple(changes)


def _remove_partner(*, key: str, actor: Actor, now: datetime) -> None:
    with scopes.one(queries.find_partner(key).id):
        take_away_partner(actor=actor, now=now)


@action("partners.partner.take_away")
def take_away_partner(*, actor: Actor, now: datetime) -> None:
    """Remove the scope's partner, whom nothing uses. NotFound; InUse says what does."""
    partner = rows.own()
    if users := queries.users_of(partner):
        raise InUse(name=partner.name, where=list(users))
    remove_partner(partner, actor, now)


CONFIGURED = (
    Part(
        name="types",
        fields=frozenset({"name", "primary", "fallback"}),
        put=_put_types,
        remove=_remove_type,
        words_stay=True,
        gone=N_("Remove the type on the page “Types and tiers”, where nothing uses it."),
    ),
    Part(
        name="tiers",
        fields=frozenset({"name", "rank"}),
        put=_put_tiers,
        remove=_remove_tier,
        words_stay=True,
        gone=N_("Remove the tier on the page “Types and tiers”, where no partner holds or ever held it."),
    ),
    Part(
        name="partners",
        fields=frozenset(COLUMNS) - ELSEWHERE - {"kind"},
        by_hand={"kind": N_("A partner's kind never changes: make another partner.")},
        at_birth=frozenset({"kind"}),
        put=_put_partners,
        remove=_remove_partner,
        gone=N_("Close the partner on its page, or bring it to the other installation."),
    ),
)
