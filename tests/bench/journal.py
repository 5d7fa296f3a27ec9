"""A journal that is full: by how much further requests make the process grow."""

import asyncio
import os
import sys
import time

from simulator.app import create_app
from simulator.core.clock import Clock
from simulator.providers.nanogpt import PROVIDER
from simulator.settings import Settings
from tests.bench.asgi import ask

_HEADERS = {"x-api-key": PROVIDER.demo_keys[0], "content-type": "application/json"}
_BODY = {"model": "veo2-video", "prompt": "An eagle over a mountain", "duration": "5s"}
_TARGETS = ("/api/video/status?requestId=", "/api/generate-video/status?runId=")


async def measure(count: int) -> None:
    """Fill the journal, send `count` requests more, print what that did to the process."""
    app = create_app(Settings(clock=Clock(0, 1_700_000_000_000, 0.0)))
    journal = (await app.state.house.default()).journal
    started = await ask(app, "POST", "/api/generate-video", _HEADERS, _BODY)
    run_id = started[1]["runId"]
    filled = 0
    while not journal.dropped:
        await _some(app, run_id)
        filled += 100
    full_bytes, began_s = _resident_bytes(), time.perf_counter()
    for number in range(count // 100):
        await _some(app, run_id)
        if (number + 1) * 10 % (count // 100) == 0:
            grown = (_resident_bytes() - full_bytes) / 2**20
            print(f"{(number + 1) * 100} requests more: {grown:+.1f} MiB", flush=True)
    took_s = time.perf_counter() - began_s
    print(f"full after {filled} requests: {journal.size_bytes / 2**20:.1f} MiB by its own count")
    print(f"resident then {full_bytes / 2**20:.0f} MiB; {count / took_s:.0f} requests a second")


async def _some(app: object, run_id: str) -> None:
    """A hundred requests: polls, and one in ten that is refused."""
    for number in range(100):
        if number % 10:
            await ask(app, "GET", _TARGETS[number % 2] + run_id, _HEADERS)
        else:
            await ask(app, "POST", "/api/generate-video", _HEADERS, {**_BODY, "prompt": number})


def _resident_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 300_000))
