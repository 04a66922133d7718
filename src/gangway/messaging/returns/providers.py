"""The mail providers whose reports we read: what proves them, and how a letter is named for them."""

import json
from collections.abc import Callable, Mapping

# What a provider's reports are proven by: "user:password" sent along (secret), a signature (key), or either.
PROOFS: Mapping[str, tuple[str, ...]] = {
    "amazon_ses": ("secret",),
    "mailgun": ("key",),
    "postmark": ("secret",),
    "sendgrid": ("secret", "key"),
}

# What a letter carries so that the provider's events name it, where the provider gives it a Message-ID of its own.
HEADERS: Mapping[str, Callable[[str], dict[str, str]]] = {
    "postmark": lambda header: {"X-PM-KeepID": "true", "X-PM-Metadata-letter": header.strip("<>")},
    "amazon_ses": lambda header: {"X-SES-MESSAGE-TAGS": f"letter={header.strip('<>').partition('@')[0]}"},
    "sendgrid": lambda header: {"X-SMTPAPI": json.dumps({"unique_args": {"letter": header.strip("<>")}})},
}


def headers_for(provider: str, header: str) -> dict[str, str]:
    """The headers by which a provider's events will name the letter of this Message-ID."""
    return HEADERS[provider](header) if provider in HEADERS else {}


def ready(provider: str, secret: str, key: str) -> bool:
    """Whether reports of this provider could be proven to be its own."""
    given = {"secret": secret, "key": key}
    return any(given[proof] for proof in PROOFS.get(provider, ()))
