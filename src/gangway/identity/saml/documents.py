"""XML from strangers: without entities, and read so that no comment cuts a value short."""

from collections.abc import Iterator

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from lxml import etree

from gangway.identity.rules.saml import NotProven, SamlReason

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
DSIG = "http://www.w3.org/2000/09/xmldsig#"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"


class Unreadable(NotProven):
    """It is no XML that we read: broken, or with a document type."""


def parse(raw: bytes) -> etree._Element:
    """The root of a document. Unreadable: not well-formed, or it declares a document type or an entity.

    The first parser stops at the declaration, before anything is expanded; the second makes the one tree that is both
    verified and read.
    """
    try:
        fromstring(raw, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        raise Unreadable(SamlReason.DTD, type(error).__name__) from error
    except (ParseError, ValueError, LookupError) as error:
        raise Unreadable(SamlReason.XML, type(error).__name__) from error
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root: etree._Element = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(SamlReason.XML, type(error).__name__) from error
    if root.getroottree().docinfo.doctype:
        raise Unreadable(SamlReason.DTD, "doctype")
    return root


def bare(root: etree._Element) -> etree._Element:
    """The same without comments and CDATA sections, as a signature without comments sees it."""
    return parse(etree.tostring(root, method="c14n", exclusive=True, with_comments=False))


def tag(element: etree._Element) -> str:
    """{namespace}name; "" for a comment or a processing instruction."""
    return element.tag if isinstance(element.tag, str) else ""


def children(element: etree._Element, space: str, name: str) -> list[etree._Element]:
    return [child for child in element if tag(child) == f"{{{space}}}{name}"]


def within(element: etree._Element, space: str, name: str) -> Iterator[etree._Element]:
    """Itself and all below it that are called so."""
    yield from element.iter(f"{{{space}}}{name}")


def value(element: etree._Element) -> str:
    """The whole text of an element that holds text only; NotProven where anything else is inside."""
    if len(element):
        raise NotProven(SamlReason.MARKUP, f"inside {etree.QName(element).localname}")
    return element.text or ""
