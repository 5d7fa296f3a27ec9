"""A tenant's time: never back, faster or slower, or frozen."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.core.clock import LATEST_MS, Clock, utc_text

TIMES = st.integers(0, 10**12)
SPEEDS = st.sampled_from([0.0, 0.001, 0.3, 1.0, 7.5, 1000.0])
CLOCKS = st.builds(Clock, TIMES, TIMES, SPEEDS)


@given(CLOCKS, TIMES, TIMES)
def test_time_never_goes_back_while_system_time_moves_on(clock: Clock, one: int, two: int) -> None:
    earlier, later = sorted((one, two))
    assert clock.now_ms(earlier) <= clock.now_ms(later)


@given(CLOCKS, TIMES)
def test_time_is_never_before_the_last_setting_even_if_system_time_is(
    clock: Clock, system_ms: int
) -> None:
    assert clock.now_ms(system_ms) >= clock.tenant_ms


@given(CLOCKS, TIMES, SPEEDS)
def test_another_speed_changes_nothing_at_that_moment(
    clock: Clock, system_ms: int, speed: float
) -> None:
    assert clock.at_speed(speed, system_ms).now_ms(system_ms) == clock.now_ms(system_ms)


@given(CLOCKS, TIMES, st.integers(0, 10**9))
def test_advancing_adds_exactly_that_much(clock: Clock, system_ms: int, by_ms: int) -> None:
    moved = clock.advanced(by_ms, system_ms)
    assert moved.now_ms(system_ms) == clock.now_ms(system_ms) + by_ms


def test_a_clock_at_speed_ten_runs_ten_times_as_fast() -> None:
    assert Clock(1000, 5000, 10.0).now_ms(1300) == 8000


def test_a_frozen_clock_stands_still() -> None:
    assert Clock(1000, 5000, 0).now_ms(10**12) == 5000


@pytest.mark.parametrize("by_ms", [-1, -(10**9)])
def test_advancing_by_less_than_nothing_is_refused(by_ms: int) -> None:
    with pytest.raises(ValueError, match="never goes back"):
        Clock(0, 0).advanced(by_ms, 0)


@pytest.mark.parametrize("speed", [-0.5, float("nan"), float("inf")])
def test_a_speed_that_time_cannot_have_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="the speed of a clock"):
        Clock(0, 0).at_speed(speed, 0)


def test_waiting_for_a_time_takes_less_at_a_higher_speed() -> None:
    assert Clock(0, 0, 4.0).system_ms_until(1000, 0) == 250.0


def test_waiting_for_the_past_takes_no_time() -> None:
    assert Clock(0, 5000).system_ms_until(4000, 0) == 0.0


def test_waiting_on_a_frozen_clock_has_no_end() -> None:
    assert Clock(0, 0, 0).system_ms_until(1, 0) is None


@given(CLOCKS.filter(lambda clock: clock.speed > 0), TIMES, st.integers(1, 10**6))
def test_after_the_wait_the_time_has_come(clock: Clock, later_ms: int, ahead_ms: int) -> None:
    """To the millisecond that is lost when both times are whole numbers; some never come."""
    system_ms = clock.system_ms + later_ms
    target = clock.now_ms(system_ms) + ahead_ms
    wait_ms = clock.system_ms_until(target, system_ms)
    if target > LATEST_MS and clock.speed != 1.0:
        assert wait_ms is None
        return
    assert wait_ms is not None
    assert clock.now_ms(system_ms + math.ceil(wait_ms)) >= target - 1


def test_a_written_time_has_milliseconds_and_a_z() -> None:
    assert utc_text(1_780_000_000_007) == "2026-05-28T20:26:40.007Z"


def test_a_fast_clock_stands_still_in_the_year_3000_and_nobody_waits_for_more() -> None:
    clock = Clock(0, LATEST_MS - 1000, 1e6)
    assert clock.now_ms(1) == LATEST_MS
    assert clock.now_ms(10**15) == LATEST_MS
    assert clock.system_ms_until(LATEST_MS, 0) == 0.001
    assert clock.system_ms_until(LATEST_MS + 1, 10) is None
    assert utc_text(clock.now_ms(10**15)).startswith("3000-")
