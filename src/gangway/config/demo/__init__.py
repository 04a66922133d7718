"""The demo world: a vendor, three partners and their people, made by the actions over the last three weeks."""

from gangway.config.demo.world import load

__all__ = ["load"]
