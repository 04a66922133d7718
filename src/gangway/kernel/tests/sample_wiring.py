"""A wiring of two groups over one event, with handlers that tests can make fail."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.apps import apps
from django_tasks import task

from gangway.kernel.jobs import progress
from gangway.kernel.tenancy import scopes
from gangway.kernel.wiring import Cron, Fact, Reaction


@dataclass(frozen=True, kw_only=True)
class LampLit:
    """A lamp was lit. Only these tests publish it."""

    name: ClassVar[str] = "kernel.lamp.lit.v1"
    example: ClassVar[dict[str, Any]] = {}
    lamp_id: UUID
    number: int
    colours: tuple[str, ...] = ()
    by: UUID | None = None


seen: list[tuple[str, int, UUID | None]] = []
broken: set[int] = set()


def note(event: LampLit, fact: Fact) -> None:
    scope = scopes.current()
    seen.append(("first", event.number, scope.partner_id if scope else None))


def note_or_fail(event: LampLit, fact: Fact) -> None:
    partner = apps.get_model("partners", "Partner").objects.get()
    partner.name = f"{partner.name}+{event.number}"
    partner.save()
    if event.number in broken:
        raise ValueError(f"lamp {event.number} is broken")
    seen.append(("second", event.number, fact.partner_id))


ran: list[str] = []


@task()
def sweep(fail: bool = False) -> str:
    scope = scopes.current()
    ran.append(str(scope.partner_id) if scope else "no scope")
    progress(1, 2, "half of the floor")
    if fail:
        raise OSError("the broom broke")
    return "clean"


REACTIONS = (
    Reaction(event=LampLit, group="first", handler=note),
    Reaction(event=LampLit, group="second", handler=note_or_fail),
)
CRON = (Cron("kernel.sweep", sweep, every=timedelta(hours=1)),)
ROUNDS = ()
