"""OpenID Connect, the provider's side: authorization code with PKCE, ID tokens signed by RS256 (Core 1.0, RFC 7636)."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from joserfc import jwk, jwt

from gangway.rollout.rehearsal.shell.keys import Keys

ISSUER = "https://identity.rehearsal.invalid"  # a name, the same in every run; nobody looks there (RFC 2606)
CLIENT = "gangway"
LIFE = 300


class NoGrant(ValueError):
    """A token request that gets nothing; the text is the error code of RFC 6749, 5.2."""


class OpenId:
    """`base`: the address at which its endpoints are reached. `user`: whom it signs in, as claims."""

    def __init__(self, base: str, keys: Keys) -> None:
        self.base = base
        self.secret = secrets.token_urlsafe(32)
        self.user: dict[str, Any] = {}
        self._key = jwk.RSAKey.import_key(keys.private, {"kid": "run", "use": "sig", "alg": "RS256"})
        self._codes: dict[str, dict[str, str]] = {}

    def document(self) -> dict[str, Any]:
        """What a discovery document says (Discovery 1.0, 3)."""
        return {
            "issuer": ISSUER,
            "authorization_endpoint": f"{self.base}/authorize",
            "token_endpoint": f"{self.base}/token",
            "jwks_uri": f"{self.base}/keys",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "authorization_response_iss_parameter_supported": True,
        }

    def keys(self) -> dict[str, Any]:
        """Its public keys (RFC 7517)."""
        return {"keys": [self._key.as_dict(private=False)]}

    def authorize(self, address: str) -> str:
        """Sign `user` in at once; the address to which the browser goes back."""
        asked = dict(parse_qsl(urlsplit(address).query))
        code = secrets.token_urlsafe(24)
        self._codes[code] = asked
        brought = {"code": code, "state": asked.get("state", ""), "iss": ISSUER}
        return f"{asked.get('redirect_uri', '')}?{urlencode(brought)}"

    def tokens(self, authorization: str, form: Mapping[str, str]) -> dict[str, Any]:
        """The tokens for a code, once. NoGrant: not our client, or not what the code was given for."""
        if not self._is_client(authorization):
            raise NoGrant("invalid_client")
        asked = self._codes.pop(form.get("code", ""), None)
        challenge = _b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or asked.get("code_challenge") != challenge
            or asked.get("redirect_uri") != form.get("redirect_uri")
        ):
            raise NoGrant("invalid_grant")
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + LIFE, "nonce": asked.get("nonce"), **self.user}
        signed = jwt.encode({"alg": "RS256", "kid": "run"}, claims, self._key)
        return {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "id_token": signed}

    def _is_client(self, authorization: str) -> bool:
        try:
            shown = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        except ValueError:
            return False
        client, _, secret = shown.partition(":")
        return unquote_plus(client) == CLIENT and hmac.compare_digest(unquote_plus(secret), self.secret)


def said(value: object) -> bytes:
    return json.dumps(value).encode()


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
