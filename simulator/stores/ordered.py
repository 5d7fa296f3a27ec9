"""An ordered index in memory: mostly added to at its end, and taken from at its front.

A plain sorted list whose front is a moving offset; an addition costs a third of what it costs in a
general sorted container, and most of them belong among the last few entries.
"""

from bisect import bisect_left

Entry = tuple[int, str]

_WASTE = 1024
_NEAR = 32


class OrderedIndex:
    """A set of (score, member), kept in order."""

    __slots__ = ("_entries", "_front")

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._front = 0

    def __len__(self) -> int:
        return len(self._entries) - self._front

    def add(self, entry: Entry) -> bool:
        """Put an entry in; false if it was there."""
        entries = self._entries
        if len(entries) == self._front or entry > entries[-1]:
            entries.append(entry)
            return True
        near = max(self._front, len(entries) - _NEAR)
        start = near if entries[near] < entry else self._front
        position = bisect_left(entries, entry, start)
        if entries[position] == entry:
            return False
        entries.insert(position, entry)
        return True

    def discard(self, entry: Entry) -> bool:
        """Take an entry out; false if it was not there."""
        entries, front = self._entries, self._front
        is_first = len(entries) > front and entries[front] == entry
        position = front if is_first else self._at(entry)
        if position is None:
            return False
        if position > front:
            del self._entries[position]
            return True
        self._front += 1
        if self._front > _WASTE and self._front * 2 > len(self._entries):
            del self._entries[: self._front]
            self._front = 0
        return True

    def starts_after(self, score: int) -> bool:
        """Whether every entry has a higher score; true if there is none."""
        return len(self._entries) == self._front or self._entries[self._front][0] > score

    def between(self, low: int | None, high: int | None) -> tuple[int, int]:
        """Positions of the first entry with low <= score, and of the first with score > high."""
        entries, front = self._entries, self._front
        start = front if low is None else bisect_left(entries, (low, ""), front)
        stop = len(entries) if high is None else bisect_left(entries, (high + 1, ""), front)
        return start, max(start, stop)

    def slice(self, start: int, stop: int) -> list[Entry]:
        """The entries at positions that `between` gave."""
        return self._entries[start:stop]

    def _at(self, entry: Entry) -> int | None:
        position = bisect_left(self._entries, entry, self._front)
        if position < len(self._entries) and self._entries[position] == entry:
            return position
        return None
