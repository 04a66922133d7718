from datetime import UTC, datetime
from uuid import UUID

import pytest

from gangway.kernel.actor import Actor
from gangway.kernel.sheets import Line
from gangway.partners.actions import apply_partners
from gangway.partners.queries import find_partner

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ME = Actor.operator()


@pytest.fixture
def nordwind(db: None) -> UUID:
    """A partner beside another one, below a host, nobody in any of them."""
    rows = [
        {"slug": "nordwind", "name": "Nordwind", "locale": "de", "zone": "Europe/Berlin"},
        {"slug": "suedstern", "name": "Südstern"},
    ]
    apply_partners(
        rows=[Line(number, row) for number, row in enumerate(rows)], host_name="Acme Cloud", actor=ME, now=NOW
    )
    return find_partner("nordwind").id


@pytest.fixture
def suedstern(nordwind: UUID) -> UUID:
    return find_partner("suedstern").id
