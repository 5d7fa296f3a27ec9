"""A load generator: keep-alive connections that send one request after another, bounded in count.

Counts replies by status; knows nothing of what it asks for.
"""

import asyncio
from collections import Counter
from collections.abc import Callable


class _Connection(asyncio.Protocol):
    """One connection; asks again as soon as a whole reply is there."""

    def __init__(self, requests: Callable[[], bytes | None], statuses: Counter[int]) -> None:
        self._requests = requests
        self._statuses = statuses
        self._buffer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        """Collect a reply."""
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        lowered = head.lower()
        start = lowered.find(b"content-length:")
        length = int(lowered[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
        if len(body) >= length:
            self._statuses[int(head[9:12])] += 1
            self._buffer = b""
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        """Fail if the server hung up in the middle."""
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server closed the connection"))

    def _ask(self) -> None:
        request = self._requests()
        if self._transport is None:
            return
        if request is not None:
            self._transport.write(request)
        elif not self.done.done():
            self.done.set_result(None)
            self._transport.close()


async def drive(
    port: int, requests: Callable[[], bytes | None], connections: int = 16
) -> Counter[int]:
    """Send requests over some connections until there are no more; answers replies by status."""
    statuses: Counter[int] = Counter()
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: _Connection(requests, statuses), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.done for _, protocol in made))
    return statuses


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """One HTTP/1.1 request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def repeated(text: bytes, count: int) -> Callable[[], bytes | None]:
    """The same request so many times."""
    left = count

    def take() -> bytes | None:
        nonlocal left
        if left <= 0:
            return None
        left -= 1
        return text

    return take
