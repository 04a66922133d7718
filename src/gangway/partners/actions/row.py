"""One partner written from what a row says. The rows beside it (closure, brand, host name, main contact) go along."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.kernel import audit
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import sort_key
from gangway.partners import queries
from gangway.partners.events import PartnerApplied, TierChanged
from gangway.partners.models import Brand, Contact, HostName, Partner, PartnerClosure, PartnerTier, PartnerType, Tier
from gangway.partners.rules import Kind

PERSONAL = ("contact_name", "contact_email")


def own() -> Partner:
    """The scope's partner, locked."""
    partner: Partner | None = Partner.objects.select_for_update().filter(pk=scopes.writer()).first()
    if partner is None:
        raise NotFound
    return partner


def write(
    *, slug: str, changes: Mapping[str, str], parent_id: UUID | None, reason: str, actor: Actor, now: datetime
) -> None:
    """Make the scope's partner say `changes` (column → value, "" takes away); it is created where it is missing.

    The first tier of a new partner is no move: its history begins with the first one (queries.tier_history).
    """
    partner = Partner.objects.select_for_update().filter(pk=scopes.writer()).first()
    created = partner is None
    if partner is None:
        partner = create(slug, changes["name"], changes.get("kind", Kind.PARTNER), now)
    _set_columns(partner, changes)
    if "parent" in changes:
        _move(partner, parent_id)
    if "tier" in changes:
        move_tier(partner, changes["tier"], "" if created else reason, actor, now, remember=not created)
    partner.save()
    _set_brand(changes)
    if "host" in changes:
        _set_host_name(changes["host"], now)
    _set_main_contact(changes)
    note(actor, "partners.partner.apply", partner.id, changes, now)
    event = PartnerApplied(partner_id=partner.id, kind=partner.kind, created=created, fields=tuple(changes))
    publish(event, subject_id=partner.id, now=now, actor=actor)


def note(actor: Actor, verb: str, partner_id: UUID, changes: Mapping[str, Any], now: datetime) -> None:
    """The audit entry of a change of a partner; what is said of a contact is personal."""
    personal = {column: value for column, value in changes.items() if column in PERSONAL}
    plain = {column: value for column, value in changes.items() if column not in personal}
    audit.record(
        actor=actor,
        verb=verb,
        object_type="partner",
        object_id=partner_id,
        changes=plain,
        changes_personal=personal,
        now=now,
    )


def create(slug: str, name: str, kind: str, now: datetime) -> Partner:
    """A new partner with the id of the scope, below nobody."""
    partner: Partner = Partner.objects.create(
        id=scopes.writer(), slug=slug, name=name, sort_key=sort_key(name), kind=kind, created_at=now
    )
    PartnerClosure.objects.create(ancestor=partner, descendant=partner, depth=0)
    Brand.objects.create()
    return partner


def move_tier(partner: Partner, key: str, reason: str, actor: Actor, now: datetime, *, remember: bool = True) -> None:
    """Put a partner (unsaved) on the tier of this key, "" on none; `remember` writes the line of its history."""
    was: Tier | None = partner.tier
    wanted = queries.offered(Tier).filter(key=key).first() if key else None
    partner.tier = wanted
    if remember:
        PartnerTier.objects.create(was=was, tier=wanted, since=now, reason=reason)
    event = TierChanged(partner_id=partner.id, was=was.key if was else None, tier=wanted.key if wanted else None)
    publish(event, subject_id=partner.id, now=now, actor=actor)


def _set_columns(partner: Partner, changes: Mapping[str, str]) -> None:
    for column in ("name", "zone", "locale", "parent_sees"):
        if column in changes:
            setattr(partner, column, changes[column])
    partner.sort_key = sort_key(partner.name)
    if "type" in changes:
        partner.type = queries.offered(PartnerType).filter(key=changes["type"]).first()
    if "session_hours" in changes:
        partner.session_hours = int(changes["session_hours"]) if changes["session_hours"] else None


def _move(partner: Partner, parent_id: UUID | None) -> None:
    """Hang the partner, with everything below it, under another parent or under none; mend the closure."""
    below = list(PartnerClosure.objects.filter(ancestor=partner.id).values_list("descendant_id", "depth"))
    inside = [descendant for descendant, _ in below]
    PartnerClosure.objects.filter(descendant_id__in=inside).exclude(ancestor_id__in=inside).delete()
    above = PartnerClosure.objects.filter(descendant=parent_id).values_list("ancestor_id", "depth")
    PartnerClosure.objects.bulk_create(
        PartnerClosure(ancestor_id=ancestor, descendant_id=descendant, depth=up + down + 1)
        for ancestor, up in (above if parent_id else ())
        for descendant, down in below
    )
    partner.parent_id = parent_id


def _set_brand(changes: Mapping[str, str]) -> None:
    said = {column: changes[column] for column in ("accent", "display_name") if column in changes}
    if said:
        Brand.objects.update(**said)


def _set_host_name(name: str, now: datetime) -> None:
    """The operator's file is the proof: whoever runs the machine decides which names lead to it."""
    partner_id = scopes.writer()
    HostName.objects.filter(partner=partner_id).delete()
    if name:
        HostName.objects.create(name=name, partner_id=partner_id, verified_at=now)


def _set_main_contact(changes: Mapping[str, str]) -> None:
    said = {column: changes[f"contact_{column}"] for column in ("name", "email") if f"contact_{column}" in changes}
    if said:
        contact = Contact.objects.filter(main=True).first() or Contact(main=True)
        for column, value in said.items():
            setattr(contact, column, value)
        contact.save()


def kept() -> dict[str, Any]:
    """The rows that a change may replace (host name, main contact), so that an undo can put back the very same."""
    host = HostName.objects.filter(partner=scopes.writer()).order_by("id").first()
    contact = Contact.objects.filter(main=True).first()
    return {
        "host": host and [str(host.id), host.name, host.verified_at and host.verified_at.isoformat()],
        "contact": contact and [str(contact.id), contact.name, contact.email],
    }


def put_back(kept: Mapping[str, Any], columns: Mapping[str, str]) -> None:
    """Put back the rows that a change of these columns replaced (`kept`), the very same ones."""
    partner_id = scopes.writer()
    if "host" in columns:
        HostName.objects.filter(partner=partner_id).delete()
        if kept.get("host"):
            row_id, name, at = kept["host"]
            verified_at = datetime.fromisoformat(at) if at else None
            HostName.objects.create(id=UUID(row_id), name=name, partner_id=partner_id, verified_at=verified_at)
    if not set(PERSONAL).isdisjoint(columns):
        Contact.objects.filter(main=True).delete()
        if kept.get("contact"):
            row_id, name, email = kept["contact"]
            Contact.objects.create(id=UUID(row_id), name=name, email=email, main=True)
