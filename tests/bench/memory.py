"""A million pending runs in one process: what they weigh, and what a poll costs among them."""

import asyncio
import os
import statistics
import sys
import time

from simulator.app import create_app
from simulator.core.clock import Clock
from simulator.providers.nanogpt import PROVIDER
from simulator.settings import Settings
from tests.bench.asgi import ask

_HEADERS = {"x-api-key": PROVIDER.demo_keys[0], "content-type": "application/json"}


async def measure(count: int) -> None:
    """Start `count` different runs under a frozen clock; print their weight and a poll's ratio."""
    settings = Settings(clock=Clock(0, 1_700_000_000_000, 0.0), journal_bytes=1024 * 1024)
    app = create_app(settings)
    first = [await _create(app, number) for number in range(10)]
    before_bytes, before_us = _resident_bytes(), await _poll_us(app, first)
    some: list[str] = []
    for number in range(10, count):
        run_id = await _create(app, number)
        if number % (count // 10) == 5:
            some.append(run_id)
    grown = _resident_bytes() - before_bytes
    after_us = await _poll_us(app, some)
    print(f"{count} pending runs: {grown / 2**20:.0f} MiB, {grown / count:.0f} bytes each")
    print(f"a poll among them ÷ a poll among ten: {after_us / before_us:.2f}")


async def _create(app: object, number: int) -> str:
    body = {"model": "veo2-video", "prompt": f"An eagle over mountain {number}", "duration": "5s"}
    status, reply = await ask(app, "POST", "/api/generate-video", _HEADERS, body)
    if status != 202:
        raise RuntimeError(f"{status}: {reply}")
    return str(reply["runId"])


async def _poll_us(app: object, run_ids: list[str]) -> float:
    """The median cost of a poll, in µs."""
    costs: list[float] = []
    for _ in range(200):
        started = time.perf_counter_ns()
        for run_id in run_ids:
            await ask(app, "GET", f"/api/video/status?requestId={run_id}", _HEADERS)
        costs.append((time.perf_counter_ns() - started) / len(run_ids) / 1000)
    return statistics.median(costs)


def _resident_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
