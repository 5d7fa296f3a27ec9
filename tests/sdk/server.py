"""A stand-in on a free loopback port, served by uvicorn in a thread of its own."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import uvicorn

from simulator.app import create_app
from simulator.house import House
from simulator.settings import Settings

_PATIENCE_S = 30


class _Server(uvicorn.Server):
    """A server that says when it is ready, and in which loop it runs."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_ready = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and tell."""
        await super().startup(sockets=sockets)
        self.loop = asyncio.get_running_loop()
        self.is_ready.set()


class StandIn:
    """A running stand-in; `origin` is where it listens."""

    def __init__(self, origin: str, house: House, server: _Server) -> None:
        self.origin = origin
        self._house = house
        self._server = server

    @classmethod
    @contextmanager
    def running(cls, settings: Settings) -> Iterator[Self]:
        """Serve until the block is left."""
        app = create_app(settings)
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
            server = _Server(uvicorn.Config(app, log_level="warning", ws="none"))
            thread = threading.Thread(target=server.run, args=([listener],))
            thread.start()
            try:
                assert server.is_ready.wait(_PATIENCE_S), "the server did not start"
                yield cls(f"http://127.0.0.1:{port}", app.state.house, server)
            finally:
                server.should_exit = True
                thread.join(_PATIENCE_S)

    def advance(self, by_s: float) -> None:
        """Move the default tenant's clock on."""

        async def move() -> Any:
            tenant = await self._house.default()
            by_ms = round(by_s * 1000)
            return await tenant.set_clock(lambda clock, now_ms: clock.advanced(by_ms, now_ms))

        assert self._server.loop is not None
        asyncio.run_coroutine_threadsafe(move(), self._server.loop).result(_PATIENCE_S)
