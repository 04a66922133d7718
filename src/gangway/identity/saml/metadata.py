"""What a provider says of itself, and what we say of ourselves (saml-metadata-2.0)."""

import base64
import binascii
import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree
from lxml.builder import ElementMaker

from gangway.identity.rules.saml import (
    METADATA_LIMIT,
    SAML_NAME_LENGTH,
    ProviderMetadata,
    SamlReason,
    ServiceProvider,
    SigningCertificate,
)
from gangway.identity.saml.documents import (
    DSIG,
    METADATA,
    PERSISTENT,
    POST,
    REDIRECT,
    SAMLP,
    Unreadable,
    children,
    parse,
    tag,
    within,
)
from gangway.identity.saml.times import NoInstant, instant
from gangway.kernel.refusal import Refusal
from gangway.kernel.said import said

LEAST_RSA_BITS = 2048
PEM = re.compile(r"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)


class BadMetadata(Refusal):
    """`problem` is a sentence for whoever sent the metadata."""

    code = "identity.saml_bad_metadata"
    status = 400
    message = "These are no metadata of a SAML provider that can be used: {problem}"
    next_step = "Export the metadata of the provider once more, and give that file or its address."


class BadCertificate(Refusal):
    code = "identity.saml_bad_certificate"
    status = 400
    message = "This cannot be read: it is neither a certificate nor metadata."
    next_step = "Export the certificate that your provider signs with (PEM, CER), or its metadata (XML), and give that."


def read_metadata(raw: bytes, *, https_only: bool, now: datetime, entity_id: str = "") -> ProviderMetadata:
    """A provider's metadata. `entity_id`: which of several is meant, where the connection is bound to one.

    https_only: it must be reached by https. BadMetadata: too long, no XML, of no provider or of several, run out,
    without an address for HTTP-Redirect, or without a usable certificate to sign with.
    """
    root = _root(raw)
    entity = _entity(root, entity_id)
    if any(_ran_out(one.get("validUntil", ""), now) for one in (root, entity)):
        raise BadMetadata(problem=said("they ran out (validUntil)."))
    name = entity.get("entityID", "").strip()
    if not 0 < len(name) <= SAML_NAME_LENGTH:
        raise BadMetadata(problem=said("they have no entityID, or one too long."))
    roles = [role for role in children(entity, METADATA, "IDPSSODescriptor") if _speaks_saml(role)]
    if len(roles) != 1:
        raise BadMetadata(problem=said("they have no IDPSSODescriptor for SAML 2.0, or several."))
    return ProviderMetadata(
        entity_id=name,
        sso_url=_sso_url(roles[0], https_only),
        certificates=_certificates(roles[0]),
    )


def _root(raw: bytes) -> etree._Element:
    _refuse_long(raw)
    try:
        return parse(raw)
    except Unreadable as error:
        if error.reason is SamlReason.DTD:
            raise BadMetadata(
                problem=said("they declare a document type or entities, and nobody reads those.")
            ) from error
        raise BadMetadata(problem=said("what was given is no XML.")) from error


def _refuse_long(raw: bytes) -> None:
    if len(raw) > METADATA_LIMIT:
        raise BadMetadata(problem=said("they are longer than {n} MB.", n=METADATA_LIMIT // 1024 // 1024))


def _ran_out(until: str, now: datetime) -> bool:
    try:
        return bool(until) and instant(until) <= now
    except NoInstant as error:
        raise BadMetadata(problem=said("validUntil is no time in UTC.")) from error


def _entity(root: etree._Element, entity_id: str) -> etree._Element:
    """The one provider that the document is about."""
    if tag(root) == f"{{{METADATA}}}EntityDescriptor":
        return root
    found = [
        entity
        for entity in within(root, METADATA, "EntityDescriptor")
        if children(entity, METADATA, "IDPSSODescriptor") and entity_id in ("", entity.get("entityID"))
    ]
    if tag(root) != f"{{{METADATA}}}EntitiesDescriptor" or len(found) != 1:
        raise BadMetadata(problem=said("they have no EntityDescriptor of a provider, or several."))
    return found[0]


def _speaks_saml(role: etree._Element) -> bool:
    return SAMLP in role.get("protocolSupportEnumeration", "").split()


def _sso_url(role: etree._Element, https_only: bool) -> str:
    for service in children(role, METADATA, "SingleSignOnService"):
        if service.get("Binding") == REDIRECT:
            url: str = service.get("Location", "").strip()
            if usable_address(url, https_only):
                return url
            raise BadMetadata(problem=said("the address {url} cannot be used.", url=url[:200]))
    raise BadMetadata(problem=said("they have no SingleSignOnService for HTTP-Redirect."))


def usable_address(url: str, https_only: bool) -> bool:
    """Whether a browser may be sent there: an absolute address without a name and password, https where we are."""
    try:
        parts = urlsplit(url)
        port_reads = parts.port is None or parts.port > 0
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= SAML_NAME_LENGTH
    schemes = {"https"} if https_only else {"https", "http"}
    return plain and port_reads and parts.scheme in schemes and bool(parts.hostname) and "@" not in parts.netloc


def _certificates(role: etree._Element) -> tuple[SigningCertificate, ...]:
    """Every certificate it may sign with, once each, in its order. A certificate here only carries a key: whether it
    ran out is watched, and does not void a signature (saml-metadata-2.0 takes it as it stands)."""
    found: dict[str, SigningCertificate] = {}
    for key in children(role, METADATA, "KeyDescriptor"):
        if key.get("use", "signing") == "signing":
            for element in within(key, DSIG, "X509Certificate"):
                made = _certificate("".join(element.itertext()))
                found[made.fingerprint] = made
    if not found:
        raise BadMetadata(problem=said("they name no certificate to sign with."))
    return tuple(found.values())


def read_given(raw: bytes, *, entity_id: str, https_only: bool, now: datetime) -> tuple[SigningCertificate, ...]:
    """Certificates as IT has them at hand: PEM, the bare base64 of one, DER, or the metadata that name them, which have
    to be of the provider `entity_id`. BadMetadata, BadCertificate."""
    _refuse_long(raw)
    if raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        found = read_metadata(raw, https_only=https_only, now=now, entity_id=entity_id)
        if found.entity_id != entity_id:
            raise BadMetadata(problem=said("they are of another provider."))
        return found.certificates
    text = base64.b64encode(raw).decode() if raw.startswith(b"\x30") else raw.decode("ascii", "replace")
    bodies = PEM.findall(text) or [text]
    read = [_certificate(body, BadCertificate(field="given")) for body in bodies]
    return tuple({one.fingerprint: one for one in read}.values())


def _certificate(text: str, unreadable: Refusal | None = None) -> SigningCertificate:
    try:
        made = x509.load_der_x509_certificate(base64.b64decode("".join(text.split()), validate=True))
        key = made.public_key()
    except (ValueError, binascii.Error) as error:
        raise unreadable or BadMetadata(problem=said("a certificate in them cannot be read.")) from error
    strong = isinstance(key, ec.EllipticCurvePublicKey) or (
        isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_RSA_BITS
    )
    if not strong:
        raise BadMetadata(
            problem=said("the key of a certificate is too weak (RSA from {n} bits, or EC).", n=LEAST_RSA_BITS)
        )
    return SigningCertificate(
        pem=made.public_bytes(serialization.Encoding.PEM).decode(),
        fingerprint=made.fingerprint(hashes.SHA256()).hex(),
        not_after=made.not_valid_after_utc.astimezone(UTC),
    )


def our_metadata(us: ServiceProvider) -> bytes:
    """What we say of ourselves to one connection's provider."""
    made = ElementMaker(namespace=METADATA, nsmap={"md": METADATA})
    document = made.EntityDescriptor(
        made.SPSSODescriptor(
            made.NameIDFormat(PERSISTENT),
            made.AssertionConsumerService(Binding=POST, Location=us.acs_url, index="0", isDefault="true"),
            AuthnRequestsSigned="false",
            WantAssertionsSigned="true",
            protocolSupportEnumeration=SAMLP,
        ),
        entityID=us.entity_id,
    )
    written: bytes = etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written
