"""From exec to the first 200: the stand-in against a bare Starlette app on uvicorn."""

import os
import resource
import select
import subprocess
import sys
import time
import urllib.request

from tests.bench import servers
from tests.bench.throughput import show

_ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
}
"""As people have it: what was compiled once is kept."""


def measure(pairs: int) -> None:
    """Print the ratios of wall and CPU time of interleaved starts.

    The first start, which compiles what has never been imported, does not count.
    """
    wall: list[float] = []
    cpu: list[float] = []
    _start(servers.UNDERSTUDY, "/_understudy/health")
    for _ in range(pairs):
        ours = _start(servers.UNDERSTUDY, "/_understudy/health")
        bare = _start(servers.BARE, "/api/video/status")
        wall.append(ours[0] / bare[0])
        cpu.append(ours[1] / bare[1])
    show("exec to first 200, wall ÷ bare Starlette", wall)
    show("exec to first 200 and stop, CPU ÷ bare Starlette", cpu)


def _start(command: list[str], path: str) -> tuple[float, float]:
    """Seconds from exec to the first 200, and the process's CPU seconds until it was stopped."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=_ENVIRONMENT
    )
    if process.stdout is None:
        raise RuntimeError("the server's output is not read")
    port = int(process.stdout.readline().split(b'"')[3].rpartition(b":")[2])
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30):
                break
        except OSError:
            select.select([], [], [], 0.002)
    seconds = time.perf_counter() - started
    process.terminate()
    process.wait(20)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, spent


if __name__ == "__main__":
    servers.pin(os.getpid(), servers.LOAD_CORE)
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
