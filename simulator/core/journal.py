"""The journal: the latest exchanges of a tenant, bounded in bytes, shown without their secrets.

It records what passed; it decides nothing. Most exchanges leave it without having been looked at,
so secrets are taken out of one when it is first shown to anybody: nobody ever gets it with them.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from simulator.core import heads, jsontext, redaction
from simulator.core.budget import Budget
from simulator.core.errors import Violation
from simulator.core.heads import HeaderList

_ENTRY_BYTES = 1024
"""What an exchange takes beside its letters."""
_VIOLATION_BYTES = 1000
_PASSED_OVER_BYTES = 160
_WIDEST_LETTER = 4
_BODY_LIMIT_BYTES = 64 * 1024
_TEXT_LIMIT = 4096
_VIOLATIONS_KEPT = 100
_EXPECTED_LIMIT_BYTES = 200


class Exchange(msgspec.Struct, gc=False):
    """One request and its reply as bytes, and what was made of them.

    Headers are packed. Bodies are kept up to 64 KiB; `request_size` and `reply_size` tell their
    true length. Of the violations the first hundred are kept, without the values that stood there.
    `has_secrets` as long as those were not taken out. `direction` is `out` for a webhook that was
    sent. `refused_at` is the check that refused it; `passed_over` has the scenarios that did not
    apply with the reasons. `size_bytes` is about how much memory it takes, once it is recorded.
    """

    id: str
    tenant: str
    started_at_ms: int
    method: str
    path: str
    query: str
    provider: str = ""
    operation: str = ""
    account_id: str = ""
    request_head: bytes = b""
    request_body: bytes = b""
    request_size: int = 0
    status: int = 0
    reply_head: bytes = b""
    reply_body: bytes = b""
    reply_size: int = 0
    duration_us: int = 0
    error: str = ""
    violations: tuple[Violation, ...] = ()
    bug: str = ""
    refused_at: str = ""
    scenario: str = ""
    passed_over: tuple[tuple[str, str], ...] = ()
    fault: str = ""
    variety: str = ""
    direction: str = "in"
    size_bytes: int = 0
    has_secrets: bool = True

    @property
    def request_headers(self) -> HeaderList:
        """The request's headers, names in lower case."""
        return heads.unpacked(self.request_head)

    @property
    def reply_headers(self) -> HeaderList:
        """The reply's headers."""
        return heads.unpacked(self.reply_head)


class Follower(Protocol):
    """Who is told of every exchange that is recorded."""

    def offer(self, exchange: Exchange) -> None:
        """Take note of an exchange; returns at once."""

    def end(self) -> None:
        """Take note that nothing more will come."""


class Journal:
    """The latest exchanges, the oldest dropped when they take more than `limit_bytes`.

    All journals with the same `budget` are bound by that as well.
    """

    def __init__(self, limit_bytes: int = 64 * 1024 * 1024, budget: Budget | None = None) -> None:
        self.limit_bytes = limit_bytes
        self._budget = budget
        if budget is not None:
            budget.join(self)
        self.size_bytes = 0
        self.dropped = 0
        self._entries: deque[Exchange] = deque()
        self._followers: tuple[Follower, ...] = ()

    def record(self, exchange: Exchange) -> None:
        """Add a finished exchange."""
        size = _ENTRY_BYTES + _cut_down(exchange)
        exchange.size_bytes = size
        self._entries.append(exchange)
        before, self.size_bytes = self.size_bytes, self.size_bytes + size
        while self.size_bytes > self.limit_bytes and len(self._entries) > 1:
            self.size_bytes -= self._entries.popleft().size_bytes
            self.dropped += 1
        if self._budget is not None:
            self._budget.grew(self.size_bytes - before)
        if self._followers:
            shown = _without_secrets(exchange)
            for follower in self._followers:
                follower.offer(shown)

    def follow(self, follower: Follower) -> None:
        """Tell somebody of every exchange from now on."""
        self._followers = (*self._followers, follower)

    def leave(self, follower: Follower) -> None:
        """Tell somebody no more."""
        self._followers = tuple(item for item in self._followers if item is not follower)

    def close(self) -> None:
        """Let all followers go: the journal's tenant is gone, or the stand-in stops."""
        for follower in self._followers:
            follower.end()

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self.dropped = 0
        freed, self.size_bytes = self.size_bytes, 0
        if self._budget is not None:
            self._budget.grew(-freed)

    @property
    def used_at_ms(self) -> int:
        """When the latest exchange began, in system time; 0 if there is none."""
        return self._entries[-1].started_at_ms if self._entries else 0

    def shed(self, wanted_bytes: int) -> None:
        """Drop the oldest exchanges until so many bytes are free, or all are gone."""
        goal = self.size_bytes - wanted_bytes
        while self.size_bytes > goal and self._entries:
            self.size_bytes -= self._entries.popleft().size_bytes
            self.dropped += 1

    def __iter__(self) -> Iterator[Exchange]:
        return iter([_without_secrets(item) for item in self._entries])

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, exchange_id: str) -> Exchange | None:
        """The exchange with this id, if it is still kept."""
        for item in reversed(self._entries):
            if item.id == exchange_id:
                return _without_secrets(item)
        return None


def _cut_down(exchange: Exchange) -> int:
    """Cut an exchange to what is kept of it; answers how many bytes its letters take."""
    if exchange.request_size > _BODY_LIMIT_BYTES:
        exchange.request_body = exchange.request_body[:_BODY_LIMIT_BYTES]
    if exchange.reply_size > _BODY_LIMIT_BYTES:
        exchange.reply_body = exchange.reply_body[:_BODY_LIMIT_BYTES]
    size = (
        _text_bytes(exchange.path)
        + _text_bytes(exchange.query)
        + len(exchange.request_head)
        + len(exchange.request_body)
        + len(exchange.reply_head)
        + len(exchange.reply_body)
    )
    if exchange.bug:
        exchange.bug = exchange.bug[-_BODY_LIMIT_BYTES:]
        size += _text_bytes(exchange.bug)
    if exchange.violations:
        exchange.violations = tuple(map(_brief, exchange.violations[:_VIOLATIONS_KEPT]))
        for violation in exchange.violations:
            size += _VIOLATION_BYTES + _text_bytes(violation.pointer + violation.message)
    for name, reason in exchange.passed_over:
        size += _PASSED_OVER_BYTES + _text_bytes(name + reason)
    return size


def _text_bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text) * _WIDEST_LETTER


def _brief(violation: Violation) -> Violation:
    """A violation that does not keep a whole request alive."""
    pointer, message = violation.pointer[:_TEXT_LIMIT], violation.message[:_TEXT_LIMIT]
    expected = _short(violation.expected)
    return replace(violation, pointer=pointer, message=message, expected=expected, got=None)


def _short(value: Any) -> Any:
    """A JSON value as it is if it is short, else None."""
    try:
        return value if len(jsontext.dumps(value)) <= _EXPECTED_LIMIT_BYTES else None
    except (TypeError, ValueError):
        return None


def _without_secrets(exchange: Exchange) -> Exchange:
    """The same exchange; its credentials, wherever they stand, and other secrets are taken out."""
    if not exchange.has_secrets:
        return exchange
    exchange.has_secrets = False
    exchange.request_head, secrets = redaction.head(exchange.request_head)
    if exchange.query:
        exchange.query = redaction.query(exchange.query, secrets)
    if exchange.request_body:
        is_cut = exchange.request_size > _BODY_LIMIT_BYTES
        exchange.request_body = redaction.body(exchange.request_body, secrets, is_cut=is_cut)
    for secret in secrets:
        if _repeats(exchange, secret):
            exchange.path = redaction.in_text(exchange.path, secrets)
            exchange.bug = redaction.in_text(exchange.bug, secrets)
            exchange.request_head = exchange.request_head.replace(secret, redaction.REDACTED)
            exchange.reply_head = exchange.reply_head.replace(secret, redaction.REDACTED)
            exchange.reply_body = exchange.reply_body.replace(secret, redaction.REDACTED)
            exchange.violations = tuple([_cleared(item, secrets) for item in exchange.violations])
    return exchange


def _repeats(exchange: Exchange, secret: bytes) -> bool:
    """Whether a credential stands anywhere beside the header it was sent in."""
    if secret in exchange.reply_body or secret in exchange.request_head:
        return True
    text = secret.decode("latin-1")
    if text in exchange.path or secret in exchange.reply_head:
        return True
    return bool(exchange.bug or exchange.violations) and any(
        text in told
        for told in (
            exchange.bug,
            *(item.pointer for item in exchange.violations),
            *(item.message for item in exchange.violations),
        )
    )


def _cleared(violation: Violation, secrets: tuple[bytes, ...]) -> Violation:
    pointer = redaction.in_text(violation.pointer, secrets)
    return replace(
        violation, pointer=pointer, message=redaction.in_text(violation.message, secrets)
    )
