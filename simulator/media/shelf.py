"""A shelf of finished files, named by what they are; the longest unused go when it is full.

A file that somebody reads stays, even if the shelf is overfull meanwhile. A process that is killed
leaves its folder behind; the next one that needs a folder clears it away.
"""

import os
import shutil
import sys
import tempfile
import weakref
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "understudy-media-"
_LOCK = "lock"


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
            _clear_abandoned()
            self._folder, lock = _locked_folder()
            weakref.finalize(self, _leave, self._folder, lock)
        return self._folder / name


def _locked_folder() -> tuple[Path, int]:
    """A new folder, and the descriptor of a lock in it that goes with its process, however."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    draft = folder / f"draft-{_LOCK}"
    lock = os.open(draft, os.O_CREAT | os.O_RDWR, 0o600)
    _is_free(lock)
    draft.replace(folder / _LOCK)  # named so once it is held, or another could take it first
    return folder, lock


def _clear_abandoned() -> None:
    """Remove the folders of this user whose processes are gone: nobody holds their locks."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            lock = os.open(folder / _LOCK, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
        except OSError:  # gone meanwhile, just being made, or somebody else's
            continue
        try:
            if _is_free(lock) and not folder.is_symlink():
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)


def _is_free(lock: int) -> bool:
    """Take a lock that nobody holds; false if somebody does, or where there are no such locks."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _leave(folder: Path, lock: int) -> None:
    os.close(lock)
    shutil.rmtree(folder, ignore_errors=True)
