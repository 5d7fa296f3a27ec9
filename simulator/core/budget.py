"""What the journals of all tenants may take together; each has a bound of its own besides.

Keeps no exchange, and no journal alive.
"""

from typing import Protocol
from weakref import WeakSet

_SHARE = 16
"""One part in so many is freed at once, so that room is made seldom."""


class Shedding(Protocol):
    """What the budget needs of a journal."""

    size_bytes: int

    @property
    def used_at_ms(self) -> int:
        """When its latest exchange began, in system time; 0 if it has none."""

    def shed(self, wanted_bytes: int) -> None:
        """Drop the oldest exchanges until so many bytes are free."""


class Budget:
    """A bound in bytes that journals share."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.size_bytes = 0
        self._journals: WeakSet[Shedding] = WeakSet()

    def join(self, journal: Shedding) -> None:
        """Count a journal from now on, as long as somebody else keeps it."""
        self._journals.add(journal)

    def grew(self, by_bytes: int) -> None:
        """Note that a journal grew, and make room if that was too much."""
        self.size_bytes += by_bytes
        if self.size_bytes > self.limit_bytes:
            self._make_room()

    def _make_room(self) -> None:
        """Free a share: what was not used for the longest time leaves first."""
        journals = sorted(self._journals, key=lambda journal: journal.used_at_ms)
        size = sum(journal.size_bytes for journal in journals)
        goal = self.limit_bytes - self.limit_bytes // _SHARE
        for journal in journals:
            if size <= goal:
                break
            before = journal.size_bytes
            journal.shed(size - goal)
            size -= before - journal.size_bytes
        self.size_bytes = size
