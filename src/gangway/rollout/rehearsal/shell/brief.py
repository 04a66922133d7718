"""What the shell is told before it walks, and what it says of itself. Plain data, read strictly."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


class NoBrief(ValueError):
    """What came on standard input is no brief."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """Where to go and as whom.

    address: of the running system, without a slash at its end. scim_token: of the shell's own directory connection.
    oidc, saml: the addresses at which a sign-in by each begins. robots: mail addresses of the two robots, the first of
    whom comes in by OpenID Connect and learns, the second by SAML. course, lessons: their keys; title: of the course;
    answers: the words of the right choices. foreign: the id of somebody at another partner, who must not be found.
    patience: seconds to wait for what comes by a worker (a letter, an award).
    """

    address: str
    scim_token: str = field(repr=False)
    oidc: str
    saml: str
    robots: tuple[str, str]
    course: str
    title: str
    lessons: tuple[str, ...]
    answers: tuple[str, ...]
    foreign: str
    patience: float = 30.0

    @classmethod
    def read(cls, value: object) -> "Brief":
        """The brief in a decoded line. NoBrief: something is missing, unknown, or of another kind."""
        if not isinstance(value, Mapping):
            raise NoBrief("not an object")
        known = {one.name for one in fields(cls)}
        if set(value) - known or (known - {"patience"}) - set(value):
            raise NoBrief(f"it must hold {', '.join(sorted(known))}")
        told: dict[str, Any] = dict(value)
        for name in ("robots", "lessons", "answers"):
            if not isinstance(told[name], list) or not all(isinstance(word, str) for word in told[name]):
                raise NoBrief(f"{name} is no list of words")
            told[name] = tuple(told[name])
        if len(told["robots"]) != 2:
            raise NoBrief("there are two robots")
        return cls(**told)
