"""Runs that get on by polls: pure, one step a poll, and money moves once however they are asked."""

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from simulator.core import runs
from simulator.core.clock import Clock
from simulator.core.runs import Amendment, Run, Stage, ends_at_ms, status_at
from tests.core import builders
from tests.core.builders import FAILED, T0, account, desk, order, run, tenant

pytestmark = pytest.mark.anyio

ORDER = {"queued": 0, "working": 1, "completed": 2, "failed": 2, "cancelled": 2}


def by_polls(item: Run, *after_ms: int) -> Run:
    """The run at the pace of polls, polled so long after its start."""
    item = runs.at_pace(item, "polls")
    for moment in after_ms:
        item = runs.polled(item, T0 + moment)
    return item


def seen(item: Run, now_ms: int = T0 + 10**9) -> tuple[str, str]:
    status = status_at(item, now_ms)
    return status.state, status.stage


def test_each_poll_is_a_step_through_the_stages_to_the_end() -> None:
    item = run()
    assert [seen(by_polls(item, *range(polls))) for polls in range(5)] == [
        ("queued", "PENDING"),
        ("queued", "PENDING"),
        ("working", "RENDERING"),
        ("completed", "completed"),
        ("completed", "completed"),
    ]


def test_the_dates_shown_are_those_of_the_polls() -> None:
    status = status_at(by_polls(run(), 10, 20, 30, 40), T0 + 50)
    assert (status.started_at_ms, status.ended_at_ms) == (T0 + 20, T0 + 30)
    assert status_at(by_polls(run(), 10, 20), T0 + 50).started_at_ms == T0 + 20
    assert status_at(by_polls(run(), 10, 20), T0 + 15).started_at_ms is None


def test_a_run_ends_by_polls_as_planned() -> None:
    assert status_at(by_polls(run(outcome=FAILED), 1, 2, 3), T0 + 3).outcome == FAILED


def test_a_stuck_run_stays_in_its_last_stage_and_keeps_no_more_polls() -> None:
    item = by_polls(run(is_stuck=True), *range(50))
    assert seen(item) == ("working", "RENDERING")
    assert ends_at_ms(item) is None
    assert item.polls is not None
    assert len(item.polls) == 2
    assert not runs.is_moved_by_polls(item, T0 + 100)


def test_a_run_on_hold_is_moved_by_no_poll() -> None:
    held = by_polls(run(amendments=(Amendment(T0 + 5, "hold"),)), 1, 6, 7, 8)
    assert held.polls == (T0 + 1,)
    released = replace(held, amendments=(*held.amendments, Amendment(T0 + 9, "release")))
    moved = runs.polled(runs.polled(released, T0 + 10), T0 + 11)
    assert seen(moved) == ("completed", "completed")


def test_a_run_without_stages_has_ended() -> None:
    plan = replace(run().plan, stages=())
    assert status_at(by_polls(replace(run(), plan=plan)), T0).ended_at_ms == T0
    stuck = by_polls(replace(run(), plan=replace(plan, is_stuck=True)), 1, 2)
    assert (seen(stuck), ends_at_ms(stuck)) == (("working", "working"), None)


@pytest.mark.parametrize("ended_at", [15, 25, 35])
def test_an_end_from_outside_counts_if_it_came_first(ended_at: int) -> None:
    amendments = (Amendment(T0 + ended_at, "fail", FAILED),)
    item = replace(by_polls(run(), 10, 20, 30), amendments=amendments)
    status = status_at(item, T0 + 100)
    assert status.ended_at_ms == T0 + min(ended_at, 30)
    assert status.outcome == (FAILED if ended_at < 30 else runs.COMPLETED)


@given(builders.runs(), st.lists(st.integers(0, 9000), max_size=8), st.integers(0, 9000))
def test_a_status_by_polls_is_coherent_and_never_goes_back(
    item: Run, dates: list[int], moment: int
) -> None:
    now_ms = T0 + moment
    item = by_polls(item, *sorted(date for date in dates if date <= moment))
    status, later = status_at(item, now_ms), status_at(item, now_ms + 1)
    ends = ends_at_ms(item)
    assert status.is_terminal is (ends is not None and ends <= now_ms)
    assert status.ended_at_ms == (ends if status.is_terminal else None)
    assert (ORDER[status.state] == 2) is status.is_terminal is (status.outcome is not None)
    assert (status.progress == 1.0) is status.is_terminal
    assert ORDER[status.state] <= ORDER[later.state]
    assert status == later or not status.is_terminal
    after = runs.polled(item, now_ms)
    assert ORDER[status.state] <= ORDER[status_at(after, now_ms).state]
    assert status.progress <= status_at(after, now_ms).progress


@given(builders.runs())
def test_at_once_a_run_ends_where_it_began_unless_it_is_stuck(item: Run) -> None:
    plain = runs.at_pace(replace(item, amendments=()), "now")
    assert ends_at_ms(plain) == (None if item.plan.is_stuck else T0)
    assert [stage.name for stage in plain.plan.stages] == [stage.name for stage in item.plan.stages]


@pytest.mark.parametrize("outcome", ["completed", "failed"])
async def test_money_moves_once_with_the_last_of_many_polls(outcome: str) -> None:
    world = await tenant(account())
    await world.set_clock(lambda clock, _: clock.at_pace("polls"))
    at = desk(world, account())
    prompt = "[understudy:fail]" if outcome == "failed" else ""
    started = await at.start(order(prompt, 300))
    states: list[str] = []

    async def poll() -> None:
        await anyio.lowlevel.checkpoint()
        other = desk(world, account())
        states.append(other.status(await other.poll(started.id)).state)
        await other.refreshed_account()

    async with anyio.create_task_group() as group:
        for _ in range(40):
            group.start_soon(poll)
    assert states == ["queued", "working", *[outcome] * 38]
    after = await desk(world, account()).refreshed_account()
    money = after.available_nanos, after.held_nanos, after.spent_nanos
    assert money == ((700, 0, 300) if outcome == "completed" else (1000, 0, 0))


async def test_a_future_end_is_off_the_schedule_once_polls_have_ended_the_run() -> None:
    world = await tenant(account())
    await world.set_clock(lambda clock, _: clock.at_pace("polls"))
    at = desk(world, account())
    started = await at.start(order("", 300))
    await at.amend(started, Amendment(T0 + 5000, "fail"))
    for _ in range(3):
        await at.poll(started.id)
    await builders.advance(world, 9000)
    after = await at.refreshed_account()
    assert (after.available_nanos, after.held_nanos, after.spent_nanos) == (700, 0, 300)


async def test_reading_a_run_without_asking_how_it_goes_is_no_poll() -> None:
    world = await tenant(account())
    await world.set_clock(lambda clock, _: clock.at_pace("polls"))
    at = desk(world, account())
    started = await at.start(order())
    for _ in range(5):
        assert (await at.run(started.id)).polls == ()
        assert [item.polls for item in await at.runs()] == [()]


async def test_waiting_polls_until_the_end() -> None:
    world = await tenant(account())
    await world.set_clock(lambda clock, _: clock.at_pace("polls", "toy"))
    at = desk(world, account())
    with anyio.fail_after(5):
        ended = await at.wait(await at.start(order("", 300)))
    assert (ended.is_settled, len(ended.polls or ())) == (True, 3)


def test_a_pace_of_one_provider_leaves_the_others_alone() -> None:
    clock = Clock(0, 0).at_pace("now", "toy")
    assert (clock.pace_of("toy"), clock.pace_of("other")) == ("now", "clock")
    assert clock.at_pace("polls").pace_of("toy") == "polls"


@pytest.mark.parametrize("change", ["advanced", "at_speed", "standing_at", "resumed"])
def test_a_clock_keeps_its_paces_whatever_is_done_to_it(change: str) -> None:
    clock = Clock(0, 0, 0).at_pace("now", "toy")
    arguments = {"advanced": (5, 1), "at_speed": (2, 1), "standing_at": (9, 1), "resumed": (1,)}
    assert getattr(clock, change)(*arguments[change]).paces == {"toy": "now"}


def test_a_run_by_the_clock_takes_no_note_of_polls() -> None:
    item = run(Stage("RENDERING", 1000))
    assert runs.polled(item, T0 + 10) is item
