"""Starts a server in a process of its own, pinned to one core, and reads its CPU time."""

import json
import os
import select
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVER_CORE, LOAD_CORE = 0, 1
UNDERSTUDY = [sys.executable, "-m", "simulator", "serve", "--port", "0", "--json"]
BARE = [sys.executable, "-m", "tests.bench.bare", "0"]
PLAIN = [*BARE, "--plain"]

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    process: subprocess.Popen[bytes]
    port: int

    def cpu_seconds(self) -> float:
        """User and system time of the process and its children so far."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / _TICKS

    def cpu_ns(self) -> int:
        """The time that all its threads spent on a processor so far, finer than by ticks."""
        tasks = Path(f"/proc/{self.process.pid}/task")
        return sum(
            int((task / "schedstat").read_text(encoding="ascii").split()[0])
            for task in tasks.iterdir()
        )


@contextmanager
def running(
    command: list[str], port: int | None = None, folder: Path | None = None
) -> Iterator[Server]:
    """Run a server that prints one JSON line with its `url` when ready (or has a known port).

    It runs in `folder`, or else in this process's.
    """
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE if port is None else subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=folder,
    )
    try:
        pin(process.pid, SERVER_CORE)
        if port is None:
            port = _announced_port(process)
        wait_for_answer(port)
        yield Server(process, port)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def pin(pid: int, core: int) -> None:
    """Keep a process on one core, where there is more than one."""
    if (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {core})


def wait_for_answer(port: int, timeout_s: float = 60.0) -> None:
    """Return as soon as the server answers HTTP at all."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/models", timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            select.select([], [], [], 0.01)
    raise TimeoutError(f"nothing answers on port {port}")


def _announced_port(process: subprocess.Popen[bytes]) -> int:
    if process.stdout is None:
        raise RuntimeError("the server's output is not read")
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("the server stopped before it was ready")
    return int(json.loads(line)["url"].rpartition(":")[2])
