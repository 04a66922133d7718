"""Mail domains that partners have proven: for whom a proof counts, and who speaks for an address."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import pytest

from gangway.kernel.actor import Actor
from gangway.kernel.models import AuditEntry, OutboxEvent
from gangway.kernel.refusal import Invalid
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.partners import actions, queries

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ME = Actor.operator()
ROWS = (
    {"slug": "nordwind", "name": "Nordwind"},
    {"slug": "suedstern", "name": "Südstern", "parent": "nordwind"},
    {"slug": "westsee", "name": "Westsee"},
)


@pytest.fixture
def ids() -> Mapping[str, UUID]:
    rows = [Line(number, row) for number, row in enumerate(ROWS, start=2)]
    actions.apply_partners(rows=rows, host_name="Acme", actor=ME, now=NOW)
    return {row["slug"]: queries.find_partner(row["slug"]).id for row in ROWS}


def keep(partner_id: UUID, name: str) -> bool:
    with scopes.one(partner_id):
        return actions.keep_domain(name=name, actor=ME, now=NOW)


def test_a_proof_counts_for_the_partner_that_made_it_alone(ids: Mapping[str, UUID]) -> None:
    assert keep(ids["nordwind"], "Nordwind.Example")

    assert queries.domain_proven(ids["nordwind"], "ANA@nordwind.example")
    assert not queries.domain_proven(ids["suedstern"], "ana@nordwind.example")  # below it
    assert not queries.domain_proven(ids["westsee"], "ana@nordwind.example")
    assert queries.partners_of_domain("ana@nordwind.example") == [ids["nordwind"]]


@pytest.mark.parametrize(
    "address",
    [
        "ana@sub.nordwind.example",
        "ana@example",
        "ana@evilnordwind.example",
        "nordwind.example",
        "ana@nordwind.example@westsee.example",
        "@nordwind.example",
        "",
        "ana\x00@nordwind.example",
    ],
)
def test_nothing_but_an_address_at_the_domain_itself_is_meant(ids: Mapping[str, UUID], address: str) -> None:
    keep(ids["nordwind"], "nordwind.example")
    assert not queries.domain_proven(ids["nordwind"], address)
    assert queries.partners_of_domain(address) == []


def test_spellings_of_one_domain_are_one(ids: Mapping[str, UUID]) -> None:
    assert keep(ids["nordwind"], "Müller.example")
    assert not keep(ids["nordwind"], "xn--mller-kva.example.")
    assert queries.domain_proven(ids["nordwind"], "ana@MÜLLER.example")
    assert [row.name for row in queries.domains(ids["nordwind"])] == ["xn--mller-kva.example"]


def test_several_partners_may_hold_one_and_suspended_ones_do_not_count(ids: Mapping[str, UUID]) -> None:
    for slug in ids:
        keep(ids[slug], "group.example")
    assert queries.partners_of_domain("x@group.example") == sorted(ids.values())

    with scopes.one(ids["westsee"]):
        actions.set_state(state="suspended", actor=ME, now=NOW)
    assert queries.partners_of_domain("x@group.example") == sorted([ids["nordwind"], ids["suedstern"]])


def test_a_domain_is_given_up_by_one_and_stays_the_others(ids: Mapping[str, UUID]) -> None:
    keep(ids["nordwind"], "group.example")
    keep(ids["westsee"], "group.example")
    with scopes.one(ids["nordwind"]):
        assert actions.drop_domain(name="group.example", actor=ME, now=NOW)
        assert not actions.drop_domain(name="group.example", actor=ME, now=NOW)
    assert queries.partners_of_domain("x@group.example") == [ids["westsee"]]
    assert AuditEntry.objects.filter(verb="partners.domain.drop").count() == 1
    said = OutboxEvent.objects.filter(name="partners.domain.changed.v1").order_by("id")
    assert [event.payload["proven"] for event in said] == [True, True, False]


def test_what_is_no_domain_is_refused(ids: Mapping[str, UUID]) -> None:
    with pytest.raises(Invalid, match="no host name"):
        keep(ids["nordwind"], "not a domain")
