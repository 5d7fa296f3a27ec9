"""Passes messages from the thread of the stand-in to whoever waits: a thread, asyncio or trio."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

import anyio

T = TypeVar("T")


class Mailbox(Generic[T]):
    """A queue with one reader, which may be in any thread and under any event loop."""

    def __init__(self) -> None:
        self._items: deque[T] = deque()
        self._lock = threading.Lock()
        self._wake: Callable[[], object] | None = None

    def put(self, item: T) -> None:
        """Add an item and wake the reader."""
        with self._lock:
            self._items.append(item)
            wake, self._wake = self._wake, None
        if wake is not None:
            wake()

    def take(self, timeout_s: float | None) -> T:
        """Wait for the next item in a thread; raises `TimeoutError`."""
        arrived = threading.Event()
        if self._is_empty(arrived.set) and not arrived.wait(timeout_s):
            raise TimeoutError
        return self._items.popleft()

    async def take_async(self, timeout_s: float | None) -> T:
        """Wait for the next item under asyncio or trio; raises `TimeoutError`."""
        arrived = anyio.Event()
        if self._is_empty(_threadsafe(arrived)):
            with anyio.fail_after(timeout_s):
                await arrived.wait()
        else:
            await anyio.lowlevel.checkpoint()
        return self._items.popleft()

    def _is_empty(self, wake: Callable[[], object]) -> bool:
        """Whether there is nothing yet; then the next item will wake the reader."""
        with self._lock:
            if self._items:
                return False
            self._wake = wake
            return True


def _threadsafe(event: anyio.Event) -> Callable[[], object]:
    """What sets an event of the running loop from any thread, also when the loop has ended."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        import trio

        token = trio.lowlevel.current_trio_token()

        def wake_trio() -> None:
            with suppress(trio.RunFinishedError):
                token.run_sync_soon(event.set)

        return wake_trio

    def wake() -> None:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(event.set)

    return wake
