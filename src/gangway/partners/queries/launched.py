"""Since when the people of a partner may come in."""

from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.kernel.prepared import prepared
from gangway.partners.models import Partner
from gangway.partners.rules import Kind


def launched_at(partner_id: UUID) -> datetime | None:
    """When the people of a partner in scope were let in; None while they wait for their launch. A shell waits for none:
    its robots come in from the day it is made."""
    for kind, created_at, launched_at in _launch(partner_id):
        found: datetime | None = created_at if kind == Kind.SHELL else launched_at
        return found
    return None


@prepared
def _launch(partner_id: UUID) -> Any:
    return Partner.objects.filter(pk=partner_id).values_list("kind", "created_at", "launched_at")
