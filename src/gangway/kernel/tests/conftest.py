"""Two partners, without any action of the contexts above: the kernel is tested on its own."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.apps import apps

from gangway.kernel import wiring
from gangway.kernel.ids import new_id
from gangway.kernel.tenancy import scopes

MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def make_partner(slug: str) -> UUID:
    partner = apps.get_model("partners", "Partner")(id=new_id(), slug=slug, name=slug, sort_key=slug, created_at=MONDAY)
    with scopes.one(partner.id):
        partner.save(force_insert=True)
    closure = apps.get_model("partners", "PartnerClosure")
    closure.objects.create(ancestor_id=partner.id, descendant_id=partner.id, depth=0)
    return partner.id


@pytest.fixture
def nordwind(db: None) -> UUID:
    return make_partner("nordwind")


@pytest.fixture
def suedstern(db: None) -> UUID:
    return make_partner("suedstern")


@pytest.fixture
def sample_wiring(settings) -> Iterator[None]:
    settings.WIRING = "gangway.kernel.tests.sample_wiring"
    wiring.groups.cache_clear()
    yield
    wiring.groups.cache_clear()
