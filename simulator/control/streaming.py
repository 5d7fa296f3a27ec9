"""The journal as server-sent events: what is recorded, as it is recorded [WHATWG HTML, 9.2]."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import anyio
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from simulator.control.exchanges import shown
from simulator.core import jsontext
from simulator.core.journal import Exchange, Journal
from simulator.core.tailing import Tail

HEARTBEAT_S = 15.0
"""How long nothing may be sent."""

_RETRY_MS = 1000


class Stream(Response):
    """A reply that goes on until its reader leaves, `seconds` are over or the journal is closed."""

    media_type = "text/event-stream"

    def __init__(
        self,
        journal: Journal,
        tail: Tail,
        is_wanted: Callable[[Exchange], bool],
        seconds: float | None = None,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._journal = journal
        self._tail = tail
        self._is_wanted = is_wanted
        self._seconds = seconds
        self._heartbeat_s = heartbeat_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events; HEAD has none."""
        start = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        try:
            await send(start)
            if scope["method"] != "HEAD":
                async with anyio.create_task_group() as group:
                    group.start_soon(_left, receive, group.cancel_scope.cancel)
                    with suppress(OSError):  # the reader has gone
                        await self._write(send)
                    group.cancel_scope.cancel()
            await send({"type": "http.response.body", "body": b""})
        finally:
            self._journal.leave(self._tail)

    async def _write(self, send: Send) -> None:
        """Send what waits, then wait for more."""

        async def sent(text: bytes) -> None:
            await send({"type": "http.response.body", "body": text, "more_body": True})

        await sent(b"retry: %d\n\n" % _RETRY_MS)
        over_at = None if self._seconds is None else anyio.current_time() + self._seconds
        while True:
            await self._write_waiting(sent)
            if self._tail.is_ended:
                return
            longest_s = self._heartbeat_s
            if over_at is not None:
                left_s = over_at - anyio.current_time()
                if left_s <= 0:
                    return
                longest_s = min(longest_s, left_s)
            if not await self._tail.wait(longest_s):
                await sent(b": nothing new\n\n")

    async def _write_waiting(self, sent: Callable[[bytes], Awaitable[None]]) -> None:
        lost, exchanges = self._tail.take()
        if lost:
            await sent(_event("lost", {"count": lost}))
        for exchange in exchanges:
            if self._is_wanted(exchange):
                await sent(_event("exchange", shown(exchange), exchange.id))


def _event(name: str, data: dict[str, Any], event_id: str = "") -> bytes:
    head = f"id: {event_id}\n" if event_id else ""
    return f"{head}event: {name}\ndata: ".encode() + jsontext.dumps(data) + b"\n\n"


async def _left(receive: Receive, leave: Callable[[], None]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    leave()
