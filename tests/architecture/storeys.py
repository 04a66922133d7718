"""The order of the storeys, read from the import contracts, so that it is written in one place."""

import configparser
from functools import cache

from tests.architecture.source import ROOT


@cache
def heights() -> dict[str, int]:
    """Context → its height: the kernel is 0, config the highest. Contexts of one storey share a height."""
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    layers = contracts["importlinter:contract:storeys"]["layers"].strip().splitlines()
    return {
        context.strip(" ()"): height for height, layer in enumerate(reversed(layers)) for context in layer.split("|")
    }


def is_upward(from_module: str, to_module: str) -> bool:
    """Whether a reference from one module's context to another's climbs, or goes to a neighbour on the same storey."""
    ours, theirs = from_module.split(".")[1], to_module.split(".")[1]
    return ours != theirs and heights()[theirs] >= heights()[ours]
