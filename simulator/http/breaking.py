"""Breaks a connection under a reply: on the socket where the server is our own, else by raising.

What a fault asks for is decided in `faulting`; here the reply goes out, whole or in part.
"""

import socket
import struct
import sys
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import anyio
import msgspec

from simulator.core import heads
from simulator.core.faults import Fault, FaultKind
from simulator.http.asgi import Receive, Scope, Send
from simulator.http.replying import RawHeaders
from simulator.http.wire import WIRE, sent_whole

try:
    from fcntl import ioctl
    from termios import TIOCOUTQ
except ImportError:  # where the kernel does not tell, a reset may swallow the end of a long body
    ioctl = None  # type: ignore[assignment]

_LOOK_AGAIN_S = 0.001
_LINGER_NOT = struct.pack("ii", 1, 0)
_PHRASES = {int(status): status.phrase for status in HTTPStatus}


class BrokenExchange(ConnectionError):
    """A connection that a fault broke, for those who have no socket; `kind` is the fault's."""

    def __init__(self, kind: FaultKind, told: str) -> None:
        super().__init__(f"fault {kind}: {told}")
        self.kind = kind


class ResetByFault(BrokenExchange, ConnectionResetError):
    """The connection was reset, before the reply or within it."""


class ClosedBeforeReply(BrokenExchange, ConnectionAbortedError):
    """The connection was closed without a byte."""


class ClosedWithinReply(BrokenExchange, ConnectionAbortedError):
    """The connection was closed before the body was as long as promised."""


class Sent(msgspec.Struct):
    """What really went out: status 0 and nothing else if a fault let not one byte through.

    `error` is `client_left` (status 499 if nothing had gone out) or `stopped` if the reply came to
    nothing for that reason. `broken` is to be raised once the exchange is recorded.
    """

    status: int = 0
    headers: RawHeaders = []
    body: bytes = b""
    error: str = ""
    broken: BaseException | None = None


class Way(msgspec.Struct):
    """The ASGI connection on which a reply goes out; `Sent` grows with what does."""

    scope: Scope
    receive: Receive
    send: Send
    sent: Sent = msgspec.field(default_factory=Sent)

    @property
    def has_body(self) -> bool:
        """Whether the body of a reply is sent at all."""
        return bool(self.scope["method"] != "HEAD")

    async def start(self, status: int, headers: RawHeaders) -> None:
        """Send the head."""
        self.sent.status, self.sent.headers = status, headers
        await self.send({"type": "http.response.start", "status": status, "headers": headers})

    async def go_on(self, body: bytes, *, more: bool) -> None:
        """Send a piece of the body."""
        self.sent.body += body
        await self.send({"type": "http.response.body", "body": body, "more_body": more})

    async def finish(self, status: int, headers: RawHeaders, body: bytes) -> None:
        """Send a whole reply; of one to HEAD, the head."""
        body = body if self.has_body else b""
        if sent_whole(self.scope, status, heads.packed(headers), body):
            self.sent.status, self.sent.headers, self.sent.body = status, headers, body
        else:
            await self.start(status, headers)
            await self.go_on(body, more=False)


class Line:
    """The TCP connection of a request, taken from uvicorn's hands."""

    def __init__(self, cycle: Any) -> None:
        self._cycle = cycle
        self._transport = cycle.transport

    @staticmethod
    def of(scope: Scope) -> "Line | None":
        """The line of a request that reached our own server and has no reply yet."""
        cycle = scope.get("extensions", {}).get(WIRE)
        return None if cycle is None or cycle.response_complete else Line(cycle)

    async def write(self, status: int, headers: RawHeaders, body: bytes) -> bool:
        """Send a head as it is and a body of any length, and wait until the client's side has them.

        False if the client has gone.
        """
        if self._cycle.disconnected:
            return False
        parts = [f"HTTP/1.1 {status} {_PHRASES.get(status, '')}\r\n".encode()]
        for name, value in (*self._cycle.default_headers, *headers, (b"connection", b"close")):
            parts += name, b": ", value, b"\r\n"
        self._cycle.response_started = True
        self._transport.set_write_buffer_limits(0)
        self._transport.write(b"".join((*parts, b"\r\n", body)))
        while self._transport.get_write_buffer_size() and not self._cycle.disconnected:
            await self._cycle.flow.drain()
        hung_up = self._cycle.message_event
        while not self._cycle.disconnected and _on_the_way_bytes(self._transport):
            hung_up.clear()
            with anyio.move_on_after(_LOOK_AGAIN_S):  # the kernel tells when asked only
                await hung_up.wait()
        return True

    def end(self, *, is_reset: bool) -> None:
        """End the connection: at once (RST), or in order (FIN).

        uvicorn takes the request for answered, so that it neither answers nor complains.
        """
        cycle, transport = self._cycle, self._transport
        cycle.response_started = cycle.response_complete = True
        cycle.keep_alive = False
        cycle.message_event.set()
        if transport.is_closing():
            return
        if not is_reset:
            transport.close()
            return
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        transport.abort()


def _on_the_way_bytes(transport: Any) -> int:
    """How much was written and not yet acknowledged: a reset would throw it away."""
    if ioctl is None or transport.is_closing():
        return 0
    descriptor: int = transport.get_extra_info("socket").fileno()
    return int.from_bytes(ioctl(descriptor, TIOCOUTQ, bytes(4)), sys.byteorder)


_WITHIN = frozenset({"reset-within", "truncated-json", "wrong-content-length"})
_RESETS = frozenset({"reset-before", "reset-within"})
_EXCEPTIONS: Mapping[FaultKind, type[BrokenExchange]] = {
    "reset-before": ResetByFault,
    "reset-within": ResetByFault,
    "empty-reply": ClosedBeforeReply,
    "truncated-json": ClosedWithinReply,
    "wrong-content-length": ClosedWithinReply,
}


async def break_off(fault: Fault, way: Way, status: int, headers: RawHeaders, body: bytes) -> None:
    """Send as much of a reply as a fault lets through, and break the connection.

    Raises `BrokenExchange` where there is no connection to break.
    """
    part, place = b"", "before the reply"
    length = len(body)
    line = Line.of(way.scope)
    if fault.kind in _WITHIN:
        if not way.has_body and fault.kind not in _RESETS:  # to HEAD, any length is right
            await way.finish(status, headers, b"")
            return
        part = _part(fault, body, has_line=line is not None) if way.has_body else b""
        if fault.kind == "wrong-content-length":
            length = _promised(fault, body)
            headers = with_header(headers, b"content-length", str(length).encode())
            if line is None and length <= len(part):
                await way.finish(status, headers, part)
                return
        place = f"after {len(part)} of {length} bytes of the body"
        if line is None:
            await way.start(status, headers)
            await way.go_on(part, more=True)
        elif await line.write(status, headers, part):
            way.sent.status, way.sent.headers, way.sent.body = status, headers, part
    is_reset = fault.kind in _RESETS
    if line is None:
        told = f"the connection was {'reset' if is_reset else 'closed'} {place}"
        raise _EXCEPTIONS[fault.kind](fault.kind, told)
    line.end(is_reset=is_reset)


def _part(fault: Fault, body: bytes, *, has_line: bool) -> bytes:
    """How much of the body goes out; a reader without a line reads no more than was promised."""
    if fault.kind != "wrong-content-length":
        return body[: cut_at(fault, body)]
    return body if has_line else body[: _promised(fault, body)]


def _promised(fault: Fault, body: bytes) -> int:
    """The wrong length: as far off as the fault says, but not below 0 and never right."""
    promised = max(0, len(body) + fault.offset_bytes)
    return promised if promised != len(body) else abs(fault.offset_bytes)


def cut_at(fault: Fault, body: bytes) -> int:
    """How much of a body a fault leaves: what it says, else half; never all of it."""
    wanted = len(body) // 2 if fault.after_bytes is None else fault.after_bytes
    return min(wanted, max(0, len(body) - 1))


def with_header(headers: RawHeaders, name: bytes, value: bytes) -> RawHeaders:
    """The headers with one of them replaced, or added."""
    return [*(pair for pair in headers if pair[0] != name), (name, value)]
