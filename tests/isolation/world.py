"""Four partners with marked rows in every table, and the people who look at them.

A mark stands in every text of its owner's rows and nowhere else: where it shows to somebody who may not see its
owner, something leaked.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction

from gangway.identity.actions.sessions import begin_session
from gangway.identity.rules import Method
from gangway.kernel import access
from gangway.kernel.access import Reach
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes
from gangway.kernel.tenancy.models import Table
from tests.isolation import story
from tests.isolation.story import MARKS, NOW, PARTNER_OF
from tests.planting import Planter


@dataclass(frozen=True)
class Role:
    """Who asks. `sees`: whose rows may show; `foreign`: whose ids are tried on them."""

    name: str
    owner: str = ""
    grants: tuple[tuple[str, Reach, str], ...] = ()
    sees: frozenset[str] = frozenset()
    foreign: str = "caz"

    @property
    def signed_in(self) -> bool:
        return bool(self.owner)


NORDWIND = frozenset({"ana", "kollege"})
EVERYBODY = frozenset(MARKS)
ROLES = (
    Role("stranger"),
    Role("learner", "ana", sees=frozenset({"ana"})),
    Role("learner beside a colleague", "ana", sees=frozenset({"ana"}), foreign="kollege"),
    Role("partner admin", "ana", ((access.PARTNER_ADMIN, Reach.ONE, "nordwind"),), NORDWIND),
    Role("partner IT", "ana", ((access.PARTNER_IT, Reach.ONE, "nordwind"),), NORDWIND),
    Role("other partner's learner", "caz", sees=frozenset({"caz"}), foreign="ana"),
    Role("other partner's admin", "caz", ((access.PARTNER_ADMIN, Reach.ONE, "suedstern"),), frozenset({"caz"}), "ana"),
    Role("distributor's admin", "ana", ((access.PARTNER_ADMIN, Reach.TREE, "nordwind"),), NORDWIND | {"kind"}),
    Role("impostor", "ana", ((access.PLATFORM_ADMIN, Reach.HOST, "acme"),), frozenset({"ana"})),
    Role(
        "channel manager",
        "host",
        ((access.CHANNEL_MANAGER, Reach.PORTFOLIO, ""),),
        NORDWIND | {"host"},
    ),
    *(Role(f"staff: {role}", "host", ((role, Reach.HOST, "acme"),), EVERYBODY) for role in sorted(access.HOST_ROLES)),
)


@dataclass
class World:
    """Partners by slug, planters by owner, and rows and secrets that have a name of their own."""

    partners: dict[str, UUID] = field(default_factory=dict)
    planters: dict[str, Planter] = field(default_factory=dict)
    named: dict[tuple[str, str], Any] = field(default_factory=dict)

    def row(self, owner: str, label: str) -> Any:
        """An owner's row of a table; `table#name` is one that the story named."""
        if "#" in label:
            return self.named[owner, label.partition("#")[2]]
        return self.planters[owner].row(apps.get_model(label))

    @cached_property
    def ids(self) -> dict[str, frozenset[str]]:
        """owner → the hexadecimal keys of its rows. Every partner sees the courses and paths of the vendor."""
        seen = {str(self.row("host", label).pk) for label in ("catalog.Course", "catalog.Path")}
        return {
            owner: frozenset(key.replace("-", "") for key in planter.known_keys() if key not in seen)
            for owner, planter in self.planters.items()
        }


def build() -> World:
    """A story told by the actions for each owner, then marked rows for every table that the story left out."""
    world = World()
    story.tell(world)
    for model in apps.get_models():
        if issubclass(model, Table) and model.table_class != "kernel":
            for planter in world.planters.values():
                planter.row(model) if model.table_class in ("partner", "shared") else planter.adopt(model)
    return world


@contextmanager
def acting(world: World, role: Role) -> Iterator[str]:
    """The cookie of a session in which the owner of `role` holds its grants, and forgets them afterwards."""
    with transaction.atomic():
        yield _sign_in(world, role) if role.signed_in else ""
        transaction.set_rollback(True)


def _sign_in(world: World, role: Role) -> str:
    person = world.row(role.owner, "people.Person")
    with scopes.one(world.partners[PARTNER_OF[role.owner]]):
        for name, reach, slug in role.grants:
            apps.get_model("people", "Grant").objects.create(
                person_id=person.pk,
                role=name,
                reach=reach.value,
                reach_id=world.partners[slug] if slug else person.pk,
                granted_at=NOW,
            )
        return begin_session(
            person_id=person.pk, method=Method.CODE, device="", actor=Actor.person(person.pk), now=NOW
        ).cookie
