"""SAML, the provider's side: signed answers by HTTP-POST (saml-core-2.0, saml-profiles-2.0, 4.1)."""

import base64
import secrets
import zlib
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit
from xml.sax.saxutils import escape, quoteattr

import xmlsec
from lxml import etree

from gangway.rollout.rehearsal.shell.keys import Keys

ENTITY_ID = "https://identity.rehearsal.invalid/saml"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"  # noqa: S105  a class of authentication
MOST_REQUEST = 64 * 1024
LIFE = timedelta(minutes=5)

ANSWER = """<samlp:Response xmlns:samlp="{samlp}" xmlns:saml="{saml}" ID="_{response}" Version="2.0" \
IssueInstant="{now}" Destination={acs} InResponseTo={request}>\
<saml:Issuer>{issuer}</saml:Issuer><samlp:Status><samlp:StatusCode \
Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion ID="_{assertion}" Version="2.0" \
IssueInstant="{now}"><saml:Issuer>{issuer}</saml:Issuer><saml:Subject>\
<saml:NameID Format="{persistent}">{subject}</saml:NameID>\
<saml:SubjectConfirmation Method="{bearer}"><saml:SubjectConfirmationData InResponseTo={request} Recipient={acs} \
NotOnOrAfter="{until}"/></saml:SubjectConfirmation></saml:Subject>\
<saml:Conditions NotBefore="{now}" NotOnOrAfter="{until}">\
<saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>\
<saml:AuthnStatement AuthnInstant="{now}"><saml:AuthnContext>\
<saml:AuthnContextClassRef>{password}</saml:AuthnContextClassRef>\
</saml:AuthnContext></saml:AuthnStatement></saml:Assertion></samlp:Response>"""


class NoRequest(ValueError):
    """What the browser brought is no request for authentication."""


class Saml:
    """`sso`: the address to which browsers are sent. `subject`: the NameID of whom it signs in."""

    def __init__(self, sso: str, keys: Keys) -> None:
        self.sso, self._keys = sso, keys
        self.subject = ""

    def told(self) -> dict[str, str]:
        """What its metadata would say: entity id, where browsers are sent, the certificate it signs with."""
        return {"entity_id": ENTITY_ID, "sso_url": self.sso, "certificate": self._keys.certificate}

    def answer(self, address: str) -> tuple[str, dict[str, str]]:
        """Sign `subject` in at once: where the browser posts, and the fields. NoRequest."""
        brought = dict(parse_qsl(urlsplit(address).query))
        request = _request(brought.get("SAMLRequest", ""))
        acs = request.get("AssertionConsumerServiceURL", "")
        audience = request.findtext(f"{{{SAML}}}Issuer") or ""
        document = self._signed(acs, audience, request.get("ID", ""), datetime.now(UTC))
        fields = {"SAMLResponse": base64.b64encode(document).decode(), "RelayState": brought.get("RelayState", "")}
        return acs, fields

    def _signed(self, acs: str, audience: str, request: str, now: datetime) -> bytes:
        text = ANSWER.format(
            samlp=SAMLP,
            saml=SAML,
            response=secrets.token_hex(16),
            assertion=secrets.token_hex(16),
            now=_instant(now),
            until=_instant(now + LIFE),
            acs=quoteattr(acs),
            request=quoteattr(request),
            issuer=escape(ENTITY_ID),
            subject=escape(self.subject),
            audience=escape(audience),
            persistent=PERSISTENT,
            bearer=BEARER,
            password=PASSWORD,
        )
        root = etree.fromstring(text.encode())
        (assertion,) = root.findall(f"{{{SAML}}}Assertion")
        _sign(assertion, self._keys)
        signed: bytes = etree.tostring(root)
        return signed


def _sign(assertion: etree._Element, keys: Keys) -> None:
    """An enveloped signature after the Issuer, as the schema wants it."""
    transforms = xmlsec.constants
    signature = xmlsec.template.create(assertion, transforms.TransformExclC14N, transforms.TransformRsaSha256)
    reference = xmlsec.template.add_reference(signature, transforms.TransformSha256, uri=f"#{assertion.get('ID')}")
    xmlsec.template.add_transform(reference, transforms.TransformEnveloped)
    xmlsec.template.add_transform(reference, transforms.TransformExclC14N)
    (issuer,) = assertion.findall(f"{{{SAML}}}Issuer")
    issuer.addnext(signature)
    context = xmlsec.SignatureContext()
    context.register_id(assertion, "ID")
    context.key = xmlsec.Key.from_memory(keys.private, transforms.KeyDataFormatPem, None)
    context.sign(signature)


def _request(encoded: str) -> etree._Element:
    """The AuthnRequest as the redirect binding packs it (saml-bindings-2.0, 3.4.4.1)."""
    try:
        unpacked = zlib.decompressobj(wbits=-15).decompress(base64.b64decode(encoded, validate=True), MOST_REQUEST)
        root = etree.fromstring(unpacked, etree.XMLParser(resolve_entities=False, no_network=True))
    except (ValueError, zlib.error, etree.XMLSyntaxError) as error:
        raise NoRequest(type(error).__name__) from error
    if root.tag != f"{{{SAMLP}}}AuthnRequest":
        raise NoRequest(str(root.tag)[:100])
    return root


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
