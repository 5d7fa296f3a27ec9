"""Ten thousand deliveries to a receiver that fails at random: all arrive, in order, in bounds.

Receiver and stand-in share one process, so the memory told is that of both.
"""

import asyncio
import os
import random
import sys
import time
from typing import NamedTuple

from aiohttp import web

from simulator.app import create_app
from simulator.core import passage
from simulator.core.clock import Clock
from simulator.providers.nanogpt import PROVIDER
from simulator.settings import Settings
from tests.bench.asgi import ask
from tests.receiver import Got, Receiver

_EVENTS = 5
_HEADERS = {"x-api-key": PROVIDER.demo_keys[0], "content-type": "application/json"}
_ORDER = {"run.created": 0, "run.progressed": 1, "run.completed": 2}
_DAY_MS = 24 * 3600 * 1000


class Outcome(NamedTuple):
    """What came of it: events wanted and taken, attempts, orders that were broken, and cost."""

    wanted: int
    taken: int
    attempts: int
    out_of_order: int
    seconds: float
    grown_bytes: int


class _Flaky:
    """Answers at random with 204, 500, 429 or by hanging up; notes what it took, in order."""

    def __init__(self, seed: str) -> None:
        self._draws = random.Random(seed)
        self.taken: dict[str, list[tuple[int, str, str]]] = {}
        self.attempts = 0

    async def __call__(self, got: Got) -> web.Response | None:
        self.attempts += 1
        drawn = self._draws.random()
        if drawn < 0.15:
            return web.Response(status=500)
        if drawn < 0.2:
            return web.Response(status=429, headers={"retry-after": "7"})
        if drawn < 0.25:
            return None
        told = got.told
        step = (_ORDER[told["type"]], told["timestamp"])
        self.taken.setdefault(told["data"]["id"], []).append((*step, got.id))
        return web.Response(status=204)


async def deliver(runs: int, seed: str = "flaky") -> Outcome:
    """Start so many runs of five events each, move the clock on by a day, and look."""
    settings = Settings(clock=Clock(0, 1_700_000_000_000, 0.0), journal_bytes=1024 * 1024)
    app = create_app(settings)
    flaky = _Flaky(seed)
    receiver = Receiver(flaky)
    receiver.keeps = False
    tenant = await app.state.house.default()
    async with receiver.running():
        status, told = await ask(
            app, "POST", "/_understudy/tenants/default/webhooks", _JSON, {"url": receiver.url}
        )
        if status != 201:
            raise RuntimeError(f"{status}: {told}")
        for number in range(runs):
            body = {"model": "veo2-video", "prompt": f"Eagle {number}", "duration": "5s"}
            await ask(app, "POST", "/api/generate-video", _HEADERS, body)
        before_bytes, started = _resident_bytes(), time.perf_counter()
        await passage.advance(tenant, _DAY_MS)
        seconds, grown = time.perf_counter() - started, _resident_bytes() - before_bytes
    path = "/_understudy/tenants/default/deliveries?state=pending"
    _, left = await ask(app, "GET", path, _JSON)
    if left["deliveries"]:
        raise RuntimeError("some are still pending")
    taken = sum(len(set(steps)) for steps in flaky.taken.values())
    broken = sum(steps != sorted(steps) for steps in flaky.taken.values())
    return Outcome(runs * _EVENTS, taken, flaky.attempts, broken, seconds, grown)


def _resident_bytes() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


_JSON = {"content-type": "application/json", "host": "127.0.0.1"}


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    found = asyncio.run(deliver(count))
    print(
        f"{found.wanted} deliveries, {found.taken} taken in {found.attempts} attempts, "
        f"{found.out_of_order} out of order: {found.seconds:.1f} s, "
        f"{found.wanted / found.seconds:.0f} deliveries/s, {found.grown_bytes / 2**20:+.0f} MiB"
    )
