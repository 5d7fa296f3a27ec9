"""A client that speaks ASGI to an app in this process, byte for byte and without a network."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import anyio
import httpx
from starlette.types import ASGIApp, Message, Scope

HOST = "understudy.test"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; header names are lower-case, repeated headers joined with `, `."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    def json(self) -> Any:
        """The body as JSON; raises ValueError if it is none."""
        return json.loads(self.content)


async def send(app: ASGIApp, exchange: Mapping[str, Any]) -> Answer:
    """Send a case's request (its placeholders filled) and return the answer."""
    content, content_headers = _content(exchange)
    headers = {"host": HOST, **exchange.get("headers", {}), **content_headers}
    messages: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]
    sent: list[Message] = []

    async def receive() -> Message:
        if not messages:
            await anyio.sleep_forever()  # this client stays until it has its answer
        return messages.pop(0)

    async def collect(message: Message) -> None:
        sent.append(message)

    await app(_scope(exchange, headers), receive, collect)
    return _answer(sent)


def _scope(exchange: Mapping[str, Any], headers: Mapping[str, str]) -> Scope:
    target = urlsplit(exchange["path"])
    query = target.query or urlencode(exchange.get("query", {}), doseq=True)
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": exchange["method"],
        "scheme": "http",
        "path": target.path,
        "raw_path": quote(target.path).encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 50000),
        "server": (HOST, 80),
    }


def _content(exchange: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
    if "form" in exchange:
        form = exchange["form"]
        file = (form["file"]["name"], b"\x89PNG\r\n\x1a\n", form["file"]["type"])
        fields = json.loads(form["fields"])
        request = httpx.Request("POST", "http://form", data=fields, files={"file": file})
        return request.read(), {"content-type": request.headers["content-type"]}
    if "raw_body" in exchange:
        return exchange["raw_body"].encode(), {}
    if "body" in exchange:
        return json.dumps(exchange["body"]).encode(), {}
    return b"", {}


def _answer(messages: list[Message]) -> Answer:
    start, *bodies = messages
    headers: dict[str, str] = {}
    for raw_name, raw_value in start["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    content = b"".join(message.get("body", b"") for message in bodies)
    return Answer(start["status"], headers, content)
