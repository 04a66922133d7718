"""What exactly a provider signed: the bytes whose digest stands in a signature by one of its keys (xmldsig-core).

A signed element is taken out into a document of its own before anything is looked up in it, so that the signature can
mean nothing else; only the bytes that were digested are read afterwards.
"""

import base64
import binascii
import hashlib
from collections.abc import Container, Sequence
from dataclasses import dataclass

import xmlsec
from lxml import etree

from gangway.identity.rules.saml import NotProven, SamlReason
from gangway.identity.saml.documents import DSIG, bare, children, parse, tag
from gangway.kernel import secrets

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = f"{DSIG}enveloped-signature"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_ENC = "http://www.w3.org/2001/04/xmlenc#"
CANONICAL = {  # whether it is the exclusive one; a reference by id leaves comments out, whatever follows (4.4.3.3)
    EXCLUSIVE: True,
    f"{EXCLUSIVE}WithComments": True,
    INCLUSIVE: False,
    f"{INCLUSIVE}#WithComments": False,
}
SIGNED_BY = frozenset(f"{_MORE}{key}-{digest}" for key in ("rsa", "ecdsa") for digest in ("sha256", "sha384", "sha512"))
DIGESTED_BY = {f"{_ENC}sha256": "sha256", f"{_MORE}sha384": "sha384", f"{_ENC}sha512": "sha512"}


def signature_of(element: etree._Element) -> etree._Element | None:
    """The signature that an element carries; NotProven where it carries several."""
    found = children(element, DSIG, "Signature")
    if len(found) > 1:
        raise NotProven(SamlReason.SIGNATURE_SHAPE, "several signatures of one element")
    return found[0] if found else None


def as_signed(element: etree._Element, certificates: Sequence[str]) -> etree._Element:
    """The element as one of these certificates' keys signed it, without its signature and without comments.

    NotProven: another shape, a weak or unknown algorithm, another content than was digested, another key.
    """
    alone = parse(etree.tostring(element, with_tail=False, encoding="UTF-8"))
    signature = signature_of(alone)
    if signature is None:
        raise NotProven(SamlReason.UNSIGNED)
    says = _read(signature, alone.get("ID", ""))
    if not _signed_by_one(signature, certificates):
        raise NotProven(SamlReason.KEY, f"{len(certificates)} certificates were tried")
    content = _content(alone, signature, says)
    if not secrets.same(hashlib.new(says.digest, content).digest(), says.digest_value):
        raise NotProven(SamlReason.DIGEST)
    return bare(parse(content))


@dataclass(frozen=True, slots=True)
class _Says:
    """How the content is made ready, and what its digest is."""

    exclusive: bool
    prefixes: tuple[str, ...]
    digest: str
    digest_value: bytes


def _read(signature: etree._Element, signed_id: str) -> _Says:
    """What a signature says it covers; NotProven where that is not exactly the element it stands in."""
    if any(not tag(one) for one in signature.iter()):
        raise NotProven(SamlReason.SIGNATURE_SHAPE, "comments inside a signature")
    info = _only(signature, "SignedInfo")
    reference = _only(info, "Reference")
    if not signed_id or reference.get("URI") != f"#{signed_id}":
        raise NotProven(SamlReason.SIGNATURE_SHAPE, "it refers to something else")
    if children(signature, DSIG, "Object") or len(children(signature, DSIG, "KeyInfo")) > 1:
        raise NotProven(SamlReason.SIGNATURE_SHAPE, "it carries objects")
    _known(_only(info, "CanonicalizationMethod"), CANONICAL)
    _known(_only(info, "SignatureMethod"), SIGNED_BY)
    digest = DIGESTED_BY[_known(_only(reference, "DigestMethod"), DIGESTED_BY)]
    exclusive, prefixes = _transforms(reference)
    try:
        digest_value = base64.b64decode("".join((_only(reference, "DigestValue").text or "").split()), validate=True)
    except binascii.Error as error:
        raise NotProven(SamlReason.SIGNATURE_SHAPE, "a digest that is no base64") from error
    return _Says(exclusive, prefixes, digest, digest_value)


def _only(element: etree._Element, name: str) -> etree._Element:
    found = children(element, DSIG, name)
    if len(found) != 1:
        raise NotProven(SamlReason.SIGNATURE_SHAPE, f"not one {name}")
    return found[0]


def _known(element: etree._Element, algorithms: Container[str]) -> str:
    algorithm: str = element.get("Algorithm", "")
    if algorithm not in algorithms:
        raise NotProven(SamlReason.ALGORITHM, algorithm[:100])
    return algorithm


def _transforms(reference: etree._Element) -> tuple[bool, tuple[str, ...]]:
    """Enveloped, and then at most one canonicalisation (saml-core-2.0, 5.4.4); without one, it is the inclusive."""
    steps = children(_only(reference, "Transforms"), DSIG, "Transform")
    if not 1 <= len(steps) <= 2 or steps[0].get("Algorithm") != ENVELOPED:
        raise NotProven(SamlReason.SIGNATURE_SHAPE, "other transforms")
    if len(steps) == 1:
        return (False, ())
    exclusive = CANONICAL[_known(steps[1], CANONICAL)]
    listed = [one.get("PrefixList", "").split() for one in children(steps[1], EXCLUSIVE, "InclusiveNamespaces")]
    if len(listed) > 1 or (listed and not exclusive) or len(steps[1]) != len(listed):
        raise NotProven(SamlReason.SIGNATURE_SHAPE, "other transforms")
    return (exclusive, tuple(listed[0]) if listed else ())


def _signed_by_one(signature: etree._Element, certificates: Sequence[str]) -> bool:
    """Whether the key of one of the certificates signed it. What the signature says of keys is taken out first."""
    for key_info in children(signature, DSIG, "KeyInfo"):
        signature.remove(key_info)
    return any(_verifies(signature, certificate) for certificate in certificates)


def _verifies(signature: etree._Element, certificate: str) -> bool:
    context = xmlsec.SignatureContext()
    context.register_id(signature.getparent(), "ID")
    context.key = xmlsec.Key.from_memory(certificate, xmlsec.constants.KeyDataFormatCertPem, None)
    try:
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True


def _content(alone: etree._Element, signature: etree._Element, says: _Says) -> bytes:
    """The bytes that were digested: the element without its signature and without comments, canonical. What stood
    after the signature stays."""
    tail, before = signature.tail or "", signature.getprevious()
    alone.remove(signature)
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        alone.text = (alone.text or "") + tail
    made: bytes = etree.tostring(
        alone,
        method="c14n",
        exclusive=says.exclusive,
        with_comments=False,
        inclusive_ns_prefixes=list(says.prefixes) or None,
    )
    return made
