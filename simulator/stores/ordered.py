"""An ordered index in memory: mostly added to at its end, and taken from at its front.

A plain sorted list whose front is a moving offset; an addition costs a third of what it costs in a
general sorted container.
"""

from bisect import bisect_left, insort

Entry = tuple[int, str]

_WASTE = 1024


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
        if not entries or entry > entries[-1]:
            entries.append(entry)
            return True
        if self._at(entry) is not None:
            return False
        insort(entries, entry, self._front)
        return True

    def discard(self, entry: Entry) -> bool:
        """Take an entry out; false if it was not there."""
        position = self._at(entry)
        if position is None:
            return False
        if position > self._front:
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
