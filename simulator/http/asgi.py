"""The few things the edge reads from ASGI messages."""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from simulator.core.errors import MalformedBody, TooLarge
from simulator.provider import Headers

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

_HOST = re.compile(r"(?:[\w.~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?", re.ASCII)
"""What may stand in a link: a name or an address, and a port [RFC 3986, section 3.2.2]."""

_DRAINED_BYTES = 64 * 1024 * 1024
_LEFT = "the client left before the end of the body"


class RequestHeaders(Mapping[str, str]):
    """Headers by lower-case name, decoded when they are looked at; repeated ones joined."""

    __slots__ = ("_raw",)

    def __init__(self, pairs: Sequence[tuple[bytes, bytes]]) -> None:
        raw = dict(pairs)
        if len(raw) != len(pairs):
            raw = {name: b", ".join(value for key, value in pairs if key == name) for name in raw}
        self._raw = raw

    def __getitem__(self, name: str) -> str:
        return self._raw[name.encode("latin-1", "replace")].decode("latin-1")

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.encode("latin-1", "replace") in self._raw

    def __iter__(self) -> Iterator[str]:
        return (name.decode("latin-1") for name in self._raw)

    def __len__(self) -> int:
        return len(self._raw)

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a header, or the default."""
        value = self._raw.get(name.encode("latin-1", "replace"))
        return default if value is None else value.decode("latin-1")

    def have_any(self, names: frozenset[bytes]) -> bool:
        """Whether there is a header of any of these lower-case names; cheap where there is none."""
        return not names.isdisjoint(self._raw)


def origin_of(scope: Scope, headers: Headers) -> str:
    """The scheme and host under which the client reached us; the socket's if its Host is none."""
    host = headers.get("host")
    if not host or not _is_host(host):
        name, port = scope.get("server") or ("127.0.0.1", 80)
        host = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
    return f"{scope['scheme']}://{host}"


@lru_cache(maxsize=256)
def _is_host(text: str) -> bool:
    return _HOST.fullmatch(text) is not None


async def read_body(receive: Receive, limit_bytes: int) -> bytes:
    """Read a request's body; raises `TooLarge` after letting the client finish in bounds.

    A client that leaves before the end has sent no request: raises `MalformedBody`.
    """
    message = await receive()
    if message["type"] == "http.disconnect":
        raise MalformedBody(_LEFT)
    chunk: bytes = message.get("body", b"")
    if not message.get("more_body", False) and len(chunk) <= limit_bytes:
        return chunk
    chunks, size = [chunk], len(chunk)
    while message.get("more_body", False):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise MalformedBody(_LEFT)
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= limit_bytes:
            chunks.append(chunk)
        elif size > limit_bytes + _DRAINED_BYTES:
            break
    if size > limit_bytes:
        raise TooLarge(limit_bytes)
    return b"".join(chunks)
