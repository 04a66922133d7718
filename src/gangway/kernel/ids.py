"""Primary keys: UUIDv7 (RFC 9562, section 5.7), so that rows made together lie together."""

import uuid

import uuid_utils


def new_id() -> uuid.UUID:
    """A fresh, time-ordered UUID."""
    return uuid.UUID(bytes=uuid_utils.uuid7().bytes)
