"""`make quick`: what to run before each commit: lint, types, contracts, addresses, rules, what changed; half a minute.

The checks run beside each other; a check that fails prints what it said, and all of them are named with their seconds.
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 240
BIN = Path(sys.executable).parent


def git(*words: str) -> list[str]:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    return done.stdout.splitlines() if done.returncode == 0 else []


def changed_contexts() -> list[str]:
    """Folders of contexts touched since the main branch (on main: by the last commit), plus what is not committed."""
    base = git("merge-base", "HEAD", "main") or ["HEAD"]
    if base == git("rev-parse", "HEAD"):
        base = ["HEAD~1"]
    names = git("diff", "--name-only", base[0]) + git("ls-files", "--others", "--exclude-standard")
    contexts = {
        "/".join(name.split("/")[:3]) for name in names if name.startswith("src/gangway/") and name.count("/") > 2
    }
    return sorted(folder for folder in contexts if (ROOT / folder).is_dir())


def rules() -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("src/gangway/**/tests/test_rules*.py"))


def checks() -> dict[str, list[str]]:
    """Name of the check → its command."""
    tests = ["tests/architecture/test_no_addresses.py", *rules(), *changed_contexts()]
    return {
        "lint": [str(BIN / "ruff"), "check", "--quiet", "."],
        "format": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
        "contracts": [str(BIN / "lint-imports"), "--no-cache"],  # its cache misses modules that appear
        "types": [str(BIN / "mypy"), "--no-error-summary"],
        "tests": [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n2",
            "-m",
            "not browser and not prove",
            *dict.fromkeys(tests),
        ],
    }


def run(name: str, command: list[str]) -> tuple[str, int, float, str]:
    begun = time.monotonic()
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "120"},
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        return name, done.returncode, time.monotonic() - begun, done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        return name, 1, LIMIT, f"{name} took more than {LIMIT} s"


def main() -> int:
    with ThreadPoolExecutor(max_workers=4) as pool:
        results = list(pool.map(lambda item: run(*item), checks().items()))
    for name, code, _seconds, output in results:
        if code:
            print(f"── {name} " + "─" * 60 + f"\n{output[-6000:]}")
    print("  ".join(f"{name} {'ok' if code == 0 else 'FAILED'} {seconds:.0f}s" for name, code, seconds, _ in results))
    return int(any(code for _, code, _, _ in results))


if __name__ == "__main__":
    sys.exit(main())
