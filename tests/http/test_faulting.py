"""Faults on a real socket, under both event loops, and as exceptions where there is no socket."""

import asyncio
import gc
import json
import socket
import struct
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from simulator.core.faults import fault_of
from simulator.http.breaking import (
    BrokenExchange,
    ClosedBeforeReply,
    ClosedWithinReply,
    ResetByFault,
    Sent,
    Way,
)
from simulator.http.faulting import Twist, World, send_twisted
from tests.http.sockets import LOOPS, Heard, get, heard, run, served

BODY = json.dumps({"text": "äöü" * 40, "list": list(range(40))}, ensure_ascii=False).encode()
HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(BODY)).encode()),
    (b"understudy-exchange", b"default.1"),
]

both_loops = pytest.mark.parametrize("loop", LOOPS)


class Clock:
    """A frozen clock that a test moves, and that tells when somebody waits for it."""

    def __init__(self) -> None:
        self.at_ms = 1000
        self.waiting = 0
        self.awaited_ms: list[int] = []
        self._moved = asyncio.Event()
        self._asked = asyncio.Event()

    async def now_ms(self) -> int:
        """The time."""
        return self.at_ms

    async def sleep_until(self, at_ms: int | None) -> None:
        """Wait for a move."""
        assert at_ms is not None
        assert at_ms > self.at_ms, "nobody waits for what has passed"
        self.waiting += 1
        self.awaited_ms.append(at_ms)
        self._asked.set()
        moved = self._moved
        try:
            await moved.wait()
        finally:
            self.waiting -= not moved.is_set()

    async def asked(self, count: int = 1) -> None:
        """Return once so many wait."""
        while self.waiting < count:
            self._asked.clear()
            await self._asked.wait()

    def move(self, by_ms: int) -> None:
        """Move on, or back: another world."""
        self.at_ms += by_ms
        self.waiting = 0
        self._moved.set()
        self._moved = asyncio.Event()


class Edge:
    """An app that answers everything alike, with a twist; keeps what was sent."""

    def __init__(self, fault: Any, *, wait_ms: int = 0, clock: World | None = None) -> None:
        self.twist = Twist(wait_ms, None if fault is None else fault_of(fault), b"seed")
        self.world = clock or Clock()
        self.sent: list[Sent] = []
        self.is_done = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        while (await receive()).get("more_body"):
            pass
        sent = await send_twisted(
            self.twist, self.world, Way(scope, receive, send), 200, list(HEADERS), BODY
        )
        self.sent.append(sent)
        self.is_done.set()
        if sent.broken is not None:
            raise sent.broken


def asked(edge: Edge, loop: str, request: bytes = b"") -> Heard:
    """What a client hears of one request."""

    async def work() -> Heard:
        async with served(edge) as port:
            return await heard(port, request or get())

    return run(work(), loop)


async def in_process(edge: Edge, method: str = "GET") -> list[Message]:
    """What an ASGI client hears of one request, before it breaks."""
    messages: list[Message] = []
    requests = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> Message:
        if requests:
            return requests.pop()
        await asyncio.Event().wait()
        raise AssertionError("never")

    async def send(message: Message) -> None:
        messages.append(message)

    try:
        await edge({"type": "http", "method": method, "path": "/"}, receive, send)
    except BrokenExchange:
        return messages
    return messages


# On a socket.


@both_loops
def test_without_a_fault_the_reply_is_as_it_was(loop: str) -> None:
    reply = asked(edge := Edge(None), loop)
    assert (reply.body, reply.is_reset) == (BODY, False)
    assert edge.sent == [Sent(200, HEADERS, BODY)]


@both_loops
def test_reset_before_resets_without_a_byte(loop: str) -> None:
    assert asked(edge := Edge("reset-before"), loop) == Heard(b"", is_reset=True)
    assert edge.sent == [Sent()]


@both_loops
@pytest.mark.parametrize(("after", "left"), [(None, len(BODY) // 2), (3, 3), (0, 0), (10**6, -1)])
def test_reset_within_sends_so_many_bytes_and_resets(
    loop: str, after: int | None, left: int
) -> None:
    reply = asked(edge := Edge({"kind": "reset-within", "after_bytes": after}), loop)
    assert reply.is_reset
    assert reply.head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert reply.promised == len(BODY)
    assert reply.body == BODY[:left]
    assert edge.sent == [Sent(200, HEADERS, BODY[:left])]


@both_loops
def test_an_empty_reply_closes_without_a_byte(loop: str) -> None:
    assert asked(edge := Edge("empty-reply"), loop) == Heard(b"", is_reset=False)
    assert edge.sent == [Sent()]


@both_loops
def test_truncated_json_is_valid_http_and_no_json(loop: str) -> None:
    reply = asked(edge := Edge({"kind": "truncated-json", "after_bytes": 20}), loop)
    assert (reply.body, reply.promised, reply.is_reset) == (BODY[:20], 20, False)
    assert edge.sent[0].body == BODY[:20]
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.body)


@both_loops
def test_truncated_json_may_break_the_framing(loop: str) -> None:
    reply = asked(edge := Edge({"kind": "truncated-json", "framing": "broken"}), loop)
    assert (reply.promised, reply.is_reset) == (len(BODY), False)
    assert reply.body == BODY[: len(BODY) // 2] == edge.sent[0].body


@both_loops
@pytest.mark.parametrize(("offset", "promised"), [(7, len(BODY) + 7), (-7, len(BODY) - 7)])
def test_a_wrong_content_length_promises_more_or_fewer(
    loop: str, offset: int, promised: int
) -> None:
    fault = {"kind": "wrong-content-length", "offset_bytes": offset}
    reply = asked(edge := Edge(fault), loop)
    assert (reply.promised, reply.body, reply.is_reset) == (promised, BODY, False)
    assert reply.head.count(b"content-length") == 1
    assert dict(edge.sent[0].headers)[b"content-length"] == str(promised).encode()


def test_a_wrong_content_length_is_never_below_nothing() -> None:
    fault = {"kind": "wrong-content-length", "offset_bytes": -len(BODY) - 5}
    assert asked(Edge(fault), "uvloop").promised == 0


@both_loops
def test_a_garbled_reply_has_its_length_and_no_text(loop: str) -> None:
    reply = asked(edge := Edge({"kind": "garbled", "after_bytes": 10}), loop)
    assert reply.promised == len(reply.body) == len(BODY)
    assert reply.body[:10] == BODY[:10]
    assert edge.sent[0].body == reply.body
    with pytest.raises(UnicodeDecodeError):
        reply.body.decode()
    assert asked(Edge({"kind": "garbled", "after_bytes": 10}), loop).body == reply.body


@both_loops
def test_a_wrong_content_type_leaves_the_body_alone(loop: str) -> None:
    fault = {"kind": "wrong-content-type", "content_type": "text/plain"}
    reply = asked(edge := Edge(fault), loop)
    assert reply.body == BODY
    assert reply.head.count(b"content-type") == 1
    assert b"content-type: text/plain" in reply.head
    assert dict(edge.sent[0].headers)[b"content-type"] == b"text/plain"


@both_loops
@pytest.mark.parametrize("kind", ["delay", "reset-within", "empty-reply", "garbled", "slow-body"])
def test_nothing_comes_before_the_delay_is_over(loop: str, kind: str) -> None:
    async def work() -> tuple[bytes, list[int]]:
        edge = Edge({"kind": kind, "delay": "2s"}, wait_ms=500, clock=(clock := Clock()))
        async with served(edge) as port:
            asking = asyncio.create_task(heard(port, get()))
            await clock.asked()
            clock.move(2499)
            await clock.asked()
            assert edge.sent == []
            assert not asking.done()
            clock.move(1)
            if kind == "slow-body":
                await clock.asked()
                clock.move(10**6)
            return (await asking).content, clock.awaited_ms[:2]

    content, awaited_ms = run(work(), loop)
    assert awaited_ms == [3500, 3500]
    assert bool(content) is (kind != "empty-reply")


@both_loops
def test_a_slow_body_comes_as_the_clock_moves(loop: str) -> None:
    async def work() -> None:
        fault = {"kind": "slow-body", "bytes_per_second": 4}
        edge = Edge(fault, clock=(clock := Clock()))
        async with served(edge) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(get())
            head = await reader.readuntil(b"\r\n\r\n")
            assert f"content-length: {len(BODY)}\r\n".encode() in head
            done = 0
            for by_ms, count in ((250, 1), (249, 0), (1, 1), (1000, 4), (2600, 10), (150, 1)):
                await clock.asked()
                clock.move(by_ms)
                assert await reader.readexactly(count) == BODY[done : done + count]
                done += count
            await clock.asked()
            clock.move(10**6)
            assert await reader.read() == BODY[done:]
            writer.close()
            await writer.wait_closed()
        assert edge.sent[0].body == BODY

    run(work(), loop)


def test_a_world_that_begins_again_ends_every_wait() -> None:
    async def work() -> list[Heard]:
        found = []
        for fault, moves in ({"kind": "delay", "delay": "1h"}, 1), ("slow-body", 1):
            async with served(Edge(fault, clock=(clock := Clock()))) as port:
                asking = asyncio.create_task(heard(port, get()))
                for _ in range(moves):
                    await clock.asked()
                    clock.move(-500)
                found.append(await asking)
        return found

    assert [reply.body for reply in run(work())] == [BODY, BODY]


@both_loops
@pytest.mark.parametrize("fault", [{"kind": "reset-before", "delay": "1h"}, "slow-body"])
@pytest.mark.parametrize("is_abrupt", [True, False])
def test_a_client_that_leaves_ends_the_wait(loop: str, fault: Any, is_abrupt: bool) -> None:
    async def work() -> list[Sent]:
        edge = Edge(fault, clock=(clock := Clock()))
        async with served(edge) as port:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(get())
            await clock.asked()
            if is_abrupt:
                connection = writer.get_extra_info("socket")
                linger = struct.pack("ii", 1, 0)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                writer.transport.abort()
            else:
                writer.close()
                await writer.wait_closed()
            await edge.is_done.wait()
            assert clock.waiting == 0
        return edge.sent

    (sent,) = run(work(), loop)
    assert sent.error == "client_left"
    assert (sent.status, sent.body) == (499 if isinstance(fault, dict) else 200, b"")


@both_loops
def test_a_server_that_stops_ends_the_wait(loop: str) -> None:
    async def work() -> tuple[Heard, list[Sent]]:
        tasks: list[asyncio.Task[None]] = []
        edge = Edge({"kind": "delay", "delay": "1h"}, clock=(clock := Clock()))

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.append(task)
            await edge(scope, receive, send)

        async with served(app) as port:
            asking = asyncio.create_task(heard(port, get()))
            await clock.asked()
            tasks[0].cancel()
            return await asking, edge.sent

    reply, (sent,) = run(work(), loop)
    assert reply == Heard(b"", is_reset=False)
    assert (sent.error, sent.status, sent.broken) == ("stopped", 0, None)


@both_loops
def test_what_goes_before_a_reset_arrives_however_long_it_is(loop: str) -> None:
    body, left = bytes(range(256)) * 65536, 12 * 1024 * 1024

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        twist = Twist(0, fault_of({"kind": "reset-within", "after_bytes": left}))
        headers = [(b"content-length", str(len(body)).encode())]
        await send_twisted(twist, Clock(), Way(scope, receive, send), 200, headers, body)

    async def work() -> Heard:
        async with served(app) as port:
            return await heard(port, get())

    reply = run(work(), loop)
    assert reply.is_reset
    assert reply.body == body[:left]


@both_loops
@pytest.mark.parametrize("kind", ["reset-within", "truncated-json", "wrong-content-length"])
def test_head_has_no_body_to_break(loop: str, kind: str) -> None:
    fault = {"kind": kind, **({"framing": "broken"} if kind == "truncated-json" else {})}
    reply = asked(edge := Edge(fault), loop, get(method="HEAD"))
    assert reply.promised == len(BODY)
    assert reply.body == edge.sent[0].body == b""
    assert reply.is_reset is (kind == "reset-within")


@both_loops
def test_many_break_at_the_same_time_and_none_disturbs_another(loop: str) -> None:
    kinds = ["reset-before", "reset-within", "empty-reply", "wrong-content-length", "garbled"]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await Edge(scope["path"][1:] or None)(scope, receive, send)

    async def work() -> list[Heard]:
        async with served(app) as port:
            asking = [heard(port, get(f"/{kind}")) for kind in [*kinds, ""] * 20]
            return await asyncio.gather(*asking)

    replies = run(work(), loop)
    gc.collect()
    assert {reply.is_reset for reply in replies[0::6]} == {True}
    assert {(reply.is_reset, len(reply.body)) for reply in replies[1::6]} == {
        (True, len(BODY) // 2)
    }
    assert {reply.content for reply in replies[2::6]} == {b""}
    assert {reply.promised - len(reply.body) for reply in replies[3::6]} == {16}
    assert len({reply.body for reply in replies[4::6]}) == 1
    assert {reply.body for reply in replies[5::6]} == {BODY}


def test_a_connection_lives_on_after_a_fault_that_leaves_its_framing_alone() -> None:
    async def work() -> int:
        count = 0
        async with served(Edge("garbled")) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for _ in range(3):
                writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
                await reader.readuntil(b"\r\n\r\n")
                count += len(await reader.readexactly(len(BODY)))
            writer.close()
            await writer.wait_closed()
        return count

    assert run(work()) == 3 * len(BODY)


def test_what_was_pipelined_after_a_broken_reply_is_never_answered() -> None:
    request = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
    reply = asked(edge := Edge("wrong-content-length"), "uvloop", 3 * request)
    assert reply.content.count(b"HTTP/1.1 200") == len(edge.sent) == 1


# In process.

BREAKING = (
    ("reset-before", ResetByFault, "the connection was reset before the reply", None),
    ("empty-reply", ClosedBeforeReply, "the connection was closed before the reply", None),
    (
        {"kind": "reset-within", "after_bytes": 3},
        ResetByFault,
        f"the connection was reset after 3 of {len(BODY)} bytes of the body",
        BODY[:3],
    ),
    (
        {"kind": "truncated-json", "after_bytes": 3, "framing": "broken"},
        ClosedWithinReply,
        f"the connection was closed after 3 of {len(BODY)} bytes of the body",
        BODY[:3],
    ),
    (
        "wrong-content-length",
        ClosedWithinReply,
        f"the connection was closed after {len(BODY)} of {len(BODY) + 16} bytes of the body",
        BODY,
    ),
)


@pytest.mark.anyio
@pytest.mark.parametrize(("fault", "error", "told", "body"), BREAKING, ids=range(5))
async def test_without_a_socket_a_break_is_an_exception(
    fault: Any, error: type[BrokenExchange], told: str, body: bytes | None
) -> None:
    edge = Edge(fault)
    messages = await in_process(edge)
    (sent,) = edge.sent
    assert type(sent.broken) is error
    assert isinstance(sent.broken, BrokenExchange)
    assert isinstance(sent.broken, ConnectionError)
    assert str(sent.broken) == f"fault {sent.broken.kind}: {told}"
    assert sent.broken.kind == (fault if isinstance(fault, str) else fault["kind"])
    if body is None:
        assert (messages, sent.status) == ([], 0)
    else:
        start, piece = messages
        assert start["status"] == sent.status == 200
        assert (piece["body"], piece["more_body"], sent.body) == (body, True, body)


@pytest.mark.anyio
async def test_without_a_socket_what_was_not_promised_is_not_read() -> None:
    edge = Edge({"kind": "wrong-content-length", "offset_bytes": -7})
    start, piece = await in_process(edge)
    assert dict(start["headers"])[b"content-length"] == str(len(BODY) - 7).encode()
    assert (piece["body"], piece["more_body"]) == (BODY[:-7], False)
    assert edge.sent[0].broken is None


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["delay", "garbled", "wrong-content-type", "truncated-json"])
async def test_without_a_socket_other_faults_are_whole_replies(kind: str) -> None:
    edge = Edge({"kind": kind, "delay": 0})
    start, piece = await in_process(edge)
    assert (start["status"], piece["more_body"]) == (200, False)
    assert edge.sent == [Sent(200, start["headers"], piece["body"])]


@pytest.mark.anyio
async def test_without_a_socket_a_slow_body_comes_in_pieces() -> None:
    edge = Edge({"kind": "slow-body", "bytes_per_second": 10}, clock=(clock := Clock()))
    asking = asyncio.create_task(in_process(edge))
    for by_ms in (100, 1000, 10**6):
        await clock.asked()
        clock.move(by_ms)
    start, *pieces = await asking
    assert start["status"] == 200
    assert [len(piece["body"]) for piece in pieces] == [1, 10, len(BODY) - 11]
    assert [piece["more_body"] for piece in pieces] == [True, True, False]


@pytest.mark.anyio
async def test_without_a_socket_a_cancelled_wait_is_cancelled() -> None:
    edge = Edge({"kind": "delay", "delay": "1h"}, clock=(clock := Clock()))
    asking = asyncio.create_task(in_process(edge))
    await clock.asked()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (edge.sent[0].error, clock.waiting) == ("stopped", 0)


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["truncated-json", "garbled", "slow-body"])
async def test_a_reply_without_a_body_has_none_to_harm(kind: str) -> None:
    way = Way({"type": "http", "method": "DELETE"}, asyncio.Event().wait, _nowhere)  # type: ignore[arg-type]
    sent = await send_twisted(Twist(0, fault_of(kind)), Clock(), way, 204, [], b"")
    assert sent == Sent(204, [], b"")


async def _nowhere(_message: Message) -> None:
    pass
