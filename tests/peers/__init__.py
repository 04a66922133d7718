"""Peers: programs by others that Gangway is tried against. Each folder has a package.json and a lock file of npm."""

import fcntl
import hashlib
import os
import subprocess
from pathlib import Path

from gangway.ui import build

HERE = Path(__file__).parent


def installed(name: str) -> tuple[str, Path]:
    """A `node` and the folder of a peer with its packages, which are brought by `npm ci` once per lock file."""
    folder = HERE / name
    node, npm = build.tools()
    lock = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    mark = folder / "node_modules" / ".gangway-lock"
    with (folder / ".installing").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        if not mark.is_file() or mark.read_text(encoding="ascii") != lock:
            path = f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', '')}"
            subprocess.run(
                [*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
                cwd=folder,
                env={**os.environ, "PATH": path},
                timeout=300,
                check=True,
            )
            mark.write_text(lock, encoding="ascii")
    return node, folder
