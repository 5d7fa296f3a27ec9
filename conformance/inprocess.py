"""Calls an ASGI app in this process: a synchronous httpx transport over a loop in a thread."""

from __future__ import annotations

import contextlib
from collections.abc import MutableMapping
from typing import Any

import anyio
import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal

from conformance.target import AsgiApp


class AppTransport(httpx.BaseTransport):
    """Sends requests to an ASGI app, with its lifespan; use as a context or `close` it."""

    def __init__(self, app: AsgiApp) -> None:
        self._stack = contextlib.ExitStack()
        self._portal: BlockingPortal = self._stack.enter_context(start_blocking_portal())
        self._lifespan = _Lifespan(app)
        self._portal.call(self._lifespan.prepare)
        self._running = self._portal.start_task_soon(self._lifespan.run)
        self._portal.call(self._lifespan.wait_ready)
        self._inner = httpx.ASGITransport(app=app, raise_app_exceptions=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Call the app and return its whole reply."""
        return self._portal.call(self._call, request)

    async def _call(self, request: httpx.Request) -> httpx.Response:
        sent = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.read()
        )
        response = await self._inner.handle_async_request(sent)
        content = await response.aread()
        return httpx.Response(response.status_code, headers=response.headers.raw, content=content)

    def close(self) -> None:
        """End the app's lifespan and the loop."""
        self._portal.call(self._lifespan.stop)
        self._stack.close()


class _Lifespan:
    """An app's start and end, if it has any."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app
        self._over = False

    async def prepare(self) -> None:
        self._asked = anyio.Event()
        self._ready = anyio.Event()
        self._ended = anyio.Event()

    async def wait_ready(self) -> None:
        await self._ready.wait()

    async def stop(self) -> None:
        self._asked.set()
        await self._ended.wait()

    async def run(self) -> None:
        with contextlib.suppress(Exception):
            # An app that knows no lifespan raises here, and is served all the same.
            await self._app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}},
                            self._receive, self._send)  # fmt: skip
        self._ready.set()
        self._ended.set()

    async def _receive(self) -> MutableMapping[str, Any]:
        if not self._over:
            self._over = True
            return {"type": "lifespan.startup"}
        await self._asked.wait()
        return {"type": "lifespan.shutdown"}

    async def _send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"].startswith("lifespan.startup"):
            self._ready.set()
