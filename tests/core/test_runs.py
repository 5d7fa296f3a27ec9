"""The status of a run: a function of plan, amendments and time that never goes back."""

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from simulator.core.runs import Amendment, Outcome, Run, Stage, ends_at_ms, status_at
from tests.core.builders import FAILED, QUEUED, T0, WORKING, run, runs

MOMENTS = st.integers(T0, T0 + 15_000)
ORDER = {"queued": 0, "working": 1, "completed": 2, "failed": 2, "cancelled": 2}


@given(runs(), MOMENTS, MOMENTS)
def test_a_state_never_goes_back(item: Run, one: int, two: int) -> None:
    earlier, later = (status_at(item, moment) for moment in sorted((one, two)))
    assert ORDER[earlier.state] <= ORDER[later.state]
    assert earlier.progress <= later.progress


@given(runs(), MOMENTS, st.integers(0, 10**6))
def test_an_end_is_final(item: Run, moment: int, ahead: int) -> None:
    status = status_at(item, moment)
    if status.is_terminal:
        assert status_at(item, moment + ahead) == status


@given(runs(), MOMENTS)
def test_the_end_comes_exactly_when_it_is_foretold(item: Run, moment: int) -> None:
    ends = ends_at_ms(item)
    status = status_at(item, moment)
    assert status.is_terminal is (ends is not None and moment >= ends)
    assert status.ended_at_ms == (ends if status.is_terminal else None)


@given(runs(), MOMENTS)
def test_a_status_is_coherent(item: Run, moment: int) -> None:
    status = status_at(item, moment)
    assert (ORDER[status.state] == 2) is status.is_terminal is (status.outcome is not None)
    assert 0.0 <= status.progress <= 1.0
    assert (status.progress == 1.0) is status.is_terminal
    if status.started_at_ms is not None:
        assert T0 <= status.started_at_ms <= (status.ended_at_ms or moment)
    else:
        assert status.state == "queued"


@given(runs(), MOMENTS)
def test_a_run_starts_once(item: Run, moment: int) -> None:
    """Once work has begun, no later look gives it another beginning, unless it is cut short."""
    status = status_at(item, moment)
    if status.started_at_ms is not None and not status.is_terminal:
        later = status_at(item, moment + 1)
        assert later.started_at_ms == status.started_at_ms


@given(runs(), MOMENTS, st.booleans())
def test_what_will_change_a_run_later_changes_nothing_now(
    item: Run, moment: int, is_stuck: bool
) -> None:
    plain = replace(item, amendments=(), plan=replace(item.plan, is_stuck=is_stuck))
    amended = replace(plain, amendments=(Amendment(T0 + 10**9, "hold"),))
    assert status_at(amended, moment) == status_at(plain, moment)


@pytest.mark.parametrize(
    ("after_ms", "state", "stage"),
    [
        (0, "queued", "PENDING"),
        (999, "queued", "PENDING"),
        (1000, "working", "RENDERING"),
        (2999, "working", "RENDERING"),
        (3000, "completed", "completed"),
    ],
)
def test_a_plan_is_followed_stage_by_stage(after_ms: int, state: str, stage: str) -> None:
    status = status_at(run(), T0 + after_ms)
    assert (status.state, status.stage) == (state, stage)


def test_the_beginning_of_work_is_the_end_of_the_queue() -> None:
    assert status_at(run(), T0 + 3000).started_at_ms == T0 + 1000


def test_progress_is_the_share_of_the_work_done() -> None:
    assert status_at(run(Stage("RENDERING", 4000)), T0 + 1000).progress == 0.25


def test_a_run_ends_as_planned() -> None:
    status = status_at(run(outcome=FAILED), T0 + 3000)
    assert (status.state, status.outcome, status.ended_at_ms) == ("failed", FAILED, T0 + 3000)


def test_a_run_without_stages_ends_at_once() -> None:
    item = run(Stage("RENDERING", 0))
    assert status_at(item, T0).state == "completed"
    assert ends_at_ms(item) == T0


def test_a_stuck_run_stays_in_its_last_stage() -> None:
    item = run(is_stuck=True)
    status = status_at(item, T0 + 10**9)
    assert (status.state, status.stage) == ("working", "RENDERING")
    assert ends_at_ms(item) is None


def test_a_stuck_run_can_be_completed() -> None:
    item = run(is_stuck=True, amendments=(Amendment(T0 + 9000, "complete"),))
    assert ends_at_ms(item) == T0 + 9000
    assert status_at(item, T0 + 9000).state == "completed"


@pytest.mark.parametrize(
    ("action", "state"), [("complete", "completed"), ("fail", "failed"), ("cancel", "cancelled")]
)
def test_an_amendment_ends_a_run_at_its_date(
    action: Literal["complete", "fail", "cancel"], state: str
) -> None:
    item = run(amendments=(Amendment(T0 + 500, action),))
    assert status_at(item, T0 + 499).state == "queued"
    assert status_at(item, T0 + 500).state == state
    assert ends_at_ms(item) == T0 + 500


def test_an_amendment_may_say_how_the_run_ends() -> None:
    item = run(amendments=(Amendment(T0 + 500, "fail", FAILED),))
    assert status_at(item, T0 + 500).outcome == FAILED


def test_an_amendment_after_the_end_changes_nothing() -> None:
    item = run(amendments=(Amendment(T0 + 3000, "fail"), Amendment(T0 + 4000, "hold")))
    assert status_at(item, T0 + 5000).outcome == Outcome()
    assert ends_at_ms(item) == T0 + 3000


def test_a_held_run_stands_still_until_it_is_released() -> None:
    item = run(amendments=(Amendment(T0 + 1500, "hold"), Amendment(T0 + 9500, "release")))
    assert status_at(item, T0 + 1500) == status_at(item, T0 + 9500)
    assert ends_at_ms(item) == T0 + 3000 + 8000


def test_a_run_that_stays_held_never_ends() -> None:
    item = run(amendments=(Amendment(T0 + 1500, "hold"),))
    assert ends_at_ms(item) is None
    assert status_at(item, T0 + 10**9).state == "working"


def test_holding_twice_is_holding_once() -> None:
    held = (Amendment(T0 + 1500, "hold"), Amendment(T0 + 2000, "hold"))
    item = run(amendments=(*held, Amendment(T0 + 2500, "release")))
    assert ends_at_ms(item) == T0 + 4000


@pytest.mark.parametrize("action", ["hold", "release"])
def test_an_amendment_dated_before_the_start_counts_from_the_start(
    action: Literal["hold", "release"],
) -> None:
    item = run(amendments=(Amendment(T0 - 500, action),))
    assert ends_at_ms(item) == (None if action == "hold" else T0 + 3000)


def test_a_held_run_can_be_cancelled() -> None:
    item = run(amendments=(Amendment(T0 + 100, "hold"), Amendment(T0 + 200, "cancel")))
    assert ends_at_ms(item) == T0 + 200
    assert status_at(item, T0 + 200).state == "cancelled"


def test_a_run_held_in_the_queue_starts_when_it_left_the_queue() -> None:
    item = run(
        QUEUED,
        WORKING,
        amendments=(Amendment(T0 + 500, "hold"), Amendment(T0 + 2500, "release")),
    )
    assert status_at(item, T0 + 3000).started_at_ms == T0 + 3000


def test_a_request_nested_as_deep_as_bodies_may_be_is_read_back() -> None:
    text = b'{"a":' + b"[" * 600 + b"]" * 600 + b"}"
    item = Run("run", "toy", "make", "ada", run().plan, request=text)
    assert set(item.decoded_request()) == {"a"}
