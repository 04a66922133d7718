"""A provider's metadata: read, pinned, refreshed; and our own."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import typer
from lxml import etree
from tests.conformance.saml.provider import keys
from typer.testing import CliRunner, Result

from gangway.identity import actions, queries
from gangway.identity.cli.saml import saml
from gangway.identity.jobs import forget_saml_answers, refresh_saml_metadata
from gangway.identity.rules.connections import Asserted, ConnectionKind, ConnectionState
from gangway.identity.rules.saml import METADATA_LIMIT, ServiceProvider
from gangway.identity.saml import fetching
from gangway.identity.saml.documents import METADATA
from gangway.identity.saml.fetching import NoMetadata, fetch_metadata
from gangway.identity.saml.metadata import BadMetadata, our_metadata, read_metadata, usable_address
from gangway.identity.saml.times import NoInstant, instant
from gangway.identity.tests.conftest import ME, World
from gangway.kernel import clock
from gangway.kernel.outbound import Answer
from gangway.kernel.tenancy import scopes

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"


def metadata(
    entity_id: str = "https://idp.example/metadata",
    sso_url: str = "https://idp.example/sso",
    certificates: tuple[str, ...] = ("idp",),
    **attributes: str,
) -> bytes:
    """Metadata of a provider, as providers write them."""
    held = "".join(
        f'<KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>'
        f"<ds:X509Certificate>\n{keys(name).der}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>"
        for name in certificates
    )
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return (
        f'<EntityDescriptor xmlns="{METADATA}" entityID="{entity_id}"{more}>'
        '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        f'{held}<SingleSignOnService Binding="{REDIRECT}" Location="{sso_url}"/></IDPSSODescriptor></EntityDescriptor>'
    ).encode()


def read(raw: bytes, **options: Any) -> Any:
    return read_metadata(raw, **{"https_only": True, "now": NOW, **options})


def test_metadata_are_read() -> None:
    found = read(metadata(certificates=("idp", "next", "idp")))
    assert (found.entity_id, found.sso_url) == ("https://idp.example/metadata", "https://idp.example/sso")
    assert [one.pem for one in found.certificates] == [keys("idp").certificate, keys("next").certificate]
    assert all(len(one.fingerprint) == 64 and one.not_after > NOW for one in found.certificates)


def several(*entities: bytes) -> bytes:
    return f'<EntitiesDescriptor xmlns="{METADATA}">'.encode() + b"".join(entities) + b"</EntitiesDescriptor>"


def test_one_of_several_is_found_by_its_name() -> None:
    raw = several(metadata("https://a.example"), metadata("https://b.example"))
    assert read(raw, entity_id="https://b.example").entity_id == "https://b.example"
    with pytest.raises(BadMetadata):
        read(raw)


BAD = {
    "no XML": b"<a",
    "something else": b"<a/>",
    "a document type": b"<!DOCTYPE a><a/>",
    "too long": b" " * (METADATA_LIMIT + 1),
    "ran out": metadata(validUntil="2026-11-29T11:59:59Z"),
    "ends at no time": metadata(validUntil="tomorrow"),
    "no name": metadata(""),
    "a long name": metadata("https://a.example/" + "a" * 1024),
    "no provider": metadata().replace(b"IDPSSODescriptor", b"SPSSODescriptor"),
    "SAML 1.1 only": metadata().replace(b"SAML:2.0:protocol", b"SAML:1.1:protocol"),
    "nowhere to go": metadata().replace(b"HTTP-Redirect", b"SOAP"),
    "a script as address": metadata(sso_url="javascript:alert(1)"),
    "a password in the address": metadata(sso_url="https://a:b@idp.example/"),
    "not by https": metadata(sso_url="http://idp.example/"),
    "no port": metadata(sso_url="https://idp.example:port/"),
    "no certificate": metadata(certificates=()),
    "a broken certificate": metadata().replace(keys("idp").der[:40].encode(), b"AAAA"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_used_is_refused(name: str) -> None:
    with pytest.raises(BadMetadata):
        read(BAD[name])


def test_plain_http_is_for_a_house_without_https() -> None:
    assert usable_address("http://127.0.0.1:8100/sso", https_only=False)
    assert not usable_address("http://127.0.0.1:8100/sso", https_only=True)


@pytest.mark.parametrize("text", ["", "now", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00+02:00", "2026-01-01"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(NoInstant):
        instant(text)


def test_times_may_have_fractions() -> None:
    assert instant("2026-01-01T00:00:00.1234567Z") == datetime(2026, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)


def test_we_say_where_answers_go() -> None:
    root = etree.fromstring(
        our_metadata(ServiceProvider("https://l.example/sso/r/metadata", "https://l.example/sso/r/acs"))
    )
    assert root.get("entityID") == "https://l.example/sso/r/metadata"
    (acs,) = root.iter(f"{{{METADATA}}}AssertionConsumerService")
    assert acs.get("Location") == "https://l.example/sso/r/acs"


# ---------------------------------------------------------------- kept


@pytest.fixture
def connection(house: World) -> UUID:
    with scopes.one(house.ana.partner_id):
        return actions.add_connection(kind=ConnectionKind.SAML, key="saml", name="Nordwind", actor=ME, now=clock.now())


def give(house: World, connection: UUID, raw: bytes, **options: Any) -> bool:
    with scopes.one(house.ana.partner_id):
        return actions.set_saml_metadata(
            connection_id=connection, metadata=read(raw), actor=ME, now=clock.now(), **options
        )


def settings_of(house: World, connection: UUID) -> Any:
    with scopes.one(house.ana.partner_id):
        return queries.saml_settings(connection)


def test_new_certificates_are_taken_and_the_provider_stays(house: World, connection: UUID) -> None:
    assert give(house, connection, metadata())
    assert not give(house, connection, metadata())
    assert give(house, connection, metadata(certificates=("idp", "next")))
    assert len(settings_of(house, connection).certificates) == 2
    with pytest.raises(actions.OtherProvider):
        give(house, connection, metadata("https://elsewhere.example"))
    assert settings_of(house, connection).entity_id == "https://idp.example/metadata"


def test_only_a_saml_connection_takes_metadata(house: World) -> None:
    with scopes.one(house.ana.partner_id):
        scim = actions.add_connection(kind=ConnectionKind.SCIM, key="scim", name="N", actor=ME, now=clock.now())
    with pytest.raises(actions.NoSaml):
        give(house, scim, metadata())


def test_another_partner_sees_no_settings(house: World, connection: UUID) -> None:
    give(house, connection, metadata())
    with scopes.one(house.caz.partner_id):
        assert queries.saml_settings(connection) is None


def test_an_assertion_is_taken_once(house: World, connection: UUID) -> None:
    """By a unique key, so that another worker refuses it as well; what ran out is forgotten."""
    now = clock.now()
    given = {"connection_id": connection, "until": now + timedelta(minutes=5), "state": "_s", "actor": ME}
    with scopes.one(house.ana.partner_id):
        actions.remember_assertion(assertion_id="_a", asserted=Asserted("ana-1"), now=now, **given)
        for _ in range(2):
            with pytest.raises(actions.Replayed):
                actions.remember_assertion(assertion_id="_a", asserted=Asserted("ana-1"), now=now, **given)
        actions.remember_assertion(assertion_id="_b", asserted=Asserted("ana-1"), now=now, **given)
        assert actions.forget_assertions(actor=ME, now=now + timedelta(minutes=6)) == 0
        assert actions.forget_assertions(actor=ME, now=now + timedelta(minutes=8)) == 2


# ---------------------------------------------------------------- refreshed


def answers(monkeypatch: pytest.MonkeyPatch, body: bytes, status: int = 200) -> None:
    """Let every address outside answer so."""
    monkeypatch.setattr(fetching, "fetch", lambda url, **bounds: Answer(status, body))


def test_an_answer_that_is_none_is_no_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, metadata(), 302)
    with pytest.raises(NoMetadata):
        fetch_metadata("https://idp.example/", https_only=True)


def test_the_refresh_takes_what_is_new(house: World, connection: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    give(house, connection, metadata(), url="https://idp.example/metadata")
    answers(monkeypatch, metadata(certificates=("idp", "next")))
    assert refresh_saml_metadata.func() == 1
    assert refresh_saml_metadata.func() == 0
    assert len(settings_of(house, connection).certificates) == 2


def test_a_refresh_that_fails_leaves_all_as_it_was(
    house: World, connection: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(house, connection, metadata(), url="https://idp.example/metadata")
    answers(monkeypatch, metadata("https://elsewhere.example"))
    assert refresh_saml_metadata.func() == 0
    found = settings_of(house, connection)
    assert found.entity_id == "https://idp.example/metadata"
    assert "bound to the provider" in found.problem
    assert found.problem_at is not None


def test_metadata_inside_are_not_fetched() -> None:
    with pytest.raises(NoMetadata) as refused:
        fetch_metadata("http://127.0.0.1:9/metadata", https_only=False)
    assert "public internet" in str(refused.value)
    with pytest.raises(NoMetadata):
        fetch_metadata("file:///etc/passwd", https_only=False)


def test_connections_that_are_off_are_not_refreshed(house: World, connection: UUID) -> None:
    give(house, connection, metadata(), url="https://idp.example/metadata")
    with scopes.one(house.ana.partner_id):
        actions.set_connection_state(connection_id=connection, state=ConnectionState.OFF, actor=ME, now=clock.now())
    assert queries.saml_refreshable() == []


def test_answers_nobody_fetched_are_forgotten(house: World, connection: UUID) -> None:
    give(house, connection, metadata())
    long_ago = clock.now() - timedelta(hours=1)
    with scopes.one(house.ana.partner_id):
        actions.remember_assertion(
            connection_id=connection,
            assertion_id="_a",
            until=long_ago,
            state="_s",
            asserted=Asserted("ana-1"),
            actor=ME,
            now=long_ago,
        )
    assert forget_saml_answers.func() == 1


# ---------------------------------------------------------------- the command


def said(*words: str) -> Result:
    command = typer.Typer()
    command.command()(saml)
    return CliRunner().invoke(command, words)


def test_the_command_says_what_to_tell_the_provider(
    house: World, connection: UUID, tmp_path: Any, settings: Any
) -> None:
    file = tmp_path / "idp.xml"
    file.write_bytes(metadata())
    words = ["--partner", "nordwind", "--metadata", str(file), "--activate", "--json"]
    answer = said(*words)
    told = json.loads(answer.stdout)
    assert told["state"] == "active"
    assert told["provider"] == "https://idp.example/metadata"
    assert told["our_acs"].startswith(f"{settings.BASE_URL}/sso/")
    assert told["our_acs"].endswith("/acs")
    plain = said(*words[:-2], "--subject", "employeeNumber")
    assert "Tell the provider" in plain.stdout
    assert settings_of(house, connection).subject_attribute == "employeeNumber"


def test_the_command_names_a_file_that_is_not_there(house: World, connection: UUID) -> None:
    answer = said("--partner", "nordwind", "--metadata", "/none.xml")
    assert answer.exit_code == 1
    assert "/none.xml" in answer.stderr
