from datetime import UTC, datetime

import pytest

from gangway.kernel.actor import Actor
from gangway.kernel.models import AuditEntry, OutboxEvent
from gangway.kernel.refusal import Invalid
from gangway.kernel.sheets import Line, Result
from gangway.kernel.tenancy import scopes
from gangway.partners import actions, queries
from gangway.partners.models import Partner, PartnerClosure
from gangway.partners.rules import State, TierSpec, TypeSpec

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ME = Actor.operator()


def apply(*rows: dict[str, str], **options: object) -> actions.ApplyReport:
    lines = [Line(number, row) for number, row in enumerate(rows, start=2)]
    return actions.apply_partners(rows=lines, actor=ME, now=NOW, **options)


def closure() -> set[tuple[str, str, int]]:
    with scopes.host():
        slug = dict(Partner.objects.values_list("id", "slug"))
    return {
        (slug[a], slug[d], depth)
        for a, d, depth in PartnerClosure.objects.values_list("ancestor_id", "descendant_id", "depth")
        if depth
    }


NORDWIND = {"slug": "nordwind", "name": "Nordwind", "type": "msp", "tier": "gold", "host": "learn.nordwind.example"}
SUEDSTERN = {"slug": "suedstern", "name": "Südstern", "parent": "nordwind", "contact_email": "eva@suedstern.example"}


def test_the_first_file_makes_the_host_and_the_partners_with_parents_in_any_order() -> None:
    report = apply(SUEDSTERN, NORDWIND, host_name="Acme Cloud")

    assert report.host == "Acme Cloud"
    assert [(o.line, o.key, o.result) for o in report.outcomes] == [
        (2, "suedstern", Result.NEW),
        (3, "nordwind", Result.NEW),
    ]
    nordwind = queries.find_partner("nordwind")
    assert (nordwind.type, nordwind.tier, nordwind.host_name) == ("msp", "gold", "learn.nordwind.example")
    assert queries.find_partner("suedstern").parent == "nordwind"
    assert closure() == {("nordwind", "suedstern", 1)}
    assert queries.route_host_name("Learn.Nordwind.example:8000") == nordwind.id
    with scopes.one(nordwind.id):
        assert [(step.was, step.tier) for step in queries.tier_history(nordwind.id)] == [(None, "Gold")]
    with scopes.one(queries.find_partner("suedstern").id):
        (contact,) = queries.contacts(queries.find_partner("suedstern").id)
    assert contact.email == "eva@suedstern.example"


def test_the_same_file_again_changes_nothing() -> None:
    apply(NORDWIND, SUEDSTERN)
    before = (AuditEntry.objects.count(), OutboxEvent.objects.count())

    report = apply(NORDWIND, SUEDSTERN)

    assert {outcome.result for outcome in report.outcomes} == {Result.UNCHANGED}
    assert (AuditEntry.objects.count(), OutboxEvent.objects.count()) == before


def test_a_rehearsal_says_the_same_and_writes_nothing() -> None:
    rehearsed = apply(SUEDSTERN, NORDWIND, dry_run=True)
    with scopes.host():
        assert not Partner.objects.exists()
    assert AuditEntry.objects.count() == 0

    done = apply(SUEDSTERN, NORDWIND)
    assert rehearsed.outcomes == done.outcomes
    assert rehearsed.host == done.host


def test_a_refused_row_says_why_and_holds_back_nobody_else() -> None:
    report = apply({"slug": "bad", "name": "Bad", "tier": "platin"}, NORDWIND, NORDWIND, {"slug": "nord wind"})

    assert [outcome.result for outcome in report.outcomes] == [
        Result.REFUSED,
        Result.NEW,
        Result.REFUSED,
        Result.REFUSED,
    ]
    assert "Known are gold, registered, silver" in report.outcomes[0].reason
    assert "stands in line 3 already" in report.outcomes[2].reason
    with pytest.raises(queries.UnknownPartner):
        queries.find_partner("bad")


def test_a_circle_of_parents_is_refused_whole() -> None:
    report = apply({"slug": "a", "name": "A", "parent": "b"}, {"slug": "b", "name": "B", "parent": "a"}, NORDWIND)
    assert [outcome.result for outcome in report.outcomes] == [Result.REFUSED, Result.REFUSED, Result.NEW]


def test_moving_a_partner_takes_everything_below_it_along() -> None:
    apply(
        {"slug": "a", "name": "A"},
        {"slug": "b", "name": "B", "parent": "a"},
        {"slug": "c", "name": "C", "parent": "b"},
        {"slug": "z", "name": "Z"},
    )
    assert closure() == {("a", "b", 1), ("b", "c", 1), ("a", "c", 2)}

    apply({"slug": "b", "parent": "z"})
    assert closure() == {("z", "b", 1), ("b", "c", 1), ("z", "c", 2)}

    apply({"slug": "b", "parent": "-"})
    assert closure() == {("b", "c", 1)}


def test_a_file_may_bring_its_own_types_and_tiers() -> None:
    report = apply(
        NORDWIND | {"type": "referral", "tier": "platinum"},
        types=[TypeSpec("referral", "Referral partner")],
        tiers=[TierSpec("platinum", "Platinum", 4)],
    )
    assert report.outcomes[0].result is Result.NEW
    assert queries.find_partner("nordwind").tier_name == "Platinum"


def test_a_row_of_kind_host_names_the_host() -> None:
    report = apply({"slug": "acme", "name": "Acme Cloud", "kind": "host", "zone": "Europe/Berlin"}, NORDWIND)
    assert {outcome.result for outcome in report.outcomes} == {Result.NEW}
    host = queries.host_partner()
    assert host is not None
    assert (host.slug, host.name, host.zone, report.host) == ("acme", "Acme Cloud", "Europe/Berlin", "Acme Cloud")


def test_there_is_one_host() -> None:
    actions.create_host(name="Acme", actor=ME, now=NOW)
    with pytest.raises(actions.HostExists, match="Acme"):
        actions.create_host(name="Other", actor=ME, now=NOW)


def test_each_partner_is_written_in_its_own_scope_with_audit_and_event() -> None:
    apply(NORDWIND)
    nordwind = queries.find_partner("nordwind")
    verbs = set(AuditEntry.objects.filter(partner_id=nordwind.id).values_list("verb", flat=True))
    assert verbs == {"partners.partner.apply"}
    events = OutboxEvent.objects.filter(partner_id=nordwind.id).values_list("name", flat=True)
    assert set(events) == {"partners.partner.applied.v1", "partners.tier.changed.v1"}


def test_contacts_are_personal_in_the_audit_log() -> None:
    apply(NORDWIND, SUEDSTERN)
    entry = AuditEntry.objects.get(verb="partners.partner.apply", partner_id=queries.find_partner("suedstern").id)
    assert entry.changes_personal == {"contact_email": "eva@suedstern.example"}
    assert "contact_email" not in entry.changes


def test_a_tier_set_twice_is_remembered_once() -> None:
    apply(NORDWIND)
    with scopes.one(queries.find_partner("nordwind").id) as scope:
        assert scope.partner_id
        actions.set_tier(tier="silver", reason="review", actor=ME, now=NOW)
        actions.set_tier(tier="silver", reason="review", actor=ME, now=NOW)
        assert [step.tier for step in queries.tier_history(scope.partner_id)] == ["Silver", "Gold"]
        with pytest.raises(Invalid, match="platin"):
            actions.set_tier(tier="platin", actor=ME, now=NOW)


def test_the_host_stays_active_and_a_partner_may_be_suspended() -> None:
    apply(NORDWIND)
    host, nordwind = queries.host_partner(), queries.find_partner("nordwind")
    assert host is not None
    with scopes.one(nordwind.id):
        actions.set_state(state=State.SUSPENDED, actor=ME, now=NOW)
    assert queries.find_partner("nordwind").state == "suspended"
    with scopes.one(host.id), pytest.raises(Invalid, match="stays active"):
        actions.set_state(state=State.CLOSED, actor=ME, now=NOW)


def test_the_brand_is_the_partners_or_the_vendors() -> None:
    apply(NORDWIND | {"accent": "#AA0000"}, host_name="Acme Cloud")
    nordwind = queries.find_partner("nordwind")
    brand = queries.brand_for(host="learn.nordwind.example")
    assert brand is not None
    assert (brand.partner_id, brand.name, brand.accent) == (nordwind.id, "Nordwind", "#aa0000")
    fallback = queries.brand_for(host="unknown.example")
    assert fallback is not None
    assert fallback.name == "Acme Cloud"
    with scopes.one(nordwind.id):
        actions.set_brand(display_name="Nordwind Academy", actor=ME, now=NOW)
    renamed = queries.brand_for(nordwind.id)
    assert renamed is not None
    assert (renamed.name, renamed.accent) == ("Nordwind Academy", "#aa0000")


def test_a_foreign_partner_is_not_found() -> None:
    apply(NORDWIND, {"slug": "other", "name": "Other"})
    with scopes.one(queries.find_partner("nordwind").id):
        assert queries.get_partner("nordwind").slug == "nordwind"
        with pytest.raises(queries.NotFound):
            queries.get_partner("other")
        assert [row.slug for row in queries.list_partners()] == ["nordwind"]


def test_a_portfolio_shows_its_partners_only() -> None:
    apply(NORDWIND, {"slug": "other", "name": "Other"})
    manager = queries.find_partner("other").id  # any id: partners do not know people
    with scopes.one(queries.find_partner("nordwind").id):
        actions.set_portfolio(person_id=manager, looked_after=True, actor=ME, now=NOW)
    with scopes.portfolio(manager):
        assert [row.slug for row in queries.list_partners()] == ["nordwind"]
    with scopes.one(queries.find_partner("nordwind").id):
        actions.set_portfolio(person_id=manager, looked_after=False, actor=ME, now=NOW)
    with scopes.portfolio(manager):
        assert queries.list_partners() == ()


def test_the_register_costs_the_same_for_one_and_for_thirty(django_assert_num_queries: object) -> None:
    apply(*[{"slug": f"p{n}", "name": f"P {n}", "tier": "gold"} for n in range(30)])
    with django_assert_num_queries(7):  # type: ignore[operator]
        assert len(queries.register().partners) == 31
