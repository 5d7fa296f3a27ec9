"""Faults in front of a target: an ASGI app around any app, and an app that forwards to any URL.

`Faulty(app, …)` breaks an app in process; `Faulty(Forward(url), …)` is a reverse proxy that breaks
whatever answers at a URL. Any ASGI server can serve either.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final
from urllib.parse import quote

import httpx

from conformance.exchange import Exchange, Headers, Redactor
from conformance.reading import Reading
from conformance.selftest.fault import Fault, Memory, Reply
from conformance.session import key_for
from conformance.target import AsgiApp, Keys
from contracts import Contract

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
_LABELS: Final = ("unknown", "truncated", "extended", "swapped-case")
# They belong to one connection, or to a body that was not changed.
_FRAMING: Final = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding", "date",
     "server", "te", "upgrade"}
)  # fmt: skip


class Faulty:
    """An ASGI app with a fault: asks the app behind it, and answers what the fault makes of it."""

    def __init__(
        self, app: AsgiApp, fault: Fault, contract: Contract, keys: Keys, memory: Memory
    ) -> None:
        from conformance.judge import Judge

        self._app = app
        self._fault = fault
        self._judges = (Judge(contract),)
        self._memory = memory
        self._redactor = Redactor()
        self._redactor.learn(keys.first, "first")
        self._redactor.learn(keys.second, "second")
        for label in _LABELS:
            self._redactor.learn(key_for(label, keys.first, keys.second), label)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request; anything but HTTP goes to the app as it is."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        content = await _whole(receive)
        right = await _asked(self._app, scope, content)
        exchange = self._exchange(scope, content, right)
        reply = self._fault.change(Reading(exchange, self._judges), self._memory) or right
        await _tell(send, reply, with_body=scope["method"] != "HEAD")

    def _exchange(self, scope: Message, content: bytes, reply: Reply) -> Exchange:
        """Return request and right reply as the suite's log would have them."""
        headers: Headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
        )
        host = next((value for name, value in headers if name.lower() == "host"), "target")
        raw = scope.get("raw_path") or quote(scope["path"]).encode()
        query = scope.get("query_string", b"").decode("latin-1")
        path = raw.split(b"?")[0].decode("latin-1")
        url = f"{scope.get('scheme', 'http')}://{host}{path}" + (f"?{query}" if query else "")
        return Exchange(
            0, scope["method"], url, self._redactor.headers(headers), content, reply.status,
            reply.headers, reply.body, 0.0, 0.0,
        )  # fmt: skip


async def _whole(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _asked(app: AsgiApp, scope: Message, content: bytes) -> Reply:
    """Return what an app answers to a request, as a whole."""
    status = 500
    headers: Headers = ()
    parts: list[bytes] = []
    given = [{"type": "http.request", "body": content, "more_body": False}]

    async def receive() -> Message:
        return given.pop() if given else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status = message["status"]
            headers = tuple(
                (bytes(name).decode("latin-1"), bytes(value).decode("latin-1"))
                for name, value in message.get("headers", ())
            )
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    await app(dict(scope), receive, send)
    return Reply(status, headers, b"".join(parts))


async def _tell(send: Send, reply: Reply, *, with_body: bool) -> None:
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in reply.headers
        if name.lower() not in _FRAMING
    ]
    if with_body:
        headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body if with_body else b""})


class Forward:
    """An ASGI app that forwards every request to an origin: a plain reverse proxy."""

    def __init__(self, base_url: str, *, timeout_seconds: float = 30.0) -> None:
        self._base_url = base_url.rstrip("/")
        self._timeout_seconds = timeout_seconds
        self._client: httpx.AsyncClient | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Forward one request; the client lives as long as the app's lifespan."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        raw = (scope.get("raw_path") or quote(scope["path"]).encode()).split(b"?")[0]
        query = scope.get("query_string", b"")
        url = (
            self._base_url
            + raw.decode("latin-1")
            + ("?" + query.decode("latin-1") if query else "")
        )
        headers = [pair for pair in scope["headers"] if pair[0].decode().lower() not in _FRAMING]
        client = self._opened()
        request = client.build_request(
            scope["method"], url, headers=headers, content=await _whole(receive)
        )
        answer = await client.send(request)
        kept = tuple((key, value) for key, value in answer.headers.multi_items())
        await _tell(send, Reply(answer.status_code, kept, answer.content), with_body=True)

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self._timeout_seconds, trust_env=False)
        return self._client

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self._client is not None:
            await self._client.aclose()
            self._client = None
        await send({"type": "lifespan.shutdown.complete"})
