"""Whose sign-in it is where one connection serves several partners. Pure.

Read from the account claim of the verified assertion and from what was allow-listed on the connection. No mail address
takes part in it (docs/decisions/0021).
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from gangway.identity.rules.connections import Asserted

ACCOUNT_KEY_LENGTH = 255


class Where(StrEnum):
    """own: the connection's own partner; served: another one, and `reach` says which; the rest is nobody, and why."""

    OWN = "own"
    SERVED = "served"
    STAFF = "staff"  # somebody of the vendor, who has another door
    NO_KEY = "no_key"
    SEVERAL = "several_keys"
    UNKNOWN = "unknown_key"
    CLOSED = "closed"  # the key was withdrawn
    OUTSIDE = "outside"  # the partner is no longer one that this connection may serve
    REFUSED = "refused"  # the partner turned it off


@dataclass(frozen=True, slots=True)
class Reach:
    """What is allow-listed under one key. `served`: the partner's own connection row; `held`: the side that serves has
    not closed it; `inside`: it may serve this partner at this moment; `wanted`: the partner has not turned it off."""

    partner_id: UUID
    served: UUID
    held: bool = True
    inside: bool = True
    wanted: bool = True


def keys_of(asserted: Asserted, claim: str) -> frozenset[str]:
    """The account keys that were asserted, sign by sign as they were sent."""
    return frozenset(value for value in asserted.claims.get(claim, ()) if value)


def whither(
    keys: Collection[str], *, at_host: bool, own_key: str, staff: bool = False, found: Reach | None = None
) -> Where:
    """Whose sign-in it is. at_host: the connection is the vendor's, which serves others alone; own_key: the key of the
    connection's own partner; staff: the asserted address is the vendor's; found: what is allow-listed under the key."""
    if at_host and staff:
        return Where.STAFF
    if len(set(keys)) > 1:
        return Where.SEVERAL
    if not keys:
        return Where.NO_KEY if at_host else Where.OWN
    if not at_host and own_key in keys:
        return Where.OWN
    if found is None:
        return Where.UNKNOWN
    if not found.held:
        return Where.CLOSED
    if not found.inside:
        return Where.OUTSIDE
    return Where.SERVED if found.wanted else Where.REFUSED
