"""CPU time of a process and everything it started, read from Linux's /proc."""

import os
from pathlib import Path

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """`pid` and all its descendants that live now."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _fields(int(entry.name))):
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += parents.get(one, [])
    return found


def spent_ms(pids: list[int]) -> float:
    """User and system time those processes have used so far, in milliseconds."""
    return sum(int(fields[11]) + int(fields[12]) for pid in pids if (fields := _fields(pid))) * TICK_MS


def _fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name: state, parent, …; empty where the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
