"""Where a module lives: its context, and the room inside it."""

from dataclasses import dataclass

PACKAGE = "gangway"
# Storeys that hold contexts of their own, strangers or layered among themselves.
WINGS = frozenset({"rollout", "integrations"})


@dataclass(frozen=True)
class Place:
    """`gangway.rollout.plans.actions.gates` is context `rollout.plans`, rooms `("actions", "gates")`."""

    context: str
    rooms: tuple[str, ...]


def place_of(module: str) -> Place | None:
    """The place of a module of the house; None for strangers and for the package itself."""
    parts = module.split(".")
    if parts[0] != PACKAGE or len(parts) < 2:
        return None
    depth = 3 if parts[1] in WINGS and len(parts) > 2 else 2
    return Place(".".join(parts[1:depth]), tuple(parts[depth:]))
