"""What a name, a key, a mail address, a language, a zone, a host name may look like. Pure: no Django, no database.

Each check takes text from outside and gives the value as it is kept, or raises Invalid: field, problem and mend.
"""

import re
import unicodedata
from functools import cache, lru_cache
from zoneinfo import available_timezones

import idna

from gangway.kernel.refusal import Invalid
from gangway.kernel.said import said

_KEY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:-([A-Za-z]{4}))?(?:-([A-Za-z]{2}|[0-9]{3}))?")
_TURNING = r"\u202a-\u202e\u2066-\u2069"
_TURNS = re.compile(f"[{_TURNING}]")
_UNTYPED = re.compile(rf"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff{_TURNING}]")  # Cc but tab, Zl, Zp, Cs
_NOT_IN_MAIL = re.compile(r'[\s<>(),;:"\[\]\\]')


def printable(text: str, limit: int = 60) -> str:
    """Foreign text as a sentence may quote it: short, with nothing unprintable in it."""
    shown = "".join(character if character.isprintable() else "\ufffd" for character in text[:limit])
    return shown + ("…" if len(text) > limit else "")


def clean_line(text: str, field: str = "name", limit: int = 200) -> str:
    """One line as people write it: NFC, single spaces; no control, surrogate or direction-override characters."""
    normal = unicodedata.normalize("NFC", " ".join(_typed(text, field).split()))
    if not normal:
        raise Invalid(field=field, problem="“{name}” is empty.", mend="Fill it in.", name=field)
    if len(normal) > limit:
        raise Invalid(
            field=field,
            problem="“{name}” has {count} characters.",
            mend="At most {limit} fit.",
            name=field,
            count=len(normal),
            limit=limit,
        )
    return normal


def _typed(text: str, field: str) -> str:
    """The text itself, unless it holds characters that nobody types and that break files, mails or pages."""
    found = _UNTYPED.search(text)
    if found is None:
        return text
    code = f"{ord(found[0]):04X}"
    if _TURNS.match(found[0]):
        raise Invalid(
            field=field,
            problem="“{name}” holds U+{code}, which turns the direction of writing around.",
            mend="Take it out.",
            name=field,
            code=code,
        )
    raise Invalid(
        field=field,
        problem="“{name}” holds the character U+{code}, which cannot be part of it.",
        mend="Take it out.",
        name=field,
        code=code,
    )


def clean_key(text: str, field: str = "key") -> str:
    """An immutable key: lower-case letters, digits and inner hyphens, 1–63, as in a host name."""
    if not _KEY.fullmatch(text):
        wrong = said("“{text}” cannot be a key.", text=printable(text))
        problem = wrong if text else said("“{name}” is empty.", name=field)
        raise Invalid(field=field, problem=problem, mend="Use lower-case letters, digits and hyphens, at most 63.")
    return text


def clean_zone(text: str, field: str = "zone") -> str:
    """An IANA zone such as Europe/Berlin."""
    if text not in _zones():
        raise Invalid(
            field=field,
            problem="“{text}” is no time zone.",
            mend="Use a name such as Europe/Berlin or UTC.",
            text=printable(text),
        )
    return text


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones()) | {"UTC"}


def clean_locale(text: str, field: str = "locale") -> str:
    """A language tag in its usual spelling: de, pt-BR, zh-Hant-TW (BCP 47: language, script, region)."""
    match = _LOCALE.fullmatch(text.replace("_", "-"))
    if match is None:
        raise Invalid(
            field=field,
            problem="“{text}” is no language.",
            mend="Use a tag such as de, en or pt-BR.",
            text=printable(text),
        )
    language, script, region = match.groups()
    return "-".join(filter(None, (language.lower(), script and script.title(), region and region.upper())))


@lru_cache(maxsize=4096)  # a file of people names few domains many times
def clean_host(text: str, field: str = "host") -> str:
    """A host name in its ASCII form (IDNA 2008, UTS 46), without port, scheme or trailing dot."""
    try:
        name = idna.encode(text.rstrip("."), uts46=True).decode()
    except (idna.IDNAError, UnicodeError) as error:
        raise Invalid(
            field=field,
            problem="“{text}” is no host name.",
            mend="Use one such as learn.nordwind.example.",
            text=printable(text),
        ) from error
    if name.replace(".", "").isdigit():
        raise Invalid(
            field=field,
            problem="“{text}” is an address, not a host name.",
            mend="Use one such as learn.nordwind.example.",
            text=printable(text),
        )
    return name


def clean_mail(text: str, field: str = "email") -> str:
    """A mail address as it is written to: NFC, one @, no spaces. To compare two, compare their mail_key."""
    address = unicodedata.normalize("NFC", _typed(text.strip(), field))
    local, _, domain = address.rpartition("@")
    if not local or not domain or "@" in local or _NOT_IN_MAIL.search(address):
        raise Invalid(
            field=field,
            problem="“{text}” is no mail address.",
            mend="It looks like ana@nordwind.example.",
            text=printable(text),
        )
    if len(address.encode()) > 254:
        raise Invalid(
            field=field,
            problem="The mail address has {count} bytes.",
            mend="At most 254 are possible.",
            count=len(address.encode()),
        )
    clean_host(domain, field)
    return address


def mail_key(text: str, field: str = "email") -> str:
    """The address by which mailboxes are compared: NFKC and casefold before the @, IDNA after it.

    Two spellings of one mailbox have one key; the key of a key is itself.
    """
    local, _, domain = clean_mail(unicodedata.normalize("NFKC", _typed(text, field)), field).rpartition("@")
    key = f"{_folded(local)}@{clean_host(domain, field)}"
    if len(key) > 320 or key.count("@") != 1 or _NOT_IN_MAIL.search(key):
        raise Invalid(
            field=field,
            problem="“{text}” is no mail address.",
            mend="It looks like ana@nordwind.example.",
            text=printable(text),
        )
    return key


def mail_domain(text: str, field: str = "email") -> str:
    """The domain of a mail address in its ASCII form, by which domains are compared."""
    return mail_key(text, field).rpartition("@")[2]


def _folded(text: str) -> str:
    """Compatibility caseless form (Unicode 3.13, D146): folding and normalising until nothing changes."""
    for _ in range(8):
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFD", text).casefold())
        if folded == text:
            break
        text = folded
    return text


def sort_key(name: str) -> str:
    """A name as lists order and search it: without case and accents, single spaces. The same in every language."""
    bare = name
    if not name.isascii():
        bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return " ".join(unicodedata.normalize("NFKC", bare.casefold()).split())[:200]
