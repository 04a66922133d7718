"""`make test`: the whole suite on SQLite, then on PostgreSQL, then the journeys in a browser; one closing line for all.

Each part is one pytest process in a session of its own, bounded in time, and stopped as a group if it overruns or is
interrupted. `--prove` runs the experiments marked `prove` at full size instead. `--cover` also measures which branches
the suite takes, in twice the time, and says whether that is enough. The exit code is the worst one.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CLOSING = re.compile(r"^(?:=+ )?(\d+ [a-z]+(?:, \d+ [a-z]+)*) in [\d.]+s\b", re.MULTILINE)
NOTHING_COLLECTED = 5
WHOLE = ("*/rules*", "*/access.py", "*/actions*", "*/kernel/*")  # every branch of these; nine of ten elsewhere


@dataclass(frozen=True)
class Part:
    name: str
    database: str
    marks: str
    minutes: int
    workers: str = "auto"


SUITE = (
    Part("sqlite", "sqlite", "not browser and not prove", 45),
    Part("postgres", "postgres", "not browser and not prove", 45),
    Part("browser", "sqlite", "browser and not prove", 35),
)
PROOF = (
    Part("prove-sqlite", "sqlite", "prove and not browser", 120),
    Part("prove-postgres", "postgres", "prove and not browser", 120),
    Part("prove-browser", "sqlite", "prove and browser", 60, workers="0"),
)


def command(part: Part, cover: bool, extra: list[str]) -> list[str]:
    line = [sys.executable, "-m", "pytest", "-q", "-m", part.marks, "-n", part.workers, "--dist", "worksteal"]
    covered = ["--cov", "--cov-report="] if cover else []
    return [*line, *covered, "--durations=10", "--durations-min=3", *extra]


def run(part: Part, cover: bool, extra: list[str]) -> tuple[int, str]:
    """Exit code and output of one part; the output is shown while it runs."""
    print(f"\n── {part.name} " + "─" * (70 - len(part.name)), flush=True)
    environment = {
        **os.environ,
        "GANGWAY_TEST_DB": part.database,
        "COVERAGE_FILE": str(ROOT / f".coverage.{part.name}"),
    }
    process = subprocess.Popen(
        command(part, cover, extra),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    told = [signal.SIGINT, signal.SIGKILL]  # what an overrun is told, and a minute later if it goes on all the same

    def overrun(*_: object) -> None:
        os.killpg(process.pid, told.pop(0))
        signal.alarm(60 if told else 0)

    signal.signal(signal.SIGALRM, overrun)
    signal.alarm(part.minutes * 60 * (2 if cover else 1))
    lines: list[str] = []
    try:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            sys.stdout.write(line)
            sys.stdout.flush()
        return process.wait(timeout=30), "".join(lines)
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)
        raise
    finally:
        signal.alarm(0)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def count(output: str) -> Counter[str]:
    """The numbers of pytest's own closing line: {"passed": 812, "skipped": 3}."""
    found = CLOSING.findall(output)
    numbers: Counter[str] = Counter()
    for number, word in re.findall(r"(\d+) ([a-z]+)", found[-1] if found else ""):
        numbers[word.removesuffix("s") if word in ("warnings", "errors") else word] += int(number)
    return numbers


def closing(total: Counter[str], seconds: float) -> str:
    """The last words: what was not asked for (deselected) is left out; an error is a failure."""
    failed = total["failed"] + total["error"]
    return f"It took {seconds:.0f} s.\n{total['passed']} passed, {failed} failed, {total['skipped']} skipped"


def coverage(parts: tuple[Part, ...]) -> int:
    """Combine what the parts covered, say it, and hold it against what is asked for; 2 if it is less."""
    files = [str(path) for part in parts if (path := ROOT / f".coverage.{part.name}").exists()]
    tool = [sys.executable, "-m", "coverage"]
    subprocess.run([*tool, "combine", "-q", "--keep", *files], cwd=ROOT, timeout=120, check=True)
    report = [*tool, "report", "--skip-covered", "--skip-empty", "--sort=cover"]
    codes = [
        subprocess.run([*report, *asked], cwd=ROOT, timeout=120, check=False).returncode
        for asked in (["--fail-under=90"], [f"--include={','.join(WHOLE)}", "--fail-under=100"])
    ]
    return max(codes)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prove", action="store_true", help="the experiments at full size")
    parser.add_argument("--cover", action="store_true", help="also hold the branches taken to what is asked")
    parser.add_argument("--only", help="one part by name: sqlite, postgres, browser")
    options, extra = parser.parse_known_args()
    parts = tuple(part for part in (PROOF if options.prove else SUITE) if options.only in (None, part.name))
    begun = time.monotonic()
    total: Counter[str] = Counter()
    codes = []
    for part in parts:
        code, output = run(part, options.cover, extra)
        codes.append(0 if code == NOTHING_COLLECTED and options.prove else code)
        total += count(output)
    if options.cover:
        codes.append(coverage(parts))
    print(f"\n{closing(total, time.monotonic() - begun)}", flush=True)
    return max(codes, default=1, key=abs) or int(not total["passed"])


if __name__ == "__main__":
    sys.exit(main())
