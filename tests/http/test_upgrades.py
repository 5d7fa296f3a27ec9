"""Requests that want another protocol: a WebSocket is turned away, any other wish passed over."""

import json
import logging

import pytest
from starlette.types import Receive, Scope, Send

from tests.http.sockets import get, heard, run, served

WEBSOCKET = (
    "Upgrade: WebSocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)


def upgrading(*lines: str) -> bytes:
    return get("/", *lines).replace(b"connection: close", b"connection: upgrade")


async def reply_to(request: bytes) -> tuple[bytes, bytes, int]:
    """Head and body of the reply, and how many requests reached the app."""
    asked = 0

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        nonlocal asked
        asked += 1
        headers = [(b"content-length", b"2"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})

    async with served(app) as port:
        told = await heard(port, request)
    return told.head, told.body, asked


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_a_websocket_is_turned_away_without_a_word_on_the_terminal(
    loop: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        head, body, asked = run(reply_to(upgrading(*WEBSOCKET)), loop)
    assert head.startswith(b"HTTP/1.1 400 ")
    assert f"content-length: {len(body)}".encode() in head
    assert json.loads(body) == {"error": "no WebSocket is served here"}
    assert asked == 0
    assert [item for item in caplog.records if "pgrade" in item.getMessage()] == []


def test_a_wish_for_http_2_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        head, body, asked = run(reply_to(upgrading("Upgrade: h2c", "HTTP2-Settings: AAMAAABk")))
    assert (head[:12], body, asked) == (b"HTTP/1.1 200", b"ok", 1)
    assert [item for item in caplog.records if "pgrade" in item.getMessage()] == []
