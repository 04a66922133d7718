"""Partner types and tiers: the words that partner files are checked against. A key never changes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.partners import queries
from gangway.partners.models import PartnerType, Tier
from gangway.partners.rules import TierSpec, TypeSpec


class InUse(Refusal):
    code = "partners.vocabulary.in_use"
    message = "“{name}” is in use: {where}."
    next_step = "Give those another one first, or keep it and rename it."


@action("partners.vocabulary.define")
def define_types_and_tiers(
    *, types: Sequence[TypeSpec], tiers: Sequence[TierSpec], actor: Actor, now: datetime
) -> None:
    """Add partner types and tiers to those of the scope's partner, or rename them; a key never changes. What a type
    proposes as ways in holds for all its partners from the next sign-in on.

    Tiers may be given with new ranks as a whole. Invalid: two tiers of one rank.
    """
    owner_id = scopes.writer()
    for kind in types:
        values = {"name": kind.name, "primary": kind.primary, "fallback": kind.fallback}
        told = {field: value for field, value in values.items() if value is not None}
        PartnerType.objects.update_or_create(owner_id=owner_id, key=kind.key, defaults=told)
    _rank(owner_id, tiers)
    changes: dict[str, object] = {"types": [kind.key for kind in types], "tiers": [tier.key for tier in tiers]}
    if ways := {kind.key: [kind.primary, kind.fallback] for kind in types if kind.primary or kind.fallback}:
        changes["ways"] = ways
    _note(actor, "partners.vocabulary.define", owner_id, changes, now)


def _rank(owner_id: UUID, tiers: Sequence[TierSpec]) -> None:
    """Names and ranks together. Ranks that are only swapped pass through numbers that nobody uses."""
    known = {tier.key: tier for tier in Tier.objects.filter(owner=owner_id)}
    wanted = {key: tier.rank for key, tier in known.items()} | {tier.key: tier.rank for tier in tiers}
    for key, rank in wanted.items():
        twin = next((other for other, taken in wanted.items() if taken == rank and other != key), None)
        if twin is not None:
            raise Invalid(
                field="rank",
                problem="The tiers “{one}” and “{other}” have the same rank, {rank}.",
                mend="Give each its own.",
                one=key,
                other=twin,
                rank=rank,
            )
    moved = [tier for tier in tiers if tier.key in known and known[tier.key].rank != tier.rank]
    for number, tier in enumerate(moved):
        Tier.objects.filter(pk=known[tier.key].pk).update(rank=10_000 + number)
    for tier in tiers:
        values = {"name": tier.name, "rank": tier.rank}
        Tier.objects.update_or_create(owner_id=owner_id, key=tier.key, defaults=values)


@action("partners.type.remove")
def remove_type(*, key: str, actor: Actor, now: datetime) -> None:
    """Remove a partner type that nothing uses. NotFound; InUse says what does."""
    _remove(PartnerType, key, "partners.type.remove", actor, now)


@action("partners.tier.remove")
def remove_tier(*, key: str, actor: Actor, now: datetime) -> None:
    """Remove a tier that no partner holds or ever held. NotFound; InUse says what does."""
    _remove(Tier, key, "partners.tier.remove", actor, now)


def _remove(model: type[PartnerType] | type[Tier], key: str, verb: str, actor: Actor, now: datetime) -> None:
    owner_id = scopes.writer()
    row = model.objects.filter(owner=owner_id, key=key).first()
    if row is None:
        raise NotFound
    if users := queries.users_of(row):
        raise InUse(name=row.name, where=list(users))
    row.delete()
    _note(actor, verb, owner_id, {"key": key}, now)


def _note(actor: Actor, verb: str, owner_id: UUID, changes: Mapping[str, object], now: datetime) -> None:
    audit.record(actor=actor, verb=verb, object_type="partner", object_id=owner_id, changes=changes, now=now)
