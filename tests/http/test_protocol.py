"""The way past ASGI under our own protocol: the same replies, connections that end well."""

import asyncio
import gc
import socket
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import ASGIApp, Receive, Scope, Send

from simulator.http.protocol import Protocol
from simulator.http.replying import latin
from simulator.http.wire import WIRE, arrived_body, sent_whole

HEAD = b"content-type: text/plain\r\ncontent-length: 4\r\n"


async def whole(scope: Scope, receive: Receive, send: Send) -> None:
    """Echo what came with the request, past ASGI; what did not come with it, say so."""
    body = arrived_body(scope, 10)
    text = b"none" if body is None else (body[:4]).ljust(4, b".")
    if scope["path"] == "/closing":
        assert sent_whole(scope, 200, HEAD + b"connection: close\r\n", text)
    else:
        assert sent_whole(scope, 299, HEAD, text)


@asynccontextmanager
async def served(app: ASGIApp, keep_alive_s: float = 5) -> AsyncIterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        config = uvicorn.Config(
            app,
            http=Protocol,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=keep_alive_s,  # type: ignore[arg-type]
            ws="none",
        )
        server = uvicorn.Server(config)
        config.load()
        server.lifespan = config.lifespan_class(config)
        await server.startup(sockets=[bound])
        server.server_state.default_headers = [(b"date", b"today")]
        try:
            yield bound.getsockname()[1]
        finally:
            await server.shutdown(sockets=[bound])


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await writer.wait_closed()


async def asked(port: int, *requests: bytes) -> bytes:
    """Everything a server answers on one connection until it closes it, or has answered all."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"".join(requests))
    replies = b""
    try:
        for _ in requests:
            head = await reader.readuntil(b"\r\n\r\n")
            replies += head + await reader.readexactly(4)
    finally:
        await closed(writer)
    return replies


def get(path: str = "/", *lines: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "host: a", *lines, "", ""]).encode()


def test_a_reply_goes_out_whole_and_the_connection_lives_on() -> None:
    async def work() -> bytes:
        async with served(whole) as port:
            return await asked(port, get(), get())

    replies = asyncio.run(work())
    assert replies.count(b"HTTP/1.1 299 \r\n") == 2
    assert replies.count(b"content-type: text/plain\r\ncontent-length: 4\r\n\r\n....") == 2
    assert replies.count(b"\r\ndate: today\r\n") == 2
    assert b"connection:" not in replies


def test_a_body_that_came_with_its_request_is_there_at_once() -> None:
    post = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc"
    long = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 11\r\n\r\n" + b"x" * 11
    waiting = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\nexpect: 100-continue\r\n\r\n"

    async def work() -> list[bytes]:
        async with served(whole) as port:
            return [(await asked(port, text))[-4:] for text in (post, long, waiting)]

    assert asyncio.run(work()) == [b"abc.", b"none", b"none"]


@pytest.mark.parametrize(
    "request_text",
    [get("/closing"), get("/", "connection: close"), b"GET / HTTP/1.0\r\n\r\n"],
)
def test_a_connection_that_is_to_close_says_so_and_does(request_text: bytes) -> None:
    async def work() -> bytes:
        async with served(whole) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request_text)
            reply = await reader.read()
            await closed(writer)
            return reply

    assert asyncio.run(work()).count(b"\r\nconnection: close\r\n") == 1


def test_an_idle_connection_is_closed_and_a_busy_one_is_not() -> None:
    async def work() -> None:
        async with served(whole, keep_alive_s=0.05) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for _ in range(3):
                writer.write(get())
                await reader.readuntil(b"....")
            assert await asyncio.wait_for(reader.read(), 10) == b""
            await closed(writer)

    asyncio.run(work())


def test_a_slow_reply_outlives_the_time_for_idle_connections() -> None:
    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        loop = asyncio.get_running_loop()
        late = loop.create_future()
        loop.call_later(0.12, late.set_result, None)
        await late
        await whole(scope, receive, send)

    async def work() -> bytes:
        async with served(slow, keep_alive_s=0.05) as port:
            return await asked(port, get(), get())

    assert asyncio.run(work()).count(b"299") == 2


def test_elsewhere_there_is_no_short_way() -> None:
    scope = {"type": "http", "path": "/", "method": "GET"}
    assert arrived_body(scope, 10) is None
    assert not sent_whole(scope, 200, HEAD, b"abcd")


@given(st.text())
def test_a_header_value_has_no_control_characters(text: str) -> None:
    value = latin(text)
    assert not any((byte < 32 and byte != 9) or byte == 127 for byte in value)


def test_a_request_that_was_answered_whole_leaves_nothing_to_the_collector() -> None:
    """Else every request's state lives until the next collection, at a fifth of the time."""
    cycles: list[weakref.ref[object]] = []

    async def noted(scope: Scope, receive: Receive, send: Send) -> None:
        cycles.append(weakref.ref(scope["extensions"][WIRE]))
        await whole(scope, receive, send)

    async def work() -> None:
        async with served(noted) as port:
            await asked(port, *[get()] * 3)

    gc.disable()
    try:
        asyncio.run(work())
        assert [cycle() for cycle in cycles[:-1]] == [None, None]  # the last is the connection's
    finally:
        gc.enable()
