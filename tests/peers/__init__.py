"""Peers: programs by others that Gangway is tried against. Each folder has a package.json and a lock file of npm."""

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gangway.ui import build
from tests.journeys.installation import until

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


@contextmanager
def simplesamlphp(port: int, told: str, log: Path) -> Iterator[None]:
    """Debian's simplesamlphp under PHP's own web server until the block ends; `make peers` brings both.

    `told` is the JSON that its settings read: port, folder (keys and sessions), domain, and our entity_id and acs.
    """
    folder = HERE / "simplesamlphp"
    served = folder / "debian" / "usr" / "share" / "simplesamlphp" / "www"
    php = shutil.which("php")
    if php is None or not served.is_dir():
        pytest.skip("simplesamlphp or PHP is not here: make peers")
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [php, "-S", f"127.0.0.1:{port}", "-t", str(served)],
            env={**os.environ, "PEER": told, "SIMPLESAMLPHP_CONFIG_DIR": str(folder / "config")},
            stdout=errors,
            stderr=errors,
        )
    try:
        until(20, lambda: _listens(port), f"somebody listens at {port}; it said: {log.read_text()}")
        yield
    finally:
        process.terminate()
        process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0
