"""Hooks of the build: what the wheel depends on (the lines of requirements/base.in), and what it carries."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface


class Dependencies(MetadataHookInterface):
    def update(self, metadata: dict) -> None:
        lines = Path(self.root, "requirements", "base.in").read_text().splitlines()
        metadata["dependencies"] = [line for line in lines if line and not line.startswith("#")]


class Built(BuildHookInterface):
    """The compiled catalogues, and the front end where it was built: git ignores both, the wheel needs them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        sys.path.insert(0, str(Path(self.root, "src")))
        from gangway.ui import catalogues

        catalogues.ensure()
        build_data["artifacts"] += ["src/gangway/locale/**/*.mo", "src/gangway/ui/static/dist/**"]
