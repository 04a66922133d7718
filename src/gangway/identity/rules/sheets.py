"""What was agreed about how a partner, or the partners of a type, come in: its hash, and what has moved since. Pure.

A partner's is its connection sheet; a type's is its tech spec (rules/specs.py).
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

WHOLE = ""  # what a fact is of, where it is of the partner and of none of its connections


class About(StrEnum):
    """Whose agreement it is."""

    PARTNER = "partner"
    TYPE = "type"


class Fact(StrEnum):
    """What a sheet or a spec says, in the order in which it says it. Never a secret."""

    PARTNER = "partner"
    TYPE = "type"
    TIER = "tier"
    TIERS = "tiers"
    LANGUAGE = "language"
    ZONE = "zone"
    LANGUAGES = "languages"
    BRAND = "brand"
    HOSTS = "hosts"
    ADDRESS = "address"
    NOW = "now"
    PRIMARY = "primary"
    SECOND = "second"
    DATA = "data"
    RETENTION = "retention"
    CRM_KEY = "crm_key"
    SEEN_BY_PARENT = "seen_by_parent"
    LEAVERS_NOW = "leavers_now"
    LEAVERS = "leavers"
    LIMITS = "limits"
    TEST_ACCOUNTS = "test_accounts"
    CUTOVER = "cutover"
    ROLLBACK = "rollback"
    DOMAINS = "domains"
    SESSION_HOURS = "session_hours"
    KIND = "kind"
    NAME = "name"
    STATE = "state"
    USED_BY = "used_by"
    ADDRESSES = "addresses"
    PROVIDER = "provider"
    PROVIDERS = "providers"
    CLIENT_ID = "client_id"
    SIGN_ON = "sign_on"
    METADATA = "metadata"
    SCOPES = "scopes"
    MUST_SAY = "must_say"
    SUBJECT = "subject"
    CLAIMS = "claims"
    JOIN = "join"
    ROUTED = "routed"
    LED = "led"
    ADMITS = "admits"
    FALLBACK = "fallback"
    GROUPS = "groups"
    HEAD_COUNT = "head_count"
    CERTIFICATES = "certificates"
    SECRET_ENDS = "secret_ends"  # noqa: S105  (a date)
    TOKENS_END = "tokens_end"


class Drift(StrEnum):
    """material: the partner agreed to something else, and signs again; routine: it is only told."""

    MATERIAL = "material"
    ROUTINE = "routine"


# What a good running of things changes by itself. Whatever is not named here was agreed.
ROUTINE = frozenset(
    {
        Fact.PARTNER, Fact.TYPE, Fact.TIER, Fact.LANGUAGE, Fact.ZONE, Fact.DOMAINS, Fact.SESSION_HOURS, Fact.NAME,
        Fact.STATE, Fact.METADATA, Fact.HEAD_COUNT, Fact.CERTIFICATES, Fact.SECRET_ENDS, Fact.TOKENS_END,
        Fact.NOW, Fact.LEAVERS_NOW,  # what was agreed is opened
        Fact.TIERS, Fact.LANGUAGES, Fact.BRAND, Fact.HOSTS, Fact.LIMITS, Fact.TEST_ACCOUNTS,
        Fact.USED_BY, Fact.PROVIDERS, Fact.LED,  # of each partner, whose own sheet says it
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """One fact. `of`: the key of the connection it is of, or WHOLE.

    `words`: in which English words it is said (rules/sheet_words.py): what the fact is called, then, of a fact whose
    values have words, those of each value. () in what was signed before they were kept.
    """

    of: str
    fact: Fact
    values: tuple[str, ...]
    words: tuple[str, ...] = ()

    def row(self) -> list[object]:
        """As it stands in a file."""
        said: list[object] = [self.of, self.fact.value, list(self.values)]
        return [*said, list(self.words)] if self.words else said


@dataclass(frozen=True, slots=True)
class Sheet:
    """`key`: of the partner or the type. The same configuration makes the same text, byte for byte."""

    key: str
    facts: tuple[Said, ...]
    about: About = About.PARTNER

    @property
    def text(self) -> str:
        """What is signed: JSON that a person can read, the same on every machine."""
        facts = [one.row() for one in self.facts]
        return json.dumps({"facts": facts, self.about.value: self.key}, ensure_ascii=False, indent=1) + "\n"

    @property
    def digest(self) -> str:
        """The SHA-256 of the text in UTF-8, as `sha256sum` prints it."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def of(self, which: str) -> tuple[Said, ...]:
        return tuple(one for one in self.facts if one.of == which)

    def values(self, of: str, fact: Fact) -> tuple[str, ...]:
        """What it says there; () where it says nothing."""
        return next((one.values for one in self.facts if one.of == of and one.fact is fact), ())

    @property
    def connections(self) -> tuple[str, ...]:
        """Their keys, in their order."""
        return tuple(dict.fromkeys(one.of for one in self.facts if one.of != WHOLE))


def read(text: str) -> Sheet:
    """The sheet of a text that was signed. Facts that this version does not know any more are left out."""
    kept = json.loads(text)
    known = set(Fact)
    facts = (Said(of, Fact(fact), *map(tuple, rest)) for of, fact, *rest in kept["facts"] if fact in known)
    about = About.TYPE if About.TYPE in kept else About.PARTNER
    return Sheet(kept[about], tuple(facts), about)


@dataclass(frozen=True, slots=True)
class Change:
    """What moved since the signature, from which value to which; () where there was, or is, none.

    `words`: those of before and of now, where the values are the same and only what is said of them is not.
    """

    of: str
    fact: Fact
    was: tuple[str, ...]
    now: tuple[str, ...]
    words: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())

    @property
    def reworded(self) -> bool:
        return self.words != ((), ())

    @property
    def drift(self) -> Drift:
        """Of its fact; that a fact is only called otherwise was agreed by nobody."""
        before, after = self.words
        renamed = self.reworded and before[1:] == after[1:]
        return Drift.ROUTINE if renamed or self.fact in ROUTINE else Drift.MATERIAL


def changes(was: Sheet, now: Sheet) -> tuple[Change, ...]:
    """What moved between two versions: a connection that came or went is one change, of its kind; so is a fact that is
    said in other words, of a template that changed. Where words were not kept, nothing is known of them."""
    before = {(one.of, one.fact): one for one in was.facts}
    after = {(one.of, one.fact): one for one in now.facts}
    moved = [*before, *(key for key in after if key not in before)]
    both = set(was.connections) & set(now.connections) | {WHOLE}
    found = (_change(of, fact, before.get((of, fact)), after.get((of, fact))) for of, fact in moved)
    return tuple(one for one in found if one is not None and (one.of in both or one.fact is Fact.KIND))


def _change(of: str, fact: Fact, was: Said | None, now: Said | None) -> Change | None:
    before, after = was.values if was else (), now.values if now else ()
    if before != after:
        return Change(of, fact, before, after)
    if was and now and was.words and now.words and was.words != now.words:
        return Change(of, fact, before, after, (was.words, now.words))
    return None


class Standing(StrEnum):
    """How a partner's sheet stands."""

    UNSIGNED = "unsigned"
    HOLDS = "holds"
    TOLD = "told"  # signed; what moved since needs no new signature
    OPEN = "open"  # signed once; what moved since has to be signed again


def standing(signed: Sheet | None, moved: Sequence[Change]) -> Standing:
    if signed is None:
        return Standing.UNSIGNED
    if any(one.drift is Drift.MATERIAL for one in moved):
        return Standing.OPEN
    return Standing.TOLD if moved else Standing.HOLDS
