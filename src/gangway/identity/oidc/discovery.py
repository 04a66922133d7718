"""Ask a provider who it is and which keys it signs with. Never inside an action: a stranger is waited for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from gangway.identity.rules import oidc as rules
from gangway.identity.rules.oidc import Fault, Provider, Reason
from gangway.kernel import outbound

SECONDS = 8.0
LIMIT = 256 * 1024


@dataclass(frozen=True, slots=True)
class Found:
    """A provider that can be used: what it said, and `keys` as a JWKS of those that can sign."""

    document: dict[str, Any]
    keys: dict[str, Any]
    provider: Provider


def discover(issuer: str) -> Found:
    """Fetch the discovery document of an issuer and its keys. Fault: exactly what is wrong, the first of it."""
    wrong = rules.wrong_address(issuer, settings.PROVIDERS_INSIDE, plain_path=True)
    if wrong:
        raise Fault(Reason.ADDRESS, f"The issuer {wrong}.")
    document = fetch_object(rules.discovery_address(issuer), "The discovery document")
    provider = rules.provider_of(document, issuer=issuer, inside=settings.PROVIDERS_INSIDE)
    return Found(document, fetch_keys(provider), provider)


def fetch_keys(provider: Provider) -> dict[str, Any]:
    """The keys at the provider's jwks_uri, and nowhere else."""
    document = fetch_object(provider.jwks_uri, "The list of keys (jwks_uri)")
    return {"keys": rules.keys_of(document)}


def fetch_object(url: str, what: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A JSON object from an address of the provider. Fault: NO_ANSWER, ADDRESS, STATUS, UNREADABLE."""
    answer = ask(url, what, headers=headers)
    if answer.status != 200:
        hint = " Give the address that answers itself." if 300 <= answer.status < 400 else ""
        raise Fault(Reason.STATUS, f"{what}: {urlsplit(url).hostname} answered with status {answer.status}.{hint}")
    return rules.read_json(answer.body, what)


def ask(
    url: str,
    what: str,
    *,
    inside: Collection[tuple[str, int]] | None = None,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> outbound.Answer:
    """Whatever an address of the provider answers. `inside`: which (ip, port) of our own house it may lead to; those
    that the operator named where none are given. Fault: NO_ANSWER, or ADDRESS where it leads inside our own house."""
    allow = settings.PROVIDERS_INSIDE if inside is None else inside
    sent = {"Accept": "application/json", **(headers or {})}
    try:
        return outbound.fetch(url, form=form, headers=sent, allow=allow, seconds=SECONDS, limit=LIMIT)
    except outbound.NotOutside as error:
        raise Fault(Reason.ADDRESS, f"{what}: {urlsplit(url).hostname} is not on the public internet.") from error
    except outbound.NoAnswer as error:
        raise Fault(Reason.NO_ANSWER, f"{what}: {error}.") from error
