"""OpenID Connect: what a provider says of itself (`documents`), what must hold of what it signed (`tokens`), and which
rule failed (`faults`). Pure.

Sources: OpenID Connect Core 1.0 (3.1.3.7), Discovery 1.0 (3, 4.3), RFC 7636 (PKCE), RFC 9207 (`iss`), RFC 8414.
"""

from gangway.identity.rules.oidc.documents import (
    DISCOVERY,
    HASHES,
    SCOPES,
    SHARED_ISSUERS,
    Provider,
    SecretBy,
    discovery_address,
    keys_of,
    provider_of,
    read_json,
    wrong_address,
)
from gangway.identity.rules.oidc.faults import Fault, Reason, step_of
from gangway.identity.rules.oidc.tokens import (
    KEY_MEMBERS,
    KEYS_EVERY,
    LEEWAY,
    MOST_CLAIMS,
    algorithm_of,
    asserted,
    check_claims,
    check_said,
    code_of,
    half_hash,
    key_for,
    refuse_other_keys,
    token_refusal,
)

__all__ = [
    "DISCOVERY",
    "HASHES",
    "KEYS_EVERY",
    "KEY_MEMBERS",
    "LEEWAY",
    "MOST_CLAIMS",
    "SCOPES",
    "SHARED_ISSUERS",
    "Fault",
    "Provider",
    "Reason",
    "SecretBy",
    "algorithm_of",
    "asserted",
    "check_claims",
    "check_said",
    "code_of",
    "discovery_address",
    "half_hash",
    "key_for",
    "keys_of",
    "provider_of",
    "read_json",
    "refuse_other_keys",
    "step_of",
    "token_refusal",
    "wrong_address",
]
