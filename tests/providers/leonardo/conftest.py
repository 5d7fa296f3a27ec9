"""A stand-in for Leonardo in this process, its clock frozen, and a client of either account."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from simulator.app import create_app
from simulator.core.clock import Clock
from simulator.house import House
from simulator.providers.leonardo.accounts import DEMO_KEYS
from simulator.settings import Settings

STARTED_MS = 1_785_575_680_429
ORIGIN = "http://understudy.test"


@dataclass(frozen=True)
class World:
    """The stand-in as one account sees it."""

    app: Starlette
    key: str

    async def send(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        """Send one request; a body that is not None goes as JSON."""
        headers = {"authorization": f"Bearer {self.key}", **more.pop("headers", {})}
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            sent = {"json": body} if body is not None else {}
            target = path if path.startswith("http") else f"/api/rest/v1{path}"
            return await client.request(method, target, headers=headers, **sent, **more)

    async def given(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON of a request that succeeds."""
        reply = await self.send(method, path, body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    async def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str, str]:
        """Status, text and code of a request that is refused, without effect on the path."""
        reply = await self.send(method, path, body)
        error = reply.json()
        assert set(error) == {"error", "path", "code"}, reply.text
        return reply.status_code, error["error"], error["code"]

    async def advance(self, by_s: float) -> None:
        """Move the clock on."""
        house: House = self.app.state.house
        tenant = await house.default()
        by_ms = round(by_s * 1000)
        await tenant.set_clock(lambda clock, now_ms: clock.advanced(by_ms, now_ms))

    def other(self) -> "World":
        """The same stand-in as the second account sees it."""
        return World(self.app, DEMO_KEYS[1])


Open = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture
def opened() -> Open:
    """Opens a stand-in with the given settings."""

    @asynccontextmanager
    async def open_(**settings: Any) -> AsyncIterator[World]:
        clock = Clock(STARTED_MS, STARTED_MS, 0)
        yield World(create_app(Settings(only=("leonardo",), clock=clock, **settings)), DEMO_KEYS[0])

    return open_


@pytest.fixture
def world() -> World:
    clock = Clock(STARTED_MS, STARTED_MS, 0)
    return World(create_app(Settings(only=("leonardo",), clock=clock)), DEMO_KEYS[0])
