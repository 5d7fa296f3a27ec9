"""Time as a value: a tenant's clock is system time times a speed, or frozen.

Only this module reads the wall clock. Keeping and moving a clock is the tenant's business.
"""

import time
from datetime import UTC, datetime
from typing import Literal

import msgspec
from msgspec.structs import replace

from simulator.core.store import Kind

LATEST_MS = 32_503_680_000_000
"""The year 3000: no clock is moved beyond it."""

FASTEST = 1e6
"""The highest speed of a clock: a second is eleven days."""

Pace = Literal["clock", "now", "polls"]
"""How runs get on: by the clock, at once, or a step with each poll of them."""


class Clock(msgspec.Struct, frozen=True, gc=False):
    """A clock as it was last set: both times in ms since the epoch, `speed` 0 when frozen.

    `thawed_speed` is how fast a frozen clock will run when it is resumed. `paces` is how new runs
    of a provider get on, of those not named under the name `""`; it stands here because whoever
    starts a run reads the clock anyway.
    """

    system_ms: int
    tenant_ms: int
    speed: float = 1.0
    thawed_speed: float = 1.0
    paces: dict[str, Pace] = {}

    @property
    def is_frozen(self) -> bool:
        """Whether the clock stands still."""
        return self.speed == 0

    def pace_of(self, provider: str) -> Pace:
        """How a new run of a provider gets on."""
        return self.paces.get(provider) or self.paces.get("", "clock")

    def at_pace(self, pace: Pace, provider: str = "") -> "Clock":
        """The same clock with another pace of a provider's runs, or (`""`) of every provider's."""
        return replace(self, paces={**self.paces, provider: pace} if provider else {"": pace})

    def now_ms(self, system_ms: int) -> int:
        """The tenant's time at a system time; never before the last setting.

        One at another speed than the system's stands still when it has reached `LATEST_MS`.
        """
        if self.speed == 1.0:
            return self.tenant_ms + max(0, system_ms - self.system_ms)
        now_ms = self.tenant_ms + max(0, int((system_ms - self.system_ms) * self.speed))
        return now_ms if now_ms < LATEST_MS else max(LATEST_MS, self.tenant_ms)

    def system_ms_until(self, tenant_ms: int, system_ms: int) -> float | None:
        """How much system time passes until a tenant time; None if the clock stands still."""
        missing = tenant_ms - self.now_ms(system_ms)
        if missing <= 0:
            return 0.0
        is_still = self.speed == 0 or (self.speed != 1.0 and tenant_ms > LATEST_MS)
        return None if is_still else missing / self.speed

    def advanced(self, by_ms: int, system_ms: int) -> "Clock":
        """The same clock moved on; it never goes back."""
        if by_ms < 0:
            raise ValueError("a clock never goes back")
        return self.standing_at(self.now_ms(system_ms) + by_ms, system_ms)

    def standing_at(self, tenant_ms: int, system_ms: int) -> "Clock":
        """The same clock set to a time, which is never before its own."""
        tenant_ms = max(tenant_ms, self.now_ms(system_ms))
        return replace(self, system_ms=system_ms, tenant_ms=tenant_ms)

    def at_speed(self, speed: float, system_ms: int) -> "Clock":
        """The same clock from now on at another speed; 0 freezes it."""
        if not 0 <= speed <= FASTEST:
            raise ValueError(f"the speed of a clock is between 0 and {FASTEST:g}")
        thawed_speed = speed or self.speed or self.thawed_speed
        tenant_ms = self.now_ms(system_ms)
        return Clock(system_ms, tenant_ms, speed, thawed_speed, self.paces)

    def resumed(self, system_ms: int) -> "Clock":
        """The same clock running again as fast as before it was frozen."""
        return self.at_speed(self.speed or self.thawed_speed, system_ms)


CLOCKS: Kind[Clock] = Kind("clock", Clock)


def system_ms() -> int:
    """Read the wall clock, in ms since the epoch."""
    return time.time_ns() // 1_000_000


def monotonic_ns() -> int:
    """Read the clock that measures how long an exchange took."""
    return time.perf_counter_ns()


def utc_text(at_ms: int) -> str:
    """A time as ISO 8601 in UTC with milliseconds: `2025-01-17T12:34:56.000Z`."""
    seconds, rest_ms = divmod(at_ms, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat()[:19]}.{rest_ms:03d}Z"
