"""The journal: the latest exchanges of a tenant, bounded in bytes, secrets redacted as they enter.

It records what passed; it decides nothing. `har.py` of the control plane exports it.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain

import msgspec

from simulator.core.errors import Violation

HeaderList = tuple[tuple[bytes, bytes], ...]

_SECRET_HEADERS = frozenset(
    {b"authorization", b"x-api-key", b"cookie", b"set-cookie", b"proxy-authorization"}
)
_REDACTED = b"[redacted]"
_ENTRY_BYTES = 1024
_BODY_LIMIT_BYTES = 64 * 1024
_TEXT_LIMIT = 4096
_VIOLATIONS_KEPT = 100


class Exchange(msgspec.Struct, gc=False):
    """One request and its reply as bytes, and what was made of them.

    Bodies are kept up to 64 KiB; `request_size` and `reply_size` tell their true length. Of the
    violations the first hundred are kept, without the values that stood there. `size_bytes` is
    about how much memory the exchange takes, once it is recorded.
    """

    id: str
    tenant: str
    started_at_ms: int
    method: str
    path: str
    query: str
    request_headers: HeaderList
    provider: str = ""
    operation: str = ""
    account_id: str = ""
    request_body: bytes = b""
    request_size: int = 0
    status: int = 0
    reply_headers: HeaderList = ()
    reply_body: bytes = b""
    reply_size: int = 0
    duration_us: int = 0
    error: str = ""
    violations: tuple[Violation, ...] = ()
    bug: str = ""
    size_bytes: int = 0


@dataclass(slots=True)
class Journal:
    """The latest exchanges, the oldest dropped when they take more than `limit_bytes`."""

    limit_bytes: int = 64 * 1024 * 1024
    size_bytes: int = 0
    dropped: int = 0
    _entries: deque[Exchange] = field(default_factory=deque)

    def record(self, exchange: Exchange) -> None:
        """Add a finished exchange."""
        if exchange.request_size > _BODY_LIMIT_BYTES:
            exchange.request_body = exchange.request_body[:_BODY_LIMIT_BYTES]
        if exchange.reply_size > _BODY_LIMIT_BYTES:
            exchange.reply_body = exchange.reply_body[:_BODY_LIMIT_BYTES]
        if exchange.bug:
            exchange.bug = exchange.bug[-_BODY_LIMIT_BYTES:]
        if exchange.violations:
            exchange.violations = tuple(map(_brief, exchange.violations[:_VIOLATIONS_KEPT]))
        exchange.size_bytes = _size_bytes(exchange)
        self._entries.append(exchange)
        self.size_bytes += exchange.size_bytes
        while self.size_bytes > self.limit_bytes and len(self._entries) > 1:
            self.size_bytes -= self._entries.popleft().size_bytes
            self.dropped += 1

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self.size_bytes = 0

    def __iter__(self) -> Iterator[Exchange]:
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, exchange_id: str) -> Exchange | None:
        """The exchange with this id, if it is still kept."""
        return next((item for item in reversed(self._entries) if item.id == exchange_id), None)


def _size_bytes(exchange: Exchange) -> int:
    size = _ENTRY_BYTES + len(exchange.bug) + len(exchange.path) + len(exchange.query)
    size += len(exchange.request_body) + len(exchange.reply_body)
    size += sum(map(len, chain(*exchange.request_headers, *exchange.reply_headers)))
    for violation in exchange.violations:
        size += len(violation.pointer) + len(violation.message)
    return size


def _brief(violation: Violation) -> Violation:
    """A violation that does not keep a whole request alive."""
    pointer, message = violation.pointer[:_TEXT_LIMIT], violation.message[:_TEXT_LIMIT]
    return replace(violation, pointer=pointer, message=message, expected=None, got=None)


def redacted(headers: HeaderList) -> HeaderList:
    """The same headers without credentials."""
    return tuple(
        [pair if pair[0] not in _SECRET_HEADERS else (pair[0], _REDACTED) for pair in headers]
    )
