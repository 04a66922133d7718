"""OpenID Connect: a browser is sent to a partner's provider and comes back with a code (authorization code, PKCE).

`discovery`: what the provider says of itself; `telling`: a connection is told it; `signing_in`: there and back;
`tokens`: signatures. What can be said of the protocol without a network is in `identity.rules.oidc`.
"""

from gangway.identity.oidc.discovery import Found, discover
from gangway.identity.oidc.signing_in import Leaving, arrive, leave
from gangway.identity.oidc.telling import tell
from gangway.identity.rules.oidc import Fault

__all__ = ["Fault", "Found", "Leaving", "arrive", "discover", "leave", "tell"]
