"""Where files are had: rendered at the first request, once, off the event loop, and then kept.

A studio that is open draws in another process; one that is not, in a thread. So a server's replies
never wait for a drawing, and an app that nobody starts and stops leaves no process behind.
"""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.to_thread

from simulator.media.assets import Asset
from simulator.media.shelf import Shelf
from simulator.media.worker import Worker

Load = Callable[[], Awaitable[bytes | None]]
"""Reads the input picture of an asset, if it has one that is still there."""

_AT_ONCE = 1
"""Files drawn at the same time: one core stays for replies."""

_TURN_S = 0.0001
"""How long Python code that draws in a thread may keep a reply waiting."""


class Studio:
    """Renders assets and keeps their files within a bound in bytes."""

    def __init__(self, limit_bytes: int) -> None:
        self._shelf = Shelf(limit_bytes)
        self._under_way: dict[str, anyio.Event] = {}
        self._limiter: anyio.CapacityLimiter | None = None
        self._worker: Worker | None = None
        self.rendered = 0

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Draw in a process of its own, started when it is needed, until the block is left."""
        worker = self._worker = Worker()
        try:
            yield
        finally:
            self._worker = None
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(worker.close)

    @property
    def worker_pid(self) -> int | None:
        """The process that draws for this studio, if there is one now."""
        return None if self._worker is None else self._worker.pid

    @asynccontextmanager
    async def file(self, asset: Asset, load: Load) -> AsyncIterator[Path]:
        """The file of an asset, which stays where it is until the block is left."""
        key = asset.key
        with self._shelf.reading(key):
            yield await self._made(key, asset, load)

    async def _made(self, key: str, asset: Asset, load: Load) -> Path:
        while True:
            if (path := self._shelf.find(key)) is not None:
                return path
            if (other := self._under_way.get(key)) is None:
                break
            await other.wait()  # and look again: who drew it may have been cancelled
        done = self._under_way[key] = anyio.Event()
        try:
            await self._draw(self._shelf.draft(key), asset, await load())
            self.rendered += 1
            return self._shelf.keep(key)
        finally:
            del self._under_way[key]
            done.set()

    async def _draw(self, path: Path, asset: Asset, picture: bytes | None) -> None:
        if self._limiter is None:
            self._limiter = anyio.CapacityLimiter(_AT_ONCE)
        draw = _draw if self._worker is None else self._worker.draw
        await anyio.to_thread.run_sync(draw, path, asset, picture, limiter=self._limiter)


def _draw(path: Path, asset: Asset, picture: bytes | None) -> None:
    from simulator.media import rendering  # imported here, in a thread, with the first file

    sys.setswitchinterval(min(_TURN_S, sys.getswitchinterval()))
    rendering.write(path, asset, picture)
