"""An httpx transport into a stand-in in this process, without a socket.

For `httpx.Client` and `httpx.AsyncClient` alike, under asyncio, trio and in threads: the app runs
in a thread of its own. A fault of the wire becomes the exception that a socket would have brought.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx

from simulator.http.asgi import Message, Scope
from simulator.http.breaking import BrokenExchange, ResetByFault
from simulator.testing.mailbox import Mailbox

_DEFAULT_PORTS = {"http": 80, "https": 443}


class InProcess(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Sends requests for any host to one stand-in; `dispatch` has an exchange performed there.

    Read timeouts count in real time, as on a socket. A response that is closed early tells the
    stand-in that its client has hung up.
    """

    def __init__(self, dispatch: "Callable[[Exchange], None]") -> None:
        self._dispatch = dispatch

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Perform a request in a thread; raises httpx's own exceptions."""
        exchange = Exchange(request, request.read())
        self._dispatch(exchange)
        try:
            return exchange.begun(exchange.next())
        except BaseException:
            exchange.leave()
            raise

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Perform a request under an event loop; raises httpx's own exceptions."""
        exchange = Exchange(request, await request.aread())
        self._dispatch(exchange)
        try:
            return exchange.begun(await exchange.next_async())
        except BaseException:
            exchange.leave()
            raise


class Exchange(httpx.SyncByteStream, httpx.AsyncByteStream):
    """One request on its way through the app, and the stream of its reply's body."""

    def __init__(self, request: httpx.Request, body: bytes) -> None:
        self._request = request
        self._body: bytes | None = body
        self._mail: Mailbox[Message | BaseException] = Mailbox()
        self._is_over = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._gone = asyncio.Event()
        timeout = request.extensions.get("timeout", {})
        self._patience_s: float | None = timeout.get("read")

    async def perform(self, app: Any) -> None:
        """Call the app, in the stand-in's thread; what it raises is handed to the reader."""
        self._loop = asyncio.get_running_loop()
        if self._is_over:
            self._gone.set()
        try:
            await app(_scope(self._request), self._receive, self._send)
        except asyncio.CancelledError as stopped:
            self._mail.put(stopped)
            raise
        except BaseException as error:
            self._mail.put(error)

    def abandoned(self, reason: BaseException) -> None:
        """Tell the reader that the app will not be called; if it was, it answers for itself."""
        if self._loop is None:
            self._mail.put(reason)

    def leave(self) -> None:
        """Hang up; the app learns of it if it still works."""
        self._is_over = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._gone.set)

    def begun(self, message: Message) -> httpx.Response:
        """The response that a first message begins."""
        return httpx.Response(message["status"], headers=list(message["headers"]), stream=self)

    def next(self) -> Message:
        """Wait for the next message in a thread."""
        try:
            return self._judged(self._mail.take(self._patience_s))
        except TimeoutError:
            raise self._timed_out() from None

    async def next_async(self) -> Message:
        """Wait for the next message under an event loop."""
        try:
            return self._judged(await self._mail.take_async(self._patience_s))
        except TimeoutError:
            raise self._timed_out() from None

    def __iter__(self) -> Iterator[bytes]:
        while not self._is_over:
            yield self._piece(self.next())

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while not self._is_over:
            yield self._piece(await self.next_async())

    def close(self) -> None:
        """End the reply, read or not."""
        if not self._is_over:
            self.leave()

    async def aclose(self) -> None:
        """End the reply, read or not."""
        self.close()

    def _piece(self, message: Message) -> bytes:
        self._is_over = not message.get("more_body", False)
        piece: bytes = message.get("body", b"")
        return b"" if self._request.method == "HEAD" else piece

    async def _receive(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self._mail.put(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self._gone.set()

    def _judged(self, item: Message | BaseException) -> Message:
        """A message, or the exception that httpx has for what happened instead."""
        if not isinstance(item, BaseException):
            return item
        self._is_over = True
        if isinstance(item, ResetByFault):
            raise httpx.ReadError(str(item), request=self._request) from item
        if isinstance(item, BrokenExchange):
            raise httpx.RemoteProtocolError(str(item), request=self._request) from item
        if isinstance(item, asyncio.CancelledError):
            raise httpx.RemoteProtocolError("the stand-in was stopped", request=self._request)
        raise item

    def _timed_out(self) -> httpx.ReadTimeout:
        return httpx.ReadTimeout(f"nothing for {self._patience_s} s", request=self._request)


def _scope(request: httpx.Request) -> Scope:
    url = request.url
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": url.path,
        "raw_path": url.raw_path.partition(b"?")[0],
        "root_path": "",
        "query_string": url.query,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 1),
        "server": (url.host, url.port or _DEFAULT_PORTS.get(url.scheme, 80)),
        "state": {},
    }
