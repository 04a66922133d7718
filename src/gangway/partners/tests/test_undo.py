"""Taking a partner file back: equal tables where nothing happened since, and never a word of somebody else lost."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.models import OutboxEvent
from gangway.kernel.personal import Subject
from gangway.kernel.refusal import NotFound
from gangway.kernel.sheets import Line, Result
from gangway.kernel.tenancy import scopes
from gangway.partners import actions, queries
from gangway.partners.models import (
    ApplyRow,
    Brand,
    Contact,
    HostName,
    Partner,
    PartnerClosure,
    PartnerType,
    PortfolioPartner,
    Tier,
    VerifiedDomain,
)
from gangway.partners.privacy import PRIVACY
from gangway.partners.queries.runs import USES
from gangway.partners.rules import Fallback, Primary, TierSpec, TypeSpec

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
ME = Actor.operator()
TABLES = (Partner, Brand, Contact, HostName, PartnerType, PortfolioPartner, Tier, VerifiedDomain)


def apply(*rows: dict[str, str], **options: Any) -> actions.ApplyReport:
    lines = [Line(number, row) for number, row in enumerate(rows, start=2)]
    return actions.apply_partners(rows=lines, actor=ME, now=options.pop("now", NOW), **options)


def undo(run: UUID | None, **options: Any) -> actions.UndoReport:
    assert run is not None
    return actions.undo_run(run_id=run, actor=ME, now=LATER, **options)


def tables() -> str:
    """A hash of every row of partners but the logs (tier history, runs). A pair of the closure has no identity."""
    found: list[Any] = []
    with scopes.host():
        for model in TABLES:
            found += [model.__name__, *model.objects.order_by("id").values_list()]
        found += PartnerClosure.objects.order_by("ancestor", "descendant").values_list(
            "ancestor_id", "descendant_id", "depth"
        )
    return hashlib.sha256(repr(found).encode()).hexdigest()


NORDWIND = {"slug": "nordwind", "name": "Nordwind", "type": "msp", "tier": "gold", "host": "learn.nordwind.example"}
SUEDSTERN = {"slug": "suedstern", "name": "Südstern", "parent": "nordwind", "contact_email": "eva@suedstern.example"}


def test_new_partners_of_an_untouched_run_are_gone_with_their_own_rows() -> None:
    apply({"slug": "acme", "name": "Acme", "kind": "host"})
    before = tables()
    run = apply(SUEDSTERN, NORDWIND, source="sixty.csv").run
    rehearsed = undo(run, dry_run=True)
    assert tables() != before

    report = undo(run)

    assert tables() == before
    assert rehearsed.outcomes == report.outcomes
    assert [(o.key, o.line, o.result) for o in report.outcomes] == [
        ("suedstern", 2, "removed"),
        ("nordwind", 3, "removed"),
    ]
    assert OutboxEvent.objects.filter(name="partners.partner.removed.v1").count() == 2
    assert not undo(run).outcomes


def test_changed_columns_go_back_and_the_history_says_so() -> None:
    apply(NORDWIND, SUEDSTERN)
    before = tables()
    changed = {
        "slug": "nordwind",
        "name": "Nordwind AG",
        "tier": "silver",
        "host": "-",
        "type": "-",
        "accent": "#101010",
    }
    run = apply(changed, {"slug": "suedstern", "parent": "-", "contact_email": "-", "session_hours": "8"}).run
    assert queries.find_partner("suedstern").session_hours == 8

    report = undo(run)

    assert tables() == before
    assert report.count("restored") == 2
    nordwind = queries.find_partner("nordwind")
    with scopes.one(nordwind.id):
        steps = [(step.was, step.tier, step.reason) for step in queries.tier_history(nordwind.id)]
    assert steps == [("Silver", "Gold", "undo"), ("Gold", "Silver", "partner file"), (None, "Gold", "")]


def test_what_was_changed_since_is_listed_and_never_overwritten() -> None:
    apply(NORDWIND)
    run = apply({"slug": "nordwind", "name": "Nordwind AG"}, SUEDSTERN).run
    apply({"slug": "nordwind", "name": "Nordwind SE"}, {"slug": "suedstern", "zone": "Europe/Vienna"}, now=LATER)
    stands = tables()

    report = undo(run)

    assert [(o.key, o.result, o.reason) for o in report.outcomes] == [
        ("nordwind", "stays", "Changed since: name."),
        ("suedstern", "stays", "Changed since: zone."),
    ]
    assert tables() == stands
    assert queries.run(report.run).left == 2


def test_another_column_changed_since_is_no_hindrance_and_stays() -> None:
    apply(NORDWIND)
    run = apply({"slug": "nordwind", "name": "Nordwind AG"}).run
    apply({"slug": "nordwind", "zone": "Europe/Vienna"}, now=LATER)
    assert undo(run).count("restored") == 1
    nordwind = queries.find_partner("nordwind")
    assert (nordwind.name, nordwind.zone) == ("Nordwind", "Europe/Vienna")


def test_a_partner_that_is_used_stays_and_says_by_what() -> None:
    run = apply(NORDWIND).run
    nordwind = queries.find_partner("nordwind")
    with scopes.one(nordwind.id):
        actions.set_portfolio(person_id=new_id(), looked_after=True, actor=ME, now=LATER)
    for dry_run in (True, False):
        outcome = undo(run, dry_run=dry_run).outcomes[0]
        assert (outcome.result, outcome.reason) == ("stays", "It is in use: partners.")
    assert queries.find_partner("nordwind") == nordwind


def test_a_parent_stays_while_a_partner_of_another_run_hangs_below_it() -> None:
    run = apply(NORDWIND).run
    apply(SUEDSTERN)
    assert undo(run).outcomes[0].reason == "There are partners below it: suedstern."
    undo(apply({"slug": "suedstern", "parent": "-"}).run)
    apply({"slug": "suedstern", "parent": "-"})
    assert undo(run).outcomes[0].result == "removed"


def test_the_host_itself_stays() -> None:
    report = apply({"slug": "acme", "name": "Acme", "kind": "host", "zone": "Europe/Berlin"}, NORDWIND)
    kept = {outcome.key: outcome.result for outcome in undo(report.run).outcomes}
    assert kept == {"acme": "restored", "nordwind": "removed"}
    assert queries.host_partner() is not None


def test_types_and_tiers_of_a_file_go_with_it_unless_the_history_names_them() -> None:
    apply(NORDWIND)
    before = tables()
    words: dict[str, Any] = {
        "types": [
            TypeSpec("referral", "Referral partner", Primary.PORTAL),
            TypeSpec("msp", "Operator", fallback=Fallback.NONE),
        ],
        "tiers": [TierSpec("platinum", "Platinum", 4)],
    }
    run = apply(SUEDSTERN | {"type": "referral", "tier": "platinum"}, **words).run
    report = undo(run)
    assert tables() == before
    assert {o.key: o.result for o in report.outcomes if not o.line} == {
        "platinum": "removed",
        "referral": "removed",
        "msp": "restored",
    }

    run = apply({"slug": "nordwind", "tier": "platinum"}, **words).run
    stays = [outcome for outcome in undo(run).outcomes if outcome.result == "stays"]
    assert [(outcome.key, outcome.reason) for outcome in stays] == [("platinum", "“Platinum” is in use: partners.")]


def test_a_host_name_that_somebody_took_meanwhile_stays_theirs() -> None:
    apply(NORDWIND)
    run = apply({"slug": "nordwind", "host": "-"}).run
    apply({"slug": "other", "name": "Other", "host": "learn.nordwind.example"})
    assert "belongs to “other” by now" in undo(run).outcomes[0].reason


def test_only_what_writes_leaves_a_run() -> None:
    first = apply(NORDWIND, source="partners.csv")
    assert apply(NORDWIND).run is None
    assert apply({"slug": "nordwind", "name": "Other"}, dry_run=True).run is None
    assert first.run is not None
    (run,) = queries.runs()
    assert (run.id, run.source, run.new, run.changed, run.left) == (first.run, "partners.csv", 1, 0, 1)
    with pytest.raises(NotFound):
        actions.undo_run(run_id=new_id(), actor=ME, now=NOW)


def test_an_undo_costs_the_same_for_every_row() -> None:
    apply({"slug": "acme", "name": "Acme", "kind": "host"})

    def cost(count: int) -> int:
        run = apply(*[{"slug": f"p{count}-{n}", "name": f"P {n}", "tier": "gold"} for n in range(count)]).run
        with CaptureQueriesContext(connection) as captured:
            assert undo(run).count("removed") == count
        return len(captured)

    one, two, ten = cost(1), cost(2), cost(10)
    assert ten - two == 8 * (two - one)


def test_who_is_erased_is_forgotten_in_what_can_be_undone() -> None:
    apply(NORDWIND, SUEDSTERN, {"slug": "bad", "name": "Bad", "contact_email": "eva@suedstern.example", "tier": "no"})
    run = apply({"slug": "suedstern", "name": "Südstern AG", "contact_name": "Eva", "tier": "gold"}).run
    suedstern = queries.find_partner("suedstern")
    with scopes.one(suedstern.id), transaction.atomic():
        PRIVACY.erase(Subject(new_id(), suedstern.id, ("EVA@suedstern.example",)), LATER)
        held = repr(list(ApplyRow.objects.values("before", "after", "kept")))
    assert "eva" not in held.casefold()
    assert undo(run).count("restored") == 1
    with scopes.one(suedstern.id):
        assert queries.contacts(suedstern.id) == ()
    assert queries.find_partner("suedstern").name == "Südstern"


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        connection.check_constraints()
        transaction.set_rollback(True)


SLUGS = ("acme", "north", "south", "east", "west")
HOSTS = ("-", "a.example", "b.example")
ROWS = st.fixed_dictionaries(
    {"slug": st.sampled_from(SLUGS[1:])},
    optional={
        "name": st.sampled_from(["Nord", "Süd", "Ost"]),
        "parent": st.sampled_from([*SLUGS[1:], "-"]),
        "type": st.sampled_from(["msp", "reseller", "-"]),
        "tier": st.sampled_from(["gold", "silver", "-"]),
        "zone": st.sampled_from(["UTC", "Europe/Berlin"]),
        "accent": st.sampled_from(["#000001", "#000002"]),
        "host": st.sampled_from(HOSTS),
        "contact_name": st.sampled_from(["Ben", "-"]),
        "contact_email": st.sampled_from(["ben@north.example", "-"]),
        "display_name": st.sampled_from(["Academy", "-"]),
        "session_hours": st.sampled_from(["8", "720", "-"]),
        "parent_sees": st.sampled_from(["none", "people"]),
    },
)
FILES = st.lists(ROWS, max_size=5)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=FILES, second=FILES)
def test_undo_is_the_inverse_of_apply(db: None, first: list[dict[str, str]], second: list[dict[str, str]]) -> None:
    with rolled_back():
        apply({"slug": "acme", "name": "Acme", "kind": "host"}, *first)
        before = tables()
        report = apply(*second)
        if report.run is None:
            assert tables() == before
            return
        rehearsed = undo(report.run, dry_run=True)
        done = undo(report.run)
        assert rehearsed.outcomes == done.outcomes
        assert done.count("stays") == 0
        assert len(done.outcomes) == report.count(Result.NEW) + report.count(Result.CHANGED)
        assert tables() == before
        with scopes.host():
            assert not ApplyRow.objects.filter(run=report.run).exists()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=FILES, second=FILES, third=FILES)
def test_undo_never_overwrites_a_later_word(
    db: None, first: list[dict[str, str]], second: list[dict[str, str]], third: list[dict[str, str]]
) -> None:
    """Whatever a later file said last about a column still stands after the earlier one is taken back."""
    with rolled_back():
        apply({"slug": "acme", "name": "Acme", "kind": "host"}, *first)
        run = apply(*second).run
        between = queries.register().partners
        apply(*third, now=LATER)
        after = queries.register().partners
        if run is None:
            return
        undo(run)
        stands = queries.register().partners
        for slug, facts in after.items():
            for column, value in facts.items():
                if slug in between and between[slug][column] != value:
                    assert stands[slug][column] == value


def test_whatever_can_refer_to_a_partner_has_words() -> None:
    keys = Partner._meta.get_fields(include_hidden=True)
    apps = {key.related_model._meta.app_label for key in keys if key.one_to_many and key.auto_created}
    assert apps - set(USES) == set()
