"""OpenID Connect: a browser is sent to a partner's provider and comes back with a code (authorization code, PKCE).

`discovery`: what the provider says of itself. Everything else of the protocol that can be said without a network is in
`identity.rules.oidc`.
"""

from gangway.identity.oidc.discovery import Found, discover
from gangway.identity.rules.oidc import Fault

__all__ = ["Fault", "Found", "discover"]
