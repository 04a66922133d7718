"""Names of the built front end: ``url("app.css")`` is the address of the file that Vite wrote, hash and all.

The manifest is read once a process and again when it changes on disk, so a rebuild shows without a restart. Where
nothing was ever built (tests without a browser need no style), the plain name stands in.
"""

import json
from functools import lru_cache
from pathlib import Path

DIST = Path(__file__).parent / "static" / "dist"
PREFIX = "/static/dist/assets/"


class Unknown(KeyError):
    """The built front end holds no file of that name."""


def url(name: str) -> str:
    """The address of a built file by its plain name, such as ``app.css`` or ``icons.svg``."""
    built = manifest()
    if name in built or not built:
        return PREFIX + built.get(name, name)
    raise Unknown(f"the front end holds no {name!r}; is it a source of frontend/vite.config.js?")


def manifest() -> dict[str, str]:
    """Plain name → hashed name of every built file; empty where nothing was built."""
    file = DIST / "manifest.json"
    try:
        return _manifest(file, file.stat().st_mtime_ns)
    except FileNotFoundError:
        return {}


@lru_cache(maxsize=1)
def _manifest(file: Path, changed: int) -> dict[str, str]:
    read: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return read
