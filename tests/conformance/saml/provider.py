"""An identity provider of our own that answers in the six shapes that real ones have. Imports nothing of the house."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from xml.sax.saxutils import escape

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from lxml import etree

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = f"{DSIG}enveloped-signature"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
MAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
ENC = "http://www.w3.org/2001/04/xmlenc#"


@dataclass(frozen=True)
class Keys:
    """A key to sign with, and the certificate that carries it; both PEM."""

    private: str
    certificate: str

    @property
    def der(self) -> str:
        return "".join(self.certificate.splitlines()[1:-1])


@cache
def keys(name: str, kind: str = "rsa") -> Keys:
    key = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = datetime.now(UTC) - timedelta(days=1)
    built = x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
    built = built.serial_number(x509.random_serial_number()).not_valid_before(begins)
    made = built.not_valid_after(begins + timedelta(days=3650)).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Keys(private.decode(), made.public_bytes(serialization.Encoding.PEM).decode())


@dataclass(frozen=True)
class Shape:
    """How one kind of provider writes and signs its answers."""

    name: str
    signs: tuple[str, ...]  # of Assertion, Response
    kind: str = "rsa"
    method: str = f"{MORE}rsa-sha256"
    digest: str = f"{ENC}sha256"
    canonical: str = EXCLUSIVE
    prefix_list: str = ""
    saml: str = "saml"
    samlp: str = "samlp"
    name_id_format: str = PERSISTENT
    subject_attribute: str = ""
    pretty: bool = False
    key_info: bool = True

    @property
    def keys(self) -> Keys:
        return keys(self.name, self.kind)


SHAPES = (
    Shape("signed assertion", ("Assertion",)),
    Shape("signed response", ("Response",), saml="saml2", samlp="saml2p", key_info=False),
    Shape("both signed", ("Assertion", "Response"), method=f"{MORE}rsa-sha512", digest=f"{ENC}sha512"),
    Shape("no prefixes, listed namespaces", ("Assertion",), saml="", samlp="p", prefix_list="xs #default"),
    Shape(
        "inclusive, subject in an attribute",
        ("Response",),
        canonical=INCLUSIVE,
        saml="ns1",
        samlp="ns0",
        name_id_format=MAIL,
        subject_attribute="urn:oid:0.9.2342.19200300.100.1.1",
        method=f"{MORE}rsa-sha384",
        digest=f"{MORE}sha384",
    ),
    Shape(
        "elliptic, indented",
        ("Assertion", "Response"),
        kind="ec",
        method=f"{MORE}ecdsa-sha256",
        canonical=f"{EXCLUSIVE}WithComments",
        name_id_format=UNSPECIFIED,
        subject_attribute="employeeNumber",
        pretty=True,
    ),
)
BY_NAME = {shape.name: shape for shape in SHAPES}


@dataclass(frozen=True)
class Answer:
    """What an answer says; a vector changes one thing of it."""

    provider_id: str
    entity_id: str
    acs_url: str
    request_id: str
    subject: str
    now: datetime
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    assertion_id: str = "_assertion-1"
    response_id: str = "_response-1"
    destination: str | None = None
    recipient: str | None = None
    audience: str | None = None
    issuer: str | None = None
    response_issuer: str | None = None
    in_response_to: str | None = None
    confirmed_request: str | None = None
    begins: datetime | None = None
    ends: datetime | None = None
    confirmed_until: datetime | None = None
    status: str = "urn:oasis:names:tc:SAML:2.0:status:Success"
    name_id_format: str | None = None
    name_id_markup: str | None = None  # written as it stands

    def but(self, **changes: object) -> "Answer":
        return replace(self, **changes)  # type: ignore[arg-type]


Step = Callable[[etree._Element], None]


def written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def document(shape: Shape, says: Answer) -> etree._Element:
    """The answer, not signed yet."""
    a, p = (f"{prefix}:" if prefix else "" for prefix in (shape.saml, shape.samlp))
    xmlns_a, xmlns_p = (f"xmlns:{x}" if x else "xmlns" for x in (shape.saml, shape.samlp))
    confirmed = says.request_id if says.confirmed_request is None else says.confirmed_request
    answered = says.request_id if says.in_response_to is None else says.in_response_to
    attributes = dict(says.attributes)
    if shape.subject_attribute:
        attributes[shape.subject_attribute] = (says.subject,)
    name_id = escape(says.subject) if not shape.subject_attribute else escape(f"{says.subject}@mail.example")
    text = f"""
<{p}Response {xmlns_p}="{SAMLP}" xmlns:xs="http://www.w3.org/2001/XMLSchema" ID="{says.response_id}" Version="2.0"
  IssueInstant="{written(says.now)}" Destination="{escape(says.destination or says.acs_url)}"
  {f'InResponseTo="{answered}"' if answered else ""}>
  <{a}Issuer {xmlns_a}="{SAML}">{escape(says.response_issuer or says.provider_id)}</{a}Issuer>
  <{p}Status><{p}StatusCode Value="{says.status}"/></{p}Status>
  <{a}Assertion {xmlns_a}="{SAML}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ID="{says.assertion_id}"
    Version="2.0" IssueInstant="{written(says.now)}">
    <{a}Issuer>{escape(says.issuer or says.provider_id)}</{a}Issuer>
    <{a}Subject>
      <{a}NameID Format="{says.name_id_format or shape.name_id_format}">{says.name_id_markup or name_id}</{a}NameID>
      <{a}SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
        <{a}SubjectConfirmationData NotOnOrAfter="{written(says.confirmed_until or says.now + timedelta(minutes=5))}"
          {f'InResponseTo="{confirmed}"' if confirmed else ""} Recipient="{escape(says.recipient or says.acs_url)}"/>
      </{a}SubjectConfirmation>
    </{a}Subject>
    <{a}Conditions NotBefore="{written(says.begins or says.now - timedelta(minutes=5))}"
      NotOnOrAfter="{written(says.ends or says.now + timedelta(minutes=5))}">
      <{a}AudienceRestriction>
        <{a}Audience>{escape(says.audience or says.entity_id)}</{a}Audience>
      </{a}AudienceRestriction>
    </{a}Conditions>
    <{a}AuthnStatement AuthnInstant="{written(says.now)}" SessionIndex="_s"><{a}AuthnContext><{a}AuthnContextClassRef
      >urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified</{a}AuthnContextClassRef></{a}AuthnContext></{a}AuthnStatement>
    <{a}AttributeStatement>{"".join(_attribute(a, name, values) for name, values in attributes.items())}
    </{a}AttributeStatement>
  </{a}Assertion>
</{p}Response>""".strip()
    parser = etree.XMLParser(remove_blank_text=not shape.pretty)
    return etree.fromstring(text, parser)


def _attribute(a: str, name: str, values: tuple[str, ...]) -> str:
    inner = "".join(f'<{a}AttributeValue xsi:type="xs:string">{escape(one)}</{a}AttributeValue>' for one in values)
    uri = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
    return f'<{a}Attribute Name="{escape(name)}" NameFormat="{uri}">{inner}</{a}Attribute>'


def _template(shape: Shape, uri: str, known_by: Keys | None, changes: Mapping[str, str]) -> str:
    listed = f'<ec:InclusiveNamespaces xmlns:ec="{EXCLUSIVE}" PrefixList="{shape.prefix_list}"/>'
    holder = f"<X509Data><X509Certificate>{known_by.der}</X509Certificate></X509Data>" if known_by else ""
    text = f"""
<Signature xmlns="{DSIG}">
  <SignedInfo>
    <CanonicalizationMethod Algorithm="{shape.canonical}"/>
    <SignatureMethod Algorithm="{changes.get("method", shape.method)}"/>
    <Reference URI="{uri}">
      <Transforms>
        <Transform Algorithm="{ENVELOPED}"/>{changes.get("more_transforms", "")}
        <Transform Algorithm="{shape.canonical}">{listed if shape.prefix_list else ""}</Transform>
      </Transforms>
      <DigestMethod Algorithm="{changes.get("digest", shape.digest)}"/><DigestValue/>
    </Reference>
  </SignedInfo>
  <SignatureValue/>{f"<KeyInfo>{holder}</KeyInfo>" if known_by else ""}
</Signature>"""
    return text.strip()


def sign(element: etree._Element, shape: Shape, by: Keys | None = None, **changes: str) -> etree._Element:
    """Put a signature after the Issuer, as the schema wants it; the signature. `changes`: URI, method, digest, …"""
    by = by or shape.keys
    uri = changes.get("uri", f"#{element.get('ID')}")
    signature = etree.fromstring(_template(shape, uri, by if shape.key_info else None, changes))
    (issuer,) = element.findall(f"{{{SAML}}}Issuer")
    issuer.addnext(signature)
    context = xmlsec.SignatureContext()
    context.register_id(element, "ID")
    if "hmac" in changes.get("method", ""):
        context.key = xmlsec.Key.from_binary_data(xmlsec.constants.KeyDataHmac, by.certificate.encode())
    else:
        context.key = xmlsec.Key.from_memory(by.private, xmlsec.constants.KeyDataFormatPem, None)
    context.sign(signature)
    return signature


def assertion_of(root: etree._Element) -> etree._Element:
    return root.find(f"{{{SAML}}}Assertion")


def signed(shape: Shape, says: Answer, by: Keys | None = None, **changes: str) -> etree._Element:
    """A whole answer, signed as its shape says."""
    root = document(shape, says)
    if "Assertion" in shape.signs:
        sign(assertion_of(root), shape, by, **changes)
    if "Response" in shape.signs:
        sign(root, shape, by, **changes)
    return root


def posted(root: etree._Element | bytes) -> str:
    """As it stands in the form."""
    raw = root if isinstance(root, bytes) else etree.tostring(root)
    return base64.b64encode(raw).decode()
