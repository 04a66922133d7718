"""An OpenID provider of our own on loopback, which keeps the rules or breaks the one it is told to break."""

import base64
import hashlib
import hmac
import json
import threading
from collections import Counter
from collections.abc import Callable
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlencode, urlsplit

from joserfc import jwk, jws

from gangway.kernel import clock

CLIENT, SECRET = "gangway at nordwind", "s3cret & with signs: %+/"
Key = jwk.RSAKey | jwk.ECKey | jwk.OKPKey
Reply = tuple[int, dict[str, str], bytes]


@cache
def key(name: str, kind: str = "RSA") -> Key:
    """A key pair by name: made once, because making one is slow."""
    options = {"kid": name, "use": "sig"}
    if kind == "RSA":
        return jwk.RSAKey.generate_key(2048, options)
    if kind == "Ed25519":
        return jwk.OKPKey.generate_key("Ed25519", options)
    return jwk.ECKey.generate_key(kind, options)


def signed(claims: dict[str, Any], with_key: Any, algorithm: str = "RS256", **header: Any) -> str:
    """A JWS as it is asked for, however foolish; with bytes as the key, by HMAC."""
    whole = {"alg": algorithm, "kid": getattr(with_key, "kid", "one"), "typ": "JWT", **header}
    head = json.dumps({name: value for name, value in whole.items() if value is not None})
    text = f"{b64(head.encode())}.{b64(json.dumps(claims).encode())}"
    if isinstance(with_key, bytes):
        return f"{text}.{b64(hmac.digest(with_key, text.encode(), 'sha256'))}"
    return f"{text}.{b64(jws.JWSRegistry.algorithms[algorithm].sign(text.encode(), with_key))}"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class OpenIdProvider:
    """`says`: overrides of the discovery document (None takes a name out); `claims`: of the ID token's; `token`: makes
    an ID token another way; `replies`: path → what is answered there instead; `seen`: how often each path was asked;
    `answer`: overrides of what the browser brings back; `user`: of whom it speaks."""

    def __init__(self) -> None:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.0"

            def do_GET(self) -> None:
                self._reply(provider.get(self.path, dict(self.headers)))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                self._reply(provider.post(self.path, dict(self.headers), body))

            def _reply(self, reply: Reply) -> None:
                status, headers, body = reply
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self.server.server_address[1]
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.be_honest()
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def be_honest(self) -> None:
        """As it began: forget what it was told to do."""
        self.keys: list[Key] = [key("one")]
        self.key: Key = self.keys[0]
        self.algorithm = "RS256"
        self.access_token = "access"
        self.says: dict[str, Any] = {}
        self.claims: dict[str, Any] = {}
        self.user: dict[str, Any] = {"sub": "u-1", "email": "ana@nordwind.example", "name": "Ana"}
        self.userinfo: dict[str, Any] = {}
        self.answer: dict[str, Any] = {}
        self.replies: dict[str, Reply] = {}
        self.token: Callable[[dict[str, Any]], str] = self.sign
        self.seen: Counter[str] = Counter()
        self.codes: dict[str, dict[str, str]] = {}

    @property
    def pair(self) -> tuple[str, int]:
        return ("127.0.0.1", self.port)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)

    # ── what it says of itself ──────────────────────────────────────────────────────────────────────────────────────

    def document(self) -> dict[str, Any]:
        honest = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=nordwind",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "PS256", "ES256", "EdDSA", "HS256", "none"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "authorization_response_iss_parameter_supported": True,
        }
        return {name: value for name, value in {**honest, **self.says}.items() if value is not None}

    def get(self, path: str, headers: dict[str, str]) -> Reply:
        where = urlsplit(path).path
        self.seen[where] += 1
        if where in self.replies:
            return self.replies[where]
        match where:
            case "/.well-known/openid-configuration":
                return said(self.document())
            case "/jwks":
                return said({"keys": [one.as_dict(private=False) for one in self.keys]})
            case "/userinfo" if headers.get("Authorization") == "Bearer access":
                return said({**self.user, **self.userinfo})
        return said({"error": "not_found"}, 404)

    # ── the browser, and the code it takes back ─────────────────────────────────────────────────────────────────────

    def authorize(self, address: str) -> str:
        """Sign somebody in at once: the address to which the browser is sent back."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        brought = {"code": code, "state": asked["state"], "iss": self.issuer, **self.answer}
        kept = {name: value for name, value in brought.items() if value is not None}
        return f"{asked['redirect_uri']}?{urlencode(kept, doseq=True)}"

    def post(self, path: str, headers: dict[str, str], body: str) -> Reply:
        self.seen[path] += 1
        if path in self.replies:
            return self.replies[path]
        form = {name: values[0] for name, values in parse_qs(body).items()}
        if not self._is_client(headers, form):
            return said({"error": "invalid_client"}, 401)
        asked = self.codes.pop(form.get("code", ""), None)
        challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form["redirect_uri"]:
            return said({"error": "invalid_grant"}, 400)
        tokens = {"access_token": self.access_token, "token_type": "Bearer"}
        return said({**tokens, "id_token": self.token(self._claims(asked))})

    def _is_client(self, headers: dict[str, str], form: dict[str, str]) -> bool:
        if "Authorization" not in headers:
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)
        shown = base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode()
        return tuple(map(unquote_plus, shown.split(":"))) == (CLIENT, SECRET)

    def _claims(self, asked: dict[str, str]) -> dict[str, Any]:
        now = int(clock.now().timestamp())
        at_hash = b64(hashlib.sha256(self.access_token.encode()).digest()[:16])
        honest = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked.get("nonce")}
        whole = {**honest, "at_hash": at_hash if self.algorithm.endswith("256") else None, **self.user, **self.claims}
        return {name: value for name, value in whole.items() if value is not None}

    def sign(self, claims: dict[str, Any]) -> str:
        return signed(claims, self.key, self.algorithm)


def said(value: object, status: int = 200) -> Reply:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()
