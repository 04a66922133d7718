"""Connections: their kinds and states, what a provider asserted, and whose sign-in that is. Pure.

Danger 1 of hostile.md in one place: a provider speaks for people of its own partner only, and there for those that it
is known to know. What it says of a mail address finds nobody by itself.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

DEPARTURE_LIFE = timedelta(minutes=15)  # at the provider, password and second factor included
TOKEN_LIFE = timedelta(days=365)
TOKENS_AT_ONCE = 2
FALLBACK_LIFE = timedelta(hours=24)
SUBJECT_LENGTH = 255
CONNECTION_KEY_LENGTH = 40  # so that “scim:key” names whoever manages a person


WS_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
USUAL_CLAIMS: Mapping[str, tuple[str, ...]] = {
    "email": (
        "email",
        "mail",
        f"{WS_CLAIMS}emailaddress",
        "urn:oid:0.9.2342.19200300.100.1.3",
        "urn:oid:1.2.840.113549.1.9.1",
    ),
    "name": ("name", "displayName", "http://schemas.microsoft.com/identity/claims/displayname"),
    "given_name": ("given_name", "givenName", "firstName", f"{WS_CLAIMS}givenname", "urn:oid:2.5.4.42"),
    "family_name": ("family_name", "sn", "lastName", f"{WS_CLAIMS}surname", "urn:oid:2.5.4.4"),
    "locale": ("locale", "preferredLanguage"),
    "groups": ("groups", "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"),
}


class ConnectionKind(StrEnum):
    """scim brings people; the others sign them in."""

    SCIM = "scim"
    SAML = "saml"
    OIDC = "oidc"

    @property
    def signs_in(self) -> bool:
        return self is not ConnectionKind.SCIM


class ConnectionState(StrEnum):
    """draft: being set up, for tests only; active; off: opens nothing and takes nothing."""

    DRAFT = "draft"
    ACTIVE = "active"
    OFF = "off"


class TokenRight(StrEnum):
    """What a token may be used for."""

    SCIM = "scim"


class Fallback(StrEnum):
    """When people of a connection come in by mail all the same. never: the partner's IT narrowed it."""

    ON_FAILURE = "on_failure"
    OPEN = "open"
    NEVER = "never"


def narrowed(fallback: Fallback, *, proposed: bool) -> Fallback:
    """What holds of a partner's choice: it may narrow what its type proposes (a code by mail), and never widen it."""
    return fallback if proposed else Fallback.NEVER


def mail_opens(fallback: Fallback, *, broken_at: datetime | None, refused_at: datetime | None, now: datetime) -> bool:
    """Whether a code by mail opens for somebody whose way in is their company's sign-in.

    broken_at: its last technical failure; refused_at: when it last said no in this browser, which no code overrules.
    """
    if refused_at is not None and now - refused_at < FALLBACK_LIFE:
        return False
    match fallback:
        case Fallback.OPEN:
            return True
        case Fallback.NEVER:
            return False
        case Fallback.ON_FAILURE:
            return broken_at is not None and now - broken_at < FALLBACK_LIFE


class JoinAttribute(StrEnum):
    """By which of its attributes a person that SCIM brought is known to the provider that signs them in."""

    EXTERNAL_ID = "externalId"
    USER_NAME = "userName"

    def named_for(self, directory: str) -> str:
        """Under which source a person is remembered by the id that a sign-in says they have in a `directory`
        (“scim:key”) which has not brought them yet."""
        return f"{directory}#{self.value}"


@dataclass(frozen=True, slots=True)
class Asserted:
    """What a provider signed: read from the verified bytes and from nothing else.

    subject: never changes for a person (SAML: a persistent NameID, or the attribute named for it; OIDC: `sub`).
    claims: name → its values, as they were sent.
    mailbox_doubted: the provider says that the address is not proven there, so it links nobody without a code.
    """

    subject: str
    claims: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mailbox_doubted: bool = False

    def first(self, *names: str) -> str:
        """The first value of the first of these claims that was sent; "" where none was."""
        return next((value for name in names for value in self.claims.get(name, ()) if value), "")

    def tells(self, field: str, claims: Mapping[str, str]) -> str:
        """What it says of a field of ours: by the claim that the connection names for it, else by the usual ones."""
        named = claims.get(field)
        return self.first(named) if named else self.first(*USUAL_CLAIMS[field])

    def all_of(self, field: str, claims: Mapping[str, str]) -> tuple[str, ...] | None:
        """All values of the claim of a field of ours; None where it was not sent."""
        names = (claims[field],) if claims.get(field) else USUAL_CLAIMS[field]
        return next((tuple(self.claims[name]) for name in names if name in self.claims), None)

    def name(self, claims: Mapping[str, str]) -> str:
        """The whole name, or what given and family name make, or the name by which AD FS and others log people in,
        where it is no address; "" where none was sent."""
        parts = (self.tells("given_name", claims), self.tells("family_name", claims))
        whole = self.tells("name", claims) or " ".join(part for part in parts if part)
        logs_in = self.first(f"{WS_CLAIMS}name")
        return whole or ("" if "@" in logs_in else logs_in)


class Whose(StrEnum):
    """Whose sign-in an assertion is, or what it still needs."""

    KNOWN = "known"  # this subject came in before
    JOINED = "joined"  # the directory brought this person, and the join key says so
    LINKED = "linked"  # the partner has proven the mail domain, and has a person with this mailbox
    NEW = "new"  # nobody yet: admitted just in time
    PROVE = "prove"  # a person has this mailbox, and the domain is not proven: a code to the mailbox links them
    NOBODY = "nobody"  # nobody here is meant, and this connection admits nobody


@dataclass(frozen=True, slots=True)
class Verdict:
    """`person`: whom it is about; None for NEW and NOBODY."""

    whose: Whose
    person: UUID | None = None


def whose(
    *,
    known: UUID | None,
    joined: UUID | None,
    by_mailbox: UUID | None,
    taken: Collection[UUID],
    domain_proven: bool,
    admits: bool,
) -> Verdict:
    """Whose sign-in it is. All of them are people of the connection's own partner.

    known: the person of (connection, subject); joined: of the directory's join key; by_mailbox: who has the asserted
    address; taken: those of them who are another subject of this connection already, which they stay; domain_proven:
    the partner has proven the domain of that address.
    """
    if known is not None:
        return Verdict(Whose.KNOWN, known)
    if joined is not None:
        return Verdict(Whose.NOBODY) if joined in taken else Verdict(Whose.JOINED, joined)
    if by_mailbox is not None:
        if by_mailbox in taken:
            return Verdict(Whose.NOBODY)
        return Verdict(Whose.LINKED if domain_proven else Whose.PROVE, by_mailbox)
    return Verdict(Whose.NEW if admits else Whose.NOBODY)
