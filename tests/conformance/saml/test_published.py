"""The answers that python3-saml and node-saml are tested with (../shared/data/saml), and metadata of three providers.

Nearly all of them are signed with SHA-1, which is refused. So that they say something of wrapping, they are read a
second time as if SHA-1 were good: then every good one is read, and no other.
"""

import base64
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from gangway.identity.rules.saml import Expected, NotProven, Proven, SamlReason, service_provider
from gangway.identity.saml import signatures
from gangway.identity.saml.documents import parse
from gangway.identity.saml.metadata import read_metadata
from gangway.identity.saml.verification import signed_parts, verify
from tests.conformance.saml.provider import DSIG, SAML

FOLDER = next((found for up in Path(__file__).parents if (found := up / "shared/data/saml").is_dir()), None)
pytestmark = pytest.mark.skipif(FOLDER is None, reason="../shared/data/saml does not lie beside this clone")
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
READ_DIFFERENTLY = {  # good for their library, and refused here: why
    "signed.1advice": SamlReason.ASSERTIONS,  # an assertion inside the advice of another
    "signed.2advice": SamlReason.ASSERTIONS,
    "unsigned.1advice": SamlReason.ASSERTIONS,
    "unsigned.2advice": SamlReason.ASSERTIONS,
    "encrypted": SamlReason.ENCRYPTED,
}


@cache
def published(archive: str, folder: str) -> dict[str, bytes]:
    """name → document, of one folder of an archive."""
    assert FOLDER is not None
    with zipfile.ZipFile(FOLDER / archive) as packed:
        names = [name for name in packed.namelist() if name.startswith(folder) and not name.endswith("/")]
        return {name.removeprefix(folder): _document(name, packed.read(name)) for name in names}


def _document(name: str, raw: bytes) -> bytes:
    return base64.b64decode(raw) if name.endswith("base64") else raw


def node(kind: str) -> dict[str, bytes]:
    return published("node-saml-vectors.zip", f"test/static/signatures/{kind}/")


def everything() -> dict[str, bytes]:
    theirs = published("python3-saml-vectors.zip", "tests/data/responses/")
    return {**theirs, **node("valid"), **{f"invalid {name}": raw for name, raw in node("invalid").items()}}


def certificates() -> tuple[str, ...]:
    """Those of the good answers: what a partner would have told us."""
    found = {text for raw in node("valid").values() for text in _certificates(raw)}
    return tuple(f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n" for text in sorted(found))


def _certificates(raw: bytes) -> Iterator[str]:
    for text in re.findall(rb"X509Certificate>([^<]+)<", raw):
        yield "".join(re.sub("&#x?[0-9a-f]+;", "", text.decode()).split())


def _taken(raw: bytes, expected: Expected) -> Proven | None:
    try:
        return verify(base64.b64encode(raw).decode(), expected, datetime.now(UTC))
    except NotProven:
        return None


@pytest.fixture
def sha1_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures, "SIGNED_BY", signatures.SIGNED_BY | {f"{DSIG}rsa-sha1"})
    monkeypatch.setattr(signatures, "DIGESTED_BY", {**signatures.DIGESTED_BY, f"{DSIG}sha1": "sha1"})


def test_none_of_them_opens_anything() -> None:
    """Each taken for an answer to the request that it names, for whomever it was made."""
    tried = everything()
    for name, raw in tried.items():
        said = re.search(rb'InResponseTo="([^"]+)"', raw)
        acs = re.search(rb'Recipient="([^"]+)"', raw)
        us = service_provider("https://learn.example", "r")
        expected = Expected(
            provider_id="https://evil-corp.com",
            certificates=certificates(),
            us=type(us)(us.entity_id, acs[1].decode() if acs else us.acs_url),
            request_id=said[1].decode() if said else "_r",
        )
        assert _taken(raw, expected) is None, name
    assert len(tried) > 100


def _subject(raw: bytes) -> str | None:
    """Whom the signed part of an answer names; None where it is refused."""
    try:
        _, assertion = signed_parts(parse(raw), certificates())
    except NotProven:
        return None
    return assertion.findtext(f"{{{SAML}}}Subject/{{{SAML}}}NameID")


@pytest.mark.usefixtures("sha1_is_good")
def test_good_ones_name_who_was_signed() -> None:
    accepted = 0
    for name, raw in node("valid").items():
        subject = _subject(raw)
        differently = any(word in name for word in READ_DIFFERENTLY)
        assert (subject is None) == differently, name
        if subject is not None:
            assert subject == etree.fromstring(raw).findtext(f".//{{{SAML}}}NameID")
            accepted += 1
    assert accepted >= 7


@pytest.mark.usefixtures("sha1_is_good")
@pytest.mark.parametrize("word", READ_DIFFERENTLY)
def test_what_is_read_differently_is_refused_for_its_reason(word: str) -> None:
    for name, raw in node("valid").items():
        if word in name:
            with pytest.raises(NotProven) as refused:
                signed_parts(parse(raw), certificates())
            assert refused.value.reason is READ_DIFFERENTLY[word]


@pytest.mark.usefixtures("sha1_is_good")
def test_bad_ones_name_nobody() -> None:
    assert {name: subject for name, raw in node("invalid").items() if (subject := _subject(raw)) is not None} == {}


PROVIDERS = {
    "idp-metadata-simplesamlphp-1.19.7.xml": (
        "http://127.0.0.1:18120/idp",
        "http://127.0.0.1:18120/simplesaml/saml2/idp/SSOService.php",
    ),
    "idp-metadata-pysaml2-7.5.5.xml": ("http://127.0.0.1:18140/idp.xml", "http://127.0.0.1:18140/sso/redirect"),
    "idp-metadata-lemonldap-2.16.1.xml": (
        "http://localhost:18130saml/metadata",
        "http://localhost:18130/saml/singleSignOn",
    ),
}


@pytest.mark.parametrize("name", PROVIDERS)
def test_metadata_of_real_providers_are_read(name: str) -> None:
    assert FOLDER is not None
    metadata = read_metadata((FOLDER / name).read_bytes(), https_only=False, now=datetime.now(UTC))
    assert (metadata.entity_id, metadata.sso_url) == PROVIDERS[name]
    assert len(metadata.certificates) == 1
