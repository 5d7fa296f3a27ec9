"""A shelf of finished files, named by what they are; the longest unused go when it is full.

A file that somebody reads stays, even if the shelf is overfull meanwhile.
"""

import shutil
import tempfile
import weakref
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Shelf:
    """Files in a folder of its own, which goes with the shelf; at most so many bytes unread."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.size_bytes = 0
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._readers: Counter[str] = Counter()
        self._folder: Path | None = None

    def find(self, name: str) -> Path | None:
        """The file of a name, now the last one to go; None if it is not here."""
        if name not in self._sizes:
            return None
        self._sizes.move_to_end(name)
        return self._place(name)

    def draft(self, name: str) -> Path:
        """Where to write a file that `keep` then puts on the shelf."""
        return self._place(f"draft-{name}")

    def keep(self, name: str) -> Path:
        """Put a finished draft, which somebody is reading, on the shelf; clear what is too much."""
        place = self._place(name)
        self._place(f"draft-{name}").replace(place)
        size = place.stat().st_size
        self.size_bytes += size - self._sizes.pop(name, 0)
        self._sizes[name] = size
        self._clear()
        return place

    @contextmanager
    def reading(self, name: str) -> Iterator[None]:
        """Keep a file from being cleared away."""
        self._readers[name] += 1
        try:
            yield
        finally:
            self._release(name)
            self._clear()

    def _release(self, name: str) -> None:
        self._readers[name] -= 1
        if self._readers[name] <= 0:
            del self._readers[name]

    def _clear(self) -> None:
        for name in list(self._sizes):
            if self.size_bytes <= self.limit_bytes:
                return
            if name not in self._readers:
                self.size_bytes -= self._sizes.pop(name)
                self._place(name).unlink(missing_ok=True)

    def _place(self, name: str) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="understudy-media-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder / name
