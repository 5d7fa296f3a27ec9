"""The journal: the latest exchanges of a tenant, bounded in bytes, secrets redacted as they enter.

It records what passed; it decides nothing. `har.py` of the control plane exports it.
"""

from collections import deque
from collections.abc import Iterator
from itertools import chain

import msgspec
from msgspec.structs import replace

from simulator.core import redaction
from simulator.core.errors import Violation
from simulator.core.redaction import HeaderList

_ENTRY_BYTES = 1024
_HEADER_BYTES = 160
"""What a header takes beside its letters: a pair and two texts."""
_VIOLATION_BYTES = 400
_WIDEST_LETTER = 4
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


class Journal:
    """The latest exchanges, the oldest dropped when they take more than `limit_bytes`."""

    def __init__(self, limit_bytes: int = 64 * 1024 * 1024) -> None:
        self.limit_bytes = limit_bytes
        self.size_bytes = 0
        self.dropped = 0
        self._entries: deque[Exchange] = deque()

    def record(self, exchange: Exchange) -> None:
        """Add a finished exchange; its secrets are taken out."""
        if exchange.request_size > _BODY_LIMIT_BYTES:
            exchange.request_body = exchange.request_body[:_BODY_LIMIT_BYTES]
        if exchange.reply_size > _BODY_LIMIT_BYTES:
            exchange.reply_body = exchange.reply_body[:_BODY_LIMIT_BYTES]
        if exchange.bug:
            exchange.bug = exchange.bug[-_BODY_LIMIT_BYTES:]
        if exchange.violations:
            exchange.violations = tuple(map(_brief, exchange.violations[:_VIOLATIONS_KEPT]))
        _redact(exchange)
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
    size = _ENTRY_BYTES + sum(map(_text_bytes, (exchange.bug, exchange.path, exchange.query)))
    size += len(exchange.request_body) + len(exchange.reply_body)
    size += sum(map(len, chain(*exchange.request_headers, *exchange.reply_headers)))
    size += _HEADER_BYTES * (len(exchange.request_headers) + len(exchange.reply_headers))
    for violation in exchange.violations:
        size += _VIOLATION_BYTES + _text_bytes(violation.pointer) + _text_bytes(violation.message)
    return size


def _text_bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text) * _WIDEST_LETTER


def _brief(violation: Violation) -> Violation:
    """A violation that does not keep a whole request alive."""
    pointer, message = violation.pointer[:_TEXT_LIMIT], violation.message[:_TEXT_LIMIT]
    return replace(violation, pointer=pointer, message=message, expected=None, got=None)


def _redact(exchange: Exchange) -> None:
    """Take out the request's credentials, wherever they stand, and what is named as a secret."""
    exchange.request_headers, secrets = redaction.headers(exchange.request_headers)
    if exchange.query:
        exchange.query = redaction.query(exchange.query, secrets)
    if exchange.request_body:
        is_cut = exchange.request_size > _BODY_LIMIT_BYTES
        exchange.request_body = redaction.body(exchange.request_body, secrets, is_cut=is_cut)
    if not secrets or not _repeats(exchange, secrets):
        return
    exchange.path = redaction.in_text(exchange.path, secrets)
    if exchange.bug:
        exchange.bug = redaction.in_text(exchange.bug, secrets)
    exchange.request_headers = redaction.in_headers(exchange.request_headers, secrets)
    exchange.reply_headers = redaction.in_headers(exchange.reply_headers, secrets)
    if exchange.violations:
        exchange.violations = tuple([_cleared(item, secrets) for item in exchange.violations])
    for secret in secrets:
        if secret in exchange.reply_body:
            exchange.reply_body = exchange.reply_body.replace(secret, redaction.REDACTED)


def _repeats(exchange: Exchange, secrets: tuple[bytes, ...]) -> bool:
    """Whether a credential stands anywhere beside the header it was sent in."""
    texts = [exchange.path, exchange.bug]
    for violation in exchange.violations:
        texts += violation.pointer, violation.message
    values = [text.encode("utf-8", "replace") for text in texts]
    values += [value for _, value in exchange.request_headers]
    values += [value for _, value in exchange.reply_headers]
    values.append(exchange.reply_body)
    everything = b"\n".join(values)
    return any(secret in everything for secret in secrets)


def _cleared(violation: Violation, secrets: tuple[bytes, ...]) -> Violation:
    pointer = redaction.in_text(violation.pointer, secrets)
    return replace(
        violation, pointer=pointer, message=redaction.in_text(violation.message, secrets)
    )
