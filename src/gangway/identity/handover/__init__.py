"""The hand-over of the vendor's own portal: its public keys as they are pasted, and its tokens (RFC 7519)."""

from gangway.identity.handover.keys import read_keys
from gangway.identity.handover.tokens import Verified, nonce_of, verified

__all__ = ["Verified", "nonce_of", "read_keys", "verified"]
