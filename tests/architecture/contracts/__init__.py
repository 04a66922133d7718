"""Import contracts of this house, beside the ones import-linter brings. Configured in `.importlinter`."""

from tests.architecture.contracts.doors import DoorsContract
from tests.architecture.contracts.surfaces import SurfacesContract

__all__ = ["DoorsContract", "SurfacesContract"]
