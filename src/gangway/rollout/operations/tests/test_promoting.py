"""A promotion sets what a file says by the rooms' own actions, wholly or not at all; its values take it back."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from tests.world import MONDAY, OPERATOR, World

from gangway.catalog import actions as catalog
from gangway.catalog.markdown.read import read_course
from gangway.catalog.queries import courses_of_owner
from gangway.catalog.rules import PathStep
from gangway.catalog.tests.samples import write_course
from gangway.credentials import actions as credentials
from gangway.identity import actions as identity
from gangway.identity import queries as connections
from gangway.identity.rules.connections import ConnectionKind, Fallback
from gangway.kernel.configured import Part
from gangway.kernel.models import AuditEntry, OutboxEvent
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.partners import actions as partners
from gangway.partners.queries import find_partner, tier_history
from gangway.people.actions import admit_person
from gangway.rollout.operations import actions, cli, queries
from gangway.rollout.operations.rules import (
    PARTS,
    Export,
    differences,
    digest_of,
    moved,
    read,
    steps,
    written,
)
from gangway.rollout.operations.tests.parallel import in_parallel

Configured = dict[str, dict[str, dict[str, Any]]]


def here() -> Configured:
    """What is configured, to be changed at will."""
    found: Configured = copy.deepcopy(json.loads(json.dumps(queries.configured())))
    return found


def export_of(configuration: Configured, environment: str = "sandbox") -> Export:
    return read(written(configuration, environment))


def promote(configuration: Configured, **options: Any) -> Any:
    return actions.promote(
        export=export_of(configuration),
        source="sandbox.json",
        seen=options.pop("seen", digest_of(queries.configured())),
        actor=OPERATOR,
        now=MONDAY,
        **options,
    )


def undo(promotion_id: Any = None, **options: Any) -> actions.Undone:
    return actions.undo_promotion(promotion_id=promotion_id, actor=OPERATOR, now=MONDAY, **options)


@pytest.fixture
def taught(world: World, tmp_path: Path) -> World:
    """The world with two courses, a path, what one of them earns, and a directory and a sign-in at Nordwind."""
    with scopes.one(world.host):
        for key in ("first", "second"):
            folder = write_course(tmp_path / key)
            manifest = folder / "course.yaml"
            manifest.write_text(manifest.read_text().replace("key: first-steps", f"key: {key}"))
            catalog.import_course(draft=read_course(folder), actor=OPERATOR, now=MONDAY)
        ids = {row.key: row.course_id for row in courses_of_owner(world.host)}
        (one, other) = (ids[key] for key in sorted(ids))
        spec = catalog.PathSpec(
            name="Basics", summary="Both.", steps=(PathStep(one), PathStep(other, frozenset({one})))
        )
        catalog.make_path(spec=spec, actor=OPERATOR, now=MONDAY)
        credentials.define_credential(
            key="basics", course_id=one, title="Basics", valid_months=12, actor=OPERATOR, now=MONDAY
        )
    with scopes.one(world.nordwind):
        identity.add_connection(kind=ConnectionKind.SCIM, key="scim", name="Directory", actor=OPERATOR, now=MONDAY)
        identity.add_connection(kind=ConnectionKind.OIDC, key="okta", name="Okta", actor=OPERATOR, now=MONDAY)
    return world


def everything(configuration: Configured) -> Configured:
    """A change of every field that a promotion sets, a new entry in every part that it makes, and nothing by hand."""
    wanted = copy.deepcopy(configuration)
    wanted["types"]["reseller"] |= {"name": "Dealer", "primary": "portal", "fallback": "none"}
    wanted["types"]["scout"] = {"name": "Scout", "primary": "company", "fallback": "mail"}
    names = wanted["tiers"]
    names["silver"]["rank"], names["gold"]["rank"] = names["gold"]["rank"], names["silver"]["rank"]
    names["gold"]["name"] = "Golden"
    names["platinum"] = {"name": "Platinum", "rank": 9}
    wanted["partners"]["nordwind"] |= {
        "name": "Nordwind SE",
        "parent": "newcomer",
        "type": "scout",
        "tier": "platinum",
        "zone": "Europe/Madrid",
        "locale": "en",
        "accent": "#123456",
        "parent_sees": "people",
        "display_name": "NW",
        "session_hours": "12",
    }
    wanted["partners"]["suedstern"]["tier"] = ""
    newcomer = {"name": "Newcomer", "kind": "partner", "parent": "", "tier": "gold"}
    wanted["partners"]["newcomer"] = wanted["partners"]["suedstern"] | newcomer
    okta = wanted["connections"]["nordwind/okta"]
    okta |= {
        "name": "Okta 2",
        "joined": "scim",
        "join_claim": "employee",
        "join_attribute": "userName",
        "admits": True,
        "claims": {"email": "upn"},
        "fallback": "never",
        "head_count": 40,
    }
    wanted["connections"]["nordwind/entra"] = okta | {"kind": "saml", "name": "Entra"}
    wanted["paths"]["basics"] |= {"name": "Basics 2", "summary": "", "courses": ["second", "first"], "waits": {}}
    wanted["paths"]["more"] = {"name": "More", "summary": "", "courses": ["first"], "waits": {}}
    wanted["credentials"]["basics"] |= {"title": "The basics", "valid_months": None, "course": "second"}
    wanted["credentials"]["more"] = {"title": "More", "valid_months": 6, "course": "second"}
    return wanted


# ---------------------------------------------------------------- what an export holds is promotable, or named by hand


def test_every_field_of_an_export_is_set_by_its_room_or_named_with_what_to_do(taught: World) -> None:
    with scopes.one(taught.nordwind):
        okta = connections.connection_of_key("okta").id
        identity.set_oidc(
            connection_id=okta,
            issuer="https://id.example",
            client_id="gangway",
            client_secret="s",
            actor=OPERATOR,
            now=MONDAY,
        )
    parts = queries.parts()
    assert tuple(part.name for part in parts) == PARTS
    saml = {"entity_id", "sso_url", "subject_attribute", "metadata_url"}
    for part in parts:
        entries = here()[part.name].values()
        held = {field for entry in entries for field in entry} | (saml if part.name == "connections" else set())
        assert held == part.known, part.name
        assert not part.fields & part.by_hand.keys()
        assert all(part.by_hand.values())
        assert part.gone
        assert part.put or "" in part.by_hand


def test_everything_that_can_be_set_is_set_and_goes_back_wholly(taught: World) -> None:
    before = here()
    wanted = everything(before)
    found = steps(before, wanted, queries.parts())
    assert [step for step in found if step.by_hand] == []
    changed = {(step.part, step.field) for step in found if step.field}
    settable = {(part.name, field) for part in queries.parts() for field in part.fields}
    assert settable - changed == {("connections", "domains"), ("connections", "group_rules")}  # of a partner's own
    made = promote(wanted)
    assert here() == wanted
    (row,) = queries.promotions()
    assert (row.id, row.source, row.environment) == (made, "sandbox.json", "sandbox")
    assert {(one.part, one.key, one.field) for one in row.changes} == {step.place for step in found}

    done = undo()
    after = here()
    # Nordwind's history names the tier by now, so it stays, and is said.
    assert [(one.part, one.key, one.field) for one in differences(before, after)] == [("tiers", "platinum", "")]
    assert len(done.stays) == 1
    assert "Platinum" in done.stays[0]
    assert queries.promotion(made).undone_at == MONDAY
    with pytest.raises(actions.AlreadyUndone):
        undo(made)
    with pytest.raises(actions.NothingToUndo):
        undo()


def test_the_rooms_rules_audit_and_events_hold(taught: World) -> None:
    wanted = here()
    wanted["partners"]["nordwind"] |= {"tier": "silver", "accent": "#0a7d3c"}
    wanted["connections"]["nordwind/okta"]["fallback"] = "open"
    entries, events = AuditEntry.objects.count(), OutboxEvent.objects.count()
    promote(wanted)
    verbs = set(AuditEntry.objects.order_by("-at", "-id").values_list("verb", flat=True)[:10])
    assert {"partners.partner.apply", "identity.connection.conduct", "operations.configuration.promote"} <= verbs
    names = set(OutboxEvent.objects.values_list("name", flat=True))
    assert {
        "partners.tier.changed.v1",
        "identity.connection.changed.v1",
        "operations.configuration.promoted.v1",
    } <= names
    assert AuditEntry.objects.count() - entries == 3
    assert OutboxEvent.objects.count() > events
    with scopes.one(taught.nordwind):
        assert tier_history(taught.nordwind)[0].reason == "configuration"


def test_a_vendor_of_another_key_is_the_vendor(taught: World) -> None:
    wanted = here()
    host = next(slug for slug, facts in wanted["partners"].items() if facts["kind"] == "host")
    wanted["partners"]["their-name-for-it"] = {**wanted["partners"].pop(host), "zone": "Asia/Tokyo"}
    promote(wanted)
    assert here()["partners"][host]["zone"] == "Asia/Tokyo"
    assert "their-name-for-it" not in here()["partners"]


def test_what_is_here_and_not_in_the_file_stays_and_is_named(taught: World) -> None:
    wanted = here()
    for part in ("types", "tiers", "partners", "connections", "courses", "paths", "credentials"):
        wanted[part] = {}
    found = steps(here(), wanted, queries.parts())
    assert found
    assert all(step.by_hand and not step.field for step in found)
    with pytest.raises(actions.NothingToPromote):
        promote(wanted)


def test_what_the_file_says_nothing_of_is_left_alone(taught: World) -> None:
    """As an export of an older version, which knew less."""
    wanted = here()
    wanted["types"]["reseller"] = {"name": "Dealer"}
    left = [step for step in steps(here(), wanted, queries.parts()) if step.by_hand]
    assert [step.field for step in left] == ["fallback", "primary"]
    promote(wanted)
    assert here()["types"]["reseller"] == {"name": "Dealer", "primary": "company", "fallback": "mail"}


def test_courses_and_providers_are_left_to_hands(taught: World) -> None:
    wanted = here()
    wanted["courses"]["first"]["content"] = "0" * 64
    wanted["connections"]["nordwind/okta"] |= {"state": "active", "issuer": "https://id.example"}
    wanted["connections"]["nordwind/new"] = wanted["connections"]["nordwind/okta"] | {"name": "New"}
    found = {step.place: step.by_hand for step in steps(here(), wanted, queries.parts())}
    assert "course import" in found["courses", "first", "content"]
    assert "connection state" in found["connections", "nordwind/okta", "state"]
    assert "connection oidc" in found["connections", "nordwind/new", "issuer"]
    promote(wanted)
    made = here()["connections"]["nordwind/new"]
    assert (made["name"], made["state"], "issuer" in made) == ("New", "draft", False)


# ---------------------------------------------------------------- it is refused wholly


def refused_late(wanted: Configured) -> Configured:
    """Types, tiers and partners can be set; the last part cannot."""
    wanted["types"]["scout"] = {"name": "Scout"}
    wanted["partners"]["nordwind"]["name"] = "Nordwind SE"
    wanted["credentials"]["basics"]["valid_months"] = 999
    return wanted


def test_a_refusal_half_way_leaves_nothing_and_names_what_was_refused(taught: World) -> None:
    before, entries, events = here(), AuditEntry.objects.count(), OutboxEvent.objects.count()
    with pytest.raises(actions.CannotPromote) as caught:
        promote(refused_late(here()))
    assert "credentials basics, valid_months" in str(caught.value)
    assert "999" in str(caught.value)
    assert "Nothing was changed" in str(caught.value.step)
    assert here() == before
    assert (AuditEntry.objects.count(), OutboxEvent.objects.count()) == (entries, events)
    assert queries.promotions() == ()


def test_without_the_one_transaction_half_of_it_would_stay(taught: World) -> None:
    """The control: the same rooms called one after the other leave what came before the refusal."""
    from gangway.rollout.operations.actions.promoting import _put

    before, wanted = here(), refused_late(here())
    found = steps(before, wanted, queries.parts())
    for part in queries.parts()[:-1]:
        _put(part, [one for one in found if one.part == part.name], OPERATOR, MONDAY)
    with pytest.raises(actions.CannotPromote):
        _put(queries.parts()[-1], [one for one in found if one.part == "credentials"], OPERATOR, MONDAY)
    left = {one.place for one in differences(before, here())}
    assert left == {("types", "scout", ""), ("partners", "nordwind", "name")}


@pytest.mark.parametrize(
    ("part", "key", "fields", "says"),
    [
        ("partners", "nordwind", {"zone": "Mars/North"}, "zone"),
        ("partners", "nordwind", {"name": 7}, "name"),
        ("partners", "nordwind", {"parent": "nobody"}, "nobody"),
        ("tiers", "silver", {"rank": "second"}, "rank"),
        ("tiers", "silver", {"rank": True}, "rank"),
        ("tiers", "silver", {"rank": 3}, "same rank"),
        ("connections", "nordwind/okta", {"domains": ["nordwind.example"]}, "nordwind.example"),
        ("connections", "nordwind/okta", {"fallback": "sometimes"}, "sometimes"),
        ("connections", "nordwind/okta", {"group_rules": [{"group": "a", "into": "nothing"}]}, "nothing"),
        ("connections", "nordwind/okta", {"group_rules": "all"}, "group_rules"),
        ("connections", "nobody/okta", {"kind": "oidc", "name": "X"}, "nobody"),
        ("connections", "nordwind/new", {"kind": "ldap", "name": "X"}, "ldap"),
        ("paths", "basics", {"courses": ["third"]}, "third"),
        ("credentials", "basics", {"course": "third"}, "third"),
        ("types", "Not A Key", {"name": "X"}, "Not A Key"),
    ],
)
def test_what_a_room_refuses_refuses_the_promotion(
    taught: World, part: str, key: str, fields: dict[str, Any], says: str
) -> None:
    before, wanted = here(), here()
    wanted["types"]["scout"] = {"name": "Scout"}
    wanted[part][key] = {**wanted[part].get(key, {}), **fields}
    with pytest.raises(actions.CannotPromote) as caught:
        promote(wanted)
    assert says in str(caught.value)
    assert key.split("/")[-1] in str(caught.value)
    assert here() == before


def test_an_unknown_field_and_another_look_are_refused(taught: World) -> None:
    wanted = here()
    wanted["types"]["reseller"]["colour"] = "red"
    with pytest.raises(Invalid) as caught:
        promote(wanted)
    assert caught.value.field == "colour"
    wanted = here()
    wanted["types"]["reseller"]["name"] = "Dealer"
    with pytest.raises(actions.MovedMeanwhile):
        promote(wanted, seen=digest_of({}))
    with pytest.raises(actions.NothingToPromote):
        promote(here())


def test_a_dry_run_refuses_what_would_be_refused_and_changes_nothing(taught: World) -> None:
    before, wanted = here(), here()
    wanted["types"]["reseller"]["name"] = "Dealer"
    assert promote(wanted, dry_run=True) is None
    assert here() == before
    with pytest.raises(actions.CannotPromote):
        promote(refused_late(here()), dry_run=True)
    promote(wanted)
    assert undo(dry_run=True).stays == ()
    assert here() == wanted
    undo()
    assert here() == before


# ---------------------------------------------------------------- undoing


def test_undoing_refuses_where_something_was_changed_since_and_names_it(taught: World) -> None:
    wanted = here()
    wanted["partners"]["nordwind"] |= {"name": "Nordwind SE", "accent": "#123456"}
    wanted["connections"]["nordwind/okta"]["fallback"] = "never"
    promote(wanted)
    with scopes.one(taught.nordwind):
        okta = connections.connection_of_key("okta").id
        conduct = identity.Conduct(fallback=Fallback.OPEN)
        identity.set_conduct(connection_id=okta, conduct=conduct, actor=OPERATOR, now=MONDAY)
    before = here()
    with pytest.raises(actions.ChangedSince) as caught:
        undo()
    assert "connections nordwind/okta, fallback" in str(caught.value)
    assert here() == before  # also the name, which nobody has touched
    with scopes.one(taught.nordwind):
        conduct = identity.Conduct(fallback=Fallback.NEVER)
        identity.set_conduct(connection_id=okta, conduct=conduct, actor=OPERATOR, now=MONDAY)
        partners.edit_partner(said={"zone": "Europe/Madrid"}, actor=OPERATOR, now=MONDAY)
    undo()
    now = here()["partners"]["nordwind"]
    assert (now["name"], now["zone"]) == ("Nordwind", "Europe/Madrid")  # what it did not promote is not touched


def test_what_holds_another_goes_back_in_an_order_that_can_be(taught: World) -> None:
    """A new tier has the rank of an old one that moved; a type closed the mail that a connection had open."""
    with scopes.one(taught.nordwind):
        okta = connections.connection_of_key("okta").id
        conduct = identity.Conduct(fallback=Fallback.OPEN)
        identity.set_conduct(connection_id=okta, conduct=conduct, actor=OPERATOR, now=MONDAY)
    before, wanted = here(), here()
    wanted["tiers"]["gold"]["rank"] = 9
    wanted["tiers"]["platinum"] = {"name": "Platinum", "rank": before["tiers"]["gold"]["rank"]}
    wanted["types"]["reseller"]["fallback"] = "none"
    wanted["connections"]["nordwind/okta"]["fallback"] = "never"
    blank = wanted["partners"]["suedstern"] | {"kind": "partner", "tier": "platinum"}
    wanted["partners"] |= {"b-parent": blank | {"name": "B"}, "a-child": blank | {"name": "A", "parent": "b-parent"}}
    promote(wanted)
    assert here() == wanted
    assert undo().stays == ()
    assert here() == before


def test_undoing_refuses_to_take_away_what_is_used_by_now(taught: World) -> None:
    wanted = here()
    fresh = {"name": "Newcomer", "kind": "partner"}
    wanted["partners"]["newcomer"] = wanted["partners"]["suedstern"] | fresh
    wanted["types"]["reseller"]["name"] = "Dealer"
    promote(wanted)
    with scopes.one(find_partner("newcomer").id):
        admit_person(name="Eva", email="eva@newcomer.example", letter=False, actor=OPERATOR, now=MONDAY)
    before = here()
    with pytest.raises(actions.CannotPromote) as caught:
        undo()
    assert "partners newcomer" in str(caught.value)
    assert here() == before


def test_a_connection_that_was_told_its_provider_is_not_taken_away(taught: World) -> None:
    wanted = here()
    wanted["connections"]["suedstern/okta"] = wanted["connections"]["nordwind/okta"]
    promote(wanted)
    with scopes.one(taught.suedstern):
        identity.set_oidc(
            connection_id=connections.connection_of_key("okta").id,
            issuer="https://id.example",
            client_id="gangway",
            client_secret="s",
            actor=OPERATOR,
            now=MONDAY,
        )
    with pytest.raises(actions.CannotPromote) as caught:
        undo()
    assert "suedstern/okta" in str(caught.value)


def test_a_promotion_that_nobody_made_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        undo(world.host)


def test_a_field_that_moved_is_named_and_one_that_did_not_is_not(taught: World) -> None:
    wanted = everything(here())
    promote(wanted)
    changes = queries.promotions()[0].changes
    assert moved(here(), changes) == ()
    for one in changes:
        other = here()
        if one.field:
            other[one.part][one.key][one.field] = "something else"
        else:
            del other[one.part][one.key]
        assert len(moved(other, changes)) == 1


# ---------------------------------------------------------------- at the same time


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_time_one_is_refused(world: World) -> None:
    wanted = here()
    wanted["types"]["reseller"]["name"] = "Dealer"
    seen = digest_of(queries.configured())
    came = in_parallel([lambda: promote(wanted, seen=seen)] * 2)
    refused = {actions.AlreadyPromoting, actions.MovedMeanwhile}
    assert len([one for one in came if one in refused]) == 1, came
    assert len(queries.promotions()) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres_only
def test_one_that_is_under_way_keeps_every_other_out(world: World) -> None:
    wanted = here()
    wanted["types"]["reseller"]["name"] = "Dealer"
    with transaction.atomic():
        promote(wanted)
        came = in_parallel([lambda: promote(wanted), undo])
    assert came == [actions.AlreadyPromoting] * 2


# ---------------------------------------------------------------- the command


def test_the_command_says_old_and_new_what_is_by_hand_and_what_it_leaves_alone(
    taught: World, capsys: Any, tmp_path: Path
) -> None:
    file, wanted = tmp_path / "sandbox.json", here()
    wanted["partners"]["nordwind"]["accent"] = "#123456"
    wanted["courses"]["first"]["content"] = "0" * 64
    file.write_text(written(wanted, "sandbox"), encoding="utf-8")
    cli.promote(str(file), dry_run=True)
    said = capsys.readouterr().out
    assert 'partners nordwind, accent: was "#1f5eff", is "#123456"' in said
    assert "courses first, content: same key, other content – by hand: Publish" in said
    assert "Left alone: people" in said
    assert "Nothing was changed." in said
    cli.promote(str(file), as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["set"] == [
        {"part": "partners", "key": "nordwind", "field": "accent", "old": "#1f5eff", "new": "#123456"}
    ]
    assert told["by_hand"][0]["how"].startswith("Publish")
    cli.promote(told["promotion"], undo=True)
    said = capsys.readouterr().out
    assert 'accent: was "#123456", is "#1f5eff"' in said
    assert "taken back" in said


@pytest.mark.parametrize(
    ("what", "undo_it"), [("", False), ("nowhere.json", False), ("tampered", False), ("no id", True), ("", True)]
)
def test_the_command_refuses_in_one_sentence(
    world: World, capsys: Any, tmp_path: Path, what: str, undo_it: bool
) -> None:
    if what == "tampered":
        file = tmp_path / "sandbox.json"
        file.write_text(written(here(), "sandbox").replace('"Nordwind"', '"Südwind"'), encoding="utf-8")
        what = str(file)
    with pytest.raises(SystemExit) as caught:
        cli.promote(what, undo=undo_it)
    assert caught.value.code == 1
    assert capsys.readouterr().err.strip()


def test_a_part_knows_the_fields_it_puts_and_those_by_hand() -> None:
    part = Part(name="x", gone="Remove it.", fields=frozenset({"a"}), by_hand={"": "Make it.", "b": "Set it."})
    assert part.known == {"a", "b"}
