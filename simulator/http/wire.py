"""A short way in and out for whole messages, past ASGI, where the server is our own.

A body that has arrived is taken at once, and a reply goes out in one write, with headers that
this package made itself. Under any other server everything goes the usual way. The extension is
the state that uvicorn keeps of a request (`RequestResponseCycle`), put there by `protocol`.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from simulator.core import heads
from simulator.http.asgi import Scope

WIRE = "understudy.wire"
"""The scope's extension under which uvicorn's state of the request is found."""

_NO_EXTENSIONS: Mapping[str, Any] = {}
_CLOSE = b"connection: close\r\n"

_PHRASES = {int(status): status.phrase for status in HTTPStatus}
_STATUS_LINES = {
    status: f"HTTP/1.1 {status} {_PHRASES.get(status, '')}\r\n".encode()
    for status in range(100, 600)
}


def arrived_body(scope: Scope, limit_bytes: int) -> bytes | None:
    """The body of a request if all of it is here and within the limit; None: receive it."""
    cycle = scope.get("extensions", _NO_EXTENSIONS).get(WIRE)
    if (
        cycle is None
        or cycle.more_body
        or cycle.disconnected
        or cycle.waiting_for_100_continue
        or len(cycle.body) > limit_bytes
    ):
        return None
    body = bytes(cycle.body)
    if body:
        cycle.body = bytearray()
        cycle.flow.resume_reading()
    cycle.message_event.clear()
    return body


def sent_whole(scope: Scope, status: int, head: bytes, body: bytes) -> bool:
    """Send a whole reply in one write if that is possible now; false: send it as ASGI messages.

    The head has lower-case names, no control characters and a true content length.
    """
    cycle = scope.get("extensions", _NO_EXTENSIONS).get(WIRE)
    if (
        cycle is None
        or cycle.response_started
        or cycle.disconnected
        or cycle.access_log
        or cycle.flow.write_paused
    ):
        return False
    end = b"\r\n"
    if _CLOSE in head:
        cycle.keep_alive = False
    elif not cycle.keep_alive:
        end = _CLOSE + end
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    transport = cycle.transport
    standing = heads.packed(cycle.default_headers)
    transport.write(b"".join((_STATUS_LINES[status], standing, head, end, body)))
    cycle.message_event.set()
    if not cycle.keep_alive:
        transport.close()
    cycle.on_response()
    scope["extensions"] = {}  # a scope that holds its own state would be left to the collector
    return True
