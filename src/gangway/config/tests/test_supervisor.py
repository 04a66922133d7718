"""The supervisor, with real child processes."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from gangway.config.supervisor import LONGEST_PAUSE, Child, Supervisor, pause_before_restart


def python(code: str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(code)]


def until(seconds: float, condition: object) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]
            return True
        threading.Event().wait(0.02)
    return False


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
    except FileNotFoundError:
        return False


class Running:
    """A supervisor in a thread."""

    def __init__(self, *children: Child) -> None:
        self.supervisor = Supervisor(children)
        self.thread = threading.Thread(target=self.supervisor.run)

    def __enter__(self) -> Supervisor:
        self.thread.start()
        return self.supervisor

    def __exit__(self, *_: object) -> None:
        self.supervisor.stop.set()
        self.thread.join(10)
        assert not self.thread.is_alive()


@given(st.integers(min_value=1, max_value=1000))
def test_the_pause_grows_and_is_bounded(deaths: int) -> None:
    assert 0.5 <= pause_before_restart(deaths) <= pause_before_restart(deaths + 1) <= LONGEST_PAUSE


def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    count = tmp_path / "starts"
    child = Child("mortal", python(f"open({str(count)!r}, 'a').write('x')"))
    with Running(child):
        assert until(8, lambda: count.exists() and len(count.read_text()) >= 3)
    assert child.deaths >= 2


def test_what_a_dead_child_started_dies_before_it_is_started_again(tmp_path: Path) -> None:
    """A web server's processes would else keep the port and go on answering."""
    pids = tmp_path / "pids"
    code = f"""
        import subprocess, sys
        orphan = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
        open({str(pids)!r}, "a").write(f"{{orphan.pid}}\\n")
    """
    with Running(Child("mother", python(code))):
        assert until(8, lambda: pids.exists() and len(pids.read_text().split()) >= 2)
        first = int(pids.read_text().split()[0])
        assert until(2, lambda: not alive(first))


def test_stopping_waits_for_what_was_begun(tmp_path: Path) -> None:
    done, ready = tmp_path / "done", tmp_path / "ready"
    code = f"""
        import signal, sys, threading
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        open({str(ready)!r}, "w").close()
        stop.wait()
        threading.Event().wait(0.5)
        open({str(done)!r}, "w").close()
    """
    with Running(Child("careful", python(code))):
        assert until(8, ready.exists)
    assert done.exists()


def test_a_child_that_will_not_stop_is_killed_with_its_own_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = f"""
        import os, signal, subprocess, sys, threading
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        grandchild = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
        open({str(pids)!r} + "~", "w").write(f"{{os.getpid()}} {{grandchild.pid}}")
        os.rename({str(pids)!r} + "~", {str(pids)!r})
        threading.Event().wait()
    """
    with Running(Child("deaf", python(code))):
        assert until(8, pids.exists)
        begun = time.monotonic()
    assert time.monotonic() - begun < 5
    assert until(2, lambda: not any(alive(int(pid)) for pid in pids.read_text().split()))


def test_a_killed_parent_takes_its_children_along(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    child = f"import os; open({str(pid)!r}, 'w').write(str(os.getpid())); import threading; threading.Event().wait()"
    code = f"""
        import sys
        from gangway.config.supervisor import Child, Supervisor
        Supervisor([Child("child", [sys.executable, "-c", {child!r}])]).run()
    """
    parent = subprocess.Popen(python(code))
    assert until(8, lambda: pid.exists() and pid.read_text())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait(5)
    assert until(5, lambda: not alive(int(pid.read_text())))
