"""A receiver of webhooks on loopback, for tests: what it got, and what it answers."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from aiohttp import web

from simulator.core import jsontext


class Got(NamedTuple):
    """One request that came."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def told(self) -> Any:
        """The body as JSON."""
        return jsontext.loads(self.body)

    @property
    def id(self) -> str:
        """The delivery that it is an attempt of."""
        return self.headers["webhook-id"]


Answer = Callable[[Got], Awaitable[web.Response | None]]


class Receiver:
    """A server that keeps what it gets; `answer` says what it answers, 204 if nothing is set.

    No answer means that it hangs up. One whose `keeps` is false keeps nothing.
    """

    def __init__(self, answer: Answer | None = None) -> None:
        self.got: list[Got] = []
        self.answer = answer
        self.url = ""
        self.keeps = True

    @property
    def events(self) -> list[str]:
        """The types of what came."""
        return [got.told["type"] for got in self.got]

    async def _handle(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        got = Got(headers, await request.read())
        if self.keeps:
            self.got.append(got)
        answer = web.Response(status=204) if self.answer is None else await self.answer(got)
        if answer is None and request.transport is not None:
            request.transport.abort()
        return answer or web.Response()

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator["Receiver"]:
        """Listen on a port of this machine."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", port)
            await site.start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
            yield self
        finally:
            await runner.cleanup()


def answering(*statuses: int, headers: Mapping[str, str] = {}) -> Answer:
    """Answer with these statuses in turn, and with the last of them from then on."""
    left = list(statuses)

    async def answer(_got: Got) -> web.Response:
        status = left.pop(0) if len(left) > 1 else left[0]
        return web.Response(status=status, headers=dict(headers))

    return answer
