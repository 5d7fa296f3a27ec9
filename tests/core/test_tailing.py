"""A reader's queue: bounded, honest about what was lost, awake when something comes."""

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core.journal import Exchange, Journal
from simulator.core.tailing import Tail

pytestmark = pytest.mark.anyio


def exchange(number: int, size_bytes: int = 100) -> Exchange:
    return Exchange(f"world.{number}", "world", 0, "GET", "/", "", size_bytes=size_bytes)


@given(st.lists(st.integers(1, 100) | st.none(), max_size=40))
def test_what_is_taken_and_what_is_lost_is_all_there_was(steps: list[int | None]) -> None:
    """A number offers an exchange of that size, None takes what waits."""
    tail, seen, lost, offered = Tail(limit_bytes=200), [], 0, 0
    for step in [*steps, None]:
        if step is not None:
            offered += 1
            tail.offer(exchange(offered, step))
            continue
        more, taken = tail.take()
        lost += more
        seen += [int(item.id.partition(".")[2]) for item in taken]
        assert sum(item.size_bytes for item in taken) <= 200
        assert not taken or seen[-1] == offered, "the latest is never lost"
    assert seen == sorted(seen)
    assert len(seen) + lost == offered


async def test_a_reader_wakes_when_something_comes() -> None:
    tail, journal = Tail(), Journal()
    arrived: list[object] = []
    journal.follow(tail)

    async def read() -> None:
        arrived.append(await tail.wait(60))
        arrived.append([item.id for item in tail.take()[1]])

    async with anyio.create_task_group() as group:
        group.start_soon(read)
        await anyio.wait_all_tasks_blocked()
        journal.record(exchange(1))
    assert arrived == [True, ["world.1"]]


async def test_a_reader_waits_no_longer_than_it_wants() -> None:
    assert not await Tail().wait(0.001)


async def test_the_end_wakes_a_reader_and_what_waits_can_still_be_taken() -> None:
    tail, journal = Tail([exchange(1)]), Journal()
    journal.follow(tail)
    journal.close()
    assert await tail.wait(60)
    assert tail.is_ended
    assert len(tail.take()[1]) == 1


def test_one_who_has_left_is_told_no_more() -> None:
    one, two, journal = Tail(), Tail(), Journal()
    journal.follow(one)
    journal.follow(two)
    journal.leave(one)
    journal.record(exchange(1))
    assert (len(one.take()[1]), len(two.take()[1])) == (0, 1)
