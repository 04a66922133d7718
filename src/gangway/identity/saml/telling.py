"""A connection is given its provider's metadata, by whatever surface: an address is asked first, outside any action."""

from datetime import datetime
from uuid import UUID

from django.conf import settings

from gangway.identity import actions, queries
from gangway.identity.saml.fetching import fetch_metadata
from gangway.identity.saml.metadata import read_metadata
from gangway.kernel.actor import Actor


def tell(
    connection_id: UUID, *, url: str, given: bytes, subject_attribute: str | None, actor: Actor, now: datetime
) -> None:
    """Keep the metadata of `url`, which is asked again every night, or, without one, those `given`. Of several
    providers in them the one that the connection knows already counts. Invalid and what the action refuses."""
    https_only = settings.BASE_URL.startswith("https://")
    known = queries.saml_settings(connection_id)
    raw = fetch_metadata(url, https_only=https_only) if url else given
    actions.set_saml_metadata(
        connection_id=connection_id,
        metadata=read_metadata(raw, https_only=https_only, now=now, entity_id=known.entity_id if known else ""),
        url=url,
        subject_attribute=subject_attribute,
        actor=actor,
        now=now,
    )
