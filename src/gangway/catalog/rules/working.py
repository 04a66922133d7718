"""A working copy: what somebody changes in a course's folder before it is a version."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

NOT_THERE = ""
"""The digest of a file that does not exist."""


@dataclass(frozen=True, kw_only=True)
class FileChange:
    """One file as it is to be; `data` None takes it away. `seen`: the digest of what the person saw, `NOT_THERE` where
    there was none, None where that does not matter.
    """

    path: str
    data: bytes | None = field(repr=False)
    seen: str | None = None


def overlaid(base: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    """Digests by path once the changes lie over the base; `NOT_THERE` takes a file away."""
    return {path: digest for path, digest in {**base, **changes}.items() if digest != NOT_THERE}


def differing(old: Mapping[str, str], new: Mapping[str, str]) -> frozenset[str]:
    """The paths whose file was added, changed or taken away between two folders."""
    return frozenset(path for path in old.keys() | new.keys() if old.get(path, NOT_THERE) != new.get(path, NOT_THERE))


def on_both_sides(base: Mapping[str, str], newest: Mapping[str, str], changes: Mapping[str, str]) -> tuple[str, ...]:
    """The paths that both a newer version and the working copy changed, and not to the same."""
    theirs = differing(base, newest)
    return tuple(sorted(path for path in theirs & changes.keys() if newest.get(path, NOT_THERE) != changes[path]))


def unneeded(base: Mapping[str, str], changes: Mapping[str, str]) -> Iterable[str]:
    """Changes that leave a file as the base has it."""
    return sorted(path for path, digest in changes.items() if base.get(path, NOT_THERE) == digest)
