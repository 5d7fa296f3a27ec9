"""The few things the edge reads from ASGI messages."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from simulator.core.errors import MalformedBody, TooLarge
from simulator.provider import Headers

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

_DRAINED_BYTES = 64 * 1024 * 1024


def header_map(scope: Scope) -> Headers:
    """The request's headers by lower-case name, repeated ones joined."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def origin_of(scope: Scope, headers: Headers) -> str:
    """The scheme and host under which the client reached us."""
    host = headers.get("host")
    if not host:
        server = scope.get("server") or ("127.0.0.1", 80)
        host = f"{server[0]}:{server[1]}"
    return f"{scope['scheme']}://{host}"


async def read_body(receive: Receive, headers: Headers, limit_bytes: int) -> bytes:
    """Read a request's body; raises `TooLarge` after letting the client finish in bounds.

    A client that leaves before the end has sent no request: raises `MalformedBody`.
    """
    message = await receive()
    chunk: bytes = message.get("body", b"")
    if not message.get("more_body", False) and len(chunk) <= limit_bytes:
        return chunk
    chunks, size = [chunk], len(chunk)
    while message.get("more_body", False):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise MalformedBody("the client left before the end of the body")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= limit_bytes:
            chunks.append(chunk)
        elif size > limit_bytes + _DRAINED_BYTES:
            break
    if size > limit_bytes:
        raise TooLarge(limit_bytes)
    return b"".join(chunks)
