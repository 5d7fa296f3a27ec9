"""A process of its own that draws, so that drawing keeps no reply waiting.

It is started with the first drawing, runs at low priority, and ends when the pipe from its parent
does: with the parent, however that ends. `_serve` is the side of the process itself.
"""

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final

from simulator.media.assets import Asset

_START: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    "from simulator.media import worker; worker.main()"
)
"""Modules are found where the parent finds them, and nothing of the parent's own is run again."""

_LONGEST_S: Final = 120.0
_NICENESS: Final = 10
_PATIENCE_S: Final = 2.0
_PROTOCOL: Final = 5


class NotDrawn(Exception):
    """A file that could not be drawn, and why."""


class _Died(Exception):
    """The process ended in the middle of a drawing."""


class Worker:
    """Draws in another process, one file after another; safe to be called from any thread."""

    def __init__(self, longest_s: float = _LONGEST_S) -> None:
        self._longest_s = longest_s
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process that draws, if there is one now."""
        return None if self._process is None else self._process.pid

    def draw(self, path: Path, asset: Asset, picture: bytes | None) -> None:
        """Draw a file as `rendering.write` does, and block until it is there.

        A process that dies over it is replaced once. Raises `NotDrawn`.
        """
        with self._lock:
            try:
                self._ask(path, asset, picture)
            except _Died:
                self._end()
                try:
                    self._ask(path, asset, picture)
                except _Died as error:
                    self._end()
                    raise NotDrawn(f"drawing {asset.run_id} ended its process twice") from error

    def close(self) -> None:
        """End the process; a drawing under way is finished first, unless it takes too long."""
        process = self._process
        if process is not None and not self._lock.acquire(timeout=_PATIENCE_S):
            process.kill()  # whoever waits for the drawing lets go of the lock now
            self._lock.acquire()
        elif process is None:
            return
        try:
            self._end()
        finally:
            self._lock.release()

    def _ask(self, path: Path, asset: Asset, picture: bytes | None) -> None:
        process = self._process = self._process or _started()
        if process.stdin is None or process.stdout is None:
            raise NotDrawn("the process that draws has no pipes")
        overdue = threading.Timer(self._longest_s, process.kill)
        overdue.start()
        try:
            pickle.dump((str(path), asset, picture), process.stdin, _PROTOCOL)
            process.stdin.flush()
            reason = pickle.load(process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise _Died from error
        finally:
            overdue.cancel()
        if reason is not None:
            raise NotDrawn(f"{asset.run_id}: {reason}")

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was never sent
                    pipe.close()
        try:
            process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _started() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-I", "-c", _START, json.dumps(sys.path)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def main() -> None:
    """Be the process: draw what the standard input asks for until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; the parent decides
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    orders = sys.stdin.buffer
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # whatever prints does not answer
        from simulator.media import rendering

        _serve(orders, answers, rendering.write)
    os._exit(0)  # at once: nothing of this process is worth putting away


def _serve(
    orders: BinaryIO, answers: BinaryIO, write: Callable[[Path, Asset, bytes | None], None]
) -> None:
    while True:
        try:
            path, asset, picture = pickle.load(orders)
        except EOFError:
            return
        reason = None
        try:
            write(Path(path), asset, picture)
        except Exception as error:  # told to the parent, which raises it there
            reason = f"{type(error).__name__}: {error}"
        try:
            pickle.dump(reason, answers, _PROTOCOL)
            answers.flush()
        except BrokenPipeError:
            os._exit(0)
