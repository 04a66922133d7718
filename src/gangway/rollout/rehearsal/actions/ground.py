"""The ground of a rehearsal, laid by the actions by which every partner is: partner, course, doors, connections."""

from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from gangway.catalog import actions as catalog_actions
from gangway.catalog import queries as catalog
from gangway.identity import actions as identity
from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.refusal import Refusal
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.partners import actions as partner_actions
from gangway.partners import queries as partners
from gangway.people import queries as people
from gangway.rollout.rehearsal import rules

COURSE = Path(str(files("gangway.rollout.rehearsal"))) / "course"


class NothingToRehearse(Refusal):
    code = "rehearsal.no_vendor"
    message = "There is no vendor yet, so there is nothing to rehearse."
    next_step = "Set Gangway up first: open its start page, or load the demo world by `gangway up --demo`."


class UnknownType(Refusal):
    code = "rehearsal.unknown_type"
    message = "There is no partner type “{key}”."
    next_step = "Name one of these: {known}."


def lay_ground(*, type_key: str, actor: Actor, now: datetime) -> UUID:
    """The rehearsal partner, of the partner type asked for ("" for none), with its course; its id. Made on first use.

    NothingToRehearse. UnknownType.
    """
    host = partners.host_partner()
    if host is None:
        raise NothingToRehearse
    with scopes.one(host.id):
        known = dict(partners.types())
    if type_key and type_key not in known:
        raise UnknownType(key=type_key, known=sorted(known))
    row = {"slug": rules.REHEARSAL_SLUG, "name": rules.REHEARSAL_NAME, "kind": "shell", "type": type_key or "-"}
    partner_actions.apply_partners(rows=[Line(1, row)], source="rehearsal", actor=actor, now=now)
    partner = partners.find_partner(rules.REHEARSAL_SLUG)
    with scopes.one(partner.id):
        catalog_actions.publish_folder(path=COURSE, actor=actor, now=now)
    return partner.id


def connect(*, run_id: UUID, opened: Mapping[str, Any], actor: Actor, now: datetime) -> dict[str, Any]:
    """Connect the scope's rehearsal partner with the process that `opened` its ports; the brief for that process."""
    partner_actions.open_shell(
        provider_port=int(opened["provider_port"]), mail_port=int(opened["mail_port"]), actor=actor, now=now
    )
    told = {name: opened[name] for name in ("issuer", "client_id", "client_secret", "document", "keys")}
    run = rules.run_name(str(run_id))
    connected = identity.connect_shell(
        run=run,
        domain=rules.REHEARSAL_DOMAIN,
        provider=identity.ShellProvider(**told, **opened["saml"]),
        actor=actor,
        now=now,
    )
    partner = partners.partner_by_id(scopes.writer())
    course = catalog.visible_course(rules.REHEARSAL_SLUG, partner_id=partner.id, partner_type=partner.type)
    return {
        "address": settings.BASE_URL,
        "scim_token": connected.token,
        "oidc": f"{settings.BASE_URL}{connected.oidc}",
        "saml": f"{settings.BASE_URL}{connected.saml}",
        "robots": list(rules.robots(run)),
        "course": course.key,
        "title": course.title,
        "lessons": list(catalog.lesson_keys([course.version_id])[course.version_id]),
        "answers": list(rules.ANSWERS),
        "foreign": str(_somebody_else(partner.id)),
    }


def _somebody_else(partner_id: UUID) -> UUID:
    """Somebody of another partner; where there is nobody, an id that nobody has."""
    with scopes.host():
        found = people.person_ids(limit=50)
        elsewhere = [row.id for row in people.persons(found).values() if row.partner_id != partner_id]
    return elsewhere[0] if elsewhere else new_id()
