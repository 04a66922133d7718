"""Which providers to ask whether they are there, before a code by mail is refused because they are the way in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from gangway.identity.models import Challenge
from gangway.identity.queries.connections import ConnectionRow
from gangway.identity.queries.oidc import oidc_settings
from gangway.identity.queries.reach import source_of
from gangway.identity.queries.saml import saml_settings
from gangway.identity.queries.ways import comes_by_mail, providers_of
from gangway.identity.rules.connections import ConnectionKind, Fallback
from gangway.identity.rules.oidc import Reason, discovery_address
from gangway.identity.rules.saml import SamlReason
from gangway.kernel import secrets
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.people import queries as people


@dataclass(frozen=True, slots=True)
class Lookable:
    """A provider's connection. `address`: where it tells about itself, from where it answered us before; `inside`:
    which (ip, port) of our own house that may lead to; `reason`: what is noted where nothing answers."""

    partner_id: UUID
    connection_id: UUID
    address: str
    inside: frozenset[tuple[str, int]]
    reason: str


def providers_to_look_at(challenge_id: UUID, now: datetime) -> list[Lookable]:
    """Those that keep a code by mail from whoever asked for it here, and whose failure would open it. A provider whose
    metadata were given as a file is none of them: it may stand where only its own people reach it."""
    row = Challenge.objects.filter(pk=challenge_id).exclude(address="").first()
    if row is None:
        return []
    found: dict[UUID, Lookable] = {}
    for partner_id, person_id in people.persons_of_mailbox(secrets.unseal(row.address)):
        with scopes.one(partner_id):
            email = people.person(person_id).email
            shut = not comes_by_mail(person_id, email, now)
            ways = providers_of(person_id, email) if shut else []
        looks = (_lookable(way, now) for way in ways if way.fallback is Fallback.ON_FAILURE)
        found |= {one.connection_id: one for one in looks if one is not None}
    return list(found.values())


def _lookable(way: ConnectionRow, now: datetime) -> Lookable | None:
    try:
        source = way if way.owner is None else source_of(way)
    except NotFound:
        return None
    with scopes.one(source.partner_id):
        if source.kind is ConnectionKind.OIDC:
            oidc = oidc_settings(source.id, now)
            if oidc is None or not oidc.document or oidc.shell:  # a rehearsal's issuer stands nowhere
                return None
            return Lookable(
                source.partner_id,
                source.id,
                discovery_address(oidc.issuer),
                oidc.inside(now),
                Reason.NO_ANSWER.value,
            )
        saml = saml_settings(source.id)
        if saml is None or not saml.metadata_url:
            return None
        inside: frozenset[tuple[str, int]] = settings.PROVIDERS_INSIDE
        return Lookable(source.partner_id, source.id, saml.metadata_url, inside, SamlReason.SILENT.value)
