"""What a shell's process says once it listens, without a process."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from gangway.identity.actions import ShellProvider
from gangway.rollout.rehearsal.shell.keys import Keys, make_keys
from gangway.rollout.rehearsal.shell.oidc import CLIENT, ISSUER, OpenId
from gangway.rollout.rehearsal.shell.saml import Saml


@cache
def keys() -> Keys:
    """Made once, because making them is slow."""
    return make_keys()


def opened(provider_port: int = 40_001, mail_port: int = 40_002) -> dict[str, Any]:
    """As `python -m gangway.rollout.rehearsal.shell` says it."""
    base = f"http://127.0.0.1:{provider_port}"
    openid = OpenId(base, keys())
    return {
        "mail_port": mail_port,
        "provider_port": provider_port,
        "issuer": ISSUER,
        "client_id": CLIENT,
        "client_secret": openid.secret,
        "document": openid.document(),
        "keys": openid.keys(),
        "saml": Saml(f"{base}/saml", keys()).told(),
    }


def provider(said: Mapping[str, Any]) -> ShellProvider:
    told = {name: said[name] for name in ("issuer", "client_id", "client_secret", "document", "keys")}
    return ShellProvider(**told, **said["saml"])


OPENED = opened()
