"""The export is the same bytes each time, without secrets or people; a difference is found in both directions."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from tests.world import World

from gangway.identity import actions, queries
from gangway.identity.rules.connections import ConnectionKind, Fallback
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.partners.actions import define_types_and_tiers, edit_partner
from gangway.partners.rules import TypeSpec
from gangway.rollout.operations.cli import diff, export, promote
from gangway.rollout.operations.queries import configured
from gangway.rollout.operations.rules import (
    PARTS,
    Configuration,
    by_our_name,
    differences,
    digest_of,
    in_words,
    read,
    written,
)

ME = Actor.operator()
VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.lists(st.text(max_size=2), max_size=2)
ENTRIES = st.dictionaries(st.text(max_size=3), st.dictionaries(st.text(max_size=3), VALUES, max_size=3), max_size=3)
CONFIGURATIONS = st.fixed_dictionaries(dict.fromkeys(PARTS, ENTRIES))


# ---------------------------------------------------------------- the rules


def test_the_vendor_is_the_same_one_by_whatever_key() -> None:
    """One installation began on the set-up page, the other with a partner file."""
    facts = {"kind": "partner", "parent": ""}
    theirs: Configuration = {
        "partners": {"acme": {"kind": "host", "zone": "UTC"}, "nordwind": {**facts, "parent": "acme"}, "acme-2": facts},
        "connections": {"acme/portal": {"state": "draft"}, "acme-2/okta": {"state": "draft"}},
    }
    ours: Configuration = {"partners": {"host": {"kind": "host", "zone": "Europe/Berlin"}}}
    found = by_our_name(theirs, ours)
    assert found["partners"].keys() == {"host", "nordwind", "acme-2"}
    assert found["partners"]["nordwind"]["parent"] == "host"
    assert found["connections"].keys() == {"host/portal", "acme-2/okta"}
    assert ("partners", "host", "zone") in {one.place for one in differences(found, ours)}
    assert by_our_name(theirs, theirs) == theirs
    real: Configuration = {"partners": {**theirs["partners"], "host": facts}}
    assert by_our_name(real, ours) == real, "somebody else has that key there"


@given(CONFIGURATIONS)
def test_what_is_written_is_read_back_and_differs_in_nothing(one: dict[str, Any]) -> None:
    found = read(written(one, "sandbox"))
    assert (found.configuration, found.environment) == (one, "sandbox")
    assert differences(one, found.configuration) == ()
    backwards = {part: dict(reversed(entries.items())) for part, entries in reversed(one.items())}
    assert written(backwards, "sandbox") == written(one, "sandbox")
    assert digest_of(backwards) == digest_of(one)


@given(CONFIGURATIONS, CONFIGURATIONS)
def test_a_digest_is_the_same_for_the_same_configuration_alone(one: Configuration, other: Configuration) -> None:
    assert (digest_of(one) == digest_of(other)) == (written(one, "sandbox") == written(other, "sandbox"))
    assert digest_of(one, "sandbox") != digest_of(one, "production")


@given(CONFIGURATIONS, CONFIGURATIONS)
def test_every_difference_is_found_in_both_directions(one: Configuration, other: Configuration) -> None:
    there = {(d.part, d.key, d.field): (d.was, d.now) for d in differences(one, other)}
    back = {(d.part, d.key, d.field): (d.now, d.was) for d in differences(other, one)}
    assert there == back
    for part in PARTS:
        for key in one[part].keys() & other[part].keys():
            mine, theirs = one[part][key], other[part][key]
            fields = {field for field in mine.keys() | theirs.keys() if mine.get(field) != theirs.get(field)}
            assert {field for at, of, field in there if (at, of) == (part, key)} == fields
    assert all(in_words(d) for d in differences(one, other))


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("no json", "file"),
        ("[" * 100_000, "file"),
        ("[]", "gangway"),
        ('{"gangway": 1}', "gangway"),
        ('{"gangway": 3}', "gangway"),
        ('{"gangway": 2}', "environment"),
        ('{"gangway": 2, "secrets": {}}', "secrets"),
        ('{"gangway": 2, "environment": "sandbox", "types": []}', "types"),
        ('{"gangway": 2, "environment": "sandbox", "types": {"a": 1}}', "types"),
        ('{"gangway": 2, "environment": "sandbox"}', "digest"),
    ],
)
def test_a_file_that_is_no_export_names_what_is_wrong(text: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        read(text)
    assert caught.value.field == field


# ---------------------------------------------------------------- the command


@pytest.fixture
def connected(world: World) -> str:
    """Nordwind with a sign-in and a directory, their secrets planted; the token."""
    with scopes.one(world.ana.partner_id):
        made = actions.add_connection(kind=ConnectionKind.OIDC, key="okta", name="Okta", actor=ME, now=clock.now())
        actions.set_oidc(
            connection_id=made,
            issuer="https://id.nordwind.example",
            client_id="gangway",
            client_secret="planted-secret",
            actor=ME,
            now=clock.now(),
        )
        directory = actions.add_connection(kind=ConnectionKind.SCIM, key="scim", name="S", actor=ME, now=clock.now())
        return actions.issue_token(connection_id=directory, actor=ME, now=clock.now()).token


def exported(capsys: Any) -> str:
    export()
    said: str = capsys.readouterr().out
    return said


def test_it_exports_the_same_bytes_without_secrets_or_people(world: World, connected: str, capsys: Any) -> None:
    text = exported(capsys)
    assert exported(capsys) == text
    for planted in ("planted-secret", connected, connected[-6:], "v1:", "@"):
        assert planted not in text
    told = json.loads(text)
    (okta,) = [entry for key, entry in told["connections"].items() if key.endswith("/okta")]
    assert (okta["issuer"], okta["client_id"], okta["fallback"]) == (
        "https://id.nordwind.example",
        "gangway",
        "on_failure",
    )  # the control: what is no secret is there
    assert told["types"]["msp"] == {"name": "Managed service provider", "primary": "company", "fallback": "mail"}


def test_a_change_is_one_line_and_exit_status_1(world: World, connected: str, capsys: Any, tmp_path: Path) -> None:
    before = tmp_path / "before.json"
    before.write_text(exported(capsys), encoding="utf-8")
    diff(was=before)  # the control: nothing has moved, and the status is 0
    assert capsys.readouterr().out.strip() == "Nothing differs."
    with scopes.one(world.ana.partner_id):
        okta = queries.connection_of_key("okta")
        conduct = actions.Conduct(fallback=Fallback.NEVER)
        actions.set_conduct(connection_id=okta.id, conduct=conduct, actor=ME, now=clock.now())
        edit_partner(said={"accent": "#0a7d3c"}, actor=ME, now=clock.now())
    with scopes.one(world.dee.partner_id):
        types = [TypeSpec("agency", "Agency")]
        define_types_and_tiers(types=types, tiers=(), actor=ME, now=clock.now())
    with pytest.raises(typer.Exit) as caught:
        diff(was=before)
    assert caught.value.exit_code == 1
    said = capsys.readouterr().out
    assert 'okta, fallback: in the file "on_failure", here "never"' in said
    assert "accent: in the file" in said
    assert "types agency: here, and not in the file" in said
    assert len(said.strip().splitlines()) == 3
    with pytest.raises(typer.Exit):
        diff(was=before, as_json=True)
    rows = json.loads(capsys.readouterr().out)
    assert [row["part"] for row in rows] == ["types", "partners", "connections"]


def test_an_installation_that_nobody_set_up_says_so(db: None, capsys: Any, tmp_path: Path) -> None:
    file = tmp_path / "one.json"
    file.write_text(written({}, "sandbox"), encoding="utf-8")
    for command in (export, lambda: promote(str(file))):
        with pytest.raises(SystemExit):
            command()
    with pytest.raises(typer.Exit) as caught:
        diff(was=file)
    assert caught.value.exit_code == 2
    said = "".join(capsys.readouterr())
    assert said.count("There is no vendor yet") == 3


def test_two_files_are_compared_and_a_bad_one_is_status_2(world: World, capsys: Any, tmp_path: Path) -> None:
    one, other = tmp_path / "one.json", tmp_path / "other.json"
    configuration = dict(configured())
    one.write_text(written(configuration, "sandbox"), encoding="utf-8")
    other.write_text(written({**configuration, "types": {}}, "sandbox"), encoding="utf-8")
    with pytest.raises(typer.Exit) as caught:
        diff(was=one, now=other)
    assert caught.value.exit_code == 1
    assert "gone" in capsys.readouterr().out
    for wrong in (tmp_path / "nowhere.json", tmp_path):
        with pytest.raises(typer.Exit) as caught:
            diff(was=wrong)
        assert caught.value.exit_code == 2
    assert "cannot be read" in capsys.readouterr().out
