"""What scenarios, faults, webhooks and the rest cost while nobody uses them, in server CPU.

Compares the stand-in with itself without them (`unscripted`), or with another checkout of it.
"""

import asyncio
import json
import os
import statistics
import sys
from pathlib import Path

from tests.bench import load, servers
from tests.bench.servers import UNDERSTUDY, Server
from tests.bench.throughput import POST, status_request

_CUT = [sys.executable, "-m", "tests.bench.unscripted", "serve", "--port", "0", "--json"]
_SLICES = 16


def measure(pairs: int, requests: int, folder: Path | None = None) -> None:
    """Print how much more CPU a request takes, as the median of so many interleaved pairs.

    Against the checkout in `folder`, or else against the same without what is not used.
    """
    servers.pin(os.getpid(), servers.LOAD_CORE)
    command, told = (_CUT, "without them") if folder is None else (UNDERSTUDY, str(folder))
    with servers.running(UNDERSTUDY) as ours, servers.running(command, folder=folder) as other:
        for name, ours_text, other_text, status in (
            ("POST /api/generate-video", POST, POST, 202),
            ("GET /api/video/status", status_request(ours), status_request(other), 200),
        ):
            for server, text in ((ours, ours_text), (other, other_text)):
                _cost_us(server, text, status, requests)
            ratios: list[float] = []
            costs: list[tuple[float, float]] = []
            for _ in range(pairs):
                took = _pair([(ours, ours_text), (other, other_text)], status, requests)
                ratios.append(took[0] / took[1])
                costs.append(took)
            mine = statistics.median(cost for cost, _ in costs)
            theirs = statistics.median(cost for _, cost in costs)
            more = [100 * (ratio - 1) for ratio in ratios]
            print(
                f"{name:<26} {mine:5.1f} µs against {theirs:5.1f} µs {told}: "
                f"{statistics.median(more):+.1f} %   ({min(more):+.1f} to {max(more):+.1f})",
                flush=True,
            )


def _pair(asked: list[tuple[Server, bytes]], status: int, requests: int) -> tuple[float, float]:
    """The cost of a request for either server, in µs, as both take turns by short slices.

    Whoever goes first alternates, so that neither gains by it, and a busy machine hits both.
    """
    took = [0.0, 0.0]
    for number in range(_SLICES):
        for who in (0, 1) if number % 2 else (1, 0):
            took[who] += _cost_us(*asked[who], status, requests // _SLICES)
    return took[0] / _SLICES, took[1] / _SLICES


def _cost_us(server: Server, text: bytes, expected: int, count: int) -> float:
    """CPU time of the server for one of so many equal requests, in µs."""
    before = server.cpu_ns()
    statuses = asyncio.run(load.drive(server.port, load.repeated(text, count)))
    if set(statuses) != {expected}:
        raise RuntimeError(f"expected {expected} only, got {json.dumps(dict(statuses))}")
    return (server.cpu_ns() - before) / 1000 / count


if __name__ == "__main__":
    measure(9, 8000, Path(sys.argv[1]) if len(sys.argv) > 1 else None)
