"""Readers who follow a journal as it grows, each with a queue that is bounded.

A reader who is too slow loses the oldest exchanges, and is told how many.
"""

from collections import deque
from collections.abc import Iterable

import anyio

from simulator.core.journal import Exchange

QUEUE_BYTES = 8 * 1024 * 1024
"""How much of exchanges waits for one reader."""


class Tail:
    """What was recorded since one reader last took it."""

    def __init__(self, kept: Iterable[Exchange] = (), limit_bytes: int = QUEUE_BYTES) -> None:
        self._waiting: deque[Exchange] = deque()
        self._limit_bytes = limit_bytes
        self._size_bytes = 0
        self._lost = 0
        self._changed: anyio.Event | None = None
        self.is_ended = False
        for exchange in kept:
            self.offer(exchange)

    def offer(self, exchange: Exchange) -> None:
        """Put an exchange into the queue; the oldest give way."""
        self._waiting.append(exchange)
        self._size_bytes += exchange.size_bytes
        while self._size_bytes > self._limit_bytes and len(self._waiting) > 1:
            self._size_bytes -= self._waiting.popleft().size_bytes
            self._lost += 1
        self._wake()

    def end(self) -> None:
        """Let the reader go once it has taken what waits."""
        self.is_ended = True
        self._wake()

    def take(self) -> tuple[int, list[Exchange]]:
        """How many were lost before these, and all that wait, oldest first."""
        lost, taken = self._lost, list(self._waiting)
        self._lost = self._size_bytes = 0
        self._waiting.clear()
        return lost, taken

    async def wait(self, longest_s: float) -> bool:
        """Wait until there is something to take or the end came; false if it took too long."""
        with anyio.move_on_after(longest_s):
            while not self._waiting and not self.is_ended:
                self._changed = anyio.Event()
                await self._changed.wait()
            return True
        return False

    def _wake(self) -> None:
        if self._changed is not None:
            self._changed.set()
            self._changed = None
