"""The passage of time: any kind of effect joins in, each done at its date."""

from collections.abc import Callable

import anyio
import pytest

from simulator.core import passage
from simulator.core.passage import Happening, Passing, RunEnds
from tests.core.builders import T0, account, desk, order, tenant

pytestmark = pytest.mark.anyio


class Chimes:
    """Something that is due every so often, and notes what the clock showed."""

    def __init__(self, every_ms: int, times: int) -> None:
        self.dates = [T0 + every_ms * (number + 1) for number in range(times)]
        self.seen: list[int] = []
        self.on_settle: Callable[[], None] = lambda: None

    async def next_due_ms(self, _world: Passing) -> int | None:
        """The next chime."""
        return self.dates[0] if self.dates else None

    async def settle(self, world: Passing, now_ms: int) -> list[Happening]:
        """Chime for every date that has come."""
        self.on_settle()
        done = [date for date in self.dates if date <= now_ms]
        self.dates = self.dates[len(done) :]
        self.seen.append(await world.now_ms())
        return [Happening(date, "chime", "clock", "", "done") for date in done]


async def test_effects_of_every_kind_are_done_in_the_order_of_their_dates() -> None:
    ada = account(available_nanos=100)
    world = await tenant(ada)
    await desk(world, ada).start(order(cost_nanos=60))
    chimes = Chimes(2000, 3)
    passed = await passage.advance(world, 5000, (RunEnds(), chimes))
    assert [(item.at_ms - T0, item.kind) for item in passed.happened] == [
        (2000, "chime"),
        (3000, "run_ended"),
        (4000, "chime"),
    ]
    assert [at - T0 for at in chimes.seen] == [2000, 3000, 4000]
    assert (passed.to_ms, passed.count) == (T0 + 5000, 3)
    settled = await world.account("ada")
    assert settled is not None
    assert settled.spent_nanos == 60


async def test_a_running_clock_stands_at_each_date_and_runs_on_after() -> None:
    world = await tenant()
    await world.set_clock(lambda clock, at_ms: clock.at_speed(1e6, at_ms))
    await world.set_clock(lambda clock, at_ms: clock.at_speed(0, at_ms))
    chimes = Chimes(0, 1)
    chimes.dates = [await world.now_ms() + 1000]
    due = chimes.dates[0]
    await world.set_clock(lambda clock, at_ms: clock.at_speed(0.001, at_ms))
    passed = await passage.advance(world, 2000, (chimes,))
    assert chimes.seen == [due]
    assert passed.clock.speed == 0.001


async def test_the_clock_goes_on_if_an_effect_breaks() -> None:
    world = await tenant()
    await world.set_clock(lambda clock, at_ms: clock.at_speed(7, at_ms))
    chimes = Chimes(0, 1)
    chimes.dates = [await world.now_ms() + 1000]

    def fail() -> None:
        raise ZeroDivisionError

    chimes.on_settle = fail
    with pytest.raises(ZeroDivisionError):
        await passage.advance(world, 2000, (chimes,))
    assert (await world.clock()).speed == 7
    with anyio.fail_after(1):
        await passage.advance(world, 0, ())
