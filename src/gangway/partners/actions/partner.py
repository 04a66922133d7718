"""One partner: made, edited, moved between tiers and states, branded, looked after."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import Invalid, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import clean_line, clean_locale, clean_zone, printable
from gangway.partners import queries
from gangway.partners.actions.row import create, move_tier, note, own, write
from gangway.partners.actions.vocabulary import define_types_and_tiers
from gangway.partners.events import PartnerApplied, PartnerStateChanged
from gangway.partners.models import Brand, Partner, PortfolioPartner, Tier
from gangway.partners.rules import (
    DEFAULT_HOST_SLUG,
    DEFAULT_TIERS,
    DEFAULT_TYPES,
    Kind,
    State,
    clean_accent,
    clean_hours,
    judge,
    parse_row,
)


class HostExists(Refusal):
    code = "partners.host_exists"
    message = "The host is already set up: {name}."
    next_step = "Change it by a row of its own in a partner file."


@action("partners.host.create", scoped=False)
def create_host(
    *, name: str, slug: str = DEFAULT_HOST_SLUG, zone: str = "UTC", locale: str = "en", actor: Actor, now: datetime
) -> UUID:
    """The vendor itself, once per installation, with the usual partner types and tiers. HostExists where it stands."""
    if (known := queries.host_partner()) is not None:
        raise HostExists(name=known.name)
    host_id = new_id()
    with scopes.one(host_id):
        partner = create(slug, clean_line(name), Kind.HOST, now)
        Partner.objects.update(zone=clean_zone(zone), locale=clean_locale(locale))
        define_types_and_tiers(types=DEFAULT_TYPES, tiers=DEFAULT_TIERS, actor=actor, now=now)
        note(actor, "partners.host.create", partner.id, {"slug": slug, "name": partner.name}, now)
        event = PartnerApplied(partner_id=host_id, kind=Kind.HOST, created=True, fields=("name",))
        publish(event, subject_id=host_id, now=now, actor=actor)
    return host_id


@action("partners.partner.edit")
def edit_partner(*, said: Mapping[str, str], reason: str = "", actor: Actor, now: datetime) -> tuple[str, ...]:
    """Change the scope's partner as a row of a file would: column → text, “-” takes away. Gives what changed.

    Invalid names the column. `reason` stands in the tier's history where the tier changes.
    """
    partner = own()
    register = queries.register()
    spec = parse_row({**said, "slug": partner.slug})
    changes = judge(spec, register)
    if changes:
        parent_id = register.ids[spec.parent] if spec.parent else None
        write(slug=partner.slug, changes=changes, parent_id=parent_id, reason=reason, actor=actor, now=now)
    return tuple(changes)


@action("partners.sessions.limit")
def limit_sessions(*, hours: str, actor: Actor, now: datetime) -> None:
    """Sign people of the scope's partner out this many hours after they came in; "" as usual. From the next sign-in."""
    partner = own()
    wanted = int(clean_hours(hours)) if hours.strip() else None
    if partner.session_hours == wanted:
        return
    was, partner.session_hours = partner.session_hours, wanted
    partner.save()
    note(actor, "partners.sessions.limit", partner.id, {"was": was, "hours": wanted}, now)
    event = PartnerApplied(partner_id=partner.id, kind=partner.kind, created=False, fields=("session_hours",))
    publish(event, subject_id=partner.id, now=now, actor=actor)


@action("partners.tier.set")
def set_tier(*, tier: str | None, reason: str = "", actor: Actor, now: datetime) -> None:
    """Move the scope's partner to the tier of this key (None: to none) and remember it; the same again is nothing."""
    partner = own()
    wanted = queries.offered(Tier).filter(key=tier).first() if tier else None
    if tier and wanted is None:
        raise Invalid(field="tier", problem="The tier “{tier}” is not known.", tier=printable(tier))
    if partner.tier_id == (wanted and wanted.id):
        return
    was = partner.tier
    move_tier(partner, tier or "", reason, actor, now)
    partner.save()
    note(actor, "partners.tier.set", partner.id, {"was": was and was.key, "tier": tier, "reason": reason}, now)


@action("partners.brand.set")
def set_brand(*, accent: str | None = None, display_name: str | None = None, actor: Actor, now: datetime) -> None:
    """Change how the scope's partner looks. None leaves a part alone; the name "" goes back to the partner's own."""
    said = {"accent": accent and clean_accent(accent), "display_name": display_name}
    changes = {column: value for column, value in said.items() if value is not None}
    Brand.objects.update(**changes)
    note(actor, "partners.brand.set", own().id, changes, now)


@action("partners.state.set")
def set_state(*, state: str, actor: Actor, now: datetime) -> None:
    """Make the scope's partner active, suspended or closed. Nobody of a partner that is not active comes in."""
    partner = own()
    if state not in set(State):
        raise Invalid(
            field="state",
            problem="“{state}” is no state.",
            mend="Use {known}.",
            state=printable(state),
            known=list(State),
        )
    if partner.kind == Kind.HOST and state != State.ACTIVE:
        raise Invalid(field="state", problem="The host itself stays active.")
    if partner.state == state:
        return
    was, partner.state = partner.state, State(state).value
    partner.save()
    note(actor, "partners.state.set", partner.id, {"was": was, "state": state}, now)
    event = PartnerStateChanged(partner_id=partner.id, was=was, state=state)
    publish(event, subject_id=partner.id, now=now, actor=actor)


@action("partners.portfolio.set")
def set_portfolio(*, person_id: UUID, looked_after: bool, actor: Actor, now: datetime) -> None:
    """Put the scope's partner into a channel manager's portfolio, or take it out."""
    partner = own()
    if looked_after:
        PortfolioPartner.objects.get_or_create(person_id=person_id, partner=partner)
    else:
        PortfolioPartner.objects.filter(person_id=person_id, partner=partner).delete()
    changes = {"person_id": str(person_id), "looked_after": looked_after}
    note(actor, "partners.portfolio.set", partner.id, changes, now)
