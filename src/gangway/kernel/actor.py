"""Who does something. Every action is told; every audit entry and event remembers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID


class ActorKind(StrEnum):
    PERSON = "person"
    TOKEN = "token"  # noqa: S105  a kind of actor, not a secret
    CONNECTION = "connection"
    JOB = "job"
    ROBOT = "robot"
    LINK = "link"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Actor:
    """kind: one of ActorKind; id: of the person, token, … or the name of a job; via: web, cli, scim, relay, …"""

    kind: ActorKind
    id: str
    via: str = "web"
    on_behalf_of: UUID | None = None

    @classmethod
    def person(cls, person_id: UUID, via: str = "web") -> Self:
        return cls(ActorKind.PERSON, str(person_id), via)

    @classmethod
    def operator(cls) -> Self:
        """The person at the machine's command line."""
        return cls(ActorKind.OPERATOR, "cli", "cli")

    @classmethod
    def job(cls, name: str) -> Self:
        """Gangway itself: a handler, a schedule or a job."""
        return cls(ActorKind.JOB, name, "relay")

    @classmethod
    def robot(cls, person_id: UUID) -> Self:
        return cls(ActorKind.ROBOT, str(person_id), "robot")
