"""The shell's identity provider on a port of loopback: what the running system and the robots' browsers ask of it."""

import html
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from gangway.rollout.rehearsal.shell.keys import Keys, make_keys
from gangway.rollout.rehearsal.shell.oidc import NoGrant, OpenId, said
from gangway.rollout.rehearsal.shell.saml import NoRequest, Saml

JSON, HTML = "application/json", "text/html; charset=utf-8"
MOST_FORM = 64 * 1024
Reply = tuple[int, str, bytes, str]  # status, kind, body, where it sends the browser


class Provider:
    """`with Provider() as provider:` answers until the block ends. `broken`: its token endpoint is out of order."""

    def __init__(self, keys: Keys | None = None) -> None:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._reply(provider.get(self.path))

            def do_POST(self) -> None:
                body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), MOST_FORM))
                self._reply(provider.post(self.path, self.headers.get("Authorization", ""), body.decode()))

            def _reply(self, reply: Reply) -> None:
                status, kind, body, location = reply
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                if location:
                    self.send_header("Location", location)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing: addresses hold codes."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        base, keys = f"http://127.0.0.1:{self.port}", keys or make_keys()
        self.openid = OpenId(base, keys)
        self.saml = Saml(f"{base}/saml", keys)
        self.broken = False
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> "Provider":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def get(self, path: str) -> Reply:
        match urlsplit(path).path:
            case "/authorize":
                return 302, HTML, b"", self.openid.authorize(path)
            case "/keys":
                return 200, JSON, said(self.openid.keys()), ""
            case "/saml":
                return self._saml(path)
        return 404, JSON, said({"error": "not_found"}), ""

    def post(self, path: str, authorization: str, body: str) -> Reply:
        if path != "/token":
            return 404, JSON, said({"error": "not_found"}), ""
        if self.broken:
            return 503, JSON, said({"error": "temporarily_unavailable"}), ""
        try:
            return 200, JSON, said(self.openid.tokens(authorization, dict(parse_qsl(body)))), ""
        except NoGrant as error:
            return 401 if str(error) == "invalid_client" else 400, JSON, said({"error": str(error)}), ""

    def _saml(self, path: str) -> Reply:
        """The form that a browser posts back."""
        try:
            acs, fields = self.saml.answer(path)
        except NoRequest:
            return 400, JSON, said({"error": "invalid_request"}), ""
        rows = "".join(
            f'<input type="hidden" name="{name}" value="{html.escape(value)}">' for name, value in fields.items()
        )
        page = f'<html><body><form method="post" action="{html.escape(acs)}">{rows}</form></body></html>'
        return 200, HTML, page.encode(), ""
