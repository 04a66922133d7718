"""Experiment 5: whatever is done to an answer, it names who was signed, or nobody; and every good one is accepted."""

import base64
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
import xmlsec
from lxml import etree

from gangway.identity.rules.saml import Expected, NotProven, SamlReason, service_provider
from gangway.identity.saml.verification import verify
from tests import proof
from tests.conformance.saml.hostile import ATTACKS, VICTIM, Vector, vectors
from tests.conformance.saml.provider import DSIG, SAML, SHAPES, Answer, Shape, keys, posted, signed

US = service_provider("https://learn.example", "a-route-of-ours")
NOW = datetime.now(UTC).replace(microsecond=0)
PROVIDER = "https://idp.example/metadata"
CLAIMS = {"mail": ("mallory@nordwind.example",), "groups": ("sales", "R&D <team>", "ναυτιλία")}
SAYS = Answer(PROVIDER, US.entity_id, US.acs_url, "_request-1", f"{VICTIM}.mallory", NOW, CLAIMS)

Verifier = Callable[[str, Expected], str]


@pytest.fixture(autouse=True)
def _then() -> Iterator[None]:
    """python3-saml reads the system's clock, and the last test may come many minutes after this file was read."""
    with time_machine.travel(NOW, tick=False):
        yield


def expects(shape: Shape) -> Expected:
    """Two certificates hold, as while a provider changes its key."""
    certificates = (keys("the next one").certificate, shape.keys.certificate)
    return Expected(PROVIDER, certificates, US, "_request-1", shape.subject_attribute)


def careful(answer: str, expected: Expected) -> str:
    return verify(answer, expected, NOW).asserted.subject


def careless(answer: str, expected: Expected) -> str:
    """The negative control: some signature in it holds, so the first assertion is read."""
    root = etree.fromstring(base64.b64decode(answer))
    xmlsec.tree.add_ids(root, ["ID"])
    for signature in root.iter(f"{{{DSIG}}}Signature"):
        for certificate in expected.certificates:
            context = xmlsec.SignatureContext()
            context.key = xmlsec.Key.from_memory(certificate, xmlsec.constants.KeyDataFormatCertPem, None)
            try:
                context.verify(signature)
            except xmlsec.Error:
                continue
            return next(root.iter(f"{{{SAML}}}NameID")).text or ""
    raise NotProven(SamlReason.KEY)


def wrong(verifier: Verifier, tried: list[Vector], signed_subject: str = SAYS.subject) -> list[str]:
    """Vectors by which somebody else was named than the one who was signed."""
    found = []
    for vector in tried:
        try:
            subject = verifier(vector.posted, expects(vector.shape))
        except (NotProven, etree.XMLSyntaxError, ValueError):
            continue
        if subject not in (signed_subject, f"{signed_subject}@mail.example"):
            found.append(vector.name)
    return found


@pytest.fixture(scope="module")
def hostile() -> list[Vector]:
    return list(vectors(SAYS))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_good_answers_are_accepted_whole(shape: Shape) -> None:
    proven = verify(posted(signed(shape, SAYS)), expects(shape), NOW)
    assert proven.asserted.subject == SAYS.subject
    assert {name: proven.asserted.claims[name] for name in CLAIMS} == CLAIMS
    assert proven.assertion_id == SAYS.assertion_id
    assert proven.until > NOW


def test_nobody_is_named_who_was_not_signed(hostile: list[Vector]) -> None:
    """0 of them name another; those that name anybody are listed, so that a refusal lost shows here."""
    assert len(hostile) >= 200
    assert wrong(careful, hostile) == []


HIDING = ("", ".", "@other.example", " of Südstern", f" {VICTIM}", "\u200b", "<x>", "&amp;", "-" * 200)


@pytest.mark.prove
def test_nobody_is_named_at_full_size() -> None:
    """The same for subjects that hide the victim's in other ways."""
    tried, found = 0, []
    for rest in HIDING:
        says = SAYS.but(subject=f"{VICTIM}.m{rest}")
        made = list(vectors(says))
        tried += len(made)
        found += wrong(careful, made, says.subject)
    fooled = len(wrong(careless, list(vectors(SAYS))))
    assert found == []
    assert fooled > 0
    proof.write("5 SAML", vectors=tried, shapes=len(SHAPES), wrong=len(found), wrong_in_the_control=fooled)


def test_the_control_is_found_out(hostile: list[Vector]) -> None:
    fooled = {name.partition(":")[0] for name in wrong(careless, hostile)}
    assert {"XSW3", "XSW4", "XSW7"} <= fooled
    assert "comment in NameID / signed assertion" in fooled


HARMLESS = {  # a comment or CDATA changes nothing that was signed
    *(
        f"{kind} in {place}"
        for kind in ("comment", "CDATA")
        for place in ("NameID", "an attribute", "Issuer", "Audience")
    ),
    "a comment in the NameID before signing",
}
BY_ATTRIBUTE = {"a NameID that changes each time"}  # where the subject is no NameID


def test_what_is_taken_is_taken_whole(hostile: list[Vector]) -> None:
    taken: Counter[str] = Counter()
    for vector in hostile:
        try:
            proven = verify(vector.posted, expects(vector.shape), NOW)
        except NotProven:
            continue
        taken[vector.name.partition(" / ")[0]] += 1
        assert {name: proven.asserted.claims[name] for name in CLAIMS} == CLAIMS
    by_attribute = sum(bool(shape.subject_attribute) for shape in SHAPES)
    assert taken == {**dict.fromkeys(HARMLESS, len(SHAPES)), **dict.fromkeys(BY_ATTRIBUTE, by_attribute)}


REASONS: dict[str, SamlReason] = {
    "XSW1: the signed response inside the signature of another": SamlReason.ASSERTIONS,
    "an id twice": SamlReason.DUPLICATE_ID,
    "a foreign key": SamlReason.KEY,
    "HMAC with the certificate as its key": SamlReason.ALGORITHM,
    "SHA-1 in the signature": SamlReason.ALGORITHM,
    "SHA-1 in the digest": SamlReason.ALGORITHM,
    "no signature": SamlReason.UNSIGNED,
    "a reference to the whole document": SamlReason.SIGNATURE_SHAPE,
    "another recipient": SamlReason.RECIPIENT,
    "a destination that goes on": SamlReason.DESTINATION,
    "an audience that goes on": SamlReason.AUDIENCE,
    "an issuer that goes on": SamlReason.ISSUER,
    "an answer to nothing": SamlReason.NO_REQUEST,
    "an answer to another request": SamlReason.REQUEST,
    "not valid yet": SamlReason.EARLY,
    "not valid any more": SamlReason.LATE,
    "confirmed for a time that is over": SamlReason.LATE,
    "a status that is no success": SamlReason.REFUSED,
    "entities that grow": SamlReason.DTD,
    "longer than anybody sends": SamlReason.SIZE,
    "signs behind the base64": SamlReason.ENCODING,
    "an encrypted assertion beside": SamlReason.ENCRYPTED,
}


@pytest.mark.parametrize("name", REASONS)
def test_the_reason_says_what_is_wrong(name: str) -> None:
    shape = SHAPES[0]
    with pytest.raises(NotProven) as refused:
        verify(ATTACKS[name](shape, SAYS), expects(shape), NOW)
    assert refused.value.reason is REASONS[name]


def test_details_name_nobody(hostile: list[Vector]) -> None:
    """They are kept for a month, and read by those who help."""
    details = [detail for vector in hostile if (detail := _detail(vector))]
    assert len(details) > 100
    assert [detail for detail in details if VICTIM in detail or "mallory" in detail] == []


def _detail(vector: Vector) -> str:
    try:
        verify(vector.posted, expects(vector.shape), NOW)
    except NotProven as refused:
        return refused.detail
    return ""


NO_ENCODING = b"<?xml version='1.0' encoding='none'?><a/>"


@pytest.mark.parametrize(
    "raw", [b"", b"<", b"<a/>", b"\xff\xfe\x00", NO_ENCODING, b"\x00" * 9, b"&lt;", b"<a>\x01</a>"]
)
def test_what_is_no_answer_is_refused_and_never_an_error(raw: bytes) -> None:
    with pytest.raises(NotProven):
        verify(base64.b64encode(raw).decode(), expects(SHAPES[0]), NOW)


@pytest.mark.parametrize("subject", [" ana", "ana\t", "", "a" * 256])
def test_a_subject_that_reads_in_two_ways_is_refused(subject: str) -> None:
    shape: Any = SHAPES[0]
    with pytest.raises(NotProven) as refused:
        verify(posted(signed(shape, SAYS.but(subject=subject))), expects(shape), NOW)
    assert refused.value.reason is SamlReason.SUBJECT
