"""Waits until a target that limits its callers wants to be asked again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from conformance.exchange import Exchange

_STEP_SECONDS: Final = 0.2
_WAITS: Final = 10


class Patience:
    """Waits for Retry-After, each time `longest_seconds` at most and ten times that altogether.

    Threads that wait side by side count once.
    """

    def __init__(self, longest_seconds: float, seconds_left: Callable[[], float]) -> None:
        self._longest = longest_seconds
        self._left = longest_seconds * _WAITS
        self._seconds_left = seconds_left
        self._until = 0.0
        self._lock = threading.Lock()

    @property
    def waited_seconds(self) -> float:
        """How long was waited altogether."""
        return self._longest * _WAITS - self._left

    def waits(self, exchange: Exchange, is_over: Callable[[], bool]) -> bool:
        """Wait as long as a 429 says; returns False at once if it says nothing, or too much."""
        seconds = retry_after_seconds(exchange) if exchange.status == 429 else None
        if seconds is None or seconds > min(self._longest, self._seconds_left()):
            return False
        with self._lock:
            now = time.monotonic()
            more = now + seconds - max(self._until, now)
            if more > self._left:
                return False
            self._left -= max(more, 0.0)
            self._until = max(self._until, now + seconds)
            until = now + seconds
        while (rest := until - time.monotonic()) > 0 and not is_over():
            time.sleep(min(rest, _STEP_SECONDS))
        return not is_over()


def retry_after_seconds(exchange: Exchange) -> float | None:
    """Return the seconds that a reply's Retry-After says, by number or date, None without one."""
    text = (exchange.reply_header("retry-after") or "").strip()
    if text.isdecimal() and len(text) < 7:
        return float(text)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max((at - datetime.now(UTC)).total_seconds(), 0.0)
