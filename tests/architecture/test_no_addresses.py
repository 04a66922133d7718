"""No committed file names a package host or a path of somebody's machine; the lock files least of all."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Spelt in pieces so that this file passes its own test.
HOSTS = ("pypi" + ".org", "pythonhosted" + ".org", "registry.npmjs" + ".org", "npmjs" + ".com", "proxy.golang" + ".org")
ADDRESS = re.compile("|".join(map(re.escape, HOSTS)))
INDEX_LINE = re.compile(
    r"^\s*(--(extra-)?index-url|--find-links|--trusted-host|registry\s*=\s*http|index-url\s*=)", re.MULTILINE
)
MACHINE_PATH = re.compile(r"(?<![\w.:-])/(?:home|Users|root|work|workspace|mnt)/[\w.-]+")
LOCKS = (
    "requirements/base.txt",
    "requirements/dev.txt",
    "src/gangway/ui/frontend/package-lock.json",
    "tests/peers/oidc/package-lock.json",
)


def offences(name: str, text: str) -> list[str]:
    """What in this file would only be true on one machine or one network."""
    found = [f"{name}: package host {hit}" for hit in ADDRESS.findall(text)]
    found += [f"{name}: index line {hit.group().strip()}" for hit in INDEX_LINE.finditer(text)]
    found += [f"{name}: machine path {hit.group()}" for hit in MACHINE_PATH.finditer(text)]
    if name.endswith("package-lock.json") and '"resolved"' in text:
        found.append(f"{name}: npm wrote `resolved`")
    return found


def committed_files() -> list[str]:
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return listing.stdout.splitlines()


def test_no_committed_file_names_a_package_host_or_a_machine() -> None:
    found: list[str] = []
    read = 0
    for name in committed_files():
        path = ROOT / name
        if not path.is_file():
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        read += 1
        found += offences(name, text)
    assert read > 20
    assert found == []


def test_the_lock_files_are_pinned_with_hashes() -> None:
    for name in LOCKS[:2]:
        text = (ROOT / name).read_text()
        pins = re.findall(r"^[\w.\[\],-]+==", text, re.MULTILINE)
        assert len(pins) > 30, name
        assert text.count("--hash=sha256:") >= len(pins), name


@pytest.mark.parametrize(
    "text",
    [
        f"--index-url https://{HOSTS[0]}/simple",
        f'"resolved": "https://{HOSTS[2]}/vite"',
        "data = '/" + "home/someone/data.csv'",
        "registry = http://127.0.0.1",
    ],
)
def test_a_planted_address_is_caught(text: str) -> None:
    assert offences("package-lock.json", text)
