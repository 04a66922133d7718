"""Rights. Each is a predicate and a filter from one definition: the roles that carry it and how far they reach.

`right.allows(principal, partner_id)` is the predicate; `right.scope(principal)` is the filter: the scope in which a
surface reads for that principal. Declared in each context's `access.py`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.tenancy.scopes import Mode, Scope


class Reach(StrEnum):
    """How far a grant reaches, nearest first."""

    ONE = "one"
    TREE = "tree"
    PORTFOLIO = "portfolio"
    HOST = "host"


_WIDTH = {Reach.ONE: 0, Reach.PORTFOLIO: 1, Reach.TREE: 2, Reach.HOST: 3}

LEARNER = "learner"
PARTNER_ADMIN = "partner_admin"
PARTNER_IT = "partner_it"
PROGRAMME_LEAD = "programme_lead"
CONTENT_OWNER = "content_owner"
PLATFORM_ADMIN = "platform_admin"
TRAINER = "trainer"
CHANNEL_MANAGER = "channel_manager"
SPONSOR = "sponsor"
HOST_ROLES = frozenset({PROGRAMME_LEAD, CONTENT_OWNER, PLATFORM_ADMIN, TRAINER, CHANNEL_MANAGER, SPONSOR})
PARTNER_ROLES = frozenset({LEARNER, PARTNER_ADMIN, PARTNER_IT})


@dataclass(frozen=True, slots=True)
class Grant:
    """role, and where it holds: `reach_id` is the partner of one and tree, the person of portfolio."""

    role: str
    reach: Reach
    reach_id: UUID | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who really sits there, while a page is shown as somebody else sees it. Nothing is written meanwhile."""

    person_id: UUID
    name: str
    locale: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is signed in, read in one statement with the session. The tenant is theirs, never a part of the URL.

    must_first: the route of the page they must be done with before any other opens; "" where nothing stands before.
    """

    person_id: UUID
    partner_id: UUID
    partner_kind: str
    name: str
    email: str
    locale: str
    zone: str
    access_epoch: int
    session_id: UUID | None = None
    grants: tuple[Grant, ...] = ()
    synthetic: bool = False
    welcomed: bool = True
    partner_name: str = ""
    must_first: str = ""
    viewer: Viewer | None = None

    @property
    def actor(self) -> Actor:
        if self.viewer is not None:
            return Actor(ActorKind.PERSON, str(self.viewer.person_id), "web", on_behalf_of=self.person_id)
        kind = ActorKind.ROBOT if self.synthetic else ActorKind.PERSON
        return Actor(kind, str(self.person_id), "web")

    @property
    def staff(self) -> bool:
        """People at the host work in the console."""
        return self.partner_kind == "host"

    def roles(self) -> frozenset[str]:
        return frozenset(grant.role for grant in self.grants)


@dataclass(frozen=True)
class Right:
    """name: `context.noun.verb`; words: "sees the team"; the roles that carry it.

    `own`: every person holds it, over their own rows.
    """

    name: str
    words: str
    roles: frozenset[str] = field(default_factory=frozenset)
    own: bool = False

    def __init__(self, name: str, words: str, roles: tuple[str, ...] | frozenset[str] = (), own: bool = False) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "roles", frozenset(roles))
        object.__setattr__(self, "own", own)
        known = RIGHTS.setdefault(name, self)
        if known.words != words or known.roles != self.roles or known.own != own:
            raise ValueError(f"The right {name} is declared twice, differently.")

    def carrying(self, principal: Principal) -> tuple[Grant, ...]:
        """The principal's grants that carry this right; a host role counts only for people at the host."""
        return tuple(
            grant
            for grant in principal.grants
            if grant.role in self.roles and (grant.role not in HOST_ROLES or principal.staff)
        )

    def allows(self, principal: Principal) -> bool:
        """Whether the principal holds this right anywhere. Which rows it covers is the scope's answer."""
        return self.own or bool(self.carrying(principal))

    def scope(self, principal: Principal) -> Scope:
        """The widest scope this right reads in for this principal; without a wider grant, their own partner."""
        grants = sorted(self.carrying(principal), key=lambda grant: _WIDTH[grant.reach])
        if not grants:
            return Scope(Mode.ONE, partner_id=principal.partner_id)
        widest = grants[-1]
        match widest.reach:
            case Reach.HOST:
                return Scope(Mode.HOST)
            case Reach.TREE:
                return Scope(Mode.TREE, partner_id=widest.reach_id or principal.partner_id)
            case Reach.PORTFOLIO:
                return Scope(Mode.PORTFOLIO, person_id=principal.person_id)
            case Reach.ONE:
                return Scope(Mode.ONE, partner_id=widest.reach_id or principal.partner_id)


RIGHTS: dict[str, Right] = {}
