"""What a tenant costs: its founding, in process and through the control plane, and its memory."""

import json
import os
import resource
import statistics
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

import anyio

from simulator.app import create_app
from tests.bench import servers
from tests.served import served

COUNT = 5000


def measure() -> None:
    """Print the median and the spread of foundings, and the bytes that each took."""
    before = _resident_bytes()
    alone_us = anyio.run(_founded)
    print(f"founding in process: {_told(alone_us)}")
    print(f"memory: {(_resident_bytes() - before) // COUNT} bytes a tenant not yet used")
    with served() as ready:
        print(f"founding over a socket: {_told(_asked(ready.url))}")


async def _founded() -> list[float]:
    house = create_app().state.house
    await house.default()
    taken: list[float] = []
    for number in range(COUNT):
        began = time.perf_counter()
        await house.found(f"t{number}", seed="s")
        taken.append((time.perf_counter() - began) * 1e6)
    return taken


def _asked(url: str) -> list[float]:
    connection = HTTPConnection(urlsplit(url).netloc)
    taken: list[float] = []
    for number in range(COUNT // 5):
        body = json.dumps({"name": f"t{number}"})
        headers = {"content-type": "application/json"}
        began = time.perf_counter()
        connection.request("POST", "/_understudy/tenants", body, headers)
        answer = connection.getresponse()
        answer.read()
        taken.append((time.perf_counter() - began) * 1e6)
        if answer.status != 201:
            raise RuntimeError(f"a tenant was answered {answer.status}")
    connection.close()
    return taken


def _told(taken_us: list[float]) -> str:
    tenths = statistics.quantiles(taken_us, n=100)
    return f"{statistics.median(taken_us):.0f} µs (1 % {tenths[0]:.0f}, 99 % {tenths[98]:.0f})"


def _resident_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    servers.pin(os.getpid(), servers.LOAD_CORE)
    measure()
