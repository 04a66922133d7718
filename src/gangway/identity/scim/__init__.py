"""SCIM 2.0 (RFC 7643, 7644, 9865): a directory brings a partner's people. Its words end at this sill."""

from gangway.identity.scim.door import broken, let_in

__all__ = ["broken", "let_in"]
