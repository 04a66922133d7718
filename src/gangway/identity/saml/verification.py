"""What a provider's answer proves: every claim from the bytes it signed, every name compared sign by sign.

saml-core-2.0, 2 and 3.3; saml-profiles-2.0, 4.1.4; saml-bindings-2.0, 3.5.
"""

import base64
import binascii
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from lxml import etree

from gangway.identity.rules.connections import SUBJECT_LENGTH, Asserted
from gangway.identity.rules.saml import CLOCK_DRIFT, RESPONSE_LIMIT, Expected, NotProven, Proven, SamlReason
from gangway.identity.saml.documents import DSIG, PERSISTENT, SAML, SAMLP, bare, children, parse, tag, value, within
from gangway.identity.saml.opinion import second_opinion
from gangway.identity.saml.signatures import as_signed, signature_of
from gangway.identity.saml.times import NoInstant, instant

SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
ENCRYPTED = ("EncryptedAssertion", "EncryptedID", "EncryptedAttribute")
NAME_ID = "NameID"  # under which claims hold it, unless an attribute is called so


def answers(encoded: str) -> str:
    """The request that an answer says it answers; "" where it names none or is none. Proves nothing."""
    try:
        root = parse(_decoded(encoded))
    except NotProven:
        return ""
    named = [root.get("InResponseTo", "")]
    named += [one.get("InResponseTo", "") for one in within(root, SAML, "SubjectConfirmationData")]
    return next((one for one in named if one), "")


def verify(encoded: str, expected: Expected, now: datetime) -> Proven:
    """Whom the provider named in its answer (base64, as posted). NotProven with the first reason that was found."""
    root = parse(_decoded(encoded))
    response, assertion = signed_parts(root, expected.certificates)
    _check_response(response, expected)
    until = _check_assertion(assertion, expected, now)
    asserted = _asserted(assertion, expected)
    signed = (signature_of(root) is not None, signature_of(_assertions(root)[0]) is not None)
    second_opinion(encoded, expected, response_signed=signed[0], assertion_signed=signed[1])
    return Proven(asserted, assertion.get("ID", ""), until)


def _decoded(encoded: str) -> bytes:
    if len(encoded) > RESPONSE_LIMIT:
        raise NotProven(SamlReason.SIZE, f"longer than {RESPONSE_LIMIT} bytes")
    try:
        return base64.b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotProven(SamlReason.ENCODING) from error


# ---------------------------------------------------------------- outline


def _check_outline(root: etree._Element) -> None:
    """One successful Response with one Assertion in it, in the open, and nothing that could be taken for another."""
    if tag(root) != f"{{{SAMLP}}}Response" or root.get("Version") != "2.0":
        raise NotProven(SamlReason.RESPONSE, etree.QName(root).localname[:60])
    _check_status(root)
    for name in ENCRYPTED:
        if next(within(root, SAML, name), None) is not None:
            raise NotProven(SamlReason.ENCRYPTED, name)
    if next(root.iter(etree.ProcessingInstruction), None) is not None:
        raise NotProven(SamlReason.MARKUP, "processing instruction")
    _check_ids(root)
    everywhere = list(within(root, SAML, "Assertion"))
    if len(everywhere) != 1 or _assertions(root) != everywhere:
        raise NotProven(SamlReason.ASSERTIONS, f"{len(everywhere)} assertions")
    carriers = (root, everywhere[0])
    signatures = list(within(root, DSIG, "Signature"))
    if any(one.getparent() not in carriers for one in signatures):
        raise NotProven(SamlReason.SIGNATURE_SHAPE, "a signature of something else")
    if not signatures:
        raise NotProven(SamlReason.UNSIGNED)


def _check_status(root: etree._Element) -> None:
    codes = [code for status in children(root, SAMLP, "Status") for code in children(status, SAMLP, "StatusCode")]
    if len(codes) != 1:
        raise NotProven(SamlReason.STATUS)
    if codes[0].get("Value") != SUCCESS:
        said = [code.get("Value", "").rpartition(":")[2][:40] for code in within(codes[0], SAMLP, "StatusCode")]
        raise NotProven(SamlReason.REFUSED, ", ".join(word for word in said if word.isalpha()))


def _check_ids(root: etree._Element) -> None:
    """No two elements share a name, whichever attribute a reader would take for one."""
    seen: set[str] = set()
    for element in root.iter(etree.Element):
        names = {text for name, text in element.attrib.items() if etree.QName(name).localname.lower() == "id"}
        if len(names) > 1 or names & seen:
            raise NotProven(SamlReason.DUPLICATE_ID)
        seen |= names


def _assertions(root: etree._Element) -> list[etree._Element]:
    return children(root, SAML, "Assertion")


def signed_parts(root: etree._Element, certificates: Sequence[str]) -> tuple[etree._Element, etree._Element]:
    """Response and assertion. The assertion is read as it was signed, by itself or within the response; of a response
    that is not signed, only what it must repeat of the assertion is compared. NotProven."""
    _check_outline(root)
    (open_assertion,) = _assertions(root)
    response = as_signed(root, certificates) if signature_of(root) is not None else bare(root)
    if signature_of(open_assertion) is not None:
        return response, as_signed(open_assertion, certificates)
    (assertion,) = _assertions(response)
    return response, assertion


# ---------------------------------------------------------------- what it must say


def _check_response(response: etree._Element, expected: Expected) -> None:
    destination = response.get("Destination")
    if destination is not None and destination != expected.us.acs_url:
        raise NotProven(SamlReason.DESTINATION, _came(expected.us.acs_url, destination))
    if response.get("InResponseTo", expected.request_id) != expected.request_id:
        raise NotProven(SamlReason.REQUEST)
    for issuer in children(response, SAML, "Issuer"):
        _same(SamlReason.ISSUER, expected.provider_id, value(issuer))


def _check_assertion(assertion: etree._Element, expected: Expected, now: datetime) -> datetime:
    """Until when the assertion may be used."""
    if assertion.get("Version") != "2.0" or not assertion.get("ID"):
        raise NotProven(SamlReason.RESPONSE, "an assertion of another version, or without an ID")
    _same(SamlReason.ISSUER, expected.provider_id, value(_one(assertion, "Issuer", SamlReason.ISSUER)))
    until = _check_confirmation(_one(assertion, "Subject", SamlReason.SUBJECT), expected, now)
    conditions = _one(assertion, "Conditions", SamlReason.CONDITIONS)
    _in_time(conditions, now)
    restrictions = children(conditions, SAML, "AudienceRestriction")
    if not restrictions:
        raise NotProven(SamlReason.AUDIENCE, "none was named")
    for restriction in restrictions:
        audiences = [value(one) for one in children(restriction, SAML, "Audience")]
        if expected.us.entity_id not in audiences:
            raise NotProven(SamlReason.AUDIENCE, _came(expected.us.entity_id, ", ".join(audiences)))
    if not children(assertion, SAML, "AuthnStatement"):
        raise NotProven(SamlReason.AUTHN)
    return until


def _check_confirmation(subject: etree._Element, expected: Expected, now: datetime) -> datetime:
    """One confirmation by bearer must hold; the reason is that of the first which does not."""
    first: NotProven | None = None
    for confirmation in children(subject, SAML, "SubjectConfirmation"):
        if confirmation.get("Method") == BEARER:
            try:
                return _confirmed(confirmation, expected, now)
            except NotProven as reason:
                first = first or reason
    raise first or NotProven(SamlReason.SUBJECT, "no confirmation by bearer")


def _confirmed(confirmation: etree._Element, expected: Expected, now: datetime) -> datetime:
    data = _one(confirmation, "SubjectConfirmationData", SamlReason.SUBJECT)
    if not data.get("InResponseTo"):
        raise NotProven(SamlReason.NO_REQUEST)
    if data.get("InResponseTo") != expected.request_id:
        raise NotProven(SamlReason.REQUEST)
    _same(SamlReason.RECIPIENT, expected.us.acs_url, data.get("Recipient", ""))
    until = _in_time(data, now, after=timedelta(0))
    if until is None:
        raise NotProven(SamlReason.LATE, "no end is named")
    return until


def _in_time(element: etree._Element, now: datetime, after: timedelta = CLOCK_DRIFT) -> datetime | None:
    """Whether now lies in NotBefore and NotOnOrAfter, give or take what clocks differ; the end, where one is named."""
    try:
        begins, ends = (instant(text) if (text := element.get(n)) else None for n in ("NotBefore", "NotOnOrAfter"))
    except NoInstant as error:
        raise NotProven(SamlReason.CONDITIONS, "a time that is none in UTC") from error
    if begins is not None and now + CLOCK_DRIFT < begins:
        raise NotProven(SamlReason.EARLY, f"from {begins.isoformat()}, it is {now.isoformat()}")
    if ends is not None and now - after >= ends:
        raise NotProven(SamlReason.LATE, f"until {ends.isoformat()}, it is {now.isoformat()}")
    return ends


def _one(element: etree._Element, name: str, reason: SamlReason) -> etree._Element:
    found = children(element, SAML, name)
    if len(found) != 1:
        raise NotProven(reason, f"{len(found)} {name}")
    return found[0]


def _same(reason: SamlReason, wanted: str, came: str) -> None:
    if wanted != came:
        raise NotProven(reason, _came(wanted, came))


def _came(wanted: str, came: str) -> str:
    return f"expected {wanted[:120]}, came {came[:120]}"


# ---------------------------------------------------------------- whom it names


def _asserted(assertion: etree._Element, expected: Expected) -> Asserted:
    name_ids = children(_one(assertion, "Subject", SamlReason.SUBJECT), SAML, NAME_ID)
    if len(name_ids) > 1:
        raise NotProven(SamlReason.SUBJECT, "several NameIDs")
    claims = _claims(assertion)
    if name_ids:
        claims.setdefault(NAME_ID, (value(name_ids[0]),))
    if expected.subject_attribute:
        values = claims.get(expected.subject_attribute, ())
        if len(values) != 1:
            raise NotProven(SamlReason.SUBJECT, f"{len(values)} values of {expected.subject_attribute[:60]}")
        return Asserted(_clean(values[0]), claims)
    if not name_ids:
        raise NotProven(SamlReason.SUBJECT, "no NameID")
    return Asserted(_clean(_persistent(name_ids[0], expected)), claims)


def _persistent(name_id: etree._Element, expected: Expected) -> str:
    """A NameID that names the same person for ever, made by this provider for us."""
    if name_id.get("Format") != PERSISTENT:
        raise NotProven(SamlReason.SUBJECT_KIND, name_id.get("Format", "no format")[:100])
    _same(SamlReason.SUBJECT, expected.provider_id, name_id.get("NameQualifier", expected.provider_id))
    _same(SamlReason.SUBJECT, expected.us.entity_id, name_id.get("SPNameQualifier", expected.us.entity_id))
    return value(name_id)


def _clean(subject: str) -> str:
    """The subject as it was sent; what could be read in two ways is refused, and not mended."""
    if not subject or len(subject) > SUBJECT_LENGTH or subject != subject.strip() or any(ord(c) < 32 for c in subject):
        raise NotProven(SamlReason.SUBJECT, "empty, longer than 255 signs, or with space around it")
    return subject


def _claims(assertion: etree._Element) -> dict[str, tuple[str, ...]]:
    """Attributes by name. A value with elements inside is none of ours, and left out whole."""
    found: dict[str, list[str]] = defaultdict(list)
    for statement in children(assertion, SAML, "AttributeStatement"):
        for attribute in children(statement, SAML, "Attribute"):
            values = children(attribute, SAML, "AttributeValue")
            found[attribute.get("Name", "")] += [value(one) for one in values if not len(one)]
    return {name: tuple(values) for name, values in found.items() if name}
