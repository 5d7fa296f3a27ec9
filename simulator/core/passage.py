"""The passage of time when a clock is moved: from due date to due date, effects run at theirs.

What can fall due is a list of `Effects`: the ends of runs, and deliveries. Waits for nothing by
itself.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

import anyio
import anyio.lowlevel
import msgspec

from simulator.core import deliveries, ledger, runs, webhooks
from simulator.core.clock import LATEST_MS, Clock
from simulator.core.store import Tx

T = TypeVar("T")

_MOST_TOLD = 1000
_TURNS = 5


class Happening(msgspec.Struct, frozen=True, gc=False):
    """One thing that was done at a date: its kind, what it was done to, and how it came out."""

    at_ms: int
    kind: str
    subject: str
    provider: str
    result: str


class Passage(msgspec.Struct, frozen=True):
    """How far a clock was moved, and what happened on the way: the first thousand and how many."""

    from_ms: int
    to_ms: int
    clock: Clock
    happened: tuple[Happening, ...]
    count: int


class Courier(Protocol):
    """Who sends deliveries; the edge's business."""

    async def deliver_due(self, tenant: str) -> list[Happening]:
        """Attempt everything that is due in a tenant, and wait for what is being attempted."""


class Passing(Protocol):
    """What the passage of time needs of its tenant."""

    @property
    def name(self) -> str:
        """The tenant's name."""

    @property
    def courier(self) -> Courier | None:
        """Who sends its deliveries; None if nobody does."""

    @property
    def passing(self) -> anyio.Lock:
        """Held while the clock is moved."""

    async def transact(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """Run one transaction in the tenant."""

    async def now_ms(self) -> int:
        """The tenant's time."""

    async def clock(self) -> Clock:
        """The tenant's clock."""

    async def set_clock(self, change: Callable[[Clock, int], Clock]) -> Clock:
        """Set the clock, and wake whoever waits on it."""


class Effects(Protocol):
    """One kind of things that are done at a date."""

    async def next_due_ms(self, world: Passing) -> int | None:
        """The first date at which there is something to do."""

    async def settle(self, world: Passing, now_ms: int) -> list[Happening]:
        """Do everything that is due by a date, and say what was done.

        What it leaves undone must not be due by that date any more.
        """


class RunEnds:
    """The ends of runs: money is captured or given back."""

    async def next_due_ms(self, world: Passing) -> int | None:
        """The date of the next end."""
        return await world.transact(ledger.next_end_ms)

    async def settle(self, world: Passing, now_ms: int) -> list[Happening]:
        """Book every end that is due."""
        ended = await world.transact(lambda tx: ledger.settle(tx, now_ms))
        return [
            Happening(runs.ends_at_ms(run) or now_ms, "run_ended", run.id, run.provider, state)
            for run in ended
            if (state := runs.status_at(run, now_ms).state)
        ]


class Deliveries:
    """Changes of stages that somebody wants to be told of, and the attempts to tell them."""

    async def next_due_ms(self, world: Passing) -> int | None:
        """The date of the next change or attempt."""
        return await world.transact(_next_word_ms) if world.courier is not None else None

    async def settle(self, world: Passing, now_ms: int) -> list[Happening]:
        """Note the changes, and make every attempt that is due."""
        if world.courier is None:
            return []
        await world.transact(lambda tx: webhooks.progress(tx, now_ms))
        due_ms = await self.next_due_ms(world)
        if due_ms is None or due_ms > now_ms:
            return []
        return await world.courier.deliver_due(world.name)


async def _next_word_ms(tx: Tx) -> int | None:
    dates = (await webhooks.next_change_ms(tx), await deliveries.next_due_ms(tx))
    return min((date for date in dates if date is not None), default=None)


EFFECTS: tuple[Effects, ...] = (RunEnds(), Deliveries())
"""Everything that can fall due in a tenant."""


async def advance(
    world: Passing, by_ms: int | None, effects: Sequence[Effects] = EFFECTS
) -> Passage:
    """Move a tenant's clock on, by so many ms or (None) to the next due date if there is one.

    The clock stands at each due date on the way until what is due there is done and whoever
    waited for it has been woken; then it goes on as fast as before. Two advances queue.
    Raises `ValueError` if the clock would pass the latest date there is.
    """
    async with world.passing:
        from_ms = await world.now_ms()
        if by_ms is None:
            to_ms = max(from_ms, await next_due_ms(world, effects) or from_ms)
        else:
            to_ms = from_ms + by_ms
        if to_ms > LATEST_MS:
            raise ValueError("no clock goes beyond the year 3000")
        speed = (before := await world.clock()).speed
        await world.set_clock(lambda clock, at: clock.at_speed(0, at))
        try:
            happened, count = await _step_to(world, to_ms, effects)
        finally:
            thawed = before.thawed_speed if before.is_frozen else speed
            with anyio.CancelScope(shield=True):
                clock = await world.set_clock(lambda clock, at: _going(clock, speed, thawed, at))
        return Passage(from_ms, clock.tenant_ms, clock, happened, count)


async def _step_to(
    world: Passing, to_ms: int, effects: Sequence[Effects]
) -> tuple[tuple[Happening, ...], int]:
    happened: list[Happening] = []
    count = 0
    while (due_ms := await next_due_ms(world, effects)) is not None and due_ms <= to_ms:
        await _stand_at(world, due_ms)
        for kind in effects:  # before those who wait: they would book it themselves, untold
            done = await kind.settle(world, await world.now_ms())
            count += len(done)
            happened += done[: _MOST_TOLD - len(happened)]
        await _let_waiters_run()
    await _stand_at(world, to_ms)
    await _let_waiters_run()
    return tuple(happened), count


async def _stand_at(world: Passing, at_ms: int) -> None:
    """Set the clock to a date, and wake those who waited for it."""
    await world.set_clock(lambda clock, now_ms: clock.standing_at(at_ms, now_ms))


async def _let_waiters_run() -> None:
    for _ in range(_TURNS):
        await anyio.lowlevel.checkpoint()


async def next_due_ms(world: Passing, effects: Sequence[Effects] = EFFECTS) -> int | None:
    """The first date at which something is due in a tenant; None if nothing ever will be."""
    dates = [await kind.next_due_ms(world) for kind in effects]
    return min((date for date in dates if date is not None), default=None)


def _going(clock: Clock, speed: float, thawed_speed: float, system_ms: int) -> Clock:
    tenant_ms = clock.now_ms(system_ms)
    return Clock(system_ms, tenant_ms, speed, thawed_speed, clock.paces)
