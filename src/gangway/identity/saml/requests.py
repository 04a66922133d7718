"""What we ask a provider: an AuthnRequest, by the browser's redirect (saml-bindings-2.0, 3.4)."""

import base64
import zlib
from datetime import datetime
from urllib.parse import urlencode

from lxml import etree
from lxml.builder import ElementMaker

from gangway.identity.rules.saml import ServiceProvider
from gangway.identity.saml.documents import PERSISTENT, POST, SAML, SAMLP
from gangway.identity.saml.times import written
from gangway.kernel import secrets


def new_request_id() -> str:
    """A name that XML takes for an id, and nobody guesses: it is the RelayState as well."""
    return f"_{secrets.token(24)}"


def sign_in_address(sso_url: str, us: ServiceProvider, request_id: str, *, persistent: bool, now: datetime) -> str:
    """Where the browser is sent. `persistent`: the subject is read from a NameID, which then must be of that format."""
    query = {"SAMLRequest": _packed(_authn_request(sso_url, us, request_id, persistent, now)), "RelayState": request_id}
    return f"{sso_url}{'&' if '?' in sso_url else '?'}{urlencode(query)}"


def _authn_request(sso_url: str, us: ServiceProvider, request_id: str, persistent: bool, now: datetime) -> bytes:
    ask = ElementMaker(namespace=SAMLP, nsmap={"samlp": SAMLP, "saml": SAML})
    say = ElementMaker(namespace=SAML, nsmap={"saml": SAML})
    policy = {"Format": PERSISTENT, "AllowCreate": "true"} if persistent else {"AllowCreate": "true"}
    document = ask.AuthnRequest(
        say.Issuer(us.entity_id),
        ask.NameIDPolicy(**policy),
        ID=request_id,
        Version="2.0",
        IssueInstant=written(now),
        Destination=sso_url,
        ProtocolBinding=POST,
        AssertionConsumerServiceURL=us.acs_url,
    )
    made: bytes = etree.tostring(document)
    return made


def _packed(document: bytes) -> str:
    deflated = zlib.compressobj(wbits=-15)
    return base64.b64encode(deflated.compress(document) + deflated.flush()).decode()
