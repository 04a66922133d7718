"""What is done to answers of a provider so that they name somebody else. Each takes a good answer for `says.subject`.

XSW 1–8 are the eight wrappings of Somorovsky et al., “On Breaking SAML” (2012), as tools number them.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from xml.sax.saxutils import escape

from lxml import etree

from tests.conformance.saml.provider import (
    DSIG,
    ENC,
    EXCLUSIVE,
    MORE,
    SAML,
    SAMLP,
    SHAPES,
    Answer,
    Shape,
    assertion_of,
    keys,
    posted,
    sign,
    signed,
)

VICTIM = "ana-1"
Attack = Callable[[Shape, Answer], str]
ATTACKS: dict[str, Attack] = {}
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"


@dataclass(frozen=True)
class Vector:
    """`posted`: the hostile answer. It must open nothing, or name who was signed."""

    name: str
    shape: Shape
    posted: str


def vectors(says: Answer) -> Iterator[Vector]:
    for shape in SHAPES:
        for name, attack in ATTACKS.items():
            yield Vector(f"{name} / {shape.name}", shape, attack(shape, says))


def attack(name: str) -> Callable[[Attack], Attack]:
    def keep(function: Attack) -> Attack:
        ATTACKS[name] = function
        return function

    return keep


def _evil(element: etree._Element, shape: Shape, says: Answer) -> etree._Element:
    """A copy that names the victim, with an id of its own and without signatures."""
    made = copy.deepcopy(element)
    made.tail = None
    for signature in list(made.iter(f"{{{DSIG}}}Signature")):
        signature.getparent().remove(signature)
    for one in (made, *made.iter(f"{{{SAML}}}Assertion")):
        one.set("ID", f"_evil{one.get('ID')}")
    for node in made.iter(f"{{{SAML}}}NameID", f"{{{SAML}}}AttributeValue"):
        node.text = (node.text or "").replace(says.subject, VICTIM)
    return made


def _signature(element: etree._Element) -> etree._Element:
    """The signature of an element, or an empty one where it has none."""
    found = element.find(f"{{{DSIG}}}Signature")
    return found if found is not None else etree.Element(f"{{{DSIG}}}Signature")


# ---------------------------------------------------------------- wrappings


@attack("XSW1: the signed response inside the signature of another")
def xsw1(shape: Shape, says: Answer) -> str:
    good = signed(shape, says)
    evil, signature = _evil(good, shape, says), _signature(good)
    evil.insert(1, signature)
    signature.append(good)
    return posted(evil)


@attack("XSW2: the signed response beside its signature, in another")
def xsw2(shape: Shape, says: Answer) -> str:
    good = signed(shape, says)
    evil, signature = _evil(good, shape, says), _signature(good)
    evil.insert(1, signature)
    evil.insert(1, good)
    return posted(evil)


@attack("XSW3: another assertion before the signed one")
def xsw3(shape: Shape, says: Answer) -> str:
    root = signed(shape, says)
    good = assertion_of(root)
    good.addprevious(_evil(good, shape, says))
    return posted(root)


@attack("XSW4: the signed assertion inside another")
def xsw4(shape: Shape, says: Answer) -> str:
    root = signed(shape, says)
    good = assertion_of(root)
    evil = _evil(good, shape, says)
    root.replace(good, evil)
    evil.append(good)
    return posted(root)


@attack("XSW5: another assertion with the signature, the signed one behind it")
def xsw5(shape: Shape, says: Answer) -> str:
    root = signed(shape, says)
    good = assertion_of(root)
    signature = _signature(good)
    evil = _evil(good, shape, says)
    if signature.getparent() is not None:
        good.remove(signature)
    root.replace(good, evil)
    evil.insert(1, signature)
    root.append(good)
    return posted(root)


@attack("XSW6: the signed assertion inside the signature of another")
def xsw6(shape: Shape, says: Answer) -> str:
    root = signed(shape, says)
    good = assertion_of(root)
    signature = _signature(good)
    evil = _evil(good, shape, says)
    root.replace(good, evil)
    evil.insert(1, signature)
    signature.append(good)
    return posted(root)


@attack("XSW7: another assertion in Extensions")
def xsw7(shape: Shape, says: Answer) -> str:
    root = signed(shape, says)
    extensions = etree.SubElement(root, f"{{{SAMLP}}}Extensions")
    root.insert(1, extensions)
    extensions.append(_evil(assertion_of(root), shape, says))
    return posted(root)


@attack("XSW8: the signed assertion in an Object of the signature of another")
def xsw8(shape: Shape, says: Answer) -> str:
    root = signed(shape, says)
    good = assertion_of(root)
    signature = _signature(good)
    evil = _evil(good, shape, says)
    root.replace(good, evil)
    evil.insert(1, signature)
    etree.SubElement(signature, f"{{{DSIG}}}Object").append(good)
    return posted(root)


@attack("two assertions, both signed by the provider")
def two_signed(shape: Shape, says: Answer) -> str:
    root, other = signed(shape, says), signed(shape, says.but(subject=VICTIM, assertion_id="_assertion-2"))
    root.append(assertion_of(other))
    return posted(root)


@attack("an id twice")
def id_twice(shape: Shape, says: Answer) -> str:
    root = signed(shape, says)
    good = assertion_of(root)
    evil = _evil(good, shape, says)
    evil.set("ID", good.get("ID"))
    good.addprevious(evil)
    return posted(root)


@attack("the id of the assertion once more, as xml:id elsewhere")
def id_elsewhere(shape: Shape, says: Answer) -> str:
    root = signed(shape, says)
    status = root.find(f"{{{SAMLP}}}Status")
    status.set("{http://www.w3.org/XML/1998/namespace}id", assertion_of(root).get("ID"))
    return posted(root)


@attack("the assertion of another answer, in a signed response")
def swapped(shape: Shape, says: Answer) -> str:
    root = signed(shape, says)
    root.replace(assertion_of(root), _evil(assertion_of(root), shape, says))
    return posted(root)


# ---------------------------------------------------------------- markup inside values

PLACES = {
    "NameID": f".//{{{SAML}}}NameID",
    "an attribute": f".//{{{SAML}}}AttributeValue",
    "Issuer": f".//{{{SAML}}}Assertion/{{{SAML}}}Issuer",
    "Audience": f".//{{{SAML}}}Audience",
}
MARKUP = {"comment": "<!-- -->", "processing instruction": "<?x y?>", "CDATA": "<![CDATA[]]>"}


def _inserted(root: etree._Element, path: str, markup: str, at: int) -> bytes:
    """The markup inside each value there, after its first `at` signs."""
    mark = "\u2603"
    for node in root.iterfind(path):
        node.text = node.text[:at] + mark + node.text[at:]
    return etree.tostring(root, encoding="UTF-8").replace(mark.encode(), markup.encode())


def _mark_up(place: str, path: str, kind: str, markup: str) -> None:
    @attack(f"{kind} in {place}")
    def after_signing(shape: Shape, says: Answer) -> str:
        return posted(_inserted(signed(shape, says), path, markup, len(VICTIM)))


for _place, _path in PLACES.items():
    for _kind, _markup in MARKUP.items():
        _mark_up(_place, _path, _kind, _markup)


@attack("a comment in the NameID before signing")
def comment_signed(shape: Shape, says: Answer) -> str:
    rest = escape(says.subject[len(VICTIM) :])
    return posted(signed(shape, says.but(name_id_markup=f"{VICTIM}<!-- -->{rest}")))


@attack("a processing instruction in the NameID before signing")
def instruction_signed(shape: Shape, says: Answer) -> str:
    rest = escape(says.subject[len(VICTIM) :])
    return posted(signed(shape, says.but(name_id_markup=f"{VICTIM}<?x?>{rest}")))


@attack("an element in the NameID before signing")
def element_signed(shape: Shape, says: Answer) -> str:
    return posted(signed(shape, says.but(name_id_markup=f"{VICTIM}<b xmlns='urn:x'>{escape(says.subject)}</b>")))


# ---------------------------------------------------------------- keys and signatures


def _renamed(shape: Shape, says: Answer, **changes: str) -> str:
    """The victim's answer, signed as `changes` say."""
    return posted(signed(shape, says.but(subject=VICTIM), **changes))


@attack("a foreign key")
def foreign_key(shape: Shape, says: Answer) -> str:
    return posted(signed(shape, says.but(subject=VICTIM), keys("stranger", shape.kind)))


@attack("a foreign key, and the provider's certificate in KeyInfo")
def borrowed_key_info(shape: Shape, says: Answer) -> str:
    stranger = keys("stranger", shape.kind)
    raw = etree.tostring(signed(shape, says.but(subject=VICTIM), stranger))
    return posted(raw.replace(stranger.der.encode(), shape.keys.der.encode()))


@attack("HMAC with the certificate as its key")
def hmac_key(shape: Shape, says: Answer) -> str:
    return _renamed(shape, says, method=f"{MORE}hmac-sha256")


@attack("no signature")
def unsigned(shape: Shape, says: Answer) -> str:
    root = signed(shape, says.but(subject=VICTIM))
    for one in list(root.iter(f"{{{DSIG}}}Signature")):
        one.getparent().remove(one)
    return posted(root)


@attack("an empty signature value")
def empty_value(shape: Shape, says: Answer) -> str:
    root = signed(shape, says.but(subject=VICTIM))
    for one in root.iter(f"{{{DSIG}}}SignatureValue"):
        one.text = ""
    return posted(root)


@attack("SHA-1 in the signature")
def sha1_signature(shape: Shape, says: Answer) -> str:
    weak = f"{MORE}ecdsa-sha1" if shape.kind == "ec" else f"{DSIG}rsa-sha1"
    return _renamed(shape, says, method=weak)


@attack("SHA-1 in the digest")
def sha1_digest(shape: Shape, says: Answer) -> str:
    return _renamed(shape, says, digest=f"{DSIG}sha1")


@attack("a reference to the whole document")
def empty_uri(shape: Shape, says: Answer) -> str:
    return _renamed(shape, says, uri="")


@attack("one more transform, that selects by XPath")
def selecting(shape: Shape, says: Answer) -> str:
    left_out = "not(ancestor-or-self::*[local-name()='NameID'])"
    xpath = "http://www.w3.org/TR/1999/REC-xpath-19991116"
    step = f'<Transform Algorithm="{xpath}"><XPath>{left_out}</XPath></Transform>'
    root = signed(shape, says, more_transforms=step)
    for node in root.iter(f"{{{SAML}}}NameID"):
        node.text = VICTIM
    return posted(root)


def _in_digest(root: etree._Element, markup: str) -> bytes:
    raw = etree.tostring(root)
    return raw.replace(b"<DigestValue>", f"<DigestValue>{markup}".encode())


@attack("a comment in the digest")
def digest_comment(shape: Shape, says: Answer) -> str:
    return posted(_in_digest(signed(shape, says), "<!--AAAA-->"))


@attack("the content changed after signing")
def changed(shape: Shape, says: Answer) -> str:
    root = signed(shape, says)
    for node in root.iter(f"{{{SAML}}}NameID", f"{{{SAML}}}AttributeValue"):
        node.text = (node.text or "").replace(says.subject, VICTIM)
    return posted(root)


@attack("the signature of the assertion moved to the response")
def moved(shape: Shape, says: Answer) -> str:
    root = document_with_one_signature(shape, says)
    signature = _signature(assertion_of(root))
    root.insert(1, signature)
    return posted(root)


def document_with_one_signature(shape: Shape, says: Answer) -> etree._Element:
    root = signed(shape, says)
    for one in list(root.iter(f"{{{DSIG}}}Signature")):
        one.getparent().remove(one)
    sign(assertion_of(root), shape)
    return root


@attack("two references in one signature")
def two_references(shape: Shape, says: Answer) -> str:
    root = signed(shape, says)
    for info in root.iter(f"{{{DSIG}}}SignedInfo"):
        info.append(copy.deepcopy(info.find(f"{{{DSIG}}}Reference")))
    return posted(root)


# ---------------------------------------------------------------- said to somebody else, or at another time


def _says(name: str, change: Callable[[Answer], Answer]) -> None:
    @attack(name)
    def changed_and_signed(shape: Shape, says: Answer) -> str:
        return posted(signed(shape, change(says.but(subject=VICTIM))))


_says("another recipient", lambda a: a.but(recipient="https://other.example/sso/r/acs"))
_says("a recipient that contains ours", lambda a: a.but(recipient=f"https://other.example/?{a.acs_url}"))
_says("a recipient that goes on", lambda a: a.but(recipient=f"{a.acs_url}/other"))
_says("another destination", lambda a: a.but(destination="https://other.example/sso/r/acs"))
_says("a destination that goes on", lambda a: a.but(destination=f"{a.acs_url}-other"))
_says("another audience", lambda a: a.but(audience="https://other.example/sso/r/metadata"))
_says("an audience that goes on", lambda a: a.but(audience=f"{a.entity_id}/other"))
_says("another issuer of the assertion", lambda a: a.but(issuer="https://other-provider.example"))
_says("another issuer of the response", lambda a: a.but(response_issuer="https://other-provider.example"))
_says("an issuer that goes on", lambda a: a.but(issuer=f"{a.provider_id}.other.example"))
_says("an answer to nothing", lambda a: a.but(in_response_to="", confirmed_request=""))
_says("an answer to another request", lambda a: a.but(in_response_to="_other", confirmed_request="_other"))
_says("a confirmation of another request", lambda a: a.but(confirmed_request="_other"))
_says("not valid yet", lambda a: a.but(begins=a.now + timedelta(minutes=10)))
_says("not valid any more", lambda a: a.but(ends=a.now - timedelta(minutes=10)))
_says("confirmed for a time that is over", lambda a: a.but(confirmed_until=a.now - timedelta(seconds=1)))
_says("a status that is no success", lambda a: a.but(status="urn:oasis:names:tc:SAML:2.0:status:Responder"))


@attack("a NameID that changes each time")
def transient(shape: Shape, says: Answer) -> str:
    return posted(signed(shape, says.but(name_id_format=TRANSIENT)))


# ---------------------------------------------------------------- no XML of ours


@attack("a document type with an entity")
def entity(shape: Shape, says: Answer) -> str:
    raw = etree.tostring(signed(shape, says)).replace(says.subject.encode(), b"&v;")
    return posted(f'<!DOCTYPE r [<!ENTITY v "{VICTIM}">]>'.encode() + raw)


@attack("entities that grow")
def laughs(shape: Shape, says: Answer) -> str:
    grow = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    raw = etree.tostring(signed(shape, says)).replace(says.subject.encode(), b"&e9;")
    return posted(f'<!DOCTYPE r [<!ENTITY e0 "{VICTIM}">{grow}]>'.encode() + raw)


@attack("an entity from a file")
def file_entity(shape: Shape, says: Answer) -> str:
    raw = etree.tostring(signed(shape, says)).replace(says.subject.encode(), b"&v;")
    return posted(b'<!DOCTYPE r [<!ENTITY v SYSTEM "file:///etc/hostname">]>' + raw)


@attack("longer than anybody sends")
def long(shape: Shape, says: Answer) -> str:
    return posted(etree.tostring(signed(shape, says.but(subject=VICTIM))) + b" " * 300_000)


@attack("signs behind the base64")
def trailing(shape: Shape, says: Answer) -> str:
    return f"{posted(signed(shape, says.but(subject=VICTIM)))}=$%"


@attack("an encrypted assertion beside")
def encrypted(shape: Shape, says: Answer) -> str:
    root = signed(shape, says)
    held = etree.SubElement(root, f"{{{SAML}}}EncryptedAssertion")
    etree.SubElement(held, f"{{{ENC}}}EncryptedData")
    return posted(root)


@attack("a key for namespaces that no reader knows")
def odd_prefix_list(shape: Shape, says: Answer) -> str:
    root = signed(shape, says)
    for step in root.iter(f"{{{DSIG}}}Transform"):
        if step.get("Algorithm") != f"{DSIG}enveloped-signature":
            etree.SubElement(step, f"{{{EXCLUSIVE}}}InclusiveNamespaces", PrefixList="nobody")
    return posted(root)
