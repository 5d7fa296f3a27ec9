"""The clock of a world: read, moved on, stopped; and what to give a client in place of sleeping."""

from datetime import datetime, timedelta
from typing import Any

import anyio.to_thread

from simulator.remote import ControlPlane


class WorldClock:
    """The time of one tenant. It never goes back.

    A client under test that waits by `clock.sleep` (or `clock.asleep`) and measures by
    `clock.time` passes ten minutes in a moment.
    """

    def __init__(self, control: ControlPlane, path: str) -> None:
        self._control = control
        self._path = f"{path}/clock"

    @property
    def now(self) -> datetime:
        """What the clock shows, in UTC."""
        return _time(self._control.ask("GET", self._path))

    @property
    def is_frozen(self) -> bool:
        """Whether it stands still."""
        return bool(self._control.ask("GET", self._path)["frozen"])

    def advance(self, by: str | timedelta) -> datetime:
        """Move the clock on by `"90s"`, `"10m"`, `"PT1H"` or a timedelta, and answer the new time.

        Everything due by then was done, and calls that wait for it go on.
        """
        return self._moved("advance", {"by": by if isinstance(by, str) else _ms(by)})

    def next(self) -> datetime:
        """Move the clock to the next due date, nowhere if there is none."""
        return self._moved("next")

    def freeze(self) -> datetime:
        """Stop the clock."""
        return _time(self._control.ask("POST", f"{self._path}/freeze"))

    def resume(self) -> datetime:
        """Let the clock run again, as fast as before."""
        return _time(self._control.ask("POST", f"{self._path}/resume"))

    def speed(self, factor: float) -> datetime:
        """Let the clock run so many times as fast as real time."""
        return _time(self._control.ask("POST", f"{self._path}/speed", {"speed": factor}))

    def time(self) -> float:
        """The time in seconds since the epoch, as `time.time` and `time.monotonic` give it."""
        told = self._control.ask("GET", self._path)
        return int(told["now_ms"]) / 1000

    def sleep(self, seconds: float) -> None:
        """Move the clock on by seconds: to be called in place of `time.sleep`."""
        self.advance(timedelta(seconds=max(0.0, seconds)))

    async def asleep(self, seconds: float) -> None:
        """Move the clock on by seconds: to be awaited in place of `asyncio.sleep`."""
        await anyio.to_thread.run_sync(self.sleep, seconds)

    def _moved(self, how: str, body: dict[str, Any] | None = None) -> datetime:
        return _time(self._control.ask("POST", f"{self._path}/{how}", body)["clock"])


def _ms(length: timedelta) -> int:
    return round(length / timedelta(milliseconds=1))


def _time(clock: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(clock["now"])
