"""Bugs put between a client and any ASGI app: a request or a reply is changed on its way.

A bug is a function of the request and the reply; it knows no provider and no rule.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]


@dataclass
class Asked:
    """A request whose parts may be changed before the app sees it."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON; None if it is none."""
        return _parsed(self.body)

    @property
    def given(self) -> Json:
        """The JSON object of the body, empty for everything else."""
        found = self.json
        return found if isinstance(found, dict) else {}

    def put(self, value: Any) -> None:
        """Replace the body."""
        self.body = json.dumps(value).encode()


@dataclass
class Said:
    """A reply whose parts may be changed before the client sees it."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON; None if it is none."""
        return _parsed(self.body)

    @property
    def told(self) -> Json:
        """The JSON object of the body, empty for everything else."""
        found = self.json
        return found if isinstance(found, dict) else {}

    def put(self, value: Any, status: int | None = None) -> None:
        """Replace the body, and the status if one is given."""
        self.say(json.dumps(value).encode(), "application/json", status)

    def say(self, body: bytes, kind: str, status: int | None = None) -> None:
        """Replace the body and its content type, and the status if one is given."""
        self.body, self.headers["content-type"] = body, kind
        self.status = self.status if status is None else status


Before = Callable[[Asked], None]
After = Callable[[Asked, Said], None]


def tampered(app: App, before: Before | None = None, after: After | None = None) -> App:
    """Return the app with a bug in front of it, behind it, or both."""

    async def answer(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        asked = Asked(
            scope["method"],
            scope["path"],
            scope["query_string"].decode(),
            {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]},
            await _read(receive),
        )
        seen = Asked(asked.method, asked.path, asked.query, dict(asked.headers), asked.body)
        if before is not None:
            before(seen)
        said = await _answered(app, scope, seen)
        if after is not None:
            after(asked, said)
        await _sent(said, send)

    return answer


async def _read(receive: Receive) -> bytes:
    body, is_more = b"", True
    while is_more:
        message = await receive()
        body += message.get("body", b"")
        is_more = message.get("more_body", False)
    return body


async def _answered(app: App, scope: MutableMapping[str, Any], asked: Asked) -> Said:
    said = Said(500, {}, b"")

    async def receive() -> Message:
        return {"type": "http.request", "body": asked.body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            said.status = message["status"]
            said.headers = {n.decode().lower(): v.decode("latin-1") for n, v in message["headers"]}
        elif message["type"] == "http.response.body":
            said.body += message.get("body", b"")

    headers = {**asked.headers, "content-length": str(len(asked.body))}
    changed = {
        **scope, "method": asked.method, "path": asked.path, "raw_path": asked.path.encode(),
        "query_string": asked.query.encode(),
        "headers": [(n.encode(), v.encode("latin-1")) for n, v in headers.items()],
    }  # fmt: skip
    await app(changed, receive, send)
    return said


async def _sent(said: Said, send: Send) -> None:
    headers = dict(said.headers)
    if said.status not in (204, 304):
        headers["content-length"] = str(len(said.body))
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": said.status, "headers": raw})
    await send({"type": "http.response.body", "body": said.body, "more_body": False})


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
